import { BadDefinitionError } from '../../errors/index.ts';
import {
  type FeatureCategories,
  type FeatureMatrix,
  type FitOptions,
  getTrainer,
  type Target,
  type Trainer,
  toMatrix,
  toTarget,
} from '../../learn/index.ts';
import { type Table, withoutColumns } from '../../table/index.ts';
import { BATCH_COLUMN, type Validate } from '../definition/index.ts';
import { outputsOf, type StageContext } from '../run-stage.ts';
import { type Job, jobsOf, type Part } from '../training/jobs.ts';
import { threadsHere } from '../training/threads.ts';
import { loadTable, readDataset } from './dataset.ts';
import type { CleanOutputs, DatasetManifest, PartRef, SplitName } from './types.ts';

/** One candidate's work, as every function that has a share in it sees it. */
export interface Training {
  candidate: number;
  part: Part;
  /** From 1. */
  batch: number | null;
  /** The models that a merged one is made of: their items. Empty for others. */
  madeOf: number[];
  algorithm: string;
  trainer: Trainer;
  params: unknown;
  seed: number;
  dataset: DatasetManifest;
  datasetSha256: string;
  /** The rows to fit on. */
  rows: PartRef;
  /** The rows that it is judged on, prepared as its own rows were. */
  held: Record<Exclude<SplitName, 'train'>, PartRef>;
  preprocessingKey: string;
  /** Whether it is judged on the test rows too: where models of several parts are compared. */
  compared: boolean;
  /** How it is scored, where not on the validation rows. */
  validate?: Validate | undefined;
}

/** What the item of that number has to do. */
export async function openTraining(context: StageContext, index: number): Promise<Training> {
  const { deps, definition } = context;
  const clean = await outputsOf<CleanOutputs>(context, 'clean');
  const dataset = await readDataset(deps.objects, clean);
  const jobs = jobsOf(definition, dataset);
  const job = jobs[index];
  if (job === undefined) {
    throw new BadDefinitionError(`there is no item ${index} to train: ${jobs.length} in all`, {
      field: 'item',
    });
  }
  const { algorithm, params } = definition.candidates[job.candidate]!;
  const trainer = getTrainer(algorithm);
  const own = job.part === 'row-split' ? dataset.rowSplit! : { ...dataset.splits, ...dataset };
  return {
    ...job,
    madeOf: job.part === 'merged' ? batchItems(jobs, job.candidate) : [],
    algorithm,
    trainer,
    params: trainer.parseParams(params),
    seed: definition.split.seed,
    dataset,
    datasetSha256: clean.datasetSha256,
    held: { validation: own.validation, test: own.test },
    preprocessingKey: own.preprocessingKey,
    compared: new Set(jobs.map(({ part }) => part)).size > 1,
    validate: definition.validate,
  };
}

/** The items of a candidate's batch models. */
const batchItems = (jobs: readonly Job[], candidate: number): number[] =>
  jobs.flatMap((job, item) => (job.part === 'batch' && job.candidate === candidate ? [item] : []));

/** All that the model and its figures depend on, besides the code. */
export const modelInputs = (training: Training) => {
  const { datasetSha256, algorithm, params, part, batch, seed, compared, validate } = training;
  return { dataset: datasetSha256, algorithm, params, part, batch, seed, compared, validate };
};

export interface FitInput {
  x: FeatureMatrix;
  y: Target;
}

/** The training rows as the trainer takes them. @throws BadDefinitionError where they are too many for a trainer that plan cannot size */
export async function trainingRows({ deps }: StageContext, training: Training): Promise<FitInput> {
  const { dataset, trainer, params } = training;
  const stored = await loadTable(deps.objects, training.rows);
  const table = training.part === 'batch' ? withoutColumns(stored, [BATCH_COLUMN]) : stored;
  const categories = trainer.nativeCategories ? 'native' : undefined;
  const x = toMatrix(table, { target: dataset.target, categories });
  if (trainer.cost === undefined) trainer.checkSize(x.rowCount, x.names.length, params, dataset.task);
  return { x, y: targetOf(table, dataset) };
}

/** Rows to judge on, with codes as the model (or its training rows) has them; undefined where there are none. */
export async function heldRows(
  { deps }: StageContext,
  { dataset, held }: Training,
  split: keyof Training['held'],
  { features, categories }: { features: readonly string[]; categories?: FeatureCategories | undefined },
): Promise<FitInput | undefined> {
  if (held[split].rows === 0) return undefined;
  const table = await loadTable(deps.objects, held[split]);
  return {
    x: toMatrix(table, { target: dataset.target, features, categories }),
    y: targetOf(table, dataset),
  };
}

export const targetOf = (table: Table, dataset: DatasetManifest): Target =>
  toTarget(table, dataset.target, dataset.task, dataset.classes);

/** Seed, all threads of this function, and words on both in the stage's log. */
export function fitOptions({ deps, log }: StageContext, { seed, algorithm }: Training): FitOptions {
  return {
    seed,
    threads: deps.threads ?? threadsHere(),
    onThreads: (pieces) => log.info(threadsText(pieces, algorithm), { pieces: [...pieces] }),
    onProgress: everyTenth((share) => log.info(`training: ${Math.round(100 * share)} %`)),
  };
}

/**
 * `trained on 2 threads: 51 and 49 trees`. The pieces of boosting are no trees: its threads build each tree together, and
 * one thread alone has nothing to share out.
 */
function threadsText(pieces: readonly number[], algorithm: string): string {
  const threads = `trained on ${pieces.length} thread${pieces.length === 1 ? '' : 's'}`;
  if (algorithm === 'gradient-boosting') return threads;
  const [first, ...rest] = pieces.map(String).reverse();
  const counts = rest.length === 0 ? first : `${rest.reverse().join(', ')} and ${first}`;
  return `${threads}: ${counts} trees`;
}

/** Passes on the first report of each tenth of the work. */
function everyTenth(report: (share: number) => void): (share: number) => void {
  let next = 0.1;
  return (share) => {
    if (share < next) return;
    next = Math.floor(share * 10) / 10 + 0.1;
    report(share);
  };
}
