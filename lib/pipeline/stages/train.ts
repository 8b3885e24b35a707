import { canonicalJson } from '../definition/index.ts';
import { keys } from '../keys.ts';
import type { PreparedStage, StageContext, StageDefinition } from '../run-stage.ts';
import { parseItem } from '../training/item.ts';
import { closeChild, openChild } from './child-runs.ts';
import { figures } from './figures.ts';
import { fitModel } from './train-model.ts';
import { preparePart } from './train-part.ts';
import { modelInputs, openTraining, type Training } from './training.ts';
import type { PartOutputs, TrainOutputs } from './types.ts';

/**
 * One Map item: one candidate on the training rows, or on one batch of them; or one shard of that work. A candidate
 * that was split has an item for each shard, and then, with `shards`, one that merges their parts into the model. It
 * returns nothing: its result stands under the key of its item, where evaluate reads it.
 */
export const trainStage: StageDefinition<TrainOutputs | PartOutputs> = {
  stage: 'train',
  prepare: async (context) => {
    const item = parseItem(context.item ?? '');
    const training = await openTraining(context, item.index);
    await openChild(context, training, item.index);
    return item.shard === undefined
      ? prepareModel(context, training)
      : preparePart(context, training, item.shard);
  },
};

/** The key is the same whether the work is split or not: so are the bytes. */
const prepareModel = (context: StageContext, training: Training): PreparedStage<TrainOutputs> => ({
  inputs: modelInputs(training),
  execute: () => fitModel(context, training),
  promised: (outputs) => [outputs.modelKey],
  publish: async (outputs) => {
    await publish(context, outputs);
    await closeChild(context, parseItem(context.item ?? '').index, outputs);
  },
  note: (outputs) =>
    `${outputs.algorithm} on ${outputs.rows} rows: ${figures(outputs.validation) || 'no validation rows'}`,
});

async function publish({ deps, workspace, runId, item }: StageContext, outputs: TrainOutputs): Promise<void> {
  const key = keys.trainItem(workspace, runId, item ?? '0');
  await deps.objects.put(key, canonicalJson(outputs), { contentType: 'application/json' });
}
