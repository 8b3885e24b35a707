import * as z from 'zod';
import { cleanStepSchema, type DecodeRow, splitSpecSchema } from '../../table/index.ts';
import { parseSchedule } from '../schedule/index.ts';
import type { CustomMetrics } from './metrics.ts';
import { alertSchema, retrainSchema } from './watching.ts';

/** Names go into S3 keys, DynamoDB keys, execution names and URLs: one alphabet that is safe in all of them. */
export const pipelineName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'a name is lower-case letters, digits and hyphens, 63 at most, a letter first',
  );

/** Where the collector may be sent: addresses are judged when it calls, here only what a URL itself tells. */
export const collectedUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL' })
  .max(2000)
  .refine((text) => {
    // What is no URL at all was told already.
    if (!URL.canParse(text)) return true;
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'a URL without user, password and fragment: it is shown to every reader');
/** A transaction and a list in one answer hold them all. */
export const subsetCount = z.int().min(1).max(1000);
export const groupNumber = z.int().min(0).max(1_000_000);

const sourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path: z.string().regex(/^(?!.*\.\.)[\w./-]+$/, 'a path inside the folder'),
  }),
  z.object({
    kind: z.literal('folder'),
    path: z.string().regex(/^(?!.*\.\.)[\w./-]+$/, 'a path inside the folder'),
  }),
  z.object({
    kind: z.literal('https'),
    url: z.url({ protocol: /^https$/ }).refine((text) => {
      const { username = '', password = '' } = URL.canParse(text) ? new URL(text) : {};
      return username === '' && password === '';
    }, 'a URL without user and password: a definition is no place for them'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits'),
    entry: z.string().min(1).max(1000).optional(),
    header: z.array(z.string().min(1)).min(1).optional(),
    decode: z.custom<DecodeRow>((value) => typeof value === 'function', 'a function').optional(),
  }),
  z.object({
    kind: z.literal('batches'),
    url: z
      .union([
        collectedUrl,
        z.object({ env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'a variable such as MY_API_URL') }),
      ])
      .optional(),
    subsets: subsetCount,
    every: z.int().min(1).max(86_400),
    group: groupNumber,
  }),
  z.object({
    kind: z.literal('generate'),
    seed: z.int(),
    rows: z.int().positive(),
    make: z.custom<(random: () => number, rows: number) => Record<string, string | number | null>[]>(
      (value) => typeof value === 'function',
      'a function',
    ),
  }),
]);

const candidateSchema = z.object({
  algorithm: z.string().min(1),
  params: z.record(z.string(), z.unknown()).default({}),
  /** Split over so many functions at least; the plan splits further where the size asks for it. */
  shards: z.int().min(1).max(64).optional(),
  /** Of its child run, beside the platform's own: what it is there for. */
  tags: z.record(z.string().min(1).max(250), z.string().max(1000)).optional(),
});

const validateSchema = z.strictObject({
  folds: z.int().min(2).max(50).default(5),
  /** How often to draw the folds anew. */
  repeats: z.int().min(1).max(50).default(1),
  /** Keep the classes' shares in each fold; a classification does unless told not to. */
  stratify: z.boolean().optional(),
  /** Rows with the same value of this column stay on one side. It is never a feature. */
  groupBy: z.string().min(1).optional(),
});

const gateSchema = z.discriminatedUnion('gate', [
  z.object({ gate: z.literal('better-than-current'), by: z.number().min(0) }),
  z.object({ gate: z.literal('at-least'), value: z.number() }),
  z.object({ gate: z.literal('always') }),
]);

const batchesSchema = z.strictObject({
  /** Rows of a batch; the last has what is left. */
  rows: z.int().min(1),
  /** Of the shuffle before the training rows are cut. */
  seed: z.int().default(42),
  /** Trains each candidate on all training rows, too: what batching costs is then seen. */
  whole: z.boolean().default(false),
  /** Puts each candidate's batch models together, too, where its algorithm can (random-forest). */
  merged: z.boolean().default(false),
});

const selectSchema = z.strictObject({
  metric: z.string(),
  on: z.enum(['validation', 'test']).default('validation'),
  /** With batches: whether the final model is the best of the batches (as unless told), or the model on all rows or the merged one may win. */
  among: z.enum(['batches', 'all']).optional(),
});

/** What `definePipeline` checks. The row is checked apart: it is a zod object itself. */
export const definitionSchema = z.strictObject({
  name: pipelineName,
  description: z.string().optional(),
  experiment: z.string().min(1).max(500).optional(),
  model: pipelineName.optional(),
  source: z.union([sourceSchema, z.array(sourceSchema).min(1)]),
  row: z.custom<z.ZodObject>((value) => value instanceof z.ZodObject, 'a z.object(...) of the columns'),
  target: z.string().min(1),
  task: z.enum(['classification', 'regression']).optional(),
  missing: z.array(z.string()).default(['']),
  maxBadShare: z.number().min(0).max(1).default(0),
  guards: z
    .strictObject({
      /** Columns that may predict the target almost perfectly. */
      allowLeakage: z.array(z.string()).default([]),
      /** The share of test rows that may stand in the training split too. */
      maxDuplicateShare: z.number().min(0).max(1).default(0.01),
    })
    .prefault({}),
  clean: z.array(cleanStepSchema).default([]),
  split: splitSpecSchema.safeExtend({
    /** Also parts the rows one by one, whatever group they are of, and tells how much better that makes a model look. */
    compare: z.literal('rows').optional(),
  }),
  batches: batchesSchema.optional(),
  candidates: z.array(candidateSchema).min(1).max(100),
  /** Scores each candidate by cross-validation on the training rows, instead of on the validation split. */
  validate: validateSchema.optional(),
  select: selectSchema,
  /** Figures of another library on the same real data: shown beside the run's own, never used. */
  reference: z
    .strictObject({ by: z.string().min(1).max(200), metrics: z.record(z.string().min(1), z.number()) })
    .optional(),
  /** Metrics of the pipeline's own, on the test rows, beside the built-in ones. */
  metrics: z.custom<CustomMetrics>((value) => typeof value === 'function', 'a function').optional(),
  promote: z.strictObject({ to: z.string().min(1).max(64), when: gateSchema }).optional(),
  /** Starts a run where the rows that the champion answers drifted from its training's. */
  retrain: retrainSchema.optional(),
  /** Raises an alarm, and may start a run, where a metric of the champion by its feedback is wrong. */
  alert: alertSchema.optional(),
  schedule: z
    .string()
    .superRefine((text, context) => {
      try {
        parseSchedule(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    })
    .optional(),
});

export type DefinitionInput = z.input<typeof definitionSchema>;
export type PipelineDefinition = z.output<typeof definitionSchema>;
export type Validate = z.output<typeof validateSchema>;
export type Candidate = z.output<typeof candidateSchema>;
export type Gate = z.output<typeof gateSchema>;
