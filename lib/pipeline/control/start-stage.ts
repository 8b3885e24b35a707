import { isTerminal, type LastResult } from '../../tracking/index.ts';
import type { Stage, StageRecord } from '../../tracking/types.ts';
import { canonicalJson } from '../definition/index.ts';
import type { PipelineDeps } from '../deps.ts';
import { isResultOf, MissingStageError } from '../run-stage.ts';
import { WORK_STAGES } from '../stages/plan.ts';
import { runIdOf, runInProgress, type StartedRun, type StartOptions, startRun } from './start.ts';

/** The steps that a caller runs one at a time, in order. */
export const STEPS = ['ingest', 'clean', 'train', 'register'] as const;
export type Step = (typeof STEPS)[number];

/**
 * Which stages a step covers: `train` chooses among what it trained, and `register` asks the gate, so that after the four
 * steps all is done that a whole run does.
 */
export const STEP_STAGES: Readonly<Record<Step, { from: Stage; to: Stage }>> = {
  ingest: { from: 'ingest', to: 'ingest' },
  clean: { from: 'clean', to: 'clean' },
  train: { from: 'train', to: 'evaluate' },
  register: { from: 'register', to: 'promote' },
};

/** The step that a stage belongs to. */
export const stepOf = (stage: Stage): Step =>
  STEPS.find((step) => {
    const [from, at, to] = [STEP_STAGES[step].from, stage, STEP_STAGES[step].to].map((one) =>
      WORK_STAGES.indexOf(one),
    ) as [number, number, number];
    return from <= at && at <= to;
  }) ?? 'ingest';

/**
 * Starts one step as a run of its own; what lies before it takes the pipeline's latest results. The order is looked at
 * first: nothing is started, and nothing written, where a result is missing or was made from older data.
 *
 * @param options `identity` is the caller's, and counts for this step alone: one key may be used for all four.
 * @throws NotFoundError (no such pipeline), RunInProgressError, MissingStageError naming what to call first
 */
export async function startStep(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  step: Step,
  options: Pick<StartOptions, 'force' | 'identity' | 'trigger' | 'actor'>,
): Promise<StartedRun> {
  deps.catalog.get(pipeline);
  const identity = options.identity === undefined ? undefined : `step:${step}:${options.identity}`;
  const start = { ...options, ...STEP_STAGES[step], identity };
  const known =
    identity === undefined
      ? undefined
      : await deps.runs.find(workspace, runIdOf(workspace, pipeline, identity));
  if (known === undefined) {
    // A run at work may be making just what is missing: that is the better answer.
    await refuseWhileRunning(deps, workspace, pipeline);
    await requireStages(deps, workspace, pipeline, step);
  }
  return startRun(deps, workspace, pipeline, start);
}

async function refuseWhileRunning(deps: PipelineDeps, workspace: string, pipeline: string): Promise<void> {
  const holder = await deps.state.holder(workspace, pipeline);
  if (holder === undefined) return;
  const run = await deps.runs.find(workspace, holder);
  if (run !== undefined && !isTerminal(run.status)) throw runInProgress(pipeline, holder);
}

/**
 * @param before the step that is to run; absent: all stages that make a model
 * @throws MissingStageError where a stage before it has no result, or one that was made from an older result
 */
export async function requireStages(
  deps: PipelineDeps,
  workspace: string,
  pipeline: string,
  before?: Step,
): Promise<void> {
  const end = WORK_STAGES.indexOf(before === undefined ? 'promote' : STEP_STAGES[before].from);
  const needed = WORK_STAGES.slice(0, end);
  const last = await Promise.all(needed.map((stage) => deps.state.getLast(workspace, pipeline, stage)));
  const missing = needed.filter((_, i) => last[i] === undefined);
  const what = before ?? 'predict';
  if (missing.length > 0) {
    const steps = [...new Set(missing.map(stepOf))];
    throw outOfOrder(`${what} of pipeline ${pipeline} needs ${steps.join(' and ')} first`, pipeline, steps);
  }
  for (const [i, stage] of needed.entries()) {
    const [above, own] = [last[i - 1], last[i]];
    const source = needed[i - 1];
    if (source === undefined || above === undefined || own === undefined) continue;
    const records = await deps.stages.list(workspace, own.runId);
    const used = records.find((record) => isResultOf(record, source));
    if (used === undefined || isSame(used, above)) continue;
    const step = stepOf(stage);
    const message = `${step} of pipeline ${pipeline} was done on an older result of ${stepOf(source)} than that of run ${above.runId}`;
    throw outOfOrder(message, pipeline, [...new Set(needed.slice(i).map(stepOf))]);
  }
}

/** Results are the same where their content is: every stage names what it made by hash. */
const isSame = (used: StageRecord, last: LastResult): boolean =>
  canonicalJson(hashesOf(used.outputs)) === canonicalJson(hashesOf(last.outputs));

const hashesOf = (outputs: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(outputs).filter(([name]) => name.endsWith('Sha256')));

function outOfOrder(message: string, pipeline: string, missing: readonly Step[]): MissingStageError {
  const call = missing.map((step) => `POST /pipelines/${encodeURIComponent(pipeline)}/stages/${step}`);
  return new MissingStageError(message, {
    details: { missing, call },
    remedy: `Call ${call[0]} and wait for its run${call.length > 1 ? `, then ${call.slice(1).join(', ')}` : ''}.`,
  });
}
