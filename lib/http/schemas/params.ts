import * as z from 'zod';

/** Names, ids, times and pages, as paths, queries and headers have them. */

/** Ids of the platform's own making have one form each, so that the document can say it. */
export const runIdParam = z.string().regex(/^[0-9a-f]{32}$/, 'the 32 lower-case hex digits of a run');

export const tokenIdParam = z.string().regex(/^[0-9a-f]{16}$/, 'the 16 hex digits of a token');

export const experimentIdParam = z.string().regex(/^\d{1,19}$/, 'decimal digits');

export const requestIdParam = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'letters, digits, _ and -, at most 128');

export const timestamp = z
  .string()
  .meta({ description: 'ISO 8601, UTC', examples: ['2026-01-31T12:00:00.000Z'] });

export const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A caller's identity of a start. */
export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 printable ASCII characters')
    .optional(),
});

/** A number in a query string, which holds text only. */
export const limitQuery = z
  .string()
  .regex(/^([1-9]\d{0,2}|1000)$/, 'a whole number from 1 to 1000')
  .transform(Number);

export const pageQuery = { limit: limitQuery.optional(), cursor: z.string().min(1).max(4096).optional() };

/** A day, or a time with its zone; given on as UTC with milliseconds, as records have it. */
export const timeQuery = z
  .string()
  .regex(
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/,
    'a day such as 2026-01-31 (UTC), or a time such as 2026-01-31T12:00:00Z',
  )
  .refine((text) => !Number.isNaN(Date.parse(text)), 'no such time')
  .transform((text) => new Date(text).toISOString());
