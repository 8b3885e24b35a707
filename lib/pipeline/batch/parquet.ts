import type { LoadedModel } from '../../learn/file/model-file.ts';
import type { Prediction } from '../../learn/predict-rows.ts';
import { openParquet, type RangeOfBytes, readParquet, writeParquet } from '../../table/parquet.ts';
import { concatTables, takeRows } from '../../table/rows.ts';
import { tableToRows } from '../../table/table.ts';
import type { Column, Table } from '../../table/types.ts';
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

/** Predicts the rows of one chunk: a Parquet file of the rows that could be predicted, with the predictions behind them. */
export async function predictParquet(
  loaded: LoadedModel,
  { added }: Pick<BatchPlan, 'added'>,
  { start, end }: BatchChunk,
  file: RangeOfBytes,
): Promise<ChunkResult> {
  const table = await (await openParquet(file)).read(start, end);
  const wanted = new Set(inputsOf(loaded).map(({ name }) => name));
  const rows = tableToRows({ ...table, columns: table.columns.filter(({ name }) => wanted.has(name)) });
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
  const kept = takeRows(table, good);
  const result: Table = {
    ...kept,
    columns: [...kept.columns, ...answerColumns(answers, loaded, added)],
  };
  return { predictions: writeParquet(result), failures, predicted: good.length, warnings };
}

function answerColumns(
  answers: readonly Prediction[],
  { model, manifest }: LoadedModel,
  [name = 'prediction', ...probabilities]: readonly string[],
): Column[] {
  const numeric =
    model.task === 'regression' || answers.every(({ prediction }) => typeof prediction === 'number');
  const categories = manifest.classes;
  const prediction: Column =
    numeric && !(model.task === 'classification' && answers.length === 0)
      ? { name, kind: 'number', values: Float64Array.from(answers, (one) => Number(one.prediction)) }
      : {
          name,
          kind: 'text',
          categories,
          codes: Int32Array.from(answers, (one) => categories.indexOf(String(one.prediction))),
        };
  return [
    prediction,
    ...probabilities.map((column, k): Column => {
      const of = categories[k]!;
      const values = Float64Array.from(answers, (one) => one.probabilities?.[of] ?? Number.NaN);
      return { name: column, kind: 'number', values };
    }),
  ];
}

/** The results of all chunks as one file. */
export async function joinParquet(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const tables: Table[] = [];
  for (const part of parts) tables.push(await readParquet(part));
  const filled = tables.filter(({ rowCount }) => rowCount > 0);
  return writeParquet(concatTables(filled.length > 0 ? filled : tables.slice(0, 1)));
}
