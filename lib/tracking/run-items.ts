import { isDeepStrictEqual } from 'node:util';
import { NotFoundError } from '../errors/index.ts';
import { queryAll } from '../store/paging.ts';
import type { Item, ItemStore, Update } from '../store/ports.ts';
import { toText } from './json.ts';
import { key, prefix } from './keys.ts';
import { optimistic } from './optimistic.ts';
import { RunDocument } from './run-document.ts';
import { toRun } from './run-item.ts';
import {
  asEntered,
  attributesEntry,
  INDEX_VERSION,
  type IndexChange,
  type IndexedHeader,
  type IndexedValues,
  indexChange,
  indexedValues,
} from './run-search/entries.ts';
import { writeIndexed } from './run-search/write.ts';
import { pageOperations } from './run-writes.ts';
import type { Lineage, Run, RunStatus } from './types.ts';

/** One change of a run. */
export interface Merge {
  /** Changes the document, or throws where that is not allowed; returns what changes of the header's own attributes. */
  apply?: (document: RunDocument, header: Item) => Pick<Update, 'set' | 'remove'> | undefined;
  lineage?: (held: Lineage) => Lineage;
  /** Items that stand by themselves (points of metrics): written once the change is allowed, before the header. */
  first?: Item[];
}

/** One run as it is held: a header, and the pages of its document (params, tags and latest metrics). */
export class RunItems {
  readonly #items: ItemStore;

  constructor(items: ItemStore) {
    this.#items = items;
  }

  /** Strongly consistent. @throws NotFoundError */
  async header(ws: string, runId: string): Promise<Item> {
    const header = await this.#items.get(key.run(ws, runId), { consistent: true });
    if (!header) throw new NotFoundError(`no run ${runId}`);
    return header;
  }

  /** The run of a header. */
  async whole(ws: string, header: Item): Promise<Run> {
    return toRun(ws, header, await this.document(header));
  }

