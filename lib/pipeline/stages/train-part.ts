import { BadDefinitionError } from '../../errors/index.ts';
import { type Shards, writePartFile } from '../../learn/index.ts';
import { counted } from '../../table/counted.ts';
import { sha256 } from '../definition/index.ts';
import { keys } from '../keys.ts';
import { contentKey, type PreparedStage, type StageContext } from '../run-stage.ts';
import { type Shard, shardRange } from '../training/item.ts';
import { fitOptions, modelInputs, type Training, trainingRows } from './training.ts';
import type { PartOutputs } from './types.ts';

/** A shard of a candidate's work: a range of its trees, kept as a part that the merge reads. Skippable on its own. */
export function preparePart(
  context: StageContext,
  training: Training,
  shard: Shard,
): PreparedStage<PartOutputs> {
  const shards = shardsOf(training);
  const range = shardRange(shards.count(training.params), shard);
  return {
    inputs: { ...modelInputs(training), part: range },
    execute: async () => (await wholeIsThere(context, training)) ?? fitPart(context, training, shards, range),
    promised: (outputs) => [(outputs.partKey ?? outputs.modelKey)!],
    note: ({ algorithm, rows, from, to, partKey }) =>
      partKey === null
        ? `the whole model of ${algorithm} is there already`
        : `${algorithm} on ${counted(rows, 'row')}: trees ${from + 1} to ${to}`,
  };
}

function shardsOf({ trainer, algorithm }: Training): Shards<unknown> {
  if (trainer.shards !== undefined) return trainer.shards;
  throw new BadDefinitionError(`the work of ${algorithm} cannot be split`, { field: 'item' });
}

/** Parts are kept for days, models for good: what the merge will find done needs no parts. */
async function wholeIsThere(context: StageContext, training: Training): Promise<PartOutputs | undefined> {
  const { deps, workspace, run } = context;
  if (run.force) return undefined;
  const key = contentKey('train', deps.codeVersion, modelInputs(training));
  const known = await deps.stages.cached(workspace, key);
  const modelKey = known?.outputs.modelKey as string | undefined;
  if (modelKey === undefined || (await deps.objects.head(modelKey)) === undefined) return undefined;
  const { candidate, batch, algorithm, rows } = training;
  const none = { from: 0, to: 0, partKey: null, partSha256: null, sizeBytes: 0 };
  return { candidate, batch, algorithm, rows: rows.rows, ...none, modelKey };
}

async function fitPart(
  context: StageContext,
  training: Training,
  shards: Shards<unknown>,
  range: { from: number; to: number },
): Promise<PartOutputs> {
  const { deps, workspace } = context;
  const { x, y } = await trainingRows(context, training);
  const options = { ...fitOptions(context, training), ...range };
  const { algorithm, candidate, batch } = training;
  const bytes = writePartFile({
    algorithm,
    ...range,
    parts: shards.fitPart(x, y, training.params, options),
  });
  const partSha256 = sha256(bytes);
  const partKey = keys.part(workspace, partSha256);
  await deps.objects.putIfAbsent(partKey, bytes, { contentType: 'application/octet-stream' });
  return {
    candidate,
    batch,
    algorithm,
    ...range,
    partKey,
    partSha256,
    modelKey: null,
    sizeBytes: bytes.byteLength,
    rows: x.rowCount,
  };
}
