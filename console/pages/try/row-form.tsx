import { useEffect, useRef, useState } from 'preact/hooks';
import { columnOf, type Field, fieldsOf, rowOf, textOf } from '../../form/fields.ts';
import type { FormModel } from '../../form/schema.ts';
import { Problem } from '../../lib/api.ts';
import { Button, Empty, ErrorBox } from '../../parts/index.ts';
import type { Answer } from './answer.ts';
import { Curl } from './curl.tsx';
import { Prediction } from './prediction.tsx';
import { RowField } from './row-field.tsx';

interface Props {
  form: FormModel;
  /** The version that the reader chose; undefined: whichever is in production. */
  version: string | undefined;
  send: (row: Record<string, unknown>, explain: boolean) => Promise<Answer>;
  /** After a prediction was stored. */
  onAnswer: () => void;
}

const textsOf = (fields: readonly Field[], row: Record<string, unknown>): Map<string, string> =>
  new Map(fields.map(({ name }) => [name, textOf(Object.hasOwn(row, name) ? row[name] : undefined)]));

/** The columns of one row, and beside them what the model says of it. */
export function RowForm({ form, version, send, onAnswer }: Props) {
  const [fields] = useState(() => fieldsOf(form.schema, form.example, form.training));
  const [values, setValues] = useState(() => textsOf(fields, form.example));
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<unknown>();
  const [explain, setExplain] = useState(true);
  const [busy, setBusy] = useState(false);
  const [sample, setSample] = useState(0);
  const element = useRef<HTMLFormElement>(null);
  const result = useRef<HTMLElement>(null);
  // On a phone the answer stands below the form: it is brought into sight.
  useEffect(() => {
    if (answer !== undefined) result.current?.scrollIntoView({ block: 'nearest' });
  }, [answer]);
  const filled = rowOf(fields, values);

  const fill = (row: Record<string, unknown>) => {
    setValues(textsOf(fields, row));
    setProblems(new Map());
  };
  const nextSample = () => {
    fill(form.samples[sample % form.samples.length] ?? form.example);
    setSample(sample + 1);
  };
  /** The first wrong field is where the reader goes on. */
  const refuse = (found: ReadonlyMap<string, string>) => {
    setProblems(found);
    const first = fields.find(({ name }) => found.has(name));
    if (first === undefined) return;
    const input = element.current?.elements.namedItem(first.name);
    if (input instanceof HTMLElement) input.focus();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    refuse(filled.problems);
    if (filled.problems.size > 0 || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      setAnswer(await send(filled.row, explain));
      onAnswer();
    } catch (reason) {
      const column = reason instanceof Problem ? columnOf(reason.field) : undefined;
      if (fields.some(({ name }) => name === column)) {
        refuse(new Map([[column as string, (reason as Problem).message]]));
      }
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="try">
      <form
        class="card row-form"
        ref={element}
        noValidate
        aria-label={`A row of ${form.model}`}
        onSubmit={submit}
      >
        <div class="tools">
          <Button onClick={nextSample} disabled={form.samples.length === 0}>
            Sample row
          </Button>
          <Button kind="quiet" onClick={() => fill(form.example)}>
            Median row
          </Button>
        </div>
        <div class="row-fields">
          {fields.map((field) => (
            <RowField
              key={field.name}
              field={field}
              value={values.get(field.name) ?? ''}
              problem={problems.get(field.name)}
              onChange={(value) => setValues(new Map(values).set(field.name, value))}
            />
          ))}
        </div>
        <div class="row-actions">
          <Button type="submit" kind="primary" needs="predict" busy={busy} busyText="Predicting…">
            Predict
          </Button>
          <label class="choice">
            <input
              type="checkbox"
              checked={explain}
              onChange={(event) => setExplain(event.currentTarget.checked)}
            />
            Explain it
          </label>
        </div>
      </form>
      <div class="answer">
        <section class="card" aria-live="polite" aria-label="Prediction" ref={result}>
          {error === undefined ? null : <ErrorBox error={error} />}
          {answer === undefined ? (
            error === undefined ? (
              <Empty title="The prediction will stand here">
                <p class="quiet">Fill in a row, or take a sample, and press Predict.</p>
              </Empty>
            ) : null
          ) : (
            <Prediction target={form.target} answer={answer} stale={error !== undefined} />
          )}
        </section>
        <Curl model={form.model} version={version} row={filled.row} explain={explain} />
      </div>
    </div>
  );
}
