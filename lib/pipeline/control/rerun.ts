import { ConflictError } from '../../errors/index.ts';
import { PARENT_RUN_TAG } from '../../tracking/index.ts';
import type { Stage } from '../../tracking/types.ts';
import type { PipelineDeps } from '../deps.ts';
import { isResultOf, MissingStageError } from '../run-stage.ts';
import { WORK_STAGES } from '../stages/plan.ts';
import { type StartedRun, type StartOptions, startRun } from './start.ts';

/**
 * Starts a new run of a run's pipeline at one of its stages, on what the stages before it made in that very run: the earlier
 * run stays as it is. Nothing is written where a result is missing.
 *
 * @throws NotFoundError, ConflictError (a run of no pipeline, a candidate's run), MissingStageError, RunInProgressError
 */
export async function rerunFrom(
  deps: PipelineDeps,
  workspace: string,
  runId: string,
  options: Pick<StartOptions, 'to' | 'force' | 'identity' | 'actor'> & { from: Stage },
): Promise<StartedRun> {
  const run = await deps.runs.get(workspace, runId);
  const parent = run.tags[PARENT_RUN_TAG];
  if (run.pipeline === undefined || parent !== undefined) {
    const why = parent === undefined ? 'is of no pipeline' : `is a part of run ${parent}`;
    throw new ConflictError(`run ${runId} ${why}: it has no stages of its own`, {
      ...(parent !== undefined && { details: { parentRunId: parent } }),
      remedy: parent === undefined ? 'Start a pipeline instead.' : `Run ${parent} again instead.`,
    });
  }
  const records = await deps.stages.list(workspace, runId);
  const before = WORK_STAGES.slice(0, Math.max(0, WORK_STAGES.indexOf(options.from)));
  const missing = before.filter((stage) => !records.some((record) => isResultOf(record, stage)));
  if (missing.length > 0) {
    throw new MissingStageError(
      `run ${runId} has no result of ${missing.join(', ')} to start ${options.from} on`,
      {
        field: 'from',
        details: { missing },
        remedy: `Start at ${missing[0]}, or retry the run if it failed.`,
      },
    );
  }
  // One key of a caller names this start of this run: the same key on another run is another start.
  const identity = options.identity === undefined ? undefined : `rerun:${runId}:${options.identity}`;
  return startRun(deps, workspace, run.pipeline, { ...options, identity, basedOn: runId, trigger: 'caller' });
}
