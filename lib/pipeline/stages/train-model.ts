import { evaluate, type FitOptions, type Model, readPartFile, writeModelFile } from '../../learn/index.ts';
import { sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import { MissingStageError, type StageContext } from '../run-stage.ts';
import { itemName } from '../training/item.ts';
import { scoreByFolds } from './cross-validate.ts';
import { readPreprocessing } from './dataset.ts';
import { progressOf } from './report-progress.ts';
import { type FitInput, fitOptions, type Training, trainingRows, validationRows } from './training.ts';
import type { PartOutputs, TrainOutputs } from './types.ts';

/** Fits the candidate, or merges what its shards fitted; writes the model file; judges it on the validation rows. */
export async function fitModel(context: StageContext, training: Training): Promise<TrainOutputs> {
  const { deps, workspace, described, log, shards } = context;
  const { trainer, params, dataset } = training;
  const rows = await trainingRows(context, training);
  const held = await validationRows(context, training, rows);
  const options = { ...fitOptions(context, training), ...(held && { validation: held }) };
  const model =
    shards === undefined
      ? trainer.fit(rows.x, rows.y, params, options)
      : await merge(context, training, rows, options, shards);
  for (const note of model.notes) log.info(note);
  const scores = await scoresOf(context, training, rows, held, model);
  const bytes = writeModelFile({
    name: described.model,
    model,
    preprocessing: await readPreprocessing(deps.objects, dataset.preprocessingKey),
    rowSchema: described.schema,
    target: dataset.target,
    params: params as Record<string, unknown>,
    seed: training.seed,
    profile: dataset.profile,
  });
  const modelSha256 = sha256(bytes);
  const modelKey = keys.model(workspace, modelSha256);
  await deps.objects.putIfAbsent(modelKey, bytes, { contentType: 'application/octet-stream' });
  return {
    candidate: training.candidate,
    batch: training.batch,
    algorithm: training.algorithm,
    params: params as Record<string, unknown>,
    modelKey,
    modelSha256,
    sizeBytes: bytes.byteLength,
    rows: rows.x.rowCount,
    ...scores,
  };
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
