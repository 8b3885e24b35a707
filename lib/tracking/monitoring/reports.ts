import { NotFoundError } from '../../errors/index.ts';
import type { Item, ItemStore, ObjectStore, Page } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import { key, partition, prefix, sha256 } from '../keys.ts';
import { checkRequestId, checkWorkspace } from '../names.ts';
import type { DriftSummary } from './types.ts';

const DAYS = 400;

/** `ws/monitor/ID.json`: the whole report. */
export const driftReportKey = (ws: string, id: string): string =>
  `${checkWorkspace(ws)}/monitor/${checkRequestId(id)}.json`;

/** A window of a version has one report: its end is kept before it is judged, so that a repeat has the same. */
export const driftReportId = (
  model: string,
  { version, from, to }: Pick<DriftSummary, 'version' | 'from' | 'to'>,
): string => sha256(JSON.stringify([model, version, from, to])).slice(0, 32);

/** Drift reports: a summary each in the table, the whole as an object. Kept for 400 days. */
export class DriftReports {
  readonly #items: ItemStore;
  readonly #objects: Pick<ObjectStore, 'get' | 'put'>;

  constructor(items: ItemStore, objects: Pick<ObjectStore, 'get' | 'put'>) {
    this.#items = items;
    this.#objects = objects;
  }

  /** Stores the whole report; it is in no list until the summary's item is written. */
  async store(ws: string, summary: DriftSummary, report: object): Promise<Item> {
    const { id, model, to } = summary;
    await this.#objects.put(driftReportKey(ws, id), toText(report), { contentType: 'application/json' });
    const ttl = Math.floor(Date.parse(to) / 1000) + DAYS * 86_400;
    return { ...key.driftReport(ws, model, to, id), ttl, summary: toText(summary) };
  }

  /** Newest first. @throws InvalidInputError on a cursor of another list */
  async list(
    ws: string,
    model: string,
    { limit = 50, cursor }: { limit?: number | undefined; cursor?: string | undefined } = {},
  ): Promise<Page<DriftSummary>> {
    const page = await this.#items.query({
      pk: partition.monitor(ws, model),
      skPrefix: prefix.driftReports,
      descending: true,
      consistent: true,
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    const items = page.items.map((item) => fromText<DriftSummary>(item.summary, 'drift report'));
    return { items, ...(page.cursor !== undefined && { cursor: page.cursor }) };
  }

  /** The whole report. @throws NotFoundError where the model has none of this id */
  async get(ws: string, model: string, id: string): Promise<DriftSummary> {
    const missing = () =>
      new NotFoundError(`model ${model} has no drift report ${id}`, {
        remedy: `List them: \`npx arboleda drift ${model}\`.`,
      });
    if (!/^[0-9a-f]{32}$/.test(id)) throw missing();
    let bytes: Uint8Array;
    try {
      bytes = await this.#objects.get(driftReportKey(ws, id));
    } catch (error) {
      throw error instanceof NotFoundError ? missing() : error;
    }
    const report = fromText<DriftSummary>(new TextDecoder().decode(bytes), 'drift report');
    if (report.model !== model) throw missing();
    return report;
  }
}
