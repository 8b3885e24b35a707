import * as z from 'zod';
import { startRun } from '../../lib/pipeline/control/start.ts';
import { pipelineHandler } from '../shared/stage.ts';

/** What a schedule's rule sends. The event's id is the run's identity: a second delivery is the same run. */
const input = z.object({
  workspace: z.string().min(1),
  pipeline: z.string().min(1),
  eventId: z.string().min(1),
  trigger: z.enum(['schedule', 'event']).default('schedule'),
});

export const handler = pipelineHandler(input, async (deps, { workspace, pipeline, eventId, trigger }) => {
  if (trigger === 'schedule' && (await deps.state.isPaused(workspace, pipeline))) {
    console.log(JSON.stringify({ message: 'schedule is paused', workspace, pipeline, eventId }));
    return { paused: true };
  }
  const run = await startRun(deps, workspace, pipeline, {
    identity: `event:${eventId}`,
    trigger,
    actor: trigger,
  });
  console.log(JSON.stringify({ message: 'run started', workspace, ...run }));
  return run;
});
