import type { Item, Key } from '../store/ports.ts';
import { RegistryItemFullError } from './errors.ts';
import { fromText, toText } from './json.ts';
import { key } from './keys.ts';
import { optimistic } from './optimistic.ts';
import { homeOf, sameModel } from './registry-items.ts';
import type { RegistryRecords } from './registry-records.ts';

/** Room for a model's aliases and undo stacks stays beside its texts: DynamoDB takes 400 KB an item. */
const MAX_ITEM_BYTES = 300_000;

/** @throws RegistryItemFullError where the texts of a model or version would not fit one item. */
export function checkItemSize(item: Item, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(item));
  if (bytes <= MAX_ITEM_BYTES) return;
  const message = `${what} with these tags takes ${bytes} bytes; ${MAX_ITEM_BYTES} is the most`;
  throw new RegistryItemFullError(message, { field: 'tags' });
}

/** Which model, or which version of it. */
export interface RegistrySubject {
  model: string;
  version?: string;
}

/** Tags to set, and keys of tags to delete. */
export interface TagChange {
  set?: Record<string, string>;
  remove?: readonly string[];
}

/** See `Registry.setDescription`. */
export async function setDescription(
  records: RegistryRecords,
  ws: string,
  subject: RegistrySubject,
  description: string | undefined,
): Promise<void> {
  await edit(records, ws, subject, () => ({
    description,
    lastUpdated: records.clock.now().toISOString(),
  }));
}

/** See `Registry.changeTags`. */
export async function changeTags(
  records: RegistryRecords,
  ws: string,
  subject: RegistrySubject,
  { set = {}, remove = [] }: TagChange,
): Promise<void> {
  await edit(records, ws, subject, (item) => {
    const before = new Map(Object.entries(fromText<Record<string, string>>(item.tags, 'registry')));
    for (const [name, value] of Object.entries(set)) before.set(name, value);
    for (const name of remove) before.delete(name);
    const tags = toText(Object.fromEntries(before));
    return tags === item.tags ? undefined : { tags };
  });
}

/** Reads an item, and writes what changes where nobody else edited it since. `updates` counts the edits. */
async function edit(
  records: RegistryRecords,
  ws: string,
  { model, version }: RegistrySubject,
  change: (item: Item) => Record<string, unknown> | undefined,
): Promise<void> {
  await optimistic(
    async () => {
      const held = await records.model(ws, model);
      const item = version === undefined ? held : await records.versionOf(ws, held, version);
      const wanted = change(item);
      if (wanted === undefined) return;
      const place: Key =
        version === undefined ? key.model(ws, model) : key.version(ws, homeOf(held), version);
      const updates = (item.updates as number | undefined) ?? null;
      const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
      const remove = Object.keys(wanted).filter((name) => wanted[name] === undefined);
      const set = { ...Object.fromEntries(given), updates: (updates ?? 0) + 1 };
      checkItemSize(
        { ...item, ...set },
        version === undefined ? `model ${model}` : `version ${version} of model ${model}`,
      );
      await records.items.update(
        place,
        { set, ...(remove.length > 0 && { remove }) },
        // The tags' attribute is always there: a condition of `null`s alone would make an item of one that is gone.
        {
          equals: { updates, ...(version === undefined ? { ...sameModel(held), name: model } : { version }) },
        },
      );
    },
    version === undefined ? `model ${model}` : `version ${version} of model ${model}`,
  );
}
