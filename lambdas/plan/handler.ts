import * as z from 'zod';
import { plan } from '../../lib/pipeline/stages/plan.ts';
import { planTraining } from '../../lib/pipeline/stages/plan-training.ts';
import { pipelineHandler, stageInput } from '../shared/stage.ts';

/** Called twice in an execution: at its start, and before the Map, whose list it makes. */
const input = stageInput.extend({ phase: z.enum(['start', 'train']).default('start') });

export const handler = pipelineHandler(input, (deps, { phase, ...stage }) =>
  phase === 'train' ? planTraining(deps, stage) : plan(deps, stage),
);
