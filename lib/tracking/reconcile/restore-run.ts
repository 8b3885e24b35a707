import type { ItemStore } from '../../store/ports.ts';
import { Experiments } from '../experiments.ts';
import { toText } from '../json.ts';
import { key } from '../keys.ts';
import { optimistic } from '../optimistic.ts';
import { MAX_MODELS_TAG, RunDocument } from '../run-document.ts';
import { creation, creationIndex, pointItem, writeCreation } from '../run-writes.ts';
import { Runs } from '../runs.ts';
import type { RunSnapshot } from '../snapshot.ts';
import type { DatasetInput, MetricPoint, Run, StageRecord } from '../types.ts';
import type { Mending } from './mending.ts';

/** Builds a run again from its snapshot: header, params, tags, metrics, stages, artifacts. Repeating it changes nothing. */
export async function restoreRun(mending: Mending, snapshot: RunSnapshot): Promise<void> {
  const { ws, stores } = mending;
  const { items, clock } = stores;
  const run = { ...(snapshot.run as Run), experimentId: await experimentOf(mending, snapshot) };
  const points = pointsOf(snapshot);
  await items.batchPut(points.map((point) => pointItem(ws, run.runId, point)));
  await items.batchPut(snapshot.stages.map((record) => stageItem(ws, record as StageRecord)));
  const runs = new Runs(items, clock);
  for (const artifact of snapshot.artifacts) await runs.addArtifact(ws, run.runId, artifact);
  const document = new RunDocument();
  for (const [name, value] of Object.entries(run.params)) document.setParam(name, value);
  for (const [name, value] of Object.entries(run.tags)) document.setTag(name, value, MAX_MODELS_TAG);
  for (const point of points) document.setMetric(point);
  const { datasets = [], modelInputs = [], modelOutputs = [] } = snapshot.links ?? {};
  for (const input of datasets) document.addDataset(input as DatasetInput);
  for (const modelId of modelInputs) document.addModelInput(modelId);
  for (const model of modelOutputs) document.addModelOutput(model);
  await replaceHeader(items, run, document);
}

/** The header goes last: a restore that ended before it leaves the run missing, so that the next one does it all again. */
async function replaceHeader(items: ItemStore, run: Run, document: RunDocument): Promise<void> {
  await optimistic(async () => {
    const before = await items.get(key.run(run.workspace, run.runId), { consistent: true });
    const rev = before ? (before.rev as number) : undefined;
    const [header, ...rest] = creation(run, document, (rev ?? 0) + 1);
    const condition = rev === undefined ? { absent: true as const } : { equals: { rev } };
    const operations = [{ ...header!, condition } as typeof header & object, ...rest];
    await writeCreation(items, operations, creationIndex(run, document));
  }, `run ${run.runId}`);
}

/** Where the snapshot has no history, the latest values at the run's end stand for it. */
function pointsOf({ points, run }: RunSnapshot): MetricPoint[] {
  if (points && points.length > 0) return points;
  const timestamp = Date.parse(run.endTime ?? run.startTime);
  return Object.entries(run.metrics).map(([name, value]) => ({ key: name, value, step: 0, timestamp }));
}

function stageItem(ws: string, record: StageRecord) {
  const { outputs, error, ...plain } = record;
  return {
    ...key.stage(ws, record.runId, record.stage, record.item),
    ...plain,
    outputs: toText(outputs),
    ...(error && { error: toText(error) }),
  };
}

/**
 * The run's experiment: the one of its id where that still has its name, else the one of that name, made where it is lost.
 * An id may have gone to another experiment since.
 */
async function experimentOf({ ws, stores }: Mending, { run, experimentName }: RunSnapshot): Promise<string> {
  if (experimentName === undefined) return run.experimentId;
  const { items, clock } = stores;
  return (await new Experiments(items, clock).getOrCreate(ws, experimentName, {}, run.experimentId))
    .experimentId;
}
