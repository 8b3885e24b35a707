import { useEffect, useRef, useState } from 'preact/hooks';
import { useApi } from '../../app/session.ts';
import { fieldsOf } from '../../form/fields.ts';
import type { FormModel } from '../../form/schema.ts';
import { path } from '../../lib/api.ts';
import { bytes } from '../../lib/format.ts';
import { Button, ErrorBox, Progress } from '../../parts/index.ts';
import { type BatchAnswer, BatchStopped, predictInParts, type RowResult } from './batch.ts';
import { BadCsvError, type CsvRows, csvRows, MAX_BYTES } from './csv-rows.ts';
import { FileResult } from './file-result.tsx';

interface Chosen {
  name: string;
  size: number;
  rows: CsvRows;
}
type Results = readonly (RowResult | undefined)[];

/** A file of rows: dropped, looked at, predicted in parts, given back with the predictions. */
export function FileForm({ form, onDone }: { form: FormModel; onDone: () => void }) {
  const api = useApi();
  const [file, setFile] = useState<Chosen>();
  const [problem, setProblem] = useState<BadCsvError>();
  const [results, setResults] = useState<Results>();
  const [stopped, setStopped] = useState<BatchStopped>();
  const work = useRef<AbortController>();
  const [busy, setBusy] = useState(false);
  useEffect(() => () => work.current?.abort(), []);

  const take = async (given: File | undefined) => {
    if (given === undefined) return;
    work.current?.abort();
    setFile(undefined);
    setResults(undefined);
    setStopped(undefined);
    setProblem(undefined);
    try {
      setFile({ name: given.name, size: given.size, rows: await rowsOf(given, form) });
    } catch (error) {
      if (!(error instanceof BadCsvError)) throw error;
      setProblem(error);
    }
  };
  const send = (rows: Record<string, unknown>[], signal: AbortSignal) =>
    // One version for the whole file, whatever is promoted meanwhile.
    api.post<BatchAnswer>(path`/models/${form.model}/predict`, { rows }, { version: form.version }, signal);
  const predict = async (rows: CsvRows['rows'], before: Results, only?: number[]) => {
    const own = new AbortController();
    work.current = own;
    setStopped(undefined);
    setBusy(true);
    const asked = only === undefined ? undefined : new Set(only);
    const merged = (now: Results): Results =>
      now.map((result, i) => result ?? (asked === undefined || asked.has(i) ? undefined : before[i]));
    try {
      await predictInParts({
        rows,
        ...(only === undefined ? {} : { only }),
        send,
        signal: own.signal,
        progress: (now) => work.current === own && setResults(merged(now)),
      });
    } catch (error) {
      if (!(error instanceof BatchStopped)) throw error;
      if (work.current === own) setStopped(error);
    } finally {
      if (work.current === own) setBusy(false);
      onDone();
    }
  };
  return (
    <div class="file">
      <Drop onFile={take} />
      {problem === undefined ? null : (
        <div class="problem" role="alert">
          <strong>{problem.message}</strong>
          <p>{problem.remedy}</p>
        </div>
      )}
      {file === undefined ? null : (
        <Ready
          file={file}
          results={results}
          busy={busy}
          onPredict={() => predict(file.rows.rows, [])}
          onCancel={() => work.current?.abort()}
        />
      )}
      {stopped === undefined ? null : <ErrorBox error={stopped.problem} />}
      {file === undefined || results === undefined || busy ? null : (
        <FileResult
          form={form}
          name={file.name}
          rows={file.rows}
          results={results}
          onAgain={(only) => predict(file.rows.rows, results, only)}
        />
      )}
    </div>
  );
}

/** @throws BadCsvError */
async function rowsOf(file: File, form: FormModel): Promise<CsvRows> {
  if (file.size > MAX_BYTES) {
    throw new BadCsvError(
      `${bytes(file.size)} are too much for this page, which takes ${bytes(MAX_BYTES)}.`,
      'Choose "A large file" above: the platform predicts it. Or from a shell: npx arboleda predict-batch MODEL FILE',
    );
  }
  return csvRows(await textOf(file), fieldsOf(form.schema));
}

/** @throws BadCsvError */
async function textOf(file: File): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new BadCsvError('This is no text in UTF-8.', 'Save it as CSV in UTF-8, not compressed.');
  }
}

/** Where a file is dropped, or chosen by the keyboard. */
function Drop({ onFile }: { onFile: (file: File | undefined) => Promise<void> }) {
  const [isOver, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void onFile(event.dataTransfer?.files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop has no other way in, and the input within is the accessible one
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <label>
        <strong>Drop a CSV file here, or choose one</strong>
        <input
          type="file"
          accept=".csv,.tsv,.txt,text/csv"
          onChange={(event) => {
            const input = event.currentTarget;
            // The same file, chosen again after it was mended, is a change too.
            void onFile(input.files?.[0]).finally(() => {
              input.value = '';
            });
          }}
        />
      </label>
      <p class="quiet">
        The first line names the columns. The file stays in this tab; its rows go to the API in parts.
      </p>
    </div>
  );
}

interface ReadyProps {
  file: Chosen;
  results: Results | undefined;
  busy: boolean;
  onPredict: () => Promise<void>;
  onCancel: () => void;
}

/** What was found in the file, and how far its predictions are. */
function Ready({ file, results, busy, onPredict, onCancel }: ReadyProps) {
  const { rows, ignored, absent } = file.rows;
  const done = results?.reduce((sum, result) => sum + (result === undefined ? 0 : 1), 0) ?? 0;
  const count = rows.length.toLocaleString('en');
  return (
    <section class="card" aria-label="The file">
      <p>
        <strong>{file.name}</strong>, {bytes(file.size)}, {count} {rows.length === 1 ? 'row' : 'rows'}
      </p>
      {absent.length === 0 ? null : (
        <p class="odd">Not in the file, though the model asks for it: {listed(absent)}.</p>
      )}
      {ignored.length === 0 ? null : <p class="quiet">Not read by the model: {listed(ignored)}.</p>}
      {busy ? (
        <div class="line">
          <Progress
            label={`${done.toLocaleString('en')} of ${count} rows`}
            share={rows.length === 0 ? 0 : done / rows.length}
          />
          <Button onClick={onCancel}>Cancel</Button>
        </div>
      ) : results === undefined ? (
        <Button kind="primary" needs="predict" onClick={onPredict}>
          Predict {count} {rows.length === 1 ? 'row' : 'rows'}
        </Button>
      ) : null}
    </section>
  );
}

const SHOWN = 12;
const listed = (names: readonly string[]): string =>
  names.length <= SHOWN
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