  /** All pages of a run's document; the first is in the header. */
  async document(header: Item): Promise<RunDocument> {
    const pages: (string | undefined)[] = [header.document as string];
    if (header.pages === 0) return new RunDocument(pages);
    const request = { pk: header.pk, skPrefix: `${prefix.runDocument}run#page#`, consistent: true };
    for await (const page of queryAll(this.#items, request))
      pages[page.page as number] = page.document as string;
    return new RunDocument(pages);
  }

  /**
   * Changes the document, the lineage and the header's own attributes at once: again from what is there where another
   * writer was faster. Returns the header as it then is, and its document.
   *
   * @throws NotFoundError, and whatever `apply` throws: then nothing is written.
   */
  async merge(ws: string, runId: string, merge: Merge): Promise<{ header: Item; document: RunDocument }> {
    let unwritten = merge.first ?? [];
    return optimistic(async () => {
      const header = await this.header(ws, runId);
      const document = await this.document(header);
      const before = header.index === INDEX_VERSION ? indexedValues(document) : undefined;
      const own = merge.apply?.(document, header) ?? {};
      if (unwritten.length > 0) await this.#items.batchPut(unwritten);
      unwritten = [];
      const changes = document.changes;
      const text = merge.lineage && toText(merge.lineage(JSON.parse(header.lineage as string)));
      const changed = Object.entries(own.set ?? {}).filter(([name, value]) => header[name] !== value);
      const remove = (own.remove ?? []).filter((name) => header[name] !== undefined);
      const relineaged = text !== undefined && text !== header.lineage;
      if (changes.size + changed.length + remove.length === 0 && !relineaged) return { header, document };
      const rev = header.rev as number;
      const set = {
        ...Object.fromEntries(changed),
        ...(changes.has(0) && { document: changes.get(0) }),
        ...(relineaged && { lineage: text }),
        pages: document.furtherPages,
        rev: rev + 1,
        index: INDEX_VERSION,
      };
      const change = { set, ...(remove.length > 0 && { remove }) };
      // A run begins and ends without a new `rev`, and the entry of its attributes must not tell of the time before.
      const asRead = { equals: { ...asEntered(header), rev } };
      const update = { update: key.run(ws, runId), change, condition: asRead };
      const after: Item = { ...header, ...set };
      for (const name of remove) delete after[name];
      const operations = [update, ...pageOperations(ws, runId, changes)];
      const index = indexOf(ws, before && header, before, after, indexedValues(document));
      if (operations.length + index.put.length + index.remove.length > 1)
        await writeIndexed(this.#items, { key: update.update, asRead, rev, operations }, index);
      else await this.#items.update(update.update, update.change, update.condition);
      return { header: after, document };
    }, `run ${runId}`);
  }

  /** Changes the header where its status is one of `from` (and its attempt is the given one); returns it as it then is. */
  async change(ws: string, runId: string, change: Update, from: RunStatus[], attempt?: number): Promise<Run> {
    return optimistic(async () => {
      const header = await this.header(ws, runId);
      const status = header.status as RunStatus;
      const other = attempt !== undefined && header.attempt !== attempt;
      const same = Object.entries(change.set ?? {}).every(([name, value]) => header[name] === value);
      if (other || same || !from.includes(status)) return this.whole(ws, header);
      const condition = { status, attempt: header.attempt as number };
      return this.whole(ws, await this.update(ws, header, change, condition));
    }, `run ${runId}`);
  }

  /**
   * Changes the header alone, where these attributes are still so, and what the index has of it. Returns the header as it
   * then is.
   *
   * @throws ConditionFailedError
   */
  async update(
    ws: string,
    header: Item,
    change: Update,
    condition: Record<string, string | number>,
  ): Promise<Item> {
    const at = key.run(ws, header.runId as string);
    const after: Item = { ...header, ...change.set };
    for (const name of change.remove ?? []) delete after[name];
    const entry = attributesEntry(ws, after as unknown as IndexedHeader);
    const same = isDeepStrictEqual(entry, attributesEntry(ws, header as unknown as IndexedHeader));
    // A run of before the index gets all of its entries at once, by its next batch or by reconcile.
    if (same || header.index !== INDEX_VERSION) return this.#items.update(at, change, { equals: condition });
    // A name or a deletion that came in between would be lost from the entry.
    const asRead = { equals: { ...asEntered(header), ...condition } };
    await this.#items.transact([{ update: at, change, condition: asRead }, { put: entry }]);
    return this.header(ws, header.runId as string);
  }

  /** Gives a run of before the index its entries. Repeating it changes nothing. @throws NotFoundError */
  async reindex(ws: string, runId: string): Promise<void> {
    await optimistic(async () => {
      const header = await this.header(ws, runId);
      if (header.index === INDEX_VERSION) return;
      const values = indexedValues(await this.document(header));
      const rev = header.rev as number;
      const change = { set: { index: INDEX_VERSION, rev: rev + 1 } };
      const at = key.run(ws, runId);
      const asRead = { equals: { ...asEntered(header), rev } };
      const operations = [{ update: at, change, condition: asRead }];
      const index = indexOf(ws, undefined, undefined, header, values);
      await writeIndexed(this.#items, { key: at, asRead, rev, operations }, index);
    }, `run ${runId}`);
  }
}

/** What the index gains and loses; `header` and `before` are undefined where it has nothing of the run. */
function indexOf(
  ws: string,
  header: Item | undefined,
  before: IndexedValues | undefined,
  after: Item,
  values: IndexedValues,
): IndexChange {
  const change = indexChange(ws, after as unknown as IndexedHeader, before, values);
  const entry = attributesEntry(ws, after as unknown as IndexedHeader);
  const held = header && attributesEntry(ws, header as unknown as IndexedHeader);
  return isDeepStrictEqual(entry, held) ? change : { ...change, put: [entry, ...change.put] };
}
