import { useId } from 'preact/hooks';
import { type Field, KIND_HELP } from '../../form/fields.ts';
import { percent } from '../../lib/format.ts';
import { Field as Labelled } from '../../parts/index.ts';
import { hintOf, oddness, sharesOf } from './hints.ts';

interface Props {
  field: Field;
  value: string;
  /** What keeps it from being sent, or what the API said of it. */
  problem: string | undefined;
  onChange: (value: string) => void;
}

/** One column of the row: an input of its kind, what is allowed, and what training saw. */
export function RowField({ field, value, problem, onChange }: Props) {
  const { name, required, help } = field;
  const hint = hintOf(field);
  const odd = oddness(field, value);
  const list = useId();
  const label = (
    <>
      {name}
      {required ? null : <span class="quiet"> (optional)</span>}
    </>
  );
  const lines = (
    <>
      {help === '' ? null : <span>{help}</span>}
      <Spread field={field} value={value} />
      {hint === '' ? null : <span>{hint}</span>}
      {odd === undefined ? null : <span class="odd">{odd}</span>}
    </>
  );
  const isChoice = field.kind === 'choice' || field.kind === 'boolean';
  const common = { name, value, 'aria-required': required };
  if (isChoice) {
    return (
      <Labelled label={label} error={problem} help={lines}>
        <select {...common} onChange={(event) => onChange(event.currentTarget.value)}>
          <Choices field={field} value={value} />
        </select>
      </Labelled>
    );
  }
  const suggested = field.kind === 'text' ? field.choices : [];
  return (
    <>
      <Labelled label={label} error={problem} help={lines}>
        <input
          {...inputOf(field)}
          {...common}
          list={suggested.length > 0 ? list : undefined}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      </Labelled>
      {suggested.length === 0 ? null : (
        <datalist id={list}>
          {suggested.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </>
  );
}

function Choices({ field, value }: { field: Field; value: string }) {
  const shares = sharesOf(field);
  return (
    <>
      {field.required && value !== '' ? null : <option value="">(missing)</option>}
      {field.choices.map((choice) => {
        const share = shares.get(choice);
        return (
          <option key={choice} value={choice}>
            {choice}
            {share === undefined ? '' : ` · ${percent(share)}`}
          </option>
        );
      })}
    </>
  );
}

function inputOf({ kind, minimum, maximum }: Field): Record<string, unknown> {
  const common = { autocomplete: 'off', spellcheck: false };
  if (kind === 'number' || kind === 'integer') {
    return {
      ...common,
      type: 'number',
      step: kind === 'integer' ? 1 : 'any',
      min: minimum,
      max: maximum,
      inputMode: kind === 'integer' ? 'numeric' : 'decimal',
    };
  }
  return { ...common, type: 'text', placeholder: KIND_HELP[kind] };
}

/** Where training's rows lay, and where this value does. */
function Spread({ field, value }: { field: Field; value: string }) {
  const { edges = [], counts = [] } = field.training?.histogram ?? {};
  const [low, high] = [edges[0], edges.at(-1)];
  if (low === undefined || high === undefined || low === high || field.kind === 'boolean') return null;
  const most = Math.max(...counts);
  const width = 100 / counts.length;
  const at = ((field.kind === 'date' ? Date.parse(value) : Number(value)) - low) / (high - low);
  return (
    <svg class="spread" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      {counts.map((count, i) => (
        <rect
          key={edges[i]}
          x={i * width}
          y={20 - (18 * count) / most}
          width={width * 0.9}
          height={(18 * count) / most}
        />
      ))}
      {value.trim() !== '' && at >= 0 && at <= 1 ? (
        <line x1={at * 100} x2={at * 100} y1="0" y2="20" vector-effect="non-scaling-stroke" />
      ) : null}
    </svg>
  );
}
