import { ArboledaError, type ErrorBody, withoutSecrets } from '../../errors/index.ts';
import { isTerminal, snapshotRun } from '../../tracking/index.ts';
import type { Run, RunError, StageRecord } from '../../tracking/types.ts';
import type { PipelineDeps } from '../deps.ts';
import { endChildren } from '../stages/child-runs.ts';
import { completeTrain } from '../stages/complete-train.ts';
import { handOver } from './start.ts';

/** How an execution ended, as the state machine or the status-change event tells it. */
export type Outcome =
  | { outcome: 'finished' }
  | { outcome: 'failed'; error?: { Error?: string; Cause?: string }; stage?: string }
  | { outcome: 'aborted' }
  | { outcome: 'timed-out' };

/**
 * Ends a run's record, whatever happened: status, the failed stage with its error, an event on the bus, a snapshot in
 * S3, the pipeline's lock freed and its queue woken. Each step may be repeated; a run that has ended keeps its status, and
 * its event is published at least once (once, unless the process ends between the bus and its note in the record).
 */
export async function closeRun(
  deps: PipelineDeps,
  input: { workspace: string; runId: string; attempt: number },
  outcome: Outcome,
): Promise<Run> {
  const { workspace, runId, attempt } = input;
  const run = await deps.runs.get(workspace, runId);
  // A late event of an earlier attempt says nothing about the one that runs now.
  if (run.attempt !== attempt || (run.status === 'SCHEDULED' && outcome.outcome !== 'aborted')) return run;
  const ended = isTerminal(run.status) ? run : await end(deps, run, outcome);
  if (ended.status !== 'FINISHED') {
    await endChildren(deps, ended, await deps.stages.list(workspace, runId), ended.error);
  }
  await snapshotRun(workspace, runId, deps);
  const detail = {
    workspace,
    runId,
    pipeline: ended.pipeline,
    status: ended.status,
    attempt,
    error: ended.error,
  };
  // Not by whether this call ended the run: one that did and was killed before this line is called again.
  if (!(await deps.runs.isAnnounced(workspace, runId, attempt))) {
    await deps.events.publish(`Run ${label(ended)}`, detail);
    await deps.runs.setAnnounced(workspace, runId, attempt);
  }
  if (ended.pipeline !== undefined) {
    await handOver(deps, workspace, ended.pipeline, runId);
  }
  return ended;
}

const label = (run: Run): string =>
  ({ FINISHED: 'Finished', KILLED: 'Killed' })[run.status as string] ?? 'Failed';

async function end(deps: PipelineDeps, run: Run, outcome: Outcome): Promise<Run> {
  const { workspace, runId, attempt } = run;
  const records = await deps.stages.list(workspace, runId);
  if (outcome.outcome === 'finished') {
    if (records.some((record) => record.stage === 'train')) {
      await completeTrain(deps, { workspace, runId, attempt }, run.pipeline ?? '');
    }
    return deps.runs.finish(workspace, runId, { status: 'FINISHED', attempt });
  }
  const error = describeFailure(run, records, outcome);
  for (const record of records.filter(({ status }) => status === 'RUNNING')) {
    const { stage: _, ...body } = error;
    await deps.stages.fail(workspace, {
      runId,
      stage: record.stage,
      item: record.item,
      attempt,
      error: body,
    });
  }
  const killed = run.cancelRequested === true || outcome.outcome === 'aborted';
  return deps.runs.finish(workspace, runId, { status: killed ? 'KILLED' : 'FAILED', error, attempt });
}

/** Which stage failed and why: its own record knows best; a stage cut off in its work has only begun one. */
export function describeFailure(run: Run, records: readonly StageRecord[], outcome: Outcome): RunError {
  const failed = records.find((record) => record.status === 'FAILED' && record.attempt === run.attempt);
  const cut = records.find((record) => record.status === 'RUNNING');
  const caughtIn = outcome.outcome === 'failed' ? outcome.stage : undefined;
  const stage = failed?.stage ?? cut?.stage ?? caughtIn ?? 'plan';
  if (run.cancelRequested) {
    return {
      stage,
      code: 'CANCELLED',
      message: 'the run was cancelled',
      remedy: 'Go on with `npx arboleda retry RUN`.',
    };
  }
  if (failed?.error !== undefined) return { ...failed.error, stage };
  return { ...unrecorded(outcome, stage), stage };
}

function unrecorded(outcome: Outcome, stage: string): ErrorBody {
  switch (outcome.outcome) {
    case 'aborted':
      return {
        code: 'ABORTED',
        message: `the execution was stopped from outside during ${stage}`,
        remedy: 'Go on with `npx arboleda retry RUN`.',
      };
    case 'timed-out':
      return {
        code: 'EXECUTION_TIMED_OUT',
        message: `the execution reached its time limit during ${stage}`,
        remedy:
          'Train on fewer rows or trees, in batches, or raise the time limit; then `npx arboleda retry RUN`.',
      };
    default:
      return fromStepFunctions(outcome.outcome === 'failed' ? outcome.error : undefined, stage);
  }
}

function fromStepFunctions(error: { Error?: string; Cause?: string } | undefined, stage: string): ErrorBody {
  const name = error?.Error ?? 'Unknown';
  if (name === 'States.Timeout' || name === 'Sandbox.Timedout') {
    return {
      code: 'STAGE_TIMED_OUT',
      message: `stage ${stage} did not end in its time`,
      remedy: 'Train on fewer rows or trees, or in batches; then `npx arboleda retry RUN`.',
    };
  }
  const message = `stage ${stage} ended with ${name}: ${withoutSecrets(error?.Cause ?? 'no cause given').slice(0, 500)}`;
  return new ArboledaError(message, { remedy: `See \`npx arboleda logs RUN --stage ${stage}\`.` }).toJSON();
}
