import { BadDefinitionError, errorBody } from '../../errors/index.ts';
import { type FitCost, getTrainer } from '../../learn/index.ts';
import { counted } from '../../table/counted.ts';
import { ITEMS_TAG } from '../../tracking/index.ts';
import type { PipelineDefinition, Validate } from '../definition/index.ts';
import type { PipelineDeps, StageInput } from '../deps.ts';
import { keys } from '../keys.ts';
import { isResultOf, MissingStageError } from '../run-stage.ts';
import { StageLog } from '../stage-log.ts';
import { itemName } from '../training/item.ts';
import { type Job, jobsOf, type Part } from '../training/jobs.ts';
import {
  DEFAULT_LIMITS,
  MAX_TRAIN_ITEMS,
  MAX_TRAIN_SECONDS,
  type TrainingLimits,
} from '../training/limits.ts';
import { type Size, sizeOf, sizeText } from '../training/sizing.ts';
import { readDataset } from './dataset.ts';
import type { CleanOutputs, DatasetManifest } from './types.ts';

/** What the state machine's two Maps go over: names and switches only. */
export interface TrainingPlan {
  items: { item: string; large: boolean }[];
  /** What is made of what the items left, once they are done: of a candidate's shards, or of its batch models. */
  merges: { item: string; large: boolean; shards: number }[];
  /** Whether there is anything to merge: no Map is begun for nothing. */
  sharded: boolean;
}

/** One model to train, as the run's artifact `training.json` lists it. */
export interface PlannedModel extends Size {
  item: string;
  algorithm: string;
  part: Part;
  /** From 1. */
  batch: number | null;
  rows: number;
  columns: number;
}

/**
 * The Map's list: one item for each candidate, times each batch where the pipeline asks for batches, times the shards
 * that its size needs. Sizes are chosen and checked here, before any function is started for them.
 *
 * @throws BadDefinitionError where there are too many items, or a candidate cannot finish in time and memory.
 */
export async function planTraining(deps: PipelineDeps, input: StageInput): Promise<TrainingPlan> {
  const { workspace, runId, attempt } = input;
  const record = { runId, stage: 'train' as const, attempt };
  const log = new StageLog({ workspace, runId, stage: 'train', attempt }, () => deps.clock.now());
  await deps.stages.start(workspace, record);
  try {
    const models = await chooseSizes(deps, input);
    for (const model of models) log.info(`${model.algorithm}[${model.item}]: ${sizeText(model)}`);
    const plan = listOf(models);
    await tellRun(deps, input, models, plan.items.length + plan.merges.length);
    return plan;
  } catch (error) {
    const body = errorBody(error);
    log.error(body.message, { code: body.code, remedy: body.remedy });
    await deps.stages.fail(workspace, { ...record, error: body });
    throw error;
  } finally {
    const key = keys.log(workspace, runId, 'train', attempt);
    await deps.objects.put(key, log.text(), { contentType: 'application/x-ndjson' }).catch(() => undefined);
  }
}

async function chooseSizes(deps: PipelineDeps, { workspace, runId }: StageInput): Promise<PlannedModel[]> {
  const run = await deps.runs.get(workspace, runId);
  const definition = deps.catalog.get(run.pipeline ?? '');
  const records = await deps.stages.list(workspace, runId);
  const clean = records.find((record) => isResultOf(record, 'clean'))?.outputs as CleanOutputs | undefined;
  if (clean === undefined) throw new MissingStageError('train needs the result of clean, which is not there');
  const dataset = await readDataset(deps.objects, clean);
  refuseTooMany(jobsOf(definition, dataset).length, 'candidates times batches');
  const limits = deps.training ?? DEFAULT_LIMITS;
  const models = plannedModels(definition, dataset, clean.features, limits);
  const items = models.reduce((sum, { shards }) => sum + shards, 0);
  refuseTooMany(items, 'candidates times batches times shards');
  refuseTooLong(models, limits);
  return models;
}

function plannedModels(
  definition: PipelineDefinition,
  dataset: DatasetManifest,
  columns: number,
  limits: TrainingLimits,
): PlannedModel[] {
  const { batches, candidates, validate } = definition;
  const { task, classes } = dataset;
  const jobs = jobsOf(definition, dataset);
  const models = jobs.map((job, index): PlannedModel => {
    const { algorithm, params: given, shards } = candidates[job.candidate]!;
    const trainer = getTrainer(algorithm);
    const params = trainer.parseParams(given);
    const rows = job.rows.rows;
    const costOf = (count: number) => trainer.cost?.(count, columns, params, task, classes.length);
    const merged = job.part === 'merged';
    const cost = merged
      ? mergeCost(
          jobs.filter((one) => one.part === 'batch' && one.candidate === job.candidate),
          costOf,
        )
      : withFolds(costOf(rows), validate);
    // A trainer's own bound knows of no shards, and of one size of function.
    if (cost === undefined && !merged) trainer.checkSize(rows, columns, params, task);
    // Each fold is a fit of its own: what is scored so is not split; nor is what is only put together.
    const pieces = validate === undefined && !merged ? trainer.shards?.count(params) : undefined;
    // Batches are spread over functions already, and a merged model wants whole ones.
    const shared = !merged && !(job.part === 'batch' && batches?.merged);
    return {
      item: itemName(index),
      algorithm,
      part: job.part,
      batch: job.batch,
      rows,
      columns,
      ...sizeOf({ algorithm, rows, columns, cost, pieces, ...(shared && { shards }) }, limits),
    };
  });
  refuseShardedBatches(models);
  return models;
}

