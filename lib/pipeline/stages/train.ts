import { evaluate, getTrainer, type Target, toMatrix, toTarget, writeModelFile } from '../../learn/index.ts';
import type { Table } from '../../table/index.ts';
import { canonicalJson, sha256 } from '../definition/index.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { outputsOf, type StageContext, type StageDefinition } from '../run-stage.ts';
import { loadTable, readDataset, readPreprocessing, storeJson } from './dataset.ts';
import { figures } from './figures.ts';
import type { CleanOutputs, DatasetManifest, TrainOutputs } from './types.ts';

/**
 * One Map item: one candidate on the training rows, or on one batch of them. It returns nothing: its result stands
 * under the key of its item, where evaluate reads it.
 */
export const trainStage: StageDefinition<TrainOutputs> = {
  stage: 'train',
  prepare: async (context) => {
    const { deps, definition } = context;
    const clean = await outputsOf<CleanOutputs>(context, 'clean');
    const dataset = await readDataset(deps.objects, clean);
    const { candidate, batch } = itemOf(Number(context.item), dataset);
    const chosen = definition.candidates[candidate]!;
    const params = getTrainer(chosen.algorithm).parseParams(chosen.params);
    return {
      inputs: {
        dataset: clean.datasetSha256,
        algorithm: chosen.algorithm,
        params,
        batch,
        seed: definition.split.seed,
      },
      execute: () => train(context, dataset, candidate, batch),
      promised: (outputs) => [outputs.modelKey],
      publish: (outputs) => publish(context, outputs),
      note: (outputs) =>
        `${outputs.algorithm} on ${outputs.rows} rows: ${figures(outputs.validation) || 'no validation rows'}`,
    };
  },
};

/** Items count through the batches of the first candidate, then of the second, and so on. */
function itemOf(item: number, dataset: DatasetManifest): { candidate: number; batch: number | null } {
  const batches = Math.max(1, dataset.batches.length);
  return { candidate: Math.floor(item / batches), batch: dataset.batches.length > 0 ? item % batches : null };
}

async function train(
  context: StageContext,
  dataset: DatasetManifest,
  candidate: number,
  batch: number | null,
): Promise<TrainOutputs> {
  const { deps, workspace, definition, described, log } = context;
  const { algorithm, params: given } = definition.candidates[candidate]!;
  const trainer = getTrainer(algorithm);
  const params = trainer.parseParams(given);
  const part = batch === null ? dataset.splits.train : dataset.batches[batch]!;
  const rows = await loadTable(deps.objects, part);
  const x = toMatrix(rows, { target: dataset.target });
  trainer.checkSize(x.rowCount, x.names.length, params, dataset.task);
  const { seed } = definition.split;
  const model = trainer.fit(x, targetOf(rows, dataset), params, {
    seed,
    onProgress: everyTenth((share) => log.info(`training: ${Math.round(100 * share)} %`)),
  });
  for (const note of model.notes) log.info(note);
  const bytes = writeModelFile({
    name: described.model,
    model,
    preprocessing: await readPreprocessing(deps.objects, dataset.preprocessingKey),
    rowSchema: described.schema,
    target: dataset.target,
    params: params as Record<string, unknown>,
    seed,
    profile: dataset.profile,
  });
  const modelSha256 = sha256(bytes);
  const modelKey = keys.model(workspace, modelSha256);
  await deps.objects.putIfAbsent(modelKey, bytes, { contentType: 'application/octet-stream' });
  const held = await loadTable(deps.objects, dataset.splits.validation);
  const validation =
    held.rowCount === 0
      ? {}
      : evaluate(model, toMatrix(held, { target: dataset.target }), targetOf(held, dataset)).metrics;
  return {
    candidate,
    batch,
    algorithm,
    params: params as Record<string, unknown>,
    modelKey,
    modelSha256,
    sizeBytes: bytes.byteLength,
    rows: rows.rowCount,
    validation,
  };
}

/** Passes on the first report of each tenth of the work. */
function everyTenth(report: (share: number) => void): (share: number) => void {
  let next = 0.1;
  return (share) => {
    if (share < next) return;
    next = Math.floor(share * 10) / 10 + 0.1;
    report(share);
  };
}

export const targetOf = (table: Table, dataset: DatasetManifest): Target =>
  toTarget(table, dataset.target, dataset.task, dataset.classes);

async function publish({ deps, workspace, runId, item }: StageContext, outputs: TrainOutputs): Promise<void> {
  const key = keys.trainItem(workspace, runId, item ?? '0');
  await deps.objects.put(key, canonicalJson(outputs), { contentType: 'application/json' });
}

/** All items' results, in order of item: one object, content-addressed. */
export type TrainSummary = { resultsKey: string; resultsSha256: string; count: number };

/**
 * Closes the whole train stage: gathers what its items wrote. Idempotent: evaluate calls it, and the end of a run that
 * was asked to stop after train.
 */
export async function completeTrain(
  deps: PipelineDeps,
  input: StageInput,
  pipeline: string,
): Promise<TrainSummary> {
  const { workspace, runId, attempt } = input;
  const records = await deps.stages.list(workspace, runId);
  const whole = records.find((record) => record.stage === 'train' && record.item === undefined);
  if (whole !== undefined && whole.status !== 'RUNNING') return whole.outputs as TrainSummary;
  const items = records.filter((record) => record.stage === 'train' && record.item !== undefined);
  const results = items
    .map((record) => ({ item: Number(record.item), ...(record.outputs as TrainOutputs) }))
    .sort((a, b) => a.item - b.item);
  const stored = await storeJson(deps.objects, (sha) => keys.report(workspace, sha, 'json'), results);
  const outputs: TrainSummary = {
    resultsKey: stored.key,
    resultsSha256: stored.sha256,
    count: results.length,
  };
  const skipped = items.filter((record) => record.status === 'SKIPPED').length;
  const note = `${items.length} models${skipped > 0 ? `, ${skipped} of them unchanged and skipped` : ''}`;
  const record = { runId, stage: 'train' as const, attempt, outputs, note };
  if (skipped === items.length) await deps.stages.skip(workspace, record);
  else await deps.stages.done(workspace, record);
  await deps.state.setLast(workspace, pipeline, 'train', { outputs, runId });
  return outputs;
}

export async function readResults(
  deps: PipelineDeps,
  summary: TrainSummary,
): Promise<(TrainOutputs & { item: number })[]> {
  return JSON.parse(new TextDecoder().decode(await deps.objects.get(summary.resultsKey)));
}
