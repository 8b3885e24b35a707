import middy from '@middy/core';
import * as z from 'zod';
import { BadDefinitionError } from '../../lib/errors/index.ts';
import type { PipelineDeps, StageInput } from '../../lib/pipeline/deps.ts';
import { type Outputs, runStage, type StageDefinition } from '../../lib/pipeline/run-stage.ts';
import { pipelineDeps } from './deps.ts';
import { fitsState, forStateMachine } from './state.ts';

/** What the state machine sends; anything else is a fault of the state machine, and permanent. */
export const stageInput = z.object({
  workspace: z.string().min(1),
  runId: z.string().regex(/^[0-9a-f]{32}$/),
  attempt: z.int().positive(),
  item: z.string().optional(),
  shards: z.int().min(1).optional(),
});

/** Checks the input by a schema: the handler behind it gets the parsed value. */
export const parsed = <T>(schema: z.ZodType<T>): middy.MiddlewareObj<unknown, unknown> => ({
  before: (request) => {
    const result = schema.safeParse(request.event);
    if (!result.success) throw new BadDefinitionError(`stage input: ${z.prettifyError(result.error)}`);
    request.event = result.data;
  },
});

/** A function that takes the stage's input and the stores of this process. */
export const pipelineHandler = <T>(
  schema: z.ZodType<T>,
  work: (deps: PipelineDeps, input: T) => Promise<unknown>,
) =>
  middy<unknown, unknown>(async (event: unknown) => {
    try {
      return fitsState(await work(await pipelineDeps(), event as T));
    } catch (error) {
      throw forStateMachine(error);
    }
  }).use(parsed(schema));

/** A stage whose result is its record: Step Functions gets nothing back, so no state can grow. */
export const stageHandler = <T extends Outputs>(definition: StageDefinition<T>) =>
  pipelineHandler<StageInput>(stageInput, async (deps, input) => {
    await runStage(deps, definition, input);
    return {};
  });