/** Putting models together is a copy: it takes the memory of all of them, and no time to speak of. */
function mergeCost(
  batches: readonly Job[],
  costOf: (rows: number) => FitCost | undefined,
): FitCost | undefined {
  const costs = batches.map(({ rows }) => costOf(rows.rows)).filter((cost) => cost !== undefined);
  if (costs.length === 0) return undefined;
  return { seconds: 0, bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Models are merged beside the merging of shards, so those that they are made of must be whole by then. */
function refuseShardedBatches(models: readonly PlannedModel[]): void {
  if (!models.some(({ part }) => part === 'merged')) return;
  const sharded = models.find(({ part, shards }) => part === 'batch' && shards > 1);
  if (sharded === undefined) return;
  throw new BadDefinitionError(
    `batch ${sharded.batch} of ${counted(sharded.rows, 'row')} would be trained in ${counted(sharded.shards, 'shard')}, and a merged model wants batches that one function trains`,
    {
      field: 'batches.rows',
      remedy: 'Make the batches smaller or the forests of fewer trees, or leave merged out.',
    },
  );
}

/** The fits of all folds, each on the rows of the others, and the one on all rows; one after the other. */
function withFolds(cost: FitCost | undefined, validate: Validate | undefined): FitCost | undefined {
  if (cost === undefined || validate === undefined) return cost;
  return { ...cost, seconds: cost.seconds * (1 + validate.repeats * (validate.folds - 1)) };
}

function refuseTooMany(count: number, what: string): void {
  if (count <= MAX_TRAIN_ITEMS) return;
  throw new BadDefinitionError(`${count} items to train (${what}), ${MAX_TRAIN_ITEMS} at most`, {
    field: 'candidates',
    remedy: 'Name fewer candidates, larger batches, or fewer trees.',
  });
}

function refuseTooLong(models: readonly PlannedModel[], { concurrency }: TrainingLimits): void {
  const seconds = models.reduce((sum, model) => sum + model.shards * model.seconds, 0) / concurrency;
  if (seconds <= MAX_TRAIN_SECONDS) return;
  throw new BadDefinitionError(
    `training would take about ${(seconds / 3600).toFixed(1)} hours, ${concurrency} items at once, and ${MAX_TRAIN_SECONDS / 3600} is the limit`,
    {
      field: 'candidates',
      remedy: 'Name fewer candidates or trees, or deploy with a higher -c mapConcurrency.',
      details: { estimatedSeconds: Math.round(seconds), limitSeconds: MAX_TRAIN_SECONDS, concurrency },
    },
  );
}

/** What was chosen, where a user sees it: a tag of the run, and an artifact with all figures. */
async function tellRun(
  deps: PipelineDeps,
  { workspace, runId }: StageInput,
  models: readonly PlannedModel[],
  items: number,
): Promise<void> {
  const body = JSON.stringify(models, null, 2);
  const key = keys.trainingPlan(workspace, runId);
  await deps.objects.put(key, body, { contentType: 'application/json' });
  await deps.runs.addArtifact(workspace, runId, {
    path: 'training.json',
    key,
    size: Buffer.byteLength(body),
    contentType: 'application/json',
  });
  const texts = models.map((model) => `${model.algorithm}: ${sizeText(model)}`);
  const summary = [...new Set(texts)].join('; ');
  await deps.runs.setTags(workspace, runId, {
    'training.plan': summary.slice(0, 1000),
    [ITEMS_TAG]: String(items),
  });
}

function listOf(models: readonly PlannedModel[]): TrainingPlan {
  const large = (model: PlannedModel) => model.function === 'train-large';
  const batches = models.filter(({ part }) => part === 'batch').length;
  const items = models
    .filter(({ part }) => part !== 'merged')
    .flatMap((model) =>
      model.shards === 1
        ? [{ item: model.item, large: large(model) }]
        : Array.from({ length: model.shards }, (_, k) => ({
            item: itemName(Number(model.item), { number: k + 1, of: model.shards }),
            large: large(model),
          })),
    );
  const merges = models
    .filter(({ part, shards }) => shards > 1 || part === 'merged')
    .map((model) => ({
      item: model.item,
      large: large(model),
      shards: model.part === 'merged' ? batches : model.shards,
    }));
  return { items, merges, sharded: merges.length > 0 };
}
