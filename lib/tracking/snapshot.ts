import * as z from 'zod';
import { IntegrityError, NotFoundError } from '../errors/index.ts';
import type { Clock, ObjectStore } from '../store/ports.ts';
import type { Experiments } from './experiments.ts';
import { ACTIVE_STAGES, MODEL_STAGES } from './model-stage.ts';
import { checkRunId, checkWorkspace } from './names.ts';
import type { Registry, RegistryExport } from './registry.ts';
import type { Runs } from './runs.ts';
import { SPLIT_KINDS } from './splits/types.ts';
import type { Stages } from './stages.ts';
import { storedError, storedRunError } from './stored-error.ts';
import { type MetricPoint, STAGES } from './types.ts';

/** JSON has no NaN and no infinities: they travel as text. */
const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number);
const texts = z.record(z.string(), z.string());
const numbers = z.record(z.string(), number);
const stage = z.enum(STAGES);

const run = z.object({
  workspace: z.string(),
  runId: z.string(),
  experimentId: z.string(),
  name: z.string(),
  status: z.enum(['SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED']),
  startTime: z.string(),
  endTime: z.string().optional(),
  pipeline: z.string().optional(),
  trigger: z.enum(['caller', 'schedule', 'event']).optional(),
  attempt: z.number().int(),
  from: stage.optional(),
  to: stage.optional(),
  force: z.boolean().optional(),
  basedOn: z.string().optional(),
  cancelRequested: z.boolean().optional(),
  error: storedRunError.optional(),
  lineage: z.object({
    sourceSha256: z.string().optional(),
    datasetSha256: z.string().optional(),
    definitionSha256: z.string().optional(),
    codeVersions: texts.optional(),
    lockfileSha256: z.string().optional(),
    nodeVersion: z.string().optional(),
    parentVersions: z.array(z.string()).optional(),
  }),
  tags: texts,
  params: texts,
  metrics: numbers,
  lifecycleStage: z.enum(['active', 'deleted']).optional(),
  userId: z.string().optional(),
  artifactUri: z.string().optional(),
});

const stageRecord = z.object({
  runId: z.string(),
  stage,
  item: z.string().optional(),
  status: z.enum(['RUNNING', 'DONE', 'SKIPPED', 'FAILED']),
  attempt: z.number().int(),
  contentKey: z.string().optional(),
  progress: z.number().optional(),
  note: z.string().optional(),
  outputs: z.record(z.string(), z.unknown()),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  memoryMb: z.number().optional(),
  error: storedError.optional(),
});

const artifact = z.object({
  path: z.string(),
  key: z.string(),
  size: z.number(),
  contentType: z.string(),
  sha256: z.string().optional(),
});

const version = z.object({
  workspace: z.string(),
  name: z.string(),
  version: z.string(),
  runId: z.string().optional(),
  source: z.string().optional(),
  storageLocation: z.string().optional(),
  modelId: z.string().optional(),
  runLink: z.string().optional(),
  userId: z.string().optional(),
  description: z.string().optional(),
  statusMessage: z.string().optional(),
  modelKey: z.string().optional(),
  modelSha256: z.string().optional(),
  sizeBytes: z.number().optional(),
  algorithm: z.string().optional(),
  task: z.enum(['classification', 'regression']).optional(),
  metrics: numbers,
  tags: texts,
  createdAt: z.string(),
  lastUpdated: z.string().optional(),
  stage: z.enum(MODEL_STAGES),
});

const stageChange = z.object({ version: z.string(), from: z.enum(MODEL_STAGES), to: z.enum(MODEL_STAGES) });

const splitFacts = z.object({
  kind: z.enum(SPLIT_KINDS),
  arms: z.array(z.object({ version: z.string(), weight: z.number() })),
  shadows: z.array(z.string()),
  guard: z
    .object({
      maxErrorRate: z.number(),
      maxLatencyMs: z.number(),
      minRequests: z.number(),
      windowMinutes: z.number(),
    })
    .optional(),
});

