import { NotFoundError } from '../errors/index.ts';
import { queryAll } from '../store/paging.ts';
import type { ItemStore } from '../store/ports.ts';
import { partition } from './keys.ts';
import { type Merge, RunItems } from './run-items.ts';
import { runOf, TIME_LENGTH } from './run-search/codes.ts';
import { IndexReader } from './run-search/index-reader.ts';
import type { LifecycleStage } from './types.ts';

/** Writes that are under way at once. */
const WIDTH = 16;

/**
 * Brings every run of an experiment to a stage of its life, child runs too. Runs that are there already are left alone,
 * so a repeat after a crash only does what is left.
 */
export async function bringRunsTo(
  items: ItemStore,
  ws: string,
  experimentId: string,
  stage: LifecycleStage,
): Promise<void> {
  const runs = new RunItems(items);
  let batch: string[] = [];
  const apply: Merge['apply'] = (_, { lifecycleStage = 'active' }) =>
    lifecycleStage === stage ? undefined : { set: { lifecycleStage: stage } };
  const flush = async (): Promise<void> => {
    await Promise.all(batch.map((runId) => runs.merge(ws, runId, { apply }).catch(ifThere)));
    batch = [];
  };
  for await (const runId of runIdsOf(items, ws, experimentId)) {
    batch.push(runId);
    if (batch.length >= WIDTH) await flush();
  }
  await flush();
}

/** The index has entries of a run too whose maker was ended before he wrote it. */
function ifThere(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}

/** Every run of the experiment, by the index of the search, which child runs are in too; then those of before there was one. */
async function* runIdsOf(items: ItemStore, ws: string, experimentId: string): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const { tail } of new IndexReader(items, ws, experimentId).attributes('run_id')) {
    const runId = runOf(tail.slice(TIME_LENGTH));
    seen.add(runId);
    yield runId;
  }
  const request = { pk: partition.runsOfExperiment(ws, experimentId), consistent: true };
  for await (const item of queryAll(items, request)) {
    if (!seen.has(item.runId as string)) yield item.runId as string;
  }
}
