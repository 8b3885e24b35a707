import { NotFoundError } from '../errors/index.ts';
import { queryAll } from '../store/paging.ts';
import type { Item, ItemStore, Update } from '../store/ports.ts';
import { toText } from './json.ts';
import { key, prefix } from './keys.ts';
import { optimistic } from './optimistic.ts';
import { RunDocument } from './run-document.ts';
import { toRun } from './run-item.ts';
import { pageOperations } from './run-writes.ts';
import type { Lineage, Run, RunStatus } from './types.ts';

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

  /** Changes the document, the lineage or both at once: again from what is there where another writer was faster. */
  async merge(
    ws: string,
    runId: string,
    apply?: (document: RunDocument) => void,
    lineage?: (held: Lineage) => Lineage,
  ): Promise<void> {
    await optimistic(async () => {
      const header = await this.header(ws, runId);
      const document = await this.document(header);
      apply?.(document);
      const changes = document.changes;
      const text = lineage && toText(lineage(JSON.parse(header.lineage as string)));
      if (changes.size === 0 && (text === undefined || text === header.lineage)) return;
      const rev = header.rev as number;
      const set = {
        ...(changes.has(0) && { document: changes.get(0) }),
        ...(text !== undefined && { lineage: text }),
        pages: document.furtherPages,
        rev: rev + 1,
      };
      const update = { update: key.run(ws, runId), change: { set }, condition: { equals: { rev } } };
      const pages = pageOperations(ws, runId, changes);
      if (pages.length === 0) await this.#items.update(update.update, update.change, update.condition);
      else await this.#items.transact([update, ...pages]);
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
      const condition = { equals: { status, attempt: header.attempt as number } };
      return this.whole(ws, await this.#items.update(key.run(ws, runId), change, condition));
    }, `run ${runId}`);
  }
}
