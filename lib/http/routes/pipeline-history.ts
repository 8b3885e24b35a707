import * as z from 'zod';
import { STAGES } from '../../tracking/types.ts';
import { run, stageRecord, timestamp } from '../schemas.ts';

const stageSummary = z
  .object({
    stage: z.enum(STAGES),
    status: stageRecord.shape.status,
    startedAt: timestamp,
    endedAt: timestamp.optional(),
    milliseconds: z.number().int().optional().meta({ description: 'Absent while it runs' }),
    items: z.number().int().meta({ description: 'Items of the training; 1 for another stage' }),
    note: z.string().optional().meta({ description: 'Why it was skipped, or what it found' }),
  })
  .meta({ id: 'StageSummary' });

/** One page of a pipeline's history. */
export const runHistory = z
  .object({
    runs: z.array(
      run
        .pick({
          runId: true,
          name: true,
          status: true,
          trigger: true,
          attempt: true,
          from: true,
          to: true,
          force: true,
          startTime: true,
          endTime: true,
          metrics: true,
          error: true,
        })
        .extend({
          model: z
            .object({ name: z.string(), version: z.string() })
            .optional()
            .meta({ description: 'The version that it registered' }),
          stages: z.array(stageSummary).meta({ description: 'Those that began, in their order' }),
        }),
    ),
    cursor: z.string().optional(),
  })
  .meta({ id: 'RunHistory' });
