import { CancelledError } from '../../errors/index.ts';
import { isTerminal, PARENT_RUN_TAG, snapshotRun } from '../../tracking/index.ts';
import type { MetricPoint, Run, RunError, StageRecord } from '../../tracking/types.ts';
import { BATCH_COLUMN, sha256 } from '../definition/index.ts';
import type { PipelineDeps } from '../deps.ts';
import type { StageContext } from '../run-stage.ts';
import { batchName } from '../training/batches.ts';
import { parseItem } from '../training/item.ts';
import { lossPoints } from './loss-curves.ts';
import type { Training } from './training.ts';
import type { TrainOutputs } from './types.ts';

/** The tag with a child's place in its run: the name of its item in the train Map. */
export const ITEM_TAG = 'arboleda.item';

/** A child's id follows from its run and its item, so that every function that has a share in it means the same run. */
export const childRunId = (runId: string, item: number): string =>
  sha256(JSON.stringify(['child', runId, item])).slice(0, 32);

/**
 * Makes the child run of a candidate (MLflow's convention: the tag `mlflow.parentRunId`), with its parameters; it is
 * there already where an item was tried before, or where another shard came first. One that an earlier attempt of the
 * run left failed is opened again.
 */
export async function openChild(context: StageContext, training: Training, item: number): Promise<void> {
  const { deps, workspace, runId, run, described, definition } = context;
  const { algorithm, params, batch, part, compared } = training;
  const child = childRunId(runId, item);
  const made = await deps.runs.create(workspace, {
    runId: child,
    experimentId: run.experimentId,
    name: `${described.name}-${runId.slice(0, 8)}-${item}`,
    status: 'RUNNING',
    pipeline: described.name,
    tags: {
      ...definition.candidates[training.candidate]?.tags,
      [PARENT_RUN_TAG]: runId,
      [ITEM_TAG]: String(item),
      'model.algorithm': algorithm,
      ...(compared || batch !== null ? { 'data.part': part } : {}),
      ...(batch === null ? {} : { [BATCH_COLUMN]: String(batch) }),
    },
    params: {
      algorithm,
      ...(batch === null ? {} : { [BATCH_COLUMN]: String(batch) }),
      ...texts(params as Record<string, unknown>),
    },
  });
  if (made === 'created') return;
  const held = await deps.runs.get(workspace, child);
  if (held.status !== 'FAILED' && held.status !== 'KILLED') return;
  // Two shards may find it failed at once: the one that comes second finds it open.
  await deps.runs.nextAttempt(workspace, child, held.attempt).catch(async (error: unknown) => {
    if (isTerminal((await deps.runs.get(workspace, child)).status)) throw error;
  });
}

/**
 * Writes a candidate's figures into its child run and ends it. Repeating it changes nothing: points are dated by the
 * child's start, so that the same figure is the same point.
 */
export async function closeChild(
  context: StageContext,
  training: Training,
  item: number,
  outputs: TrainOutputs,
): Promise<void> {
  const { deps, workspace, runId } = context;
  const child = await deps.runs.get(workspace, childRunId(runId, item));
  if (child.status === 'FINISHED') return;
  if (isTerminal(child.status)) throw new CancelledError(`run ${child.runId} was ended with its parent`);
  await deps.runs.logBatch(workspace, child.runId, {
    metrics: [
      ...pointsOf(outputs, Date.parse(child.startTime)),
      ...lossPoints(outputs.curves ?? {}, child.startTime),
    ],
    tags: { 'model.sha256': outputs.modelSha256, 'data.trainRows': String(outputs.rows) },
  });
  await deps.runs.addArtifact(workspace, child.runId, {
    path: 'model/model.arbm',
    key: outputs.modelKey,
    size: outputs.sizeBytes,
    contentType: 'application/octet-stream',
    sha256: outputs.modelSha256,
  });
  const { batch, rows } = training;
  if (batch !== null) {
    await deps.runs.addArtifact(workspace, child.runId, {
      path: `data/${batchName(batch)}.parquet`,
      key: rows.key,
      size: rows.bytes ?? 0,
      contentType: 'application/vnd.apache.parquet',
      sha256: rows.sha256,
    });
  }
  await deps.runs.finish(workspace, child.runId, { status: 'FINISHED', attempt: child.attempt });
  await snapshotRun(workspace, child.runId, deps);
}

/**
 * Each fold's figures as steps of one metric, then mean and deviation; or the figures on the validation rows, and those on
 * the test rows under the plain names, as the parent has its own.
 */
function pointsOf(
  { validation, crossValidation, test = {} }: TrainOutputs,
  timestamp: number,
): MetricPoint[] {
  const points = (metrics: Record<string, number>, nameOf: (name: string) => string, step = 0) =>
    Object.entries(metrics)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => ({ key: nameOf(name), value, step, timestamp: timestamp + step }));
  const tested = points(test, (name) => name);
  if (crossValidation === undefined)
    return [...points(validation, (name) => `validation_${name}`), ...tested];
  const { perFold, mean, deviation } = crossValidation;
  return [
    ...perFold.flatMap((metrics, fold) => points(metrics, (name) => `fold_${name}`, fold)),
    ...points(mean, (name) => `cv_${name}`),
    ...points(deviation, (name) => `cv_${name}_std`),
    ...tested,
  ];
}

/**
 * Ends the children that their run left open: failed where their own item failed, with its error; else killed, since
 * they were stopped with the others.
 */
export async function endChildren(
  deps: PipelineDeps,
  run: Run,
  records: readonly StageRecord[],
  error: RunError | undefined,
): Promise<void> {
  const { workspace } = run;
  for (const child of await childrenOf(deps, run)) {
    if (isTerminal(child.status)) continue;
    const item = Number(child.tags[ITEM_TAG]);
    const failed = records.find(
      (record) =>
        record.stage === 'train' &&
        record.status === 'FAILED' &&
        record.item !== undefined &&
        parseItem(record.item).index === item,
    );
    const own: RunError | undefined = failed?.error && { ...failed.error, stage: 'train' };
    const killed = run.cancelRequested === true || own === undefined;
    const reason = own ?? error;
    await deps.runs.finish(workspace, child.runId, {
      status: killed ? 'KILLED' : 'FAILED',
      attempt: child.attempt,
      ...(reason && { error: reason }),
    });
    await snapshotRun(workspace, child.runId, deps);
  }
}

/** All children of a run, by item. */
export async function childrenOf(
  { runs }: { runs: Pick<PipelineDeps['runs'], 'list'> },
  { workspace, runId }: Pick<Run, 'workspace' | 'runId'>,
): Promise<Run[]> {
  const found: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await runs.list(workspace, { parentRunId: runId, limit: 100, ...(cursor && { cursor }) });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found.sort((a, b) => Number(a.tags[ITEM_TAG]) - Number(b.tags[ITEM_TAG]));
}

const texts = (params: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
