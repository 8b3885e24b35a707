import type { LoadedModel } from '../../learn/file/model-file.ts';
import { hasNumericClasses, type Prediction } from '../../learn/predict-rows.ts';
import { openParquet, type RangeOfBytes } from '../../table/parquet.ts';
import { type AddedColumn, readStored, writeStored } from '../../table/parquet-stored.ts';
import { tableToRows } from '../../table/table.ts';
import { idOf, inputsOf } from './csv.ts';
import { predictEach } from './predict-rows.ts';
import type { BatchChunk, BatchPlan, ChunkResult, RowFailure } from './types.ts';

/** Rows of a chunk. */
export const CHUNK_ROWS = 25_000;

/** Cuts a Parquet file at its row groups; groups that are larger than a chunk also within them. */
export async function planParquet(
  file: RangeOfBytes,
  chunkRows = CHUNK_ROWS,
): Promise<{ header: string[]; chunks: BatchChunk[]; rows: number }> {
  const { rowCount, groups, columns } = await openParquet(file);
  const chunks: BatchChunk[] = [];
  const add = (start: number, end: number) => {
    const [id, rows] = [idOf(chunks.length), end - start];
    if (rows > 0) chunks.push({ id, start, end, rows, firstRow: start, line: 0 });
  };
  let start = 0;
  let at = 0;
  for (const group of groups) {
    // Small groups go together, as long as they fit.
    if (at - start + group > chunkRows) {
      add(start, at);
      start = at;
    }
    at += group;
    while (at - start > chunkRows) {
      add(start, start + chunkRows);
      start += chunkRows;
    }
  }
  add(start, at);
  return { header: columns.map(({ name }) => name), chunks, rows: rowCount };
}

/**
 * Predicts the rows of one chunk: a Parquet file of the rows that could be predicted, their columns exactly as they are stored,
 * with the predictions behind them. Files of all chunks have the same columns.
 */
export async function predictParquet(
  loaded: LoadedModel,
  { added }: Pick<BatchPlan, 'added'>,
  { start, end }: BatchChunk,
  file: RangeOfBytes,
): Promise<ChunkResult> {
  const wanted = new Set(inputsOf(loaded).map(({ name }) => name));
  const rows = tableToRows(await (await openParquet(file)).read(start, end, wanted));
  const { outcomes, warnings } = predictEach(loaded, rows);
  const failures: RowFailure[] = [];
  const answers: Prediction[] = [];
  const good: number[] = [];
  for (const [i, outcome] of outcomes.entries()) {
    if ('answer' in outcome) {
      good.push(i);
      answers.push(outcome.answer);
    } else failures.push({ row: start + i + 1, ...outcome.refused, raw: rows[i] });
  }
  const stored = await readStored(file, start, end);
  const values =
    good.length === rows.length ? stored.values : stored.values.map((all) => good.map((i) => all[i]));
  const predictions = writeStored({ ...stored, values }, answerColumns(answers, loaded, added));
  return { predictions, failures, predicted: good.length, warnings };
}

/** By the model, not by the answers: a chunk in which no row could be predicted has the same columns. */
function answerColumns(
  answers: readonly Prediction[],
  loaded: LoadedModel,
  [name = 'prediction', ...probabilities]: readonly string[],
): AddedColumn[] {
  const { task, classes } = loaded.model;
  const prediction: AddedColumn =
    task === 'regression' || hasNumericClasses(loaded)
      ? { name, type: 'DOUBLE', data: answers.map((one) => Number(one.prediction)) }
      : { name, type: 'STRING', data: answers.map((one) => String(one.prediction)) };
  return [
    prediction,
    ...probabilities.map((column, k): AddedColumn => {
      const of = classes[k]!;
      return { name: column, type: 'DOUBLE', data: answers.map((one) => one.probabilities?.[of] ?? null) };
    }),
  ];
}
