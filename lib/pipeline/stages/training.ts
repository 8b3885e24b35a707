import {
  type FeatureMatrix,
  type FitOptions,
  getTrainer,
  type Target,
  type Trainer,
  toMatrix,
  toTarget,
} from '../../learn/index.ts';
import type { Table } from '../../table/index.ts';
import type { Validate } from '../definition/index.ts';
import { outputsOf, type StageContext } from '../run-stage.ts';
import { threadsHere } from '../training/threads.ts';
import { loadTable, readDataset } from './dataset.ts';
import type { CleanOutputs, DatasetManifest, PartRef } from './types.ts';

/** One candidate's work, as every function that has a share in it sees it. */
export interface Training {
  candidate: number;
  batch: number | null;
  algorithm: string;
  trainer: Trainer;
  params: unknown;
  seed: number;
  dataset: DatasetManifest;
  datasetSha256: string;
  /** The rows to fit on. */
  rows: PartRef;
  /** How it is scored, where not on the validation rows. */
  validate?: Validate | undefined;
}

/** The parts of a dataset that a candidate is trained on, one model each. */
export const partsToTrain = (dataset: DatasetManifest): readonly PartRef[] =>
  dataset.batches.length > 0 ? dataset.batches : [dataset.splits.train];

/** Items count through the batches of the first candidate, then of the second, and so on. */
export async function openTraining(context: StageContext, index: number): Promise<Training> {
  const { deps, definition } = context;
  const clean = await outputsOf<CleanOutputs>(context, 'clean');
  const dataset = await readDataset(deps.objects, clean);
  const parts = partsToTrain(dataset);
  const candidate = Math.floor(index / parts.length);
  const part = index % parts.length;
  const { algorithm, params } = definition.candidates[candidate]!;
  const trainer = getTrainer(algorithm);
  return {
    candidate,
    batch: dataset.batches.length > 0 ? part : null,
    algorithm,
    trainer,
    params: trainer.parseParams(params),
    seed: definition.split.seed,
    dataset,
    datasetSha256: clean.datasetSha256,
    rows: parts[part]!,
    validate: definition.validate,
  };
}

/** All that the model and its figures depend on, besides the code. */
export const modelInputs = ({ datasetSha256, algorithm, params, batch, seed, validate }: Training) => ({
  dataset: datasetSha256,
  algorithm,
  params,
  batch,
  seed,
  validate,
});

export interface FitInput {
  x: FeatureMatrix;
  y: Target;
}

/** The training rows as the trainer takes them. @throws BadDefinitionError where they are too many for a trainer that plan cannot size */
export async function trainingRows({ deps }: StageContext, training: Training): Promise<FitInput> {
  const { dataset, trainer, params } = training;
  const table = await loadTable(deps.objects, training.rows);
  const categories = trainer.nativeCategories ? 'native' : undefined;
  const x = toMatrix(table, { target: dataset.target, categories });
  if (trainer.cost === undefined) trainer.checkSize(x.rowCount, x.names.length, params, dataset.task);
  return { x, y: targetOf(table, dataset) };
}

/** The validation rows, with codes as the training rows have them; undefined where there are none. */
export async function validationRows(
  { deps }: StageContext,
  { dataset }: Training,
  { x }: FitInput,
): Promise<FitInput | undefined> {
  if (dataset.splits.validation.rows === 0) return undefined;
  const table = await loadTable(deps.objects, dataset.splits.validation);
  const held = toMatrix(table, { target: dataset.target, features: x.names, categories: x.categories });
  return { x: held, y: targetOf(table, dataset) };
}

export const targetOf = (table: Table, dataset: DatasetManifest): Target =>
  toTarget(table, dataset.target, dataset.task, dataset.classes);

/** Seed, all threads of this function, and words on both in the stage's log. */
export function fitOptions({ deps, log }: StageContext, { seed }: Training): FitOptions {
  return {
    seed,
    threads: deps.threads ?? threadsHere(),
    onThreads: (pieces) => log.info(threadsText(pieces), { pieces: [...pieces] }),
    onProgress: everyTenth((share) => log.info(`training: ${Math.round(100 * share)} %`)),
  };
}

/** `trained on 2 threads: 51 and 49 trees`. */
function threadsText(pieces: readonly number[]): string {
  const [first, ...rest] = pieces.map(String).reverse();
  const counts = rest.length === 0 ? first : `${rest.reverse().join(', ')} and ${first}`;
  return `trained on ${pieces.length} thread${pieces.length === 1 ? '' : 's'}: ${counts} trees`;
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
