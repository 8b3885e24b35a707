import * as z from 'zod';
import { MODEL_STAGES } from '../../tracking/model-stage.ts';
import { splitAudit } from '../split-schemas.ts';
import { timestamp } from './params.ts';

/** Models, versions, and their history. */

export const model = z
  .object({
    workspace: z.string(),
    name: z.string(),
    createdAt: timestamp,
    description: z.string().optional(),
    tags: z.record(z.string(), z.string()),
    aliases: z.record(z.string(), z.string()).meta({ description: 'Alias to version' }),
    previous: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Alias to the version that a rollback would give it back to' }),
    latestVersion: z.number().int(),
    lastUpdated: timestamp.optional(),
    policy: z.object({
      requireStaging: z.boolean().meta({
        description: 'Only a version in Staging may come to hold `production`; a rollback always may',
      }),
    }),
  })
  .meta({ id: 'RegisteredModel' });

export const modelVersion = z
  .object({
    workspace: z.string(),
    name: z.string(),
    version: z.string(),
    runId: z.string().optional(),
    modelKey: z.string().optional().meta({
      description: 'Absent, as the four that follow, where an MLflow client registered other files',
    }),
    modelSha256: z.string().optional(),
    sizeBytes: z.number().int().optional(),
    algorithm: z.string().optional(),
    task: z.enum(['classification', 'regression']).optional(),
    source: z.string().optional().meta({ description: 'The URI that it was registered from' }),
    storageLocation: z.string().optional(),
    modelId: z.string().optional().meta({ description: 'The logged model that it is a version of' }),
    runLink: z.string().optional(),
    userId: z.string().optional(),
    description: z.string().optional(),
    statusMessage: z.string().optional(),
    metrics: z.record(z.string(), z.number()),
    tags: z.record(z.string(), z.string()),
    createdAt: timestamp,
    lastUpdated: timestamp.optional(),
    stage: z.enum(MODEL_STAGES),
  })
  .meta({ id: 'ModelVersion' });

export const aliasAudit = z
  .object({
    model: z.string(),
    kind: z.enum(['move', 'rollback', 'stage', 'policy', 'delete', 'rename', 'split']).optional(),
    alias: z.string().optional().meta({ description: 'The alias that moved, if one did' }),
    fromVersion: z.string().optional(),
    toVersion: z.string().optional().meta({ description: 'Absent where the alias was taken away' }),
    stages: z
      .array(z.object({ version: z.string(), from: z.enum(MODEL_STAGES), to: z.enum(MODEL_STAGES) }))
      .optional()
      .meta({ description: 'The versions whose stage changed' }),
    requireStaging: z.boolean().optional().meta({ description: 'The policy from then on' }),
    deleted: z
      .object({ version: z.string(), stage: z.enum(MODEL_STAGES), aliases: z.array(z.string()) })
      .optional()
      .meta({ description: 'The version that was deleted, and the aliases that it held' }),
    renamedFrom: z.string().optional(),
    split: splitAudit.optional(),
    actor: z.string(),
    reason: z.string(),
    at: timestamp,
    data: z
      .object({ pipeline: z.string(), sha256: z.string() })
      .optional()
      .meta({ description: 'The source that went back with it' }),
  })
  .meta({ id: 'AliasAudit' });

export const stageTransition = z
  .object({
    model: z.string(),
    version: z.string(),
    stage: z.enum(MODEL_STAGES),
    previousStage: z.enum(MODEL_STAGES),
    archived: z.array(z.string()).meta({ description: 'Versions that went to Archived with it' }),
    aliases: z.record(z.string(), z.string()).meta({ description: 'Alias to version, now' }),
  })
  .meta({ id: 'StageTransition' });

export const aliasMove = z
  .object({
    model: z.string(),
    alias: z.string(),
    version: z.string().meta({ description: 'The version that the alias holds now' }),
    previousVersion: z.string().nullable(),
    aliases: z.record(z.string(), z.string()),
    data: z
      .object({ pipeline: z.string(), sha256: z.string() })
      .optional()
      .meta({ description: 'What the pipeline reads again, where the data went back too' }),
  })
  .meta({ id: 'AliasMove' });
