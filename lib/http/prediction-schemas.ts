import * as z from 'zod';
import { MODEL_STAGES, readStage } from '../tracking/model-stage.ts';

/** The shared schemas that routes of predictions need: apart from the others, since the prediction function makes each at its start. */

/** A name or id in a path: nothing that splits a path, a key or an escape. The rooms behind check further. */
export const nameParam = z
  .string()
  .regex(/^[^%/\\:#\p{C}]{1,250}$/u, 'a name without %, /, \\, :, # or control characters, at most 250');

export const versionParam = z.string().regex(/^[1-9]\d{0,8}$/, 'a version number from 1');

/** A version's number in a query string. */
export const versionQuery = versionParam;

/** A pattern without the flag `i`, which JSON Schema has not. */
const inAnyCase = (word: string): string =>
  word.replace(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);

/** A stage as a caller writes it: any case, and `Development` for `None`, as MLflow's clients may. */
export const stageWord = z
  .string()
  .regex(
    new RegExp(`^(${[...MODEL_STAGES, 'Development'].map(inAnyCase).join('|')})$`),
    `a stage: ${MODEL_STAGES.join(', ')} (Development is None)`,
  )
  .transform((word) => readStage(word)!)
  .meta({ description: 'In any case; Development is None', examples: ['Staging'] });

export const prediction = z
  .object({
    prediction: z.union([z.string(), z.number()]),
    probabilities: z
      .record(z.string(), z.number())
      .optional()
      .meta({ description: 'By class; classification only' }),
  })
  .meta({ id: 'Prediction' });
