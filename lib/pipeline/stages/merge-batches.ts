import { type Model, readModelFile } from '../../learn/index.ts';
import { MissingStageError, type StageContext } from '../run-stage.ts';
import type { Training } from './training.ts';
import type { TrainOutputs } from './types.ts';

type BatchModel = Pick<TrainOutputs, 'modelKey' | 'modelSha256'>;

/** The batch models of a merged one, in order of batch. @throws MissingStageError where one is not there */
export async function batchModels(
  { deps, workspace, runId }: StageContext,
  { madeOf }: Training,
): Promise<BatchModel[]> {
  if (madeOf.length === 0) return [];
  const records = await deps.stages.list(workspace, runId);
  return madeOf.map((item) => {
    const record = records.find((one) => one.stage === 'train' && one.item === String(item));
    const { modelKey, modelSha256 } = (record?.outputs ?? {}) as Partial<TrainOutputs>;
    if (!modelKey || !modelSha256) throw new MissingStageError(`item ${item} left no model to merge`);
    return { modelKey, modelSha256 };
  });
}

/** One model of them all: the mean of what they answer. */
export async function mergeBatches(
  context: StageContext,
  training: Training,
  models: readonly BatchModel[],
): Promise<Model> {
  const { deps, log } = context;
  const loaded: Model[] = [];
  for (const { modelKey, modelSha256 } of models) {
    loaded.push(readModelFile(await deps.objects.get(modelKey), { sha256: modelSha256 }).model);
  }
  log.info(`merging the models of ${models.length} batches`);
  return training.trainer.mergeModels!(loaded);
}
