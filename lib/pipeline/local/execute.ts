import type { Run } from '../../tracking/types.ts';
import { closeRun } from '../control/close.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { type Outputs, runStage, type StageDefinition } from '../run-stage.ts';
import { cleanStage } from '../stages/clean.ts';
import { evaluateStage } from '../stages/evaluate.ts';
import { ingestStage } from '../stages/ingest.ts';
import { plan } from '../stages/plan.ts';
import { planTraining } from '../stages/plan-training.ts';
import { promoteStage } from '../stages/promote.ts';
import { registerStage } from '../stages/register.ts';
import { trainStage } from '../stages/train.ts';

const STAGES = {
  ingest: ingestStage,
  clean: cleanStage,
  train: trainStage,
  evaluate: evaluateStage,
  register: registerStage,
  promote: promoteStage,
};
export type WorkStage = keyof typeof STAGES;

export interface LocalExecution {
  /** What a stage is given, where that differs from stage to stage. */
  depsOf?: (stage: WorkStage) => PipelineDeps;
  /** Told before each stage. */
  onStage?: (stage: WorkStage) => void;
}

/**
 * Does in this process what the state machine does with one execution: the stages in order, the Map's items one by one,
 * close at the end or on an error.
 *
 * @returns the run as it ended; a stage that fails ends it as FAILED, with its error
 */
export async function executeLocally(
  deps: PipelineDeps,
  input: StageInput,
  { depsOf = () => deps, onStage }: LocalExecution = {},
): Promise<Run> {
  try {
    const { stages } = await plan(deps, input);
    for (const stage of Object.keys(STAGES) as WorkStage[]) {
      if (!stages[stage]) continue;
      onStage?.(stage);
      if (stage === 'train') await train(deps, depsOf(stage), input);
      else await runStage(depsOf(stage), STAGES[stage] as unknown as StageDefinition<Outputs>, input);
    }
  } catch (error) {
    const { name, message } = error as Error;
    return closeRun(deps, input, { outcome: 'failed', error: { Error: name, Cause: message } });
  }
  return closeRun(deps, input, { outcome: 'finished' });
}

async function train(deps: PipelineDeps, depsOfTrain: PipelineDeps, input: StageInput): Promise<void> {
  const { items, merges } = await planTraining(deps, input);
  for (const { item } of items) await runStage(depsOfTrain, trainStage, { ...input, item });
  for (const { item, shards } of merges) await runStage(depsOfTrain, trainStage, { ...input, item, shards });
}
