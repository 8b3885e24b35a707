import { ConflictError } from '../../errors/index.ts';
import { isTerminal, PARENT_RUN_TAG } from '../../tracking/index.ts';
import type { Run } from '../../tracking/types.ts';
import { retryBatch } from '../batch/start.ts';
import { BATCH_KIND, KIND_TAG } from '../batch/types.ts';
import type { PipelineDeps } from '../deps.ts';
import { closeRun } from './close.ts';
import {
  executionName,
  isCutOff,
  runInProgress,
  type StartedRun,
  startExecution,
  takeLock,
} from './start.ts';

/**
 * Cancels a run: the flag first, which a stage still at work sees before it writes its result, then the execution, then
 * the record. A queued run just leaves the queue.
 *
 * @throws NotFoundError, ConflictError where the run has ended.
 */
export async function cancelRun(deps: PipelineDeps, workspace: string, runId: string): Promise<Run> {
  const run = await deps.runs.get(workspace, runId);
  refuseChild(run);
  if (isTerminal(run.status)) {
    throw new ConflictError(`run ${runId} has ended already (${run.status})`, {
      remedy: 'There is nothing to cancel.',
    });
  }
  await deps.runs.requestCancel(workspace, runId);
  if (run.status === 'SCHEDULED' && run.pipeline !== undefined)
    await deps.state.unqueue(workspace, run.pipeline, runId);
  else await deps.executions.stop(executionName(runId, run.attempt), 'cancelled by a caller');
  return closeRun(deps, { workspace, runId, attempt: run.attempt }, { outcome: 'aborted' });
}

/**
 * Starts the next attempt of a failed or killed run: the same run, whose plan begins at the first stage without a result. A call
 * that ended before the attempt's execution was started is completed by making it again.
 *
 * @throws NotFoundError, ConflictError where the run has not failed, RunInProgressError where another one runs.
 */
export async function retryRun(deps: PipelineDeps, workspace: string, runId: string): Promise<StartedRun> {
  const run = await deps.runs.get(workspace, runId);
  refuseChild(run);
  const { pipeline } = run;
  if (run.tags[KIND_TAG] === BATCH_KIND) return retryBatch(deps, run);
  if (pipeline === undefined) {
    throw new ConflictError(`run ${runId} is of no pipeline: there are no stages to run again`, {
      remedy:
        'Import the model again (`npx arboleda model import FILE --register NAME`): it is the same run.',
    });
  }
  deps.catalog.get(pipeline);
  const begun = await isCutOff(deps, run);
  if (!begun && run.status !== 'FAILED' && run.status !== 'KILLED') {
    throw new ConflictError(`run ${runId} is ${run.status}: only a failed or killed run can be retried`, {
      remedy: 'Start a new run instead (`npx arboleda run PIPELINE`).',
    });
  }
  const holder = await takeLock(deps, workspace, pipeline, runId);
  if (holder !== undefined) throw runInProgress(pipeline, holder);
  const next = begun ? run : await deps.runs.nextAttempt(workspace, runId, run.attempt);
  await startExecution(deps, next);
  return { runId, pipeline, status: next.status, attempt: next.attempt, created: true };
}

/** A child has no execution of its own: it is stopped, and tried again, with its run. */
function refuseChild({ runId, tags }: Run): void {
  const parent = tags[PARENT_RUN_TAG];
  if (parent === undefined) return;
  throw new ConflictError(`run ${runId} is a part of run ${parent}`, {
    details: { parentRunId: parent },
    remedy: `Cancel or retry run ${parent} instead.`,
  });
}
