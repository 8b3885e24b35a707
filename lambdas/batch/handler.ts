import * as z from 'zod';
import { joinBatch } from '../../lib/pipeline/batch/join.ts';
import { planBatch } from '../../lib/pipeline/batch/plan.ts';
import { predictChunk } from '../../lib/pipeline/batch/predict-chunk.ts';
import { pipelineHandler, stageInput } from '../shared/stage.ts';

/** Called for the plan, for each chunk in the Map, and for the end. */
const input = z.discriminatedUnion('phase', [
  stageInput.extend({ phase: z.literal('plan') }),
  stageInput.extend({ phase: z.literal('predict'), chunk: z.string().regex(/^\d{5}$/) }),
  stageInput.extend({ phase: z.literal('join') }),
]);

/** The plan answers where its list is; the rest is in the records. */
export const handler = pipelineHandler(input, async (deps, event) => {
  const { workspace, runId, attempt } = event;
  const run = { workspace, runId, attempt };
  if (event.phase === 'plan') {
    const { list } = await planBatch(deps, run);
    return { list };
  }
  if (event.phase === 'predict') await predictChunk(deps, { ...run, chunk: event.chunk });
  else await joinBatch(deps, run);
  return {};
});