const audit = z.object({
  model: z.string(),
  kind: z.enum(['move', 'rollback', 'stage', 'policy', 'delete', 'rename', 'split']).optional(),
  alias: z.string().optional(),
  fromVersion: z.string().optional(),
  toVersion: z.string().optional(),
  stages: z.array(stageChange).optional(),
  requireStaging: z.boolean().optional(),
  deleted: z
    .object({ version: z.string(), stage: z.enum(MODEL_STAGES), aliases: z.array(z.string()) })
    .optional(),
  renamedFrom: z.string().optional(),
  split: splitFacts
    .extend({ action: z.enum(['set', 'stop', 'revert']), revision: z.number().int() })
    .optional(),
  actor: z.string(),
  reason: z.string(),
  at: z.string(),
  data: z.object({ pipeline: z.string(), sha256: z.string() }).optional(),
});

/** What MLflow's clients say of a run beside its values: what it read, and the logged models that it made. */
const links = z.object({
  datasets: z.array(
    z.object({
      dataset: z.object({
        name: z.string(),
        digest: z.string(),
        sourceType: z.string(),
        source: z.string(),
        schema: z.string().optional(),
        profile: z.string().optional(),
      }),
      tags: texts,
    }),
  ),
  modelInputs: z.array(z.string()),
  modelOutputs: z.array(z.object({ modelId: z.string(), step: z.number() })),
});

const point = z.object({ key: z.string(), value: number, step: z.number(), timestamp: z.number() });

/** The model's item at the time: which move it was at says which of two snapshots is the later one. */
const registry = z.object({
  /** Of the model itself; absent in snapshots from before models had texts of their own. */
  model: z
    .object({ description: z.string().optional(), tags: texts, lastUpdated: z.string().optional() })
    .optional(),
  moves: z.number().int(),
  /** Versions each alias held before, oldest first. */
  before: z.record(z.string(), z.array(z.string())),
  /** Newest first. */
  audit: z.array(audit),
  /** The versions in each active stage; absent in snapshots from before stages were kept. */
  stages: z.record(z.enum(ACTIVE_STAGES), z.array(z.string())).optional(),
  requireStaging: z.boolean().optional(),
  split: splitFacts
    .extend({
      revision: z.number().int(),
      createdAt: z.string(),
      createdBy: z.string(),
      state: z.enum(['running', 'reverted']),
      revertedReason: z.string().optional(),
      revertedAt: z.string().optional(),
      seed: z.string(),
      eventDue: z.boolean().optional(),
    })
    .optional(),
  /** The last number that a version got, where that one was deleted. */
  numbered: z.number().int().optional(),
});

/** A run with all that DynamoDB knows of it, as `ws/runs/RUNID/run.json` keeps it: enough to build that again. */
export const runSnapshotSchema = z.object({
  format: z.literal(1).default(1),
  writtenAt: z.string().optional(),
  run,
  experimentName: z.string().optional(),
  stages: z.array(stageRecord),
  artifacts: z.array(artifact),
  points: z.array(point).optional(),
  /** Absent in snapshots from before MLflow's clients were served. */
  links: links.optional(),
  /** The version that the run registered. */
  version: version.optional(),
  identity: z.string().optional(),
  /** The aliases of that version's model at the time. */
  aliases: texts.default({}),
  registry: registry.optional(),
});

export type RunSnapshot = z.output<typeof runSnapshotSchema>;
/** What a writer gives; `snapshotRun` gives all of it. */
export type NewRunSnapshot = z.input<typeof runSnapshotSchema>;

const MAX_POINTS = 10_000;

/** `ws/runs/RUNID/run.json` */
export function snapshotKey(ws: string, runId: string): string {
  return `${checkWorkspace(ws)}/runs/${checkRunId(runId)}/run.json`;
}

