import * as z from 'zod';

/** What an error is. */

export const errorBody = z
  .object({
    code: z.string().meta({ description: 'Stable: safe to program against', examples: ['INVALID_INPUT'] }),
    message: z.string(),
    remedy: z.string().meta({ description: 'What to do' }),
    field: z.string().optional().meta({ description: 'The wrong field, such as `rows[3].area`' }),
    details: z.record(z.string(), z.unknown()).optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Error' });

/** An error of a route that speaks MLflow's protocol. */
export const mlflowErrorBody = z
  .object({ error_code: z.string().meta({ examples: ['RESOURCE_DOES_NOT_EXIST'] }), message: z.string() })
  .meta({ id: 'MlflowError' });
