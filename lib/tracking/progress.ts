import type { Run, StageRecord } from './types.ts';

/** How far the training of a run has come. */
export interface Progress {
  /** Items of the train Map that have a result. */
  done: number;
  total: number;
  /** Of all items' work, 0 to 1: those done, and what those at work have done so far. */
  share: number;
}

/** The tag in which the plan of the training says how many items there are; that of a batch prediction, how many chunks. */
export const ITEMS_TAG = 'training.items';
export const CHUNKS_TAG = 'batch.chunks';

/** Progress of the train stage, or of a batch prediction; undefined where its items are not planned yet. Items count alike. */
export function trainingProgress(
  run: Pick<Run, 'tags'>,
  stages: readonly Pick<StageRecord, 'stage' | 'item' | 'status' | 'progress'>[],
): Progress | undefined {
  const batch = run.tags[CHUNKS_TAG];
  const mapped = batch === undefined ? 'train' : 'predict';
  const total = Number(batch ?? run.tags[ITEMS_TAG]);
  if (!Number.isSafeInteger(total) || total < 1) return undefined;
  let done = 0;
  let begun = 0;
  for (const { stage, item, status, progress } of stages) {
    if (stage !== mapped || item === undefined) continue;
    if (status === 'DONE' || status === 'SKIPPED') done++;
    else if (status === 'RUNNING') begun += progress ?? 0;
  }
  // A retry may plan fewer items than an earlier attempt left results of.
  return { done: Math.min(done, total), total, share: Math.min(1, (done + begun) / total) };
}
