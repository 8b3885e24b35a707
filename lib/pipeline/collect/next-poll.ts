import { SCHEDULED_WORKSPACE } from '../control/scheduled.ts';
import type { PipelineDeps } from '../deps.ts';
import { pollEvery, TICK_SECONDS } from './schedule.ts';
import type { Collecting } from './settings.ts';

export interface NextPoll {
  /** ISO 8601, UTC. One that is past says that the poll is due, or that the rule does not fire. */
  nextPoll?: string;
  /** Why the source is not asked. */
  noNextPoll?: string;
}

/** When the collector asks its source next. @param last when it asked last; ISO 8601 */
export function nextPoll(
  { clock, schedulesOff }: Pick<PipelineDeps, 'clock' | 'schedulesOff'>,
  workspace: string,
  settings: Pick<Collecting, 'url' | 'state' | 'every'>,
  last: string | undefined,
): NextPoll {
  if (workspace !== SCHEDULED_WORKSPACE) {
    return { noNextPoll: `collectors work in the workspace ${SCHEDULED_WORKSPACE} alone` };
  }
  if (settings.url === undefined) return { noNextPoll: 'no URL is set' };
  if (settings.state === 'paused') return { noNextPoll: 'paused' };
  if (schedulesOff) return { noNextPoll: 'schedules are off in this deployment' };
  const time =
    last === undefined
      ? clock.now().getTime() + TICK_SECONDS * 1000
      : Date.parse(last) + pollEvery(settings.every);
  return { nextPoll: new Date(time).toISOString() };
}
