import type { FormModel } from '../../form/schema.ts';
import { figure, percent } from '../../lib/format.ts';
import { Button, type Column, Table } from '../../parts/index.ts';
import { agreement } from './agreement.ts';
import type { RowResult } from './batch.ts';
import type { CsvRows } from './csv-rows.ts';
import { answerText } from './prediction.tsx';
import { resultCsv } from './result-csv.ts';

interface Props {
  form: FormModel;
  name: string;
  rows: CsvRows;
  results: readonly (RowResult | undefined)[];
  /** Asks some rows once more. */
  onAgain: (only: number[]) => Promise<void>;
}

/** A row of the preview; `line` is that of the file, its header being the first. */
interface Shown {
  line: number;
  cells: readonly string[];
  result: RowResult;
}

const PREVIEW = 200;
const PREVIEW_COLUMNS = 5;

/** What became of a file: counts, what failed and why, a look at the predictions, and the whole to take away. */
export function FileResult({ form, name, rows, results, onAgain }: Props) {
  const { header, records } = rows;
  const answered = results.filter((result) => result?.answer !== undefined).length;
  const failed = results.flatMap((result, i) => (result?.error === undefined ? [] : [i]));
  const unasked = results.flatMap((result, i) => (result === undefined ? [i] : []));
  const warned = results.filter((result) => (result?.warnings ?? 0) > 0).length;
  // A row that the page itself refused is refused again.
  const again = [...failed.filter((i) => 'row' in (rows.rows[i] ?? {})), ...unasked];
  const target = header.indexOf(form.target);
  const agreed =
    target < 0
      ? undefined
      : agreement(
          form.task,
          records.map((cells) => cells[target]),
          results,
        );
  const download = () => {
    const text = resultCsv({ header, records, results, target: form.target });
    save(text, `${name.replace(/\.[a-z]+$/i, '')}-predicted.csv`);
  };
  const shown = (indices: readonly number[]): Shown[] =>
    indices.slice(0, PREVIEW).map((i) => ({
      line: i + 2,
      cells: records[i] ?? [],
      result: results[i] ?? {},
    }));
  const fine = results.flatMap((result, i) => (result?.answer === undefined ? [] : [i]));
  return (
    <section class="file-result" aria-label="Predictions of the file">
      <div class="line" role="status">
        <strong>{answered.toLocaleString('en')} predicted</strong>
        {failed.length === 0 ? null : <span class="bad">{failed.length.toLocaleString('en')} failed</span>}
        {unasked.length === 0 ? null : <span>{unasked.length.toLocaleString('en')} not asked</span>}
        {warned === 0 ? null : (
          <span class="quiet">{warned.toLocaleString('en')} with something odd about them</span>
        )}
        {agreed === undefined ? null : (
          <span>
            {agreed.kind === 'classes'
              ? `${percent(agreed.accuracy)} agree with the file's own ${form.target}`
              : `off the file's own ${form.target} by ${figure(agreed.mae)} (mean), ${figure(agreed.rmse)} (rmse)`}
          </span>
        )}
      </div>
      <div class="line">
        <Button kind="primary" onClick={download} disabled={answered === 0}>
          Download with predictions
        </Button>
        {again.length === 0 ? null : (
          <Button needs="predict" onClick={() => onAgain(again)}>
            {unasked.length === 0 ? 'Ask the failed again' : 'Go on'}
          </Button>
        )}
      </div>
      {failed.length === 0 ? null : (
        <>
          <h2>Failed</h2>
          <Table
            caption="Rows that failed"
            columns={FAILURES}
            rows={shown(failed)}
            rowKey={({ line }) => String(line)}
            virtual
          />
          <More of={failed.length} />
        </>
      )}
      {fine.length === 0 ? null : (
        <>
          <h2>Predicted</h2>
          <Table
            caption="Rows and their predictions"
            columns={predicted(form.target, header)}
            rows={shown(fine)}
            rowKey={({ line }) => String(line)}
            virtual
          />
          <More of={fine.length} />
        </>
      )}
    </section>
  );
}

const More = ({ of }: { of: number }) =>
  of > PREVIEW ? (
    <p class="quiet">
      The first {PREVIEW} of {of.toLocaleString('en')}; the download has all.
    </p>
  ) : null;

const LINE: Column<Shown> = { id: 'line', title: 'Line', numeric: true, width: 5, cell: ({ line }) => line };

const FAILURES: Column<Shown>[] = [
  LINE,
  { id: 'why', title: 'Why', width: 40, cell: ({ result }) => result.error },
];

function predicted(target: string, header: readonly string[]): Column<Shown>[] {
  return [
    LINE,
    {
      id: '=prediction',
      title: target,
      width: 12,
      cell: ({ result: { answer } }) => (
        <strong>{answer === undefined ? null : answerText(answer.prediction)}</strong>
      ),
    },
    {
      id: '=probability',
      title: 'Probability',
      numeric: true,
      width: 8,
      cell: ({ result: { answer } }) => {
        const own = answer?.probabilities?.[String(answer.prediction)];
        return own === undefined ? null : percent(own);
      },
    },
    ...header.slice(0, PREVIEW_COLUMNS).map(
      (name, i): Column<Shown> => ({
        id: `${i}`,
        title: name,
        width: 10,
        cell: ({ cells }) => cells[i],
      }),
    ),
  ];
}

/** Hands a text to the browser's downloads. */
function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The click has only asked for it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
