import type { PipelineDeps } from '../deps.ts';
import { type Poll, pollError, pollOnce } from './poll.ts';
import { batchesOf, collecting } from './settings.ts';

/** How often the rule calls: the shortest that EventBridge knows. */
export const TICK_SECONDS = 60;
/** A tick ends before the next one begins, the last call's time limit included. */
const WORK_MS = 48_000;
const SHORTEST_PAUSE_MS = 250;

export interface TickTools {
  pause: (milliseconds: number) => Promise<void>;
  tell: (line: Record<string, unknown>) => void;
}

/**
 * Milliseconds from one poll to the next: four times a batch, so that one that failed, or three, lose no batch. Where the rule's
 * own minute is often enough, once a tick.
 */
export const pollEvery = (every: number): number =>
  every >= 4 * TICK_SECONDS ? TICK_SECONDS * 1000 : Math.max(SHORTEST_PAUSE_MS, (every * 1000) / 4);

/**
 * One tick of the rule: polls every pipeline that collects, more than once where its batches change faster than the rule
 * ticks. A pipeline whose poll fails does not keep the others from theirs.
 */
export async function tick(deps: PipelineDeps, workspace: string, tools: TickTools): Promise<Poll[]> {
  const names = deps.catalog.names().filter((name) => batchesOf(deps.catalog.get(name)) !== undefined);
  const end = deps.clock.now().getTime() + WORK_MS;
  return (await Promise.all(names.map((name) => pollUntil(deps, workspace, name, end, tools)))).flat();
}

async function pollUntil(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  end: number,
  { pause, tell }: TickTools,
): Promise<Poll[]> {
  const polls: Poll[] = [];
  while (true) {
    const begun = deps.clock.now().getTime();
    let step = TICK_SECONDS * 1000;
    try {
      const poll = await pollOnce(deps, workspace, pipeline);
      polls.push(poll);
      const { state, ...rest } = poll;
      tell({ message: 'polled', workspace, ...rest, round: state.round, stored: state.stored });
      if (poll.outcome === 'idle') return polls;
      step = pollEvery((await collecting(deps, workspace, pipeline)).every);
    } catch (error) {
      tell({ message: 'poll failed', workspace, pipeline, error: pollError(error) });
      return polls;
    }
    const now = deps.clock.now().getTime();
    const next = Math.max(begun + step, now);
    if (next >= end) return polls;
    await pause(next - now);
  }
}
