import * as z from 'zod';
import { timestamp } from './params.ts';

/** Pipelines. */

export const pipelineSummary = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    target: z.string(),
    task: z.enum(['classification', 'regression']),
    model: z.string(),
    schedule: z.string().optional(),
    scheduleState: z.enum(['paused', 'active']),
    nextRun: timestamp
      .optional()
      .meta({ description: 'When the schedule starts the next run; ISO 8601, UTC' }),
    noNextRun: z.string().optional().meta({ description: 'Why there is a schedule and no such time' }),
    collects: z.boolean().meta({ description: 'Its source is collected batch by batch' }),
    lastRun: z
      .object({
        runId: z.string(),
        status: z.enum(['SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED']),
        startTime: timestamp,
        endTime: timestamp.optional(),
      })
      .optional()
      .meta({ description: 'The newest run' }),
    activeRunId: z.string().optional().meta({ description: 'The run at work' }),
  })
  .meta({ id: 'PipelineSummary' });

/** What a pipeline reads from its next run on, instead of its definition's sources. */
export const pushedSource = z
  .object({
    pipeline: z.string(),
    key: z.string(),
    sha256: z.string(),
    fileName: z.string(),
    bytes: z.number().int(),
    pushedAt: timestamp,
    synthetic: z.boolean(),
    pinned: z
      .object({ model: z.string(), version: z.string(), runId: z.string(), source: z.string() })
      .optional()
      .meta({ description: 'Where a rollback took it from' }),
  })
  .meta({ id: 'PushedSource' });
