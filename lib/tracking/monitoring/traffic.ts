import { InvalidInputError } from '../../errors/index.ts';
import { collect } from '../../store/paging.ts';
import type { Item, ItemStore } from '../../store/ports.ts';
import { fromText, toText } from '../json.ts';
import { key, partition, prefix } from '../keys.ts';
import { addTraffic, bucketOf, noTraffic } from './sums.ts';
import type { TrafficBucket, TrafficSums, TrafficUnit } from './types.ts';

const MINUTES: Record<TrafficUnit, number> = { '5m': 5, hour: 60 };
/** Fine buckets are for the last week, coarse ones for a year and its comparison. */
const DAYS: Record<TrafficUnit, number> = { '5m': 8, hour: 400 };
export const UNITS: readonly TrafficUnit[] = ['5m', 'hour'];
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Buckets of one answer: what a page can draw and 6 MB can carry. */
const MOST_BUCKETS = 10_000;

/** Which bucket something is counted in. */
export interface BucketRef {
  unit: TrafficUnit;
  /** Its beginning. */
  at: string;
  version: string;
  shadow: boolean;
}

/** The buckets, one of each width, of a moment. */
export const bucketsAt = (at: string, version: string, shadow: boolean): BucketRef[] =>
  UNITS.map((unit) => ({ unit, at: floorTo(at, MINUTES[unit] * MINUTE), version, shadow }));

const floorTo = (at: string, width: number): string =>
  new Date(Math.floor(Date.parse(at) / width) * width).toISOString();

/** What a model's versions did over time, in buckets of five minutes and of an hour. */
export class Traffic {
  readonly #items: ItemStore;

  constructor(items: ItemStore) {
    this.#items = items;
  }

  /** The buckets as they are with these sums added: to be written in the transaction that remembers that they were counted. */
  async added(
    ws: string,
    model: string,
    more: readonly (readonly [BucketRef, TrafficSums])[],
  ): Promise<Item[]> {
    const keys = more.map(([ref]) => key.traffic(ws, model, ref));
    const found = await this.#items.batchGet(keys, { consistent: true });
    const before = new Map(found.map((item) => [item.sk, sumsOf(item)]));
    return more.map(([ref, sums], i) => {
      const { pk, sk } = keys[i] as { pk: string; sk: string };
      const { unit, at, version, shadow } = ref;
      const ttl = Math.floor((Date.parse(at) + DAYS[unit] * DAY) / 1000);
      const total = addTraffic(before.get(sk) ?? noTraffic(), sums);
      return { pk, sk, at, version, shadow, ttl, sums: toText(total) };
    });
  }

  /**
   * What happened from `from` to `to`, by version.
   *
   * @throws InvalidInputError where `from` is not before `to`, or there are over 10,000 buckets between
   */
  async list(
    ws: string,
    model: string,
    { from, to, by }: { from: string; to: string; by: TrafficUnit | 'day' },
  ): Promise<TrafficBucket[]> {
    if (from >= to) throw new InvalidInputError(`from (${from}) is not before to (${to})`, { field: 'from' });
    const unit = by === 'day' ? 'hour' : by;
    const width = MINUTES[unit] * MINUTE;
    if ((Date.parse(to) - Date.parse(from)) / width > MOST_BUCKETS) {
      throw new InvalidInputError(`more than ${MOST_BUCKETS} buckets from ${from} to ${to}`, {
        field: 'from',
        remedy: 'Ask for a shorter time, or by a longer one: `by=day`.',
      });
    }
    const found = await this.#between(ws, model, unit, floorTo(from, width), to);
    if (by !== 'day') {
      return found.map(({ at, version, shadow, sums }) => bucketOf(at, version, shadow, sums));
    }
    const days = new Map<string, { at: string; version: string; shadow: boolean; sums: TrafficSums }>();
    for (const one of found) {
      const at = floorTo(one.at, DAY);
      const id = JSON.stringify([at, one.version, one.shadow]);
      const held = days.get(id) ?? { ...one, at, sums: noTraffic() };
      days.set(id, { ...held, sums: addTraffic(held.sums, one.sums) });
    }
    return [...days.values()].map(({ at, version, shadow, sums }) => bucketOf(at, version, shadow, sums));
  }

  /** All that a version answered since a time, to the hour. */
  async total(ws: string, model: string, version: string, from: string): Promise<TrafficSums> {
    const found = await this.#between(ws, model, 'hour', floorTo(from, MINUTES.hour * MINUTE), '9999');
    return found
      .filter((one) => one.version === version && !one.shadow)
      .reduce((sum, { sums }) => addTraffic(sum, sums), noTraffic());
  }

  async #between(ws: string, model: string, unit: TrafficUnit, from: string, to: string) {
    const begin = prefix.traffic(unit);
    // A bucket's key goes on after its time, so that one that begins at `to` is left out.
    const request = {
      pk: partition.monitor(ws, model),
      skBetween: [begin + from, begin + to] as const,
      consistent: true,
    };
    const found = await collect(this.#items, request);
    return found.map((item) => ({
      at: item.at as string,
      version: item.version as string,
      shadow: item.shadow as boolean,
      sums: sumsOf(item),
    }));
  }
}

const sumsOf = (item: Item): TrafficSums => fromText<TrafficSums>(item.sums, 'traffic');
