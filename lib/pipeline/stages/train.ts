import { counted } from '../../table/counted.ts';
import { canonicalJson } from '../definition/index.ts';
import { keys } from '../keys.ts';
import type { PreparedStage, StageContext, StageDefinition } from '../run-stage.ts';
import { parseItem } from '../training/item.ts';
import { partText } from '../training/jobs.ts';
import { closeChild, openChild } from './child-runs.ts';
import { figures } from './figures.ts';
import { batchModels } from './merge-batches.ts';
import { fitModel } from './train-model.ts';
import { preparePart } from './train-part.ts';
import { modelInputs, openTraining, type Training } from './training.ts';
import type { PartOutputs, TrainOutputs } from './types.ts';

/**
 * One Map item: one candidate on the training rows, or on one batch of them; or one shard of that work. Its batch models
 * are put together by an item of their own, once they are there (merge-batches.ts). A candidate
 * that was split has an item for each shard, and then, with `shards`, one that merges their parts into the model. It
 * returns nothing: its result stands under the key of its item, where evaluate reads it.
 */
export const trainStage: StageDefinition<TrainOutputs | PartOutputs> = {
  stage: 'train',
  prepare: async (context) => {
    const item = parseItem(context.item ?? '');
    const training = await openTraining(context, item.index);
    await openChild(context, training, item.index);
    if (item.shard !== undefined) return preparePart(context, training, item.shard);
    return prepareModel(context, training, await batchModels(context, training));
  },
};

/** The key is the same whether the work is split or not: so are the bytes. */
const prepareModel = (
  context: StageContext,
  training: Training,
  madeOf: readonly { modelSha256: string }[],
): PreparedStage<TrainOutputs> => ({
  inputs: {
    ...modelInputs(training),
    ...(madeOf.length > 0 && { models: madeOf.map((m) => m.modelSha256) }),
  },
  execute: () => fitModel(context, training),
  promised: (outputs) => [outputs.modelKey],
  publish: async (outputs) => {
    await publish(context, outputs);
    await closeChild(context, training, parseItem(context.item ?? '').index, outputs);
  },
  note: (outputs) =>
    `${outputs.algorithm} on ${training.compared || outputs.batch !== null ? `${partText(outputs)}, ` : ''}${counted(outputs.rows, 'row')}: ${figures(outputs.validation) || 'no validation rows'}`,
});

async function publish({ deps, workspace, runId, item }: StageContext, outputs: TrainOutputs): Promise<void> {
  const key = keys.trainItem(workspace, runId, item ?? '0');
  await deps.objects.put(key, canonicalJson(outputs), { contentType: 'application/json' });
}
