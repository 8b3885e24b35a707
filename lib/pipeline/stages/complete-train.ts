import { counted } from '../../table/counted.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { isWhole } from '../training/item.ts';
import { storeJson } from './dataset.ts';
import type { TrainOutputs } from './types.ts';

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
  // A shard's result is a part of a model: its merge, under the candidate's own item, has the model.
  const items = records.filter((record) => record.stage === 'train' && isWhole(record.item));
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
  const note = `${counted(items.length, 'model')}${skipped > 0 ? `, ${skipped} of them unchanged and skipped` : ''}`;
  const record = { runId, stage: 'train' as const, attempt, outputs, note };
  if (skipped === items.length) await deps.stages.skip(workspace, record);
  else await deps.stages.done(workspace, record);
  await deps.state.setLast(workspace, pipeline, 'train', { outputs, runId });
  return outputs;
}

export async function readResults(
  deps: { objects: Pick<PipelineDeps['objects'], 'get'> },
  summary: TrainSummary,
): Promise<(TrainOutputs & { item: number })[]> {
  return JSON.parse(new TextDecoder().decode(await deps.objects.get(summary.resultsKey)));
}
