import { NotFoundError } from '../errors/index.ts';
import { collect } from '../store/paging.ts';
import type { Item } from '../store/ports.ts';
import { ModelExistsError } from './errors.ts';
import { key, partition, prefix } from './keys.ts';
import { checkModelName } from './names.ts';
import { optimistic } from './optimistic.ts';
import { formerName, homeOf, sameModel, toModel } from './registry-items.ts';
import type { RegistryRecords } from './registry-records.ts';
import type { RegisteredModel } from './types.ts';

/** Who does it, and why. */
interface Doer {
  actor: string;
  reason: string;
}

/** See `Registry.deleteVersion`. */
export async function deleteVersion(
  records: RegistryRecords,
  ws: string,
  { model, version, ...doer }: Doer & { model: string; version: string },
): Promise<RegisteredModel> {
  return optimistic(async () => {
    const held = await records.model(ws, model);
    const item = await records.versionOf(ws, held, version);
    const newest = await newestWithout(records, ws, held, version);
    return records.write(ws, held, { kind: 'delete', model, ...doer, deleted: { item, newest } });
  }, `versions of ${model}`);
}

/** The highest number of a model's versions but this one; 0 where there is no other. */
async function newestWithout(
  records: RegistryRecords,
  ws: string,
  held: Item,
  version: string,
): Promise<number> {
  if (String(held.latestVersion) !== version) return held.latestVersion as number;
  const { items } = await records.list(ws, held, prefix.versions, { limit: 2 });
  const other = items.find((item) => item.version !== version);
  return other === undefined ? 0 : Number(other.version);
}

/** See `Registry.renameModel`. */
export async function renameModel(
  records: RegistryRecords,
  ws: string,
  { model, newName, ...doer }: Doer & { model: string; newName: string },
): Promise<RegisteredModel> {
  checkModelName(newName);
  return optimistic(async () => {
    const held = await records.model(ws, model);
    if (newName === model) return toModel(ws, held);
    if (await records.items.get(key.model(ws, newName), { consistent: true })) {
      throw new ModelExistsError(`there is a model named ${JSON.stringify(newName)} already`);
    }
    return records.write(ws, held, { kind: 'rename', model, ...doer, renameTo: newName });
  }, `model ${model}`);
}

/** See `Registry.deleteModel`. */
export async function deleteModel(records: RegistryRecords, ws: string, name: string): Promise<void> {
  try {
    await optimistic(async () => {
      const held = await records.model(ws, name);
      const home = homeOf(held);
      const at = records.clock.now().toISOString();
      await records.items.transact([
        { remove: key.model(ws, name), condition: { equals: { name, ...sameModel(held) } } },
        { put: { ...key.deletedModel(ws, home), home, at } },
        { put: formerName(ws, name, at) },
      ]);
    }, `model ${name}`);
  } catch (error) {
    // One that an earlier request deleted may have left items behind, if it ended before they were gone.
    if (error instanceof NotFoundError) await sweepDeleted(records, ws);
    throw error;
  }
  await sweepDeleted(records, ws);
}

/** Takes away what models left that are deleted. Nobody reads it, so it may happen at any time. */
export async function sweepDeleted(records: RegistryRecords, ws: string): Promise<void> {
  const deleted = await collect(records.items, { pk: partition.deletedModels(ws), consistent: true });
  for (const { pk, sk, home } of deleted) {
    const left = await collect(records.items, { pk: partition.model(ws, home as string), consistent: true });
    await Promise.all(left.map((item) => records.items.remove({ pk: item.pk, sk: item.sk })));
    await records.items.remove({ pk, sk });
  }
}
