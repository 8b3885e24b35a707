import { evaluate, type FitOptions, type Model, readPartFile, writeModelFile } from '../../learn/index.ts';
import type { TrainingProfile } from '../../table/index.ts';
import { sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import { MissingStageError, type StageContext } from '../run-stage.ts';
import { itemName } from '../training/item.ts';
import { scoreByFolds } from './cross-validate.ts';
import { readPreprocessing } from './dataset.ts';
import { lossCurves } from './loss-curves.ts';
import { batchModels, mergeBatches } from './merge-batches.ts';
import { profilePredictions } from './profile-predictions.ts';
import { progressOf } from './report-progress.ts';
import { type FitInput, fitOptions, heldRows, type Training, trainingRows } from './training.ts';
import type { LossCurves, PartOutputs, TrainOutputs } from './types.ts';

/** Fits the candidate, or merges what its shards or batches left; writes the model file; judges it on the validation rows. */
export async function fitModel(context: StageContext, training: Training): Promise<TrainOutputs> {
  const { deps, workspace, described, log } = context;
  const { params, dataset } = training;
  const { model, scores, predictions, curves } =
    training.part === 'merged' ? await mergedModel(context, training) : await ownModel(context, training);
  for (const note of model.notes) log.info(note);
  const test = training.compared ? await figuresOn(context, training, 'test', model) : undefined;
  const bytes = writeModelFile({
    name: described.model,
    model,
    preprocessing: await readPreprocessing(deps.objects, training.preprocessingKey),
    rowSchema: described.schema,
    target: dataset.target,
    params: params as Record<string, unknown>,
    seed: training.seed,
    profile: { ...dataset.profile, ...(predictions && { predictions }) },
  });
  const modelSha256 = sha256(bytes);
  const modelKey = keys.model(workspace, modelSha256);
  await deps.objects.putIfAbsent(modelKey, bytes, { contentType: 'application/octet-stream' });
  return {
    candidate: training.candidate,
    part: training.part,
    batch: training.batch,
    algorithm: training.algorithm,
    params: params as Record<string, unknown>,
    modelKey,
    modelSha256,
    sizeBytes: bytes.byteLength,
    rows: training.rows.rows,
    ...scores,
    ...(test && { test }),
    ...(curves && { curves }),
  };
}

type Fitted = {
  model: Model;
  scores: Pick<TrainOutputs, 'validation' | 'crossValidation'>;
  predictions: TrainingProfile['predictions'];
  curves?: LossCurves | undefined;
};

async function ownModel(context: StageContext, training: Training): Promise<Fitted> {
  const { trainer, params } = training;
  const rows = await trainingRows(context, training);
  const held = await heldRows(context, training, 'validation', {
    features: rows.x.names,
    categories: rows.x.categories,
  });
  const options = { ...fitOptions(context, training), ...(held && { validation: held }) };
  const model =
    context.shards === undefined
      ? trainer.fit(rows.x, rows.y, params, options)
      : await merge(context, training, rows, options, context.shards);
  const predictions = held && profilePredictions(model, held.x);
  const scores = await scoresOf(context, training, rows, held, model);
  return { model, scores, predictions, curves: lossCurves(model, rows, held) };
}

async function mergedModel(context: StageContext, training: Training): Promise<Fitted> {
  const model = await mergeBatches(context, training, await batchModels(context, training));
  const held = await heldRows(context, training, 'validation', model);
  return {
    model,
    scores: { validation: held === undefined ? {} : evaluate(model, held.x, held.y).metrics },
    predictions: held && profilePredictions(model, held.x),
  };
}

async function figuresOn(
  context: StageContext,
  training: Training,
  split: keyof Training['held'],
  model: Model,
): Promise<Record<string, number>> {
  const held = await heldRows(context, training, split, model);
  return held === undefined ? {} : evaluate(model, held.x, held.y).metrics;
}

/** The figures that the candidate is selected by. */
async function scoresOf(
  context: StageContext,
  training: Training,
  rows: FitInput,
  held: FitInput | undefined,
  model: Model,
): Promise<Pick<TrainOutputs, 'validation' | 'crossValidation'>> {
  const { validate } = training;
  if (validate === undefined) {
    return { validation: held === undefined ? {} : evaluate(model, held.x, held.y).metrics };
  }
  const report = progressOf(context);
  // The fit on all rows is done: it counts as one more fold.
  const fits = validate.folds * validate.repeats + 1;
  const crossValidation = await scoreByFolds(context, { ...training, validate }, rows, held, (share) =>
    report((share * (fits - 1) + 1) / fits),
  );
  return { validation: crossValidation.mean, crossValidation };
}

/** The model of the parts that this run's shards left. @throws MissingStageError where one left none */
async function merge(
  context: StageContext,
  training: Training,
  { x, y }: FitInput,
  options: FitOptions,
  of: number,
): Promise<Model> {
  const { deps, workspace, runId, item, log } = context;
  const records = await deps.stages.list(workspace, runId);
  const parts = [];
  for (let number = 1; number <= of; number++) {
    const name = itemName(Number(item), { number, of });
    const record = records.find((one) => one.stage === 'train' && one.item === name);
    const { partKey, partSha256 } = (record?.outputs ?? {}) as Partial<PartOutputs>;
    if (!partKey || !partSha256) throw new MissingStageError(`shard ${name} left no part of the model`);
    parts.push(readPartFile(await deps.objects.get(partKey), { sha256: partSha256 }).parts);
  }
  log.info(`merging the parts of ${of} shards`);
  return training.trainer.shards!.merge(x, y, training.params, options, parts);
}
