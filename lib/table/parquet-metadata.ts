import * as z from 'zod';

/** Where the file keeps what Parquet's own schema cannot say: kinds and dictionaries. */
export const METADATA_KEY = 'arboleda';

export const metadataSchema = z.object({
  version: z.literal(1),
  columns: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['number', 'integer', 'boolean', 'category', 'text', 'date']),
      /** Left out where the dictionary is the values in order of appearance. */
      categories: z.array(z.string()).optional(),
    }),
  ),
});
