import type { StageContext } from '../run-stage.ts';

/** Milliseconds between two words to the store: a reader looks about as often. */
const PAUSE = 2_000;

/**
 * Tells the store how far an item has come, now and then; a word that cannot be sent is no reason to stop the work.
 * What is reported while a fit holds the thread goes out at the next pause between fits.
 */
export function progressOf({ deps, workspace, runId, stage, item, attempt }: StageContext) {
  let last = Number.NEGATIVE_INFINITY;
  return async (share: number): Promise<void> => {
    const now = performance.now();
    if (now - last < PAUSE) return;
    last = now;
    await deps.stages.progress(workspace, { runId, stage, item, attempt }, share).catch(() => undefined);
  };
}
