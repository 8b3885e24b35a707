import { randomBytes } from 'node:crypto';
import type { Item } from '../store/ports.ts';
import { toText } from './json.ts';
import { key } from './keys.ts';
import { happened, optimistic } from './optimistic.ts';
import { checkItemSize } from './registry-edits.ts';
import { homeOf, lastNumber, sameModel, toModel, versionItem } from './registry-items.ts';
import type { RegistryRecords } from './registry-records.ts';
import type { ModelVersion, NewModelVersion, RegisteredModel } from './types.ts';

/** What a caller gives to make a model. */
export interface NewModel {
  name: string;
  description?: string;
  tags?: Record<string, string>;
}

/** Makes the model; undefined where the name is taken. @throws InvalidNameError, RegistryItemFullError */
export async function makeModel(
  records: RegistryRecords,
  ws: string,
  { name, description, tags = {} }: NewModel,
): Promise<RegisteredModel | undefined> {
  const item: Item = {
    ...key.model(ws, name),
    name,
    // Random, so that a name given again does not meet the versions of who had it before.
    home: `:${randomBytes(8).toString('hex')}`,
    createdAt: records.clock.now().toISOString(),
    ...(description !== undefined && { description }),
    tags: toText(tags),
    latestVersion: 0,
    moves: 0,
  };
  checkItemSize(item, `model ${name}`);
  const made = await happened(records.items.put(item, { absent: true }));
  return made ? toModel(ws, item) : undefined;
}

/** See `Registry.createVersion`. */
export async function createVersion(
  records: RegistryRecords,
  ws: string,
  name: string,
  given: NewModelVersion,
): Promise<ModelVersion> {
  const { identity, metrics = {}, tags = {}, ...rest } = given;
  return optimistic(async () => {
    const held = await records.model(ws, name);
    const home = homeOf(held);
    const guard = key.identity(ws, home, identity);
    const made = await records.items.get(guard, { consistent: true });
    if (made && made.deleted !== true) return records.getVersionOf(ws, held, made.version as string);
    const number = lastNumber(held) + 1;
    const createdAt = records.clock.now().toISOString();
    const version: ModelVersion = {
      ...rest,
      workspace: ws,
      name,
      version: String(number),
      metrics,
      tags,
      createdAt,
      stage: 'None',
    };
    const item = versionItem(home, version, identity);
    checkItemSize(item, `version ${number} of model ${name}`);
    await records.items.transact([
      {
        put: { ...guard, version: version.version },
        condition: made ? { equals: { version: made.version as string, deleted: true } } : { absent: true },
      },
      {
        update: key.model(ws, name),
        change: {
          set: {
            latestVersion: number,
            lastUpdated: createdAt,
            ...(held.numbered !== undefined && { numbered: number }),
          },
        },
        condition: {
          equals: {
            ...sameModel(held),
            latestVersion: held.latestVersion as number,
            numbered: (held.numbered as number | undefined) ?? null,
          },
        },
      },
      { put: item, condition: { absent: true } },
    ]);
    return version;
  }, `model ${name}`);
}
