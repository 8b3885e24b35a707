import { InvalidInputError } from '../../errors/index.ts';
import type { LoadedModel } from '../../learn/file/model-file.ts';
import { nativeInputs } from '../../learn/predict-rows.ts';
import { columnBuilder } from '../../table/builders.ts';
import { rowsToTable } from '../../table/clean/rows-to-table.ts';
import type { Column, Table } from '../../table/types.ts';
import type { OpenWindow } from '../../tracking/monitoring/index.ts';
import type { ListedPrediction } from '../../tracking/types.ts';
import { absent } from './absent.ts';
import type { MonitorDeps } from './types.ts';

/** More rows make a comparison no better: differences that matter are certain from some thousands on. */
const MOST_ROWS = 10_000;
/** Of a window with more rows, as many of each part of it. */
const PARTS = 8;

export interface RecentRows {
  table: Table;
  predictions: Column;
  /** Rows that the model's steps no longer read. */
  unreadable: number;
}

type Answered = { row: unknown; prediction: string | number };

/** The rows that a version answered in a window, and its answers: all, or where there are over 10,000 as many of each eighth. */
export async function recentRows(
  deps: Pick<MonitorDeps, 'predictions'>,
  ws: string,
  model: string,
  loaded: LoadedModel,
  window: OpenWindow & { version: string; to: string },
): Promise<RecentRows> {
  const parts = window.rows > MOST_ROWS ? PARTS : 1;
  const found: Answered[] = [];
  const [begin, end] = [Date.parse(window.from), Date.parse(window.to)];
  const bound = (i: number) => new Date(begin + ((end - begin) * i) / parts).toISOString();
  for (let i = 0; i < parts; i++) {
    const [from, to] = [i === 0 ? window.from : bound(i), i === parts - 1 ? window.to : bound(i + 1)];
    if (from >= to) continue;
    found.push(
      ...(await answered(deps, ws, model, { version: window.version, from, to }, MOST_ROWS / parts)),
    );
  }
  return columnsOf(loaded, found);
}

async function answered(
  { predictions }: Pick<MonitorDeps, 'predictions'>,
  ws: string,
  model: string,
  filter: { version: string; from: string; to: string },
  most: number,
): Promise<Answered[]> {
  const found: Answered[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await predictions.list(ws, model, { ...filter, limit: 200, ...(cursor && { cursor }) });
    for (const listed of page.items) found.push(...(await rowsOf(predictions, ws, listed)));
    cursor = page.cursor;
    if (cursor === undefined || found.length >= most) return found.slice(0, most);
  }
}

async function rowsOf(
  predictions: MonitorDeps['predictions'],
  ws: string,
  listed: ListedPrediction,
): Promise<Answered[]> {
  if (listed.probe) return [];
  // One of a batch whose object the bucket has ended by now is left out, as the list does.
  const found = listed.rows ? listed : await predictions.get(ws, listed.requestId).catch(absent);
  if (found === undefined) return [];
  const { rows, predictions: answers } = found;
  // A request that failed has rows and no answers.
  return (answers ?? []).map(({ prediction }, i) => ({ row: rows?.[i], prediction }));
}

/** Read as a request is, so that a default or a category stands as the model saw it. */
function columnsOf(loaded: LoadedModel, found: readonly Answered[]): RecentRows {
  const { preprocessing } = loaded.manifest;
  const native = nativeInputs(loaded);
  const readable = found.filter(({ row }) => {
    try {
      rowsToTable(preprocessing, [row], native);
      return true;
    } catch (error) {
      if (error instanceof InvalidInputError) return false;
      throw error;
    }
  });
  const regression = loaded.manifest.task === 'regression';
  const builder = columnBuilder({
    name: 'prediction',
    kind: regression ? 'number' : 'category',
    nullable: false,
  });
  for (const { prediction } of readable) builder.push(regression ? Number(prediction) : String(prediction));
  const { table } = rowsToTable(
    preprocessing,
    readable.map(({ row }) => row),
    native,
  );
  return { table, predictions: builder.finish(), unreadable: found.length - readable.length };
}
