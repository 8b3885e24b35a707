import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LoadedModel } from '../../lib/learn/file/model-file.ts';
import { predictRows } from '../../lib/learn/predict-rows.ts';
import type { RowFailure } from '../../lib/pipeline/batch/types.ts';
import { openParquet, type RangeOfBytes } from '../../lib/table/parquet.ts';
import { tableToRows } from '../../lib/table/table.ts';
import { EVERY, isWrong, type Rows } from './files.ts';

/** Rows that are predicted one by one beside the batch: one in this many. */
const SAMPLED = 499;

export interface Checked {
  predicted: number;
  failed: number;
  /** Rows whose prediction was compared with that of the row alone. */
  compared: number;
}

/** @throws Error where a row is missing, out of its place, differs from its own prediction, or failed without being told */
export async function checkCsv(
  loaded: LoadedModel,
  rows: Rows,
  result: string,
  failures: readonly RowFailure[],
): Promise<Checked> {
  const lines = createInterface({ input: createReadStream(result), crlfDelay: Number.POSITIVE_INFINITY });
  let at = -1;
  let compared = 0;
  let predicted = 0;
  for await (const line of lines) {
    if (at === -1) {
      at = 0;
      continue;
    }
    while (isWrong(at)) at++;
    const own = `${rows.line(at)},`;
    if (!line.startsWith(own)) throw new Error(`row ${at} is not in its place: ${line.slice(0, 80)}`);
    predicted++;
    if (at % SAMPLED === 0) {
      compared++;
      same(loaded, rows, at, line.slice(own.length).split(',')[0]!);
    }
    at++;
  }
  while (isWrong(at)) at++;
  if (at !== rows.count) throw new Error(`the result ends at row ${at} of ${rows.count}`);
  return { predicted, failed: checkFailures(rows, failures), compared };
}

/** The same of a Parquet file, some rows at a time. */
export async function checkParquet(
  loaded: LoadedModel,
  rows: Rows,
  result: RangeOfBytes,
  failures: readonly RowFailure[],
): Promise<Checked> {
  const file = await openParquet(result);
  let at = 0;
  let compared = 0;
  let from = 0;
  for (const group of file.groups) {
    for (const row of tableToRows(await file.read(from, from + group))) {
      while (isWrong(at)) at++;
      if (row.number !== at) throw new Error(`row ${at} is not in its place, but row ${row.number}`);
      const own = rows.row(at);
      const differs = Object.keys(own).find((name) => row[name] !== own[name]);
      if (differs !== undefined) throw new Error(`row ${at} has another ${differs}`);
      if (at % SAMPLED === 0) {
        compared++;
        same(loaded, rows, at, String(row.prediction));
      }
      at++;
    }
    from += group;
  }
  while (isWrong(at)) at++;
  if (at !== rows.count) throw new Error(`the result ends at row ${at} of ${rows.count}`);
  return { predicted: file.rowCount, failed: checkFailures(rows, failures), compared };
}

function same(loaded: LoadedModel, rows: Rows, at: number, prediction: string): void {
  const alone = String(predictRows(loaded, [rows.row(at)]).predictions[0]!.prediction);
  if (alone !== prediction) throw new Error(`row ${at}: ${prediction} in the batch, ${alone} alone`);
}

function checkFailures({ count }: Rows, failures: readonly RowFailure[]): number {
  const planted = Math.floor(count / EVERY);
  if (failures.length !== planted) throw new Error(`${failures.length} failures, ${planted} were planted`);
  for (const [k, { row }] of failures.entries()) {
    if (row !== (k + 1) * EVERY) throw new Error(`failure ${k} is of row ${row}, not ${(k + 1) * EVERY}`);
  }
  return failures.length;
}
