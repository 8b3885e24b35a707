import { InvalidInputError } from '../errors/index.ts';
import { encodeCursor } from '../store/cursor.ts';
import type { Item, ItemStore, QueryRequest } from '../store/ports.ts';

/** Which of a model's predictions to list. */
export interface PredictionFilter {
  version?: string;
  /** ISO 8601 with milliseconds and Z, as records have it: text order is time order. Included. */
  from?: string;
  /** Not included. */
  to?: string;
  /** 100 unless told. */
  limit?: number;
  cursor?: string;
}

/** Items looked at for one page: a rare version among many must not outlast a request. */
const MOST_LOOKED_AT = 2_000;
/** Items read at once. */
const CHUNK = 200;
/** Sum of the records of one page: an answer carries 6 MB, and JSON in JSON grows. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Earlier than any time that a record can have, and later. */
const [FIRST, LAST] = ['0000', '9999-12-31T23:59:59.999Z~'];

/** Items of a page, and whether the record of each fits into it. */
export interface PredictionItems {
  items: { item: Item; whole: boolean }[];
  cursor?: string;
}

/**
 * One page of a model's list, newest first. A page ends before the record that would make it too large; one that is too
 * large by itself is given alone, without its rows.
 *
 * @throws InvalidInputError where `from` is not before `to`, or on a cursor of another list
 */
export async function predictionPage(
  store: ItemStore,
  partition: string,
  { version, from, to, limit = 100, cursor }: PredictionFilter,
): Promise<PredictionItems> {
  if (from !== undefined && to !== undefined && from >= to) {
    throw new InvalidInputError(`from (${from}) is not before to (${to})`, { field: 'from' });
  }
  const request: QueryRequest = {
    pk: partition,
    index: 'gsi1',
    descending: true,
    // An item's key goes on after its time, so that it sorts after a bound of the same time: `to` is left out.
    skBetween: [from ?? FIRST, to ?? LAST],
  };
  const found: PredictionItems = { items: [] };
  let [bytes, lookedAt] = [0, 0];
  for (let next = cursor; ; ) {
    // Without a filter what is read is what is given.
    const size = version === undefined ? Math.min(CHUNK, limit - found.items.length) : CHUNK;
    const page = await store.query({
      ...request,
      limit: size,
      ...(next === undefined ? {} : { cursor: next }),
    });
    for (const [i, item] of page.items.entries()) {
      const more = page.cursor !== undefined || i + 1 < page.items.length;
      lookedAt++;
      if (version === undefined || item.version === version) {
        const own = item.bytes as number;
        const alone = found.items.length === 0;
        if (!alone && bytes + own > MOST_BYTES) return found;
        found.items.push({ item, whole: own <= MOST_BYTES });
        bytes += own;
      }
      found.cursor = more ? encodeCursor(request, item) : undefined;
      if (found.items.length === limit || lookedAt >= MOST_LOOKED_AT) return found;
    }
    if (page.cursor === undefined) return { items: found.items };
    next = page.cursor;
  }
}
