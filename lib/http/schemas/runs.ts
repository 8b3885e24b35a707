import * as z from 'zod';
import { storedError, storedRunError } from '../../tracking/stored-error.ts';
import { PIPELINE_STAGES, STAGES, type Stage } from '../../tracking/types.ts';
import { cell, timestamp } from './params.ts';

/** Runs and what belongs to one. */

const stage = z.enum(STAGES);

/** A stage that a caller may ask for: `plan` runs before any of them, whatever is asked. */
export const workStage = z.enum(PIPELINE_STAGES.slice(1) as [Stage, ...Stage[]]);

export const runStatus = z.enum(['SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED']);

export const experiment = z
  .object({
    workspace: z.string(),
    experimentId: z.string(),
    name: z.string(),
    createdAt: timestamp,
    lastUpdateTime: timestamp.optional(),
    lifecycleStage: z.enum(['active', 'deleted']).optional().meta({ description: 'Absent: active' }),
    artifactLocation: z.string().optional(),
    tags: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Experiment' });

export const run = z
  .object({
    workspace: z.string(),
    runId: z.string(),
    experimentId: z.string(),
    name: z.string(),
    status: runStatus,
    startTime: timestamp,
    endTime: timestamp.optional(),
    pipeline: z.string().optional(),
    trigger: z.enum(['caller', 'schedule', 'event']).optional(),
    attempt: z.number().int(),
    from: stage.optional(),
    to: stage.optional(),
    force: z.boolean().optional(),
    basedOn: z
      .string()
      .optional()
      .meta({ description: 'The run whose results stand in for the stages before `from`' }),
    cancelRequested: z.boolean().optional(),
    error: storedRunError.optional(),
    lineage: z.record(z.string(), z.unknown()),
    tags: z.record(z.string(), z.string()),
    params: z.record(z.string(), z.string()),
    metrics: z.record(z.string(), z.number()),
    lifecycleStage: z.enum(['active', 'deleted']).optional().meta({ description: 'Absent: active' }),
    userId: z.string().optional(),
    artifactUri: z.string().optional(),
  })
  .meta({ id: 'Run' });

export const stageRecord = z
  .object({
    runId: z.string(),
    stage,
    item: z.string().optional(),
    status: z.enum(['RUNNING', 'DONE', 'SKIPPED', 'FAILED']),
    attempt: z.number().int(),
    contentKey: z.string().optional(),
    progress: z.number().optional().meta({ description: 'While it runs: 0 to 1, where it tells' }),
    note: z.string().optional(),
    outputs: z.record(z.string(), z.unknown()),
    startedAt: timestamp,
    endedAt: timestamp.optional(),
    memoryMb: z.number().optional().meta({ description: 'MB of the function that worked' }),
    error: storedError.optional(),
  })
  .meta({ id: 'StageRecord' });

export const progress = z
  .object({
    done: z
      .number()
      .int()
      .meta({ description: 'Items of the training, or chunks of a batch prediction, that have a result' }),
    total: z.number().int(),
    share: z.number().meta({ description: 'Of all items, with what those at work have done: 0 to 1' }),
  })
  .meta({ id: 'Progress' });

export const artifact = z
  .object({
    path: z.string(),
    key: z.string(),
    size: z.number().int(),
    contentType: z.string(),
    sha256: z.string().optional(),
  })
  .meta({ id: 'Artifact' });

export const startedRun = z
  .object({
    runId: z.string(),
    pipeline: z.string(),
    status: z.string(),
    attempt: z.number().int(),
    created: z.boolean().meta({ description: 'false where the same Idempotency-Key had started it before' }),
    href: z.string().meta({
      description: "The run's address, relative to the request's own; as in Location",
      examples: ['../../runs/0123456789abcdef0123456789abcdef'],
    }),
  })
  .meta({ id: 'StartedRun' });

export const difference = z.object({ key: z.string(), a: cell, b: cell }).meta({ id: 'Difference' });
