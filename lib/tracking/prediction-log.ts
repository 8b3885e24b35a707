import { NotFoundError } from '../errors/index.ts';
import { MAX_ITEM_BYTES } from '../store/limits.ts';
import type { Clock, Item, ItemStore, ObjectStore, Page } from '../store/ports.ts';
import { fromText, toText } from './json.ts';
import { key, partition } from './keys.ts';
import { checkRequestId, checkWorkspace } from './names.ts';
import { factsAttribute, predictionFacts } from './prediction-facts.ts';
import { type PredictionFilter, predictionPage } from './prediction-page.ts';
import type { ListedPrediction, PredictionFacts, PredictionRecord } from './types.ts';

const DAY_SECONDS = 86_400;
const END_OF_TIME = '9999-12-31T23:59:59.999Z~';
/** Above this an item's record goes to S3: a write costs a unit for each KB. */
const LARGEST_ITEM = MAX_ITEM_BYTES / 4;

/** Where the records of batches lie. */
export type LoggedObjects = Pick<ObjectStore, 'get' | 'put'>;

/** What was predicted from what, by request id and by model and time, for as many days as told. */
export class PredictionLog {
  readonly #items: ItemStore;
  readonly #objects: LoggedObjects;
  readonly #clock: Clock;
  readonly #days: number;

  /** @param options `days`: how long a record is kept, 30 unless told. The bucket's lifecycle rule ends the objects. */
  constructor(items: ItemStore, objects: LoggedObjects, clock: Clock, options: { days?: number } = {}) {
    this.#items = items;
    this.#objects = objects;
    this.#clock = clock;
    this.#days = options.days ?? 30;
  }

  /** One item; a record over 100 KB goes to S3 as a batch does. Repeating it changes nothing. */
  async record(ws: string, record: PredictionRecord): Promise<void> {
    const text = toText(record);
    const bytes = Buffer.byteLength(text);
    if (bytes > LARGEST_ITEM) return this.recordBatch(ws, record);
    await this.#items.put({ ...this.#head(ws, record, bytes), record: text });
  }

  /** One S3 object with all rows, then one small item that names it. */
  async recordBatch(ws: string, record: PredictionRecord): Promise<void> {
    const text = toText(record);
    const item = this.#head(ws, record, Buffer.byteLength(text));
    const objectKey = predictionKey(ws, record.requestId, new Date(record.at));
    await this.#objects.put(objectKey, text, { contentType: 'application/json' });
    await this.#items.put({ ...item, objectKey });
  }

  /** @throws NotFoundError where there is none, or its time is over. */
  async get(ws: string, requestId: string): Promise<PredictionRecord> {
    const item = await this.#items.get(key.prediction(ws, requestId), { consistent: true });
    if (!item) throw new NotFoundError(`no prediction ${requestId}`);
    return this.#read(item);
  }

  /**
   * A model's predictions, newest first; eventually consistent, as the index is. A page may hold fewer than `limit`
   * though there are more: the cursor alone tells. Rows are left out of the records that would make a page too large.
   *
   * @throws InvalidInputError on a cursor of another list
   */
  async list(ws: string, model: string, filter: PredictionFilter = {}): Promise<Page<ListedPrediction>> {
    const { items, cursor } = await predictionPage(this.#items, partition.predictions(ws, model), filter);
    const listed = await Promise.all(items.map(({ item, whole }) => this.#listed(item, whole)));
    return {
      items: listed.filter((one) => one !== undefined),
      ...(cursor === undefined ? {} : { cursor }),
    };
  }

  /**
   * What can be counted of a model's predictions from `from` on, newest first, without reading a record: 1 RCU for about 8
   * predictions of one row. Eventually consistent. Ends after `limit` of them; probes are passed over, for they are no traffic.
   */
  async *facts(
    ws: string,
    model: string,
    { from, limit = Number.POSITIVE_INFINITY }: { from: string; limit?: number },
  ): AsyncGenerator<PredictionFacts> {
    const request = {
      pk: partition.predictions(ws, model),
      index: 'gsi1',
      descending: true,
      skBetween: [from, END_OF_TIME],
    } as const;
    let left = limit;
    for (let cursor: string | undefined; left > 0; ) {
      const size = Math.min(left, 1_000);
      const page = await this.#items.query({ ...request, limit: size, ...(cursor && { cursor }) });
      for (const item of page.items) {
        const facts = predictionFacts(item);
        if (!facts.probe) yield facts;
      }
      left -= page.items.length;
      cursor = page.cursor;
      if (cursor === undefined) return;
    }
  }

  async #listed(item: Item, whole: boolean): Promise<ListedPrediction | undefined> {
    const { count } = item as unknown as ListedPrediction;
    if (!whole) return predictionFacts(item);
    try {
      return { ...(await this.#read(item)), count };
    } catch (error) {
      // The bucket ends a batch's object on the day that its item expires, perhaps hours before.
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  async #read(item: Item): Promise<PredictionRecord> {
    if (item.objectKey === undefined) return fromText<PredictionRecord>(item.record, 'prediction');
    const bytes = await this.#objects.get(item.objectKey as string);
    return fromText<PredictionRecord>(new TextDecoder().decode(bytes), 'prediction');
  }

  /** Both of its places, by id and in its model's list, are the one item: what is logged is listed. */
  #head(ws: string, record: PredictionRecord, bytes: number): Item {
    const { requestId, model, version, at, rows } = record;
    const facts = factsAttribute(record);
    return {
      ...key.prediction(ws, requestId),
      gsi1pk: partition.predictions(ws, model),
      gsi1sk: `${at}#${requestId}`,
      requestId,
      model,
      version,
      at,
      count: rows.length,
      bytes,
      ...(facts !== undefined && { facts }),
      ttl: Math.floor(this.#clock.now().getTime() / 1000) + this.#days * DAY_SECONDS,
    };
  }
}

/** `ws/predictions/YYYY/MM/DD/REQUESTID.json`, by UTC day. */
export function predictionKey(ws: string, requestId: string, at: Date): string {
  const day = at.toISOString().slice(0, 10).replaceAll('-', '/');
  return `${checkWorkspace(ws)}/predictions/${day}/${checkRequestId(requestId)}.json`;
}
