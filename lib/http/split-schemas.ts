import * as z from 'zod';
import { SPLIT_KINDS } from '../tracking/splits/types.ts';

const version = z.string().regex(/^[1-9]\d{0,8}$/, 'a version number from 1, as a string');

export const splitArms = z
  .array(
    z.strictObject({
      version,
      weight: z.int().min(0).max(100).meta({ description: 'Whole percent of the traffic' }),
    }),
  )
  .min(1)
  .max(10)
  .meta({ description: 'The versions that answer; their weights sum to 100' });

export const splitShadows = z
  .array(version)
  .max(3)
  .meta({ description: 'Versions that compute what another answers, for the log alone' });

export const splitGuard = z
  .strictObject({
    maxErrorRate: z.number().min(0).max(1).meta({ description: 'Share of requests failed by our fault' }),
    maxLatencyMs: z.number().positive().max(60_000).meta({ description: '95th percentile, warm requests' }),
    minRequests: z
      .int()
      .min(1)
      .max(100_000)
      .meta({ description: 'Of one version within the window; below it nothing is judged' }),
    windowMinutes: z.int().min(1).max(1_440),
  })
  .meta({
    id: 'SplitGuard',
    description: 'A version beside the champion that passes a bound loses its traffic',
  });

const facts = {
  kind: z.enum(SPLIT_KINDS),
  arms: splitArms,
  shadows: splitShadows,
  guard: splitGuard.optional(),
  revision: z.int().meta({
    description: "The number of its last change among the model's audit records: grows, never comes twice",
  }),
};

export const splitAudit = z.object({ action: z.enum(['set', 'stop', 'revert']), ...facts }).meta({
  id: 'SplitAudit',
  description: 'What became of the traffic split; one that was stopped as it was',
});

export const split = z
  .object({
    model: z.string(),
    ...facts,
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    state: z
      .enum(['running', 'reverted'])
      .meta({ description: 'reverted: the guard ended it, and the champion answers everything' }),
    revertedReason: z.string().optional(),
    revertedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Split', description: "How a model's traffic is divided beside the version in production" });

const milliseconds = z.number();

export const versionReport = z
  .object({
    version: z.string(),
    shadow: z.boolean().meta({ description: 'It computed what another version answered' }),
    requests: z.int(),
    rows: z
      .int()
      .meta({ description: 'Rows answered; of a shadow, computed. A request that failed has none' }),
    errors: z.int().meta({ description: 'Failed by our fault; of a shadow also by its rows, or its time' }),
    errorRate: z.number(),
    latencyMs: z
      .object({ p50: milliseconds, p95: milliseconds, p99: milliseconds })
      .nullable()
      .meta({ description: 'Without the requests that loaded the model' }),
  })
  .meta({ id: 'VersionReport' });
