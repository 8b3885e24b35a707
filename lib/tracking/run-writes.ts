import { InvalidInputError } from '../errors/index.ts';
import { MAX_TRANSACTION_OPERATIONS } from '../store/limits.ts';
import type { Item, ItemStore, WriteOperation } from '../store/ports.ts';
import { key, partition } from './keys.ts';
import { checkEntryKey, isRunId } from './names.ts';
import { numberText, orderedFloat, orderedInteger } from './numbers.ts';
import type { RunDocument } from './run-document.ts';
import { toHeader } from './run-item.ts';
import { attributesEntry, indexChange, indexedValues } from './run-search/entries.ts';
import type { MetricPoint, Run } from './types.ts';

/** MLflow's tag of a child run: the run that it is a part of. */
export const PARENT_RUN_TAG = 'mlflow.parentRunId';

/** The writes that make a run: its header, its document's pages, its places in the lists. */
export function creation(run: Run, document: RunDocument, rev = 1): WriteOperation[] {
  const { workspace: ws, runId, startTime, pipeline, experimentId } = run;
  if (Number.isNaN(Date.parse(startTime)))
    throw new InvalidInputError('startTime is no time', { field: 'startTime' });
  const place = { sk: `${new Date(startTime).toISOString()}#${runId}`, runId };
  const parent = parentOf(document);
  const lists =
    parent !== undefined
      ? [partition.runsOfParent(ws, parent)]
      : [
          partition.runs(ws),
          partition.runsOfExperiment(ws, experimentId),
          ...(pipeline === undefined ? [] : [partition.runsOfPipeline(ws, pipeline)]),
        ];
  return [
    { put: toHeader(run, document, rev), condition: { absent: true } },
    ...pageOperations(ws, runId, document.changes),
    ...lists.map((pk) => ({ put: { pk, ...place } })),
  ];
}

/** The run that this one is a part of. A client may give the tag any text: what is no run's id makes no child of it. */
export function parentOf(document: RunDocument): string | undefined {
  const parent = document.tags[PARENT_RUN_TAG];
  return parent !== undefined && isRunId(parent) ? parent : undefined;
}

/** The entries by which a new run is found. */
export function creationIndex(run: Run, document: RunDocument): Item[] {
  const { put } = indexChange(run.workspace, run, undefined, indexedValues(document));
  return [attributesEntry(run.workspace, run), ...put];
}

/**
 * Makes a run: its header, pages and places, and its entries in the index. Of more than a transaction holds the entries go first:
 * of a run that is not there they are harmless.
 *
 * @throws ConditionFailedError where the header's condition does not hold.
 */
export async function writeCreation(
  items: ItemStore,
  operations: readonly WriteOperation[],
  index: readonly Item[],
): Promise<void> {
  const fits = operations.length + index.length <= MAX_TRANSACTION_OPERATIONS;
  if (!fits) await items.batchPut(index);
  await items.transact([...operations, ...(fits ? index.map((put) => ({ put })) : [])]);
}

/** The writes of a run's document beyond the first page, which is in its header. */
export function pageOperations(ws: string, runId: string, changes: Map<number, string>): WriteOperation[] {
  return [...changes]
    .filter(([page]) => page > 0)
    .map(([page, document]) => ({ put: { ...key.runPage(ws, runId, page), page, document } }));
}

/** A point under the key that says all of it, so that writing it again changes nothing. */
export function pointItem(ws: string, runId: string, point: MetricPoint): Item {
  const { key: metric, value, step, timestamp } = point;
  const sk = `${orderedInteger(step, 'step')}#${orderedInteger(timestamp, 'timestamp')}#${orderedFloat(value)}`;
  return { pk: partition.points(ws, runId, metric), sk, value: numberText(value), step, timestamp };
}

/** @throws InvalidInputError on a name or number that no point can have. */
export function checkPoint(point: MetricPoint): MetricPoint {
  checkEntryKey(point.key, 'metric');
  orderedInteger(point.step, `metrics.${point.key}.step`);
  orderedInteger(point.timestamp, `metrics.${point.key}.timestamp`);
  if (typeof point.value !== 'number') {
    throw new InvalidInputError(`metric ${point.key} is not a number`, { field: `metrics.${point.key}` });
  }
  return point;
}
