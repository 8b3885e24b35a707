import type { Run, RunStatus } from '../../tracking/types.ts';
import { describeDefinition } from '../catalog.ts';
import { batchesOf } from '../collect/settings.ts';
import type { PipelineDefinition } from '../definition/index.ts';
import type { PipelineDeps } from '../deps.ts';
import { nextFiring, parseSchedule } from '../schedule/index.ts';
import { SCHEDULED_WORKSPACE } from './scheduled.ts';

/** How far back the newest run is looked for that is not deleted; and the one that a rate counts from. */
const LOOK_BACK = 5;
const LOOK_BACK_OF_RATE = 20;

export interface LastRun {
  runId: string;
  status: RunStatus;
  startTime: string;
  endTime?: string;
}

export interface NextRun {
  /** ISO 8601, UTC. */
  nextRun?: string;
  /** Why there is a schedule and no time. */
  noNextRun?: string;
}

/** What a list says of a pipeline: what it is, when it ran and runs next. */
export async function pipelineSummary(deps: PipelineDeps, workspace: string, definition: PipelineDefinition) {
  const { name, description, target, task, model, schedule } = describeDefinition(definition);
  const [paused, activeRunId, { items }] = await Promise.all([
    deps.state.isPaused(workspace, name),
    deps.state.holder(workspace, name),
    deps.runs.list(workspace, {
      pipeline: name,
      limit: schedule?.startsWith('rate') ? LOOK_BACK_OF_RATE : LOOK_BACK,
    }),
  ]);
  const runs = items.filter((run) => run.lifecycleStage !== 'deleted');
  const scheduleState: 'paused' | 'active' = paused ? 'paused' : 'active';
  const next = schedule === undefined ? {} : nextRun(deps, { workspace, schedule, paused, runs });
  const [last] = runs;
  return {
    name,
    description,
    target,
    task,
    model,
    schedule,
    scheduleState,
    ...next,
    collects: batchesOf(definition) !== undefined,
    ...(last === undefined ? {} : { lastRun: lastRunOf(last) }),
    ...(activeRunId === undefined ? {} : { activeRunId }),
  };
}

const lastRunOf = ({ runId, status, startTime, endTime }: Run): LastRun => ({
  runId,
  status,
  startTime,
  ...(endTime === undefined ? {} : { endTime }),
});

interface Scheduled {
  workspace: string;
  schedule: string;
  paused: boolean;
  /** Newest first. */
  runs: readonly Pick<Run, 'trigger' | 'startTime'>[];
}

/** When the schedule starts the next run; a word in its place where it starts none, or cannot tell. */
export function nextRun(
  deps: Pick<PipelineDeps, 'clock' | 'schedulesOff'>,
  { workspace, schedule, paused, runs }: Scheduled,
): NextRun {
  if (deps.schedulesOff) return { noNextRun: 'schedules are off in this deployment' };
  if (workspace !== SCHEDULED_WORKSPACE) {
    return { noNextRun: `schedules start runs in the workspace ${SCHEDULED_WORKSPACE} alone` };
  }
  if (paused) return { noNextRun: 'paused' };
  const fired = runs.find(({ trigger }) => trigger === 'schedule')?.startTime;
  const parsed = parseSchedule(schedule);
  const next = nextFiring(parsed, deps.clock.now(), fired === undefined ? undefined : new Date(fired));
  if (next !== undefined) return { nextRun: next.toISOString() };
  return {
    noNextRun:
      parsed.kind === 'rate'
        ? 'a rate counts from its deployment: the time is known once it has started a run'
        : 'the schedule has no time left',
  };
}