/** Writes a run's snapshot over the one before. */
export async function writeSnapshot(
  objects: Pick<ObjectStore, 'put'>,
  ws: string,
  snapshot: NewRunSnapshot,
): Promise<void> {
  const place = snapshotKey(ws, snapshot.run.runId);
  const text = JSON.stringify({ format: 1, ...snapshot }, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  await objects.put(place, text, { contentType: 'application/json' });
}

/** @throws IntegrityError where the object is no snapshot of this run and workspace; undefined where there is none. */
export async function readSnapshot(
  objects: ObjectStore,
  ws: string,
  runId: string,
): Promise<RunSnapshot | undefined> {
  const place = snapshotKey(ws, runId);
  let text: string;
  try {
    text = new TextDecoder().decode(await objects.get(place));
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  const parsed = runSnapshotSchema.safeParse(parse(text));
  if (!parsed.success || parsed.data.run.runId !== runId || parsed.data.run.workspace !== ws) {
    throw new IntegrityError(`${place} is no snapshot of run ${runId}`, { cause: parsed.error });
  }
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where `snapshotRun` reads and writes: the stores that a pipeline stage or a route has at hand anyway. */
export interface SnapshotSources {
  experiments: Pick<Experiments, 'get'>;
  runs: Pick<Runs, 'detail' | 'listArtifacts' | 'metricHistory'>;
  stages: Pick<Stages, 'list'>;
  registry: Pick<Registry, 'exportVersion'>;
  objects: Pick<ObjectStore, 'put'>;
  clock: Clock;
}

/**
 * Reads all that DynamoDB knows of a run and writes its snapshot: at the end of a run, and after an alias moved (of the run
 * whose version the alias holds now). Then `reconcile` can bring back run, metrics, version, alias and audit.
 *
 * @param registered the version that the run made, where its tags do not say it.
 * @throws NotFoundError where there is no such run.
 * @example
 * const { runId } = await registry.resolve(ws, model, { alias });
 * await snapshotRun(ws, runId, { experiments, runs, stages, registry, objects, clock });
 */
export async function snapshotRun(
  ws: string,
  runId: string,
  from: SnapshotSources,
  registered?: { model: string; version: string },
): Promise<void> {
  const [detail, stages, artifacts] = await Promise.all([
    from.runs.detail(ws, runId),
    from.stages.list(ws, runId),
    from.runs.listArtifacts(ws, runId),
  ]);
  const { latest: _, datasets, modelInputs, modelOutputs, ...found } = detail;
  const experiment = await from.experiments.get(ws, found.experimentId).catch(ifAbsent);
  const { 'model.name': model, 'model.version': number } = found.tags;
  const tagged = model === undefined || number === undefined ? undefined : { model, version: number };
  // The pipeline's own version first: clients may register any number of others of the same run. A run that a client logged has
  // no such tags; the model of another may have a new name, and its old one may be another's.
  let exported: RegistryExport | undefined;
  for (const one of [tagged, registered]) {
    if (exported || !one) continue;
    const of = await from.registry.exportVersion(ws, one.model, one.version).catch(ifAbsent);
    if (of?.version.runId === runId) exported = of;
  }
  await writeSnapshot(from.objects, ws, {
    writtenAt: from.clock.now().toISOString(),
    run: found,
    ...(experiment && { experimentName: experiment.name }),
    stages,
    artifacts,
    points: await pointsOf(from.runs, ws, runId, Object.keys(found.metrics)),
    links: { datasets, modelInputs, modelOutputs },
    ...exported,
  });
}

async function pointsOf(
  runs: SnapshotSources['runs'],
  ws: string,
  runId: string,
  metrics: string[],
): Promise<MetricPoint[]> {
  const points: MetricPoint[] = [];
  for (const metric of metrics) {
    let cursor: string | undefined;
    do {
      const left = MAX_POINTS - points.length;
      if (left <= 0) return points;
      const page = await runs.metricHistory(ws, runId, metric, { limit: left, ...(cursor && { cursor }) });
      points.push(...page.items);
      cursor = page.cursor;
    } while (cursor);
  }
  return points;
}

function ifAbsent(error: unknown): undefined {
  if (error instanceof NotFoundError) return undefined;
  throw error;
}
