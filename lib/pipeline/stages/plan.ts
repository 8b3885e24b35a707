import { BadDefinitionError } from '../../errors/index.ts';
import type { LastResult } from '../../tracking/index.ts';
import { PIPELINE_STAGES, type Stage } from '../../tracking/types.ts';
import { definitionHash } from '../catalog.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import {
  isResultOf,
  MissingStageError,
  runStage,
  type StageContext,
  type StageDefinition,
} from '../run-stage.ts';
import { tellClean, tellIngest } from './data-facts.ts';
import type { CleanOutputs, IngestOutputs } from './types.ts';

/** The stages after plan, in order. */
export const WORK_STAGES: readonly Stage[] = PIPELINE_STAGES.filter((stage) => stage !== 'plan');

export type PlanState = StageInput & { pipeline: string; stages: Record<string, boolean> };

/**
 * Which stages this execution runs. `from` and `to` bound it; a retry begins at the first stage without a result.
 * What lies before takes the pipeline's latest results.
 *
 * @throws MissingStageError where a stage before `from` has no result to take.
 */
export async function plan(deps: PipelineDeps, input: StageInput): Promise<PlanState> {
  const outputs = await runStage(deps, planStage, input);
  return { workspace: input.workspace, runId: input.runId, attempt: input.attempt, ...outputs };
}

type PlanOutputs = { pipeline: string; stages: Record<string, boolean> };

const planStage: StageDefinition<PlanOutputs> = {
  stage: 'plan',
  prepare: async (context) => ({
    inputs: undefined,
    promised: () => [],
    note: ({ stages }) =>
      `will run ${
        Object.keys(stages)
          .filter((name) => stages[name])
          .join(', ') || 'nothing'
      }`,
    execute: async () => {
      await describeRun(context);
      const { run, attempt } = context;
      const asked = run.from ?? 'ingest';
      const first = attempt > 1 ? later(asked, await firstUndone(context)) : asked;
      const last = run.to ?? 'promote';
      const [from, to] = [WORK_STAGES.indexOf(first), WORK_STAGES.indexOf(last)];
      if (from > to) {
        throw new BadDefinitionError(`stage ${first} comes after ${last}`, {
          field: 'from',
          remedy: 'Swap from and to.',
        });
      }
      for (const stage of WORK_STAGES.slice(0, from)) await inherit(context, stage);
      const promotes = context.definition.promote !== undefined;
      const stages = WORK_STAGES.map((stage, i) => [
        stage,
        i >= from && i <= to && (stage !== 'promote' || promotes),
      ]);
      return { pipeline: context.definition.name, stages: Object.fromEntries(stages) };
    },
  }),
};

async function describeRun({ deps, workspace, runId, definition, described }: StageContext): Promise<void> {
  await deps.runs.setLineage(workspace, runId, {
    definitionSha256: definitionHash(definition),
    lockfileSha256: deps.lockfileSha256,
    nodeVersion: process.version,
  });
  const body = JSON.stringify(described, null, 2);
  const key = keys.definition(workspace, runId);
  await deps.objects.put(key, body, { contentType: 'application/json' });
  await deps.runs.addArtifact(workspace, runId, {
    path: 'definition.json',
    key,
    size: Buffer.byteLength(body),
    contentType: 'application/json',
  });
}

/** A run that was to begin late, and was stopped before it took over what it begins on, is not begun earlier by its retry. */
const later = (a: Stage, b: Stage): Stage => (WORK_STAGES.indexOf(a) > WORK_STAGES.indexOf(b) ? a : b);

/** A retry goes on where the attempt before stopped. */
async function firstUndone({ deps, workspace, runId }: StageContext): Promise<Stage> {
  const records = await deps.stages.list(workspace, runId);
  return WORK_STAGES.find((stage) => !records.some((record) => isResultOf(record, stage))) ?? 'promote';
}

/** What a whole stage of one run made; undefined where it did not end. */
export async function resultOf(
  deps: Pick<PipelineDeps, 'stages'>,
  workspace: string,
  runId: string,
  stage: Stage,
): Promise<LastResult | undefined> {
  const records = await deps.stages.list(workspace, runId);
  const found = records.find((record) => isResultOf(record, stage));
  return found && { outputs: found.outputs, runId, contentKey: found.contentKey };
}

/** Gives this run the result that `stage` had last, or had in the run that it is based on, so that later stages find it where they always look. */
async function inherit(
  { deps, workspace, runId, run, attempt, definition }: StageContext,
  stage: Stage,
): Promise<void> {
  const records = await deps.stages.list(workspace, runId);
  if (records.some((record) => isResultOf(record, stage))) return;
  const last =
    run.basedOn === undefined
      ? await deps.state.getLast(workspace, definition.name, stage)
      : await resultOf(deps, workspace, run.basedOn, stage);
  if (last === undefined) {
    const whose = run.basedOn === undefined ? `pipeline ${definition.name}` : `run ${run.basedOn}`;
    throw new MissingStageError(`${whose} has no earlier result of stage ${stage} to start from`);
  }
  const { outputs, contentKey, runId: earlier } = last;
  const note = `not asked for: the result of run ${earlier} is used`;
  // A run that starts late stands on the same rows: made-up ones stay tagged so, in the version it registers too.
  if (stage === 'ingest') await tellIngest(deps, workspace, runId, outputs as IngestOutputs);
  if (stage === 'clean') await tellClean(deps, workspace, runId, outputs as CleanOutputs);
  await deps.stages.skip(workspace, { runId, stage, attempt, contentKey, outputs, note });
}
