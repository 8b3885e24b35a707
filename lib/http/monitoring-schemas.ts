import * as z from 'zod';
import { timestamp, versionParam } from './schemas.ts';

/** What the routes that watch models answer. */
const share = z.number().min(0).max(1);

export const trafficBucket = z
  .object({
    at: timestamp,
    version: z.string(),
    shadow: z.boolean().optional().meta({ description: 'Computed beside the version that answered' }),
    requests: z.number().int(),
    rows: z
      .number()
      .int()
      .meta({ description: 'Rows answered; of a shadow, computed. A request that failed has none' }),
    errors: z.number().int().meta({ description: 'Requests that failed by our fault' }),
    latencyMs: z
      .object({ p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() })
      .meta({ description: 'Within 5 %' }),
    labels: z.number().int().meta({ description: 'Predictions of this time whose label is known by now' }),
    metrics: z.object({ accuracy: z.number(), rmse: z.number(), mae: z.number(), r2: z.number() }).partial(),
  })
  .meta({ id: 'TrafficBucket' });

export const driftSummary = z
  .object({
    id: z.string(),
    model: z.string(),
    version: z.string(),
    from: timestamp,
    to: timestamp,
    rows: z.number().int(),
    status: z.enum(['ok', 'drift', 'too-few-rows']),
    drifted: z.array(z.string()).meta({ description: 'Features that drifted; `prediction` is the answer' }),
    highestPsi: z.number().nullable(),
  })
  .meta({ id: 'DriftSummary' });

const featureDrift = z
  .object({
    name: z.string(),
    kind: z.string(),
    psi: z.number().nullable().meta({ description: 'Population stability index' }),
    test: z.enum(['ks', 'chi2']),
    statistic: z.number().nullable(),
    pValue: z.number().nullable(),
    adjustedPValue: z.number().nullable().meta({ description: "By Holm's method over the report" }),
    drifted: z.boolean(),
    reasons: z.array(z.enum(['distribution', 'missing', 'new-categories'])),
    missing: z.object({
      reference: share.nullable(),
      current: share.nullable(),
      adjustedPValue: z.number(),
    }),
    newCategories: z.array(z.object({ value: z.string(), count: z.number().int() })),
    bins: z.array(z.object({ label: z.string(), reference: z.number(), current: z.number() })),
  })
  .meta({ id: 'FeatureDrift' });

export const driftReport = driftSummary
  .extend({
    features: z.array(featureDrift),
    prediction: featureDrift.optional(),
    notes: z.array(z.string()).meta({ description: 'What the figures cannot tell' }),
  })
  .meta({ id: 'DriftReport' });

export const modelAlarm = z
  .object({
    name: z.string(),
    state: z.enum(['ok', 'alarm']),
    version: versionParam,
    since: timestamp,
    reason: z.string(),
    remedy: z.string(),
    runId: z.string().optional().meta({ description: 'The run that it started last' }),
  })
  .meta({ id: 'ModelAlarm' });
