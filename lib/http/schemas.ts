import * as z from 'zod';
import { MODEL_STAGES } from '../tracking/model-stage.ts';
import { PIPELINE_STAGES, ROLES, STAGES, type Stage } from '../tracking/types.ts';
import { splitAudit } from './split-schemas.ts';

export { nameParam, prediction, stageWord, versionParam, versionQuery } from './prediction-schemas.ts';

/** zod schemas that several routes share; those with an id become components of the OpenAPI document. */

/** Ids of the platform's own making have one form each, so that the document can say it. */
export const runIdParam = z.string().regex(/^[0-9a-f]{32}$/, 'the 32 lower-case hex digits of a run');
export const tokenIdParam = z.string().regex(/^[0-9a-f]{16}$/, 'the 16 hex digits of a token');
export const experimentIdParam = z.string().regex(/^\d{1,19}$/, 'decimal digits');
export const requestIdParam = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'letters, digits, _ and -, at most 128');
export const workspaceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

export const timestamp = z
  .string()
  .meta({ description: 'ISO 8601, UTC', examples: ['2026-01-31T12:00:00.000Z'] });
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const stage = z.enum(STAGES);
/** A stage that a caller may ask for: `plan` runs before any of them, whatever is asked. */
export const workStage = z.enum(PIPELINE_STAGES.slice(1) as [Stage, ...Stage[]]);

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

export const runStatus = z.enum(['SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED']);
const storedError = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  field: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

export const storedRunError = storedError.extend({ stage: z.string() });

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

/** A caller's identity of a start. */
export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 printable ASCII characters')
    .optional(),
});

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

export const difference = z.object({ key: z.string(), a: cell, b: cell }).meta({ id: 'Difference' });

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

export const token = z
  .object({
    tokenId: z.string(),
    workspace: z.string(),
    role: z.enum(ROLES),
    name: z.string(),
    createdAt: timestamp,
    expiresAt: timestamp.optional(),
    revokedAt: timestamp.optional(),
  })
  .meta({ id: 'Token' });

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
