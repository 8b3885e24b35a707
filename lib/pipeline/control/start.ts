import { randomBytes } from 'node:crypto';
import { ConflictError, InvalidInputError } from '../../errors/index.ts';
import { ExperimentDeletedError, isTerminal } from '../../tracking/index.ts';
import type { Run, RunStatus, Stage } from '../../tracking/types.ts';
import { describeDefinition } from '../catalog.ts';
import { sha256 } from '../definition/index.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { WORK_STAGES } from '../stages/plan.ts';

export interface StartOptions {
  from?: Stage;
  to?: Stage;
  force?: boolean;
  /** The run whose results the stages before `from` are taken from; absent: the pipeline's latest. */
  basedOn?: string;
  /** An Idempotency-Key, an event's id, or a collection round: the same identity is the same run. */
  identity?: string;
  trigger: 'caller' | 'schedule' | 'event';
  /** Who asked: a token id, or `schedule`. */
  actor: string;
}

export interface StartedRun {
  runId: string;
  pipeline: string;
  status: RunStatus;
  attempt: number;
  created: boolean;
}

/** Another run of the pipeline is active: a caller waits or cancels it; a schedule's run is queued instead. */
export class RunInProgressError extends ConflictError {
  static override readonly code = 'RUN_IN_PROGRESS';
  static override readonly remedy =
    'Wait for it (`npx arboleda show RUN`), or cancel it (`npx arboleda cancel RUN`).';
}

/** The execution of an attempt is named by the run: the first is the run's id itself. */
export const executionName = (runId: string, attempt: number): string =>
  attempt === 1 ? runId : `${runId}-${attempt}`;

/** The same workspace, pipeline and identity always give the same 32 hex digits. */
export const runIdOf = (workspace: string, pipeline: string, identity: string | undefined): string =>
  identity === undefined
    ? randomBytes(16).toString('hex')
    : sha256(JSON.stringify([workspace, pipeline, identity])).slice(0, 32);

/**
 * Starts a run, or returns the one that this identity started before. Safe to repeat after a crash at any point: the
 * lock is re-entrant for its run, the record is created once, and the execution's name is the run's.
 *
 * @throws NotFoundError (no such pipeline), InvalidInputError (from after to), RunInProgressError (for a caller).
 */
export async function startRun(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  options: StartOptions,
): Promise<StartedRun> {
  const definition = deps.catalog.get(pipeline);
  checkBounds(options);
  const runId = runIdOf(workspace, pipeline, options.identity);
  const known = await deps.runs.find(workspace, runId);
  if (known !== undefined) {
    if (known.status === 'RUNNING') await startExecution(deps, known);
    if (known.status === 'SCHEDULED') await waitInQueue(deps, workspace, pipeline, runId);
    return { ...summary(await deps.runs.get(workspace, runId)), created: false };
  }
  const experiment = await deps.experiments.getOrCreate(workspace, describeDefinition(definition).experiment);
  if (experiment.lifecycleStage !== 'active') {
    throw new ExperimentDeletedError(
      `the experiment ${experiment.experimentId} of the pipeline ${pipeline} is deleted`,
    );
  }
  const holder = await takeLock(deps, workspace, pipeline, runId);
  const queued = holder !== undefined;
  if (queued && options.trigger === 'caller') throw runInProgress(pipeline, holder);
  const made = await deps.runs.create(workspace, {
    runId,
    experimentId: experiment.experimentId,
    name: `${pipeline}-${runId.slice(0, 8)}`,
    status: queued ? 'SCHEDULED' : 'RUNNING',
    pipeline,
    trigger: options.trigger,
    from: options.from,
    to: options.to,
    force: options.force,
    basedOn: options.basedOn,
    tags: { 'arboleda.actor': options.actor },
  });
  if (queued) {
    await waitInQueue(deps, workspace, pipeline, runId);
  } else {
    await startExecution(deps, await deps.runs.get(workspace, runId));
  }
  // Of two callers with one identity who came at once, one made it.
  return { ...summary(await deps.runs.get(workspace, runId)), created: made === 'created' };
}

