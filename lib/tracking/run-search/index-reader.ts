import { queryAll } from '../../store/paging.ts';
import type { Item, ItemStore } from '../../store/ports.ts';
import { partition } from '../keys.ts';
import { holdsOf } from '../search/evaluate.ts';
import type { Clause, FieldType, OrderKey } from '../search/types.ts';
import { AFTER, floatCode, floatOf, mayBeCut, TAIL } from './codes.ts';
import { textPart } from './entries.ts';

export type Value = string | number | undefined;

/** One entry of the index: of which run (time and id), and what it says of it. */
export interface Entry {
  tail: string;
  value: Value;
}

const KINDS: Readonly<Record<Exclude<FieldType, 'attribute'>, 'm' | 'p' | 't' | 'd'>> = {
  metric: 'm',
  parameter: 'p',
  tag: 't',
  dataset: 'd',
};

/** The sort keys of all numbers, NaN left out; and those of NaN. */
export const NUMBERS: readonly [string, string] = ['!', floatCode(Number.POSITIVE_INFINITY) + AFTER];
export const NOT_NUMBERS: readonly [string, string] = [floatCode(Number.NaN), AFTER];

export interface Read {
  /** Entries a request. */
  limit?: number;
  between?: readonly [string, string];
  prefix?: string;
  descending?: boolean;
}

/** Reads the index of one experiment. All reads are strongly consistent. */
export class IndexReader {
  readonly #items: ItemStore;
  readonly #ws: string;
  readonly experimentId: string;

  constructor(items: ItemStore, ws: string, experimentId: string) {
    this.#items = items;
    this.#ws = ws;
    this.experimentId = experimentId;
  }

  /** The entries of a metric, param, tag or field of datasets, in the order of their values, then newest first. */
  async *entries(field: { type: FieldType; key: string }, read: Read = {}): AsyncGenerator<Entry> {
    const kind = KINDS[field.type as keyof typeof KINDS];
    const pk = partition.runIndex(this.#ws, this.experimentId, kind, field.key);
    for await (const { sk } of this.#query(pk, read)) {
      const value = sk.slice(0, -TAIL);
      yield { tail: sk.slice(-TAIL), value: kind === 'm' ? floatOf(value) : value.slice(0, -1) };
    }
  }

  /** All runs of the experiment, newest first, with one of their attributes. */
  async *attributes(key: string, read: Read = {}): AsyncGenerator<Entry> {
    const pk = partition.runIndex(this.#ws, this.experimentId, 'a', '');
    for await (const item of this.#query(pk, read)) yield { tail: item.sk, value: attributeOf(item, key) };
  }

  /** The runs that fulfil a condition, and maybe some that do not; undefined where the index cannot tell. */
  async fulfilling(clause: Clause): Promise<{ tails: Set<string>; all: boolean } | undefined> {
    const { type, key, comparator } = clause;
    if (type === 'attribute' && (key === 'artifact_uri' || key === 'start_time' || key === 'run_id'))
      return undefined;
    const entries = type === 'attribute' ? this.attributes(key) : this.entries(clause, rangeOf(clause));
    const tails = new Set<string>();
    for await (const { tail, value } of entries) {
      const cut = type !== 'attribute' && typeof value === 'string' && mayBeCut(value);
      if (comparator === 'IS NULL' || cut || holdsOf(clause, value)) tails.add(tail);
    }
    return { tails, all: comparator !== 'IS NULL' };
  }

  /** The value of an order's key by run. */
  async values({ type, key }: OrderKey): Promise<Map<string, Value>> {
    const entries = type === 'attribute' ? this.attributes(key) : this.entries({ type, key });
    const values = new Map<string, Value>();
    for await (const { tail, value } of entries) values.set(tail, value);
    return values;
  }

  #query(pk: string, { between, prefix, limit, descending = false }: Read): AsyncGenerator<Item> {
    return queryAll(this.#items, {
      pk,
      consistent: true,
      descending,
      ...(limit !== undefined && { limit }),
      ...(between && { skBetween: between }),
      ...(prefix !== undefined && { skPrefix: prefix }),
    });
  }
}

function attributeOf(item: Item, key: string): Value {
  if (key === 'status') return item.s as string;
  if (key === 'run_name') return item.n as string;
  if (key === 'user_id') return item.u as string | undefined;
  if (key === 'end_time') return item.e as number | undefined;
  if (key === 'lifecycle') return item.d === true ? 'deleted' : 'active';
  return undefined;
}

/** Whether a condition is a range of the entries that an order goes through: then no set of its runs is needed. */
export const bounds = ({ type, key, comparator }: Clause, order: OrderKey | undefined): boolean =>
  type === 'metric' &&
  order?.type === 'metric' &&
  order.key === key &&
  ['=', '>', '>=', '<', '<='].includes(comparator);

/** The part of a field's entries in which a condition may hold. */
export function rangeOf({ type, comparator, value }: Clause): Read {
  if (type !== 'metric') {
    return comparator === '=' && typeof value === 'string' ? { prefix: textPart(value) } : {};
  }
  const code = floatCode(Number(value));
  if (comparator === '=') return { prefix: code };
  if (comparator === '>' || comparator === '>=') return { between: [code, NUMBERS[1]] };
  if (comparator === '<' || comparator === '<=') return { between: [NUMBERS[0], code + AFTER] };
  return {};
}
