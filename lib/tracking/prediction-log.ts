import { NotFoundError } from '../errors/index.ts';
import { MAX_ITEM_BYTES } from '../store/limits.ts';
import type { Clock, ItemStore, ObjectStore } from '../store/ports.ts';
import { fromText, toText } from './json.ts';
import { key } from './keys.ts';
import { checkRequestId, checkWorkspace } from './names.ts';
import type { PredictionRecord } from './types.ts';

const DAY_SECONDS = 86_400;
/** Above this an item's record goes to S3: a write costs a unit for each KB. */
const LARGEST_ITEM = MAX_ITEM_BYTES / 4;

/** What was predicted from what, by request id, for as many days as told. */
export class PredictionLog {
  readonly #items: ItemStore;
  readonly #objects: ObjectStore;
  readonly #clock: Clock;
  readonly #days: number;

  /** @param options `days`: how long a record is kept, 30 unless told. The bucket's lifecycle rule ends the objects. */
  constructor(items: ItemStore, objects: ObjectStore, clock: Clock, options: { days?: number } = {}) {
    this.#items = items;
    this.#objects = objects;
    this.#clock = clock;
    this.#days = options.days ?? 30;
  }

  /** One item; a record over 100 KB goes to S3 as a batch does. Repeating it changes nothing. */
  async record(ws: string, record: PredictionRecord): Promise<void> {
    const text = toText(record);
    if (Buffer.byteLength(text) > LARGEST_ITEM) return this.recordBatch(ws, record);
    await this.#items.put({ ...key.prediction(ws, record.requestId), record: text, ttl: this.#ttl() });
  }

  /** One S3 object with all rows, then one small item that names it. */
  async recordBatch(ws: string, record: PredictionRecord): Promise<void> {
    const place = key.prediction(ws, record.requestId);
    const objectKey = predictionKey(ws, record.requestId, new Date(record.at));
    await this.#objects.put(objectKey, toText(record), { contentType: 'application/json' });
    await this.#items.put({ ...place, objectKey, ttl: this.#ttl() });
  }

  /** @throws NotFoundError where there is none, or its time is over. */
  async get(ws: string, requestId: string): Promise<PredictionRecord> {
    const item = await this.#items.get(key.prediction(ws, requestId), { consistent: true });
    if (!item) throw new NotFoundError(`no prediction ${requestId}`);
    if (item.objectKey === undefined) return fromText<PredictionRecord>(item.record, 'prediction');
    const bytes = await this.#objects.get(item.objectKey as string);
    return fromText<PredictionRecord>(new TextDecoder().decode(bytes), 'prediction');
  }

  #ttl(): number {
    return Math.floor(this.#clock.now().getTime() / 1000) + this.#days * DAY_SECONDS;
  }
}

/** `ws/predictions/YYYY/MM/DD/REQUESTID.json`, by UTC day. */
export function predictionKey(ws: string, requestId: string, at: Date): string {
  const day = at.toISOString().slice(0, 10).replaceAll('-', '/');
  return `${checkWorkspace(ws)}/predictions/${day}/${checkRequestId(requestId)}.json`;
}