/** Puts a run into the queue, once, and wakes the queue where its pipeline is free. */
async function waitInQueue(deps: PipelineDeps, workspace: string, pipeline: string, runId: string) {
  await deps.state.enqueue(workspace, pipeline, runId);
  // The holder may have ended between the look at the lock and the enqueue: nobody else would wake the queue.
  await drainQueue(deps, workspace, pipeline);
}

const summary = ({ runId, pipeline, status, attempt }: Run) => ({
  runId,
  pipeline: pipeline ?? '',
  status,
  attempt,
});

function checkBounds({ from, to }: StartOptions): void {
  for (const [field, stage] of Object.entries({ from, to })) {
    if (stage !== undefined && !WORK_STAGES.includes(stage)) {
      throw new InvalidInputError(`${field} must be one of ${WORK_STAGES.join(', ')}`, { field });
    }
  }
  if (from !== undefined && to !== undefined && WORK_STAGES.indexOf(from) > WORK_STAGES.indexOf(to)) {
    throw new InvalidInputError(`from (${from}) comes after to (${to})`, { field: 'from' });
  }
}

/** Takes the pipeline's lock for the run; where another run has it, that run's id. */
export async function takeLock(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  runId: string,
): Promise<string | undefined> {
  const answer = await deps.state.acquire(workspace, pipeline, runId);
  return answer === 'acquired' ? undefined : answer.slice('held by '.length);
}

export const runInProgress = (pipeline: string, holder: string): RunInProgressError =>
  new RunInProgressError(`run ${holder} of pipeline ${pipeline} is in progress`, {
    details: { runId: holder },
  });

/** Starts the execution of the run's present attempt; one that runs already is left alone. */
export async function startExecution(deps: PipelineDeps, run: Run): Promise<void> {
  const { workspace, runId, attempt, pipeline } = run;
  const input: StageInput & { pipeline: string } = { workspace, runId, attempt, pipeline: pipeline ?? '' };
  await deps.executions.start(executionName(runId, attempt), input);
}

/**
 * Whether nothing works on a run that is RUNNING: what was to start it ended between its record and its execution. The repeat of
 * that call finds it so, and starts what is missing.
 */
export const isCutOff = async (
  { executions }: Pick<PipelineDeps, 'executions'>,
  { runId, attempt, status }: Run,
): Promise<boolean> =>
  status === 'RUNNING' && (await executions.describe(executionName(runId, attempt))) === undefined;

/**
 * Starts the oldest queued run where the pipeline is free. Called after each enqueue: the run that had the lock may have
 * ended just before, with nobody waiting yet.
 */
export async function drainQueue(deps: PipelineDeps, workspace: string, pipeline: string): Promise<void> {
  for (const { runId } of await deps.state.queue(workspace, pipeline)) {
    const run = await deps.runs.find(workspace, runId);
    if (run === undefined || isTerminal(run.status)) {
      await deps.state.unqueue(workspace, pipeline, runId);
      continue;
    }
    if ((await takeLock(deps, workspace, pipeline, runId)) !== undefined) return;
    await deps.state.unqueue(workspace, pipeline, runId);
    await startExecution(deps, await deps.runs.begin(workspace, runId));
    return;
  }
}

/** Gives the lock of a run that ended to the next in the queue, and starts it. Safe to repeat. */
export async function handOver(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  endedRunId: string,
): Promise<void> {
  let next = await deps.state.handOver(workspace, pipeline, endedRunId);
  while (next !== undefined) {
    const run = await deps.runs.find(workspace, next);
    if (run !== undefined && !isTerminal(run.status)) {
      await startExecution(deps, await deps.runs.begin(workspace, next));
      return;
    }
    next = await deps.state.handOver(workspace, pipeline, next);
  }
}
