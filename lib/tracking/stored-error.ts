import * as z from 'zod';

/** The error of a stage as it is stored: in its record, in a run's snapshot, in what the API answers. */
export const storedError = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  field: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** That of a run: with the stage that failed. */
export const storedRunError = storedError.extend({ stage: z.string() });
