import * as z from 'zod';
import { closeRun, type Outcome } from '../../lib/pipeline/control/close.ts';
import { pipelineHandler, stageInput } from '../shared/stage.ts';

const fromState = stageInput.extend({
  outcome: z.enum(['finished', 'failed']),
  /** The state that caught the error. */
  stage: z.string().optional(),
  error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }).optional(),
});

/** Step Functions' own word on an execution that ended outside its states: neither timeout nor abort reaches a Catch. */
const statusChange = z.object({
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({ status: z.string(), input: z.string() }),
});

const OUTCOMES: Record<string, Outcome> = {
  ABORTED: { outcome: 'aborted' },
  TIMED_OUT: { outcome: 'timed-out' },
  FAILED: { outcome: 'failed' },
};

export const handler = pipelineHandler(z.union([fromState, statusChange]), async (deps, event) => {
  if ('detail' in event) {
    const outcome = OUTCOMES[event.detail.status];
    if (outcome === undefined) return {};
    const run = await closeRun(deps, stageInput.parse(JSON.parse(event.detail.input)), outcome);
    console.log(JSON.stringify({ message: 'closed by status change', runId: run.runId, status: run.status }));
    return {};
  }
  const { outcome, error, stage, ...input } = event;
  const run = await closeRun(deps, input, outcome === 'finished' ? { outcome } : { outcome, error, stage });
  console.log(JSON.stringify({ message: 'closed', runId: run.runId, status: run.status }));
  return {};
});
