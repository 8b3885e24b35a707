import type { History } from '../../../lib/http/types.ts';
import { STAGES } from './run-options.ts';

/** What GET /pipelines/{name}/history says, made ready to be drawn. Pure. */

export type RunSummary = History['runs'][number];
export type StageSummary = RunSummary['stages'][number];

export interface Segment {
  stage: string;
  status: string;
  /** Of the bar's whole, 0 to 1. */
  start: number;
  share: number;
  milliseconds: number;
}

/** How long a run took, or has taken so far. */
export const tookMs = (
  { startTime, endTime }: Pick<RunSummary, 'startTime' | 'endTime'>,
  now: number,
): number => Math.max(0, (endTime === undefined ? now : Date.parse(endTime)) - Date.parse(startTime));

/** The longest of the runs: what their bars are drawn against. */
export const longestMs = (runs: readonly RunSummary[], now: number): number =>
  Math.max(1, ...runs.map((run) => tookMs(run, now)));

/**
 * A run's stages as parts of a bar that is as long as the longest run: each where it began and as long as it took; one that
 * runs reaches to now. A retry's stages of an earlier attempt lie before the run's own begin, and begin with it then.
 */
export function segments(run: RunSummary, longest: number, now: number): Segment[] {
  const begin = Date.parse(run.startTime);
  return run.stages.map(({ stage, status, startedAt, endedAt }) => {
    const from = Math.max(begin, Date.parse(startedAt));
    const to = Math.max(from, endedAt === undefined ? now : Date.parse(endedAt));
    const start = Math.min(1, (from - begin) / longest);
    return {
      stage,
      status,
      start,
      share: Math.min(1 - start, (to - from) / longest),
      milliseconds: to - from,
    };
  });
}

/** What a run did to a stage of the graph; `WAITING` where an open run has not come to it yet. */
export function statusOfStage(
  run: RunSummary | undefined,
  stage: string | undefined,
): (Partial<Omit<StageSummary, 'status'>> & { status: string }) | undefined {
  if (run === undefined || stage === undefined) return undefined;
  const found = run.stages.find((one) => one.stage === stage);
  if (found !== undefined) return found;
  return isOpen(run) && isWithin(run, stage) ? { status: 'WAITING' } : undefined;
}

const isOpen = ({ status }: RunSummary): boolean => status === 'RUNNING' || status === 'SCHEDULED';

/** Whether a run is to come to a stage at all. */
function isWithin({ from, to }: RunSummary, stage: string): boolean {
  const at = (STAGES as readonly string[]).indexOf(stage);
  const [first, last] = [from, to].map((one) => (STAGES as readonly (string | undefined)[]).indexOf(one));
  return at >= 0 && at >= first! && (to === undefined || at <= last!);
}

/** Who or what started a run. */
export const triggerWords = (trigger: RunSummary['trigger']): string =>
  trigger === 'schedule' ? 'schedule' : trigger === 'event' ? 'collector or event' : 'a person';
