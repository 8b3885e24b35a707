import { compareValues } from '../search/evaluate.ts';
import type { Clause, OrderKey } from '../search/types.ts';
import { AFTER, floatCode, runOf, TIME_LENGTH, timeOf } from './codes.ts';
import {
  bounds,
  type Entry,
  type IndexReader,
  NOT_NUMBERS,
  NUMBERS,
  rangeOf,
  type Value,
} from './index-reader.ts';

/** A run in its place: the values of all keys of the order, the last of which is its id. */
export interface Placed {
  tail: string;
  values: Value[];
}

/** Entries read at once, 130 KB: a page mostly needs no more, and 10,000 runs are five such requests. */
const AT_ONCE = 2_000;

/** The order of two runs by the values of all keys. */
export function comparePlaces(keys: readonly OrderKey[], a: readonly Value[], b: readonly Value[]): number {
  for (const [i, { ascending }] of keys.entries()) {
    const order = compareValues(a[i], b[i], ascending);
    if (order !== 0) return order;
  }
  return 0;
}

/**
 * The runs of one experiment in an order, from the place after `from` on.
 *
 * Where the first key is a metric, a param, a tag or the start time, the index is in that order already: it is read as far as it is
 * asked for, and sorted only among equals. Further keys that are asked for are read whole.
 *
 * @param wanted whether a run may be among the results, by what the index says of it.
 * @param clauses of these the ranges of the first key's own values are not read beyond.
 */
export async function* ordered(
  reader: IndexReader,
  keys: readonly OrderKey[],
  from: readonly Value[] | undefined,
  wanted: (tail: string) => boolean,
  clauses: readonly Clause[] = [],
): AsyncGenerator<Placed> {
  const [first, ...rest] = keys as [OrderKey, ...OrderKey[]];
  const others = await Promise.all(rest.map((key) => reading(reader, key)));
  const place = ({ tail, value }: Entry): Placed => ({
    tail,
    values: [value, ...others.map((of) => of(tail))],
  });
  let group: Placed[] = [];
  const sorted = (): Placed[] =>
    group
      .sort((a, b) => comparePlaces(keys, a.values, b.values))
      .filter(({ values }) => from === undefined || comparePlaces(keys, values, from) > 0);
  const within = clauses.filter((clause) => bounds(clause, first)).map(betweenOf);
  for await (const entry of inOrder(reader, first, from?.[0], from !== undefined, within)) {
    const held = group[0];
    if (held && compareValues(held.values[0], entry.value, true) !== 0) {
      yield* sorted();
      group = [];
    }
    if (wanted(entry.tail)) group.push(place(entry));
  }
  yield* sorted();
}

/** How to know a key's value of a run: from the entry's own end, or from the key's entries. */
async function reading(reader: IndexReader, key: OrderKey): Promise<(tail: string) => Value> {
  if (key.type === 'attribute' && key.key === 'start_time') return startOf;
  if (key.type === 'attribute' && key.key === 'run_id') return idOf;
  const values = await reader.values(key);
  return (tail) => values.get(tail);
}

const startOf = (tail: string): number => timeOf(tail.slice(0, TIME_LENGTH));
const idOf = (tail: string): string => runOf(tail.slice(TIME_LENGTH));

/** All runs by the first key alone, equals side by side. */
async function* inOrder(
  reader: IndexReader,
  key: OrderKey,
  from: Value,
  resumed: boolean,
  within: readonly (readonly [string, string])[],
): AsyncGenerator<Entry> {
  if (key.type === 'attribute') return yield* byAttribute(reader, key);
  if (within.length > 0) {
    // Neither NaN nor a run without the metric fulfils a comparison.
    const start = typeof from === 'number' ? [fromNumber(from, !key.ascending)] : [];
    const between = common([...within, ...start]);
    if (between) yield* reader.entries(key, { between, descending: !key.ascending, limit: AT_ONCE });
    return;
  }
  const seen = new Set<string>();
  const note = async function* (entries: AsyncGenerator<Entry>): AsyncGenerator<Entry> {
    for await (const entry of entries) {
      seen.add(entry.tail);
      yield entry;
    }
  };
  const descending = !key.ascending;
  if (key.type === 'metric') {
    const isNumber = typeof from === 'number' && !Number.isNaN(from);
    if (!resumed || isNumber) {
      const between = isNumber ? fromNumber(from, descending) : NUMBERS;
      yield* note(reader.entries(key, { between, descending, limit: AT_ONCE }));
    }
    if (!resumed || from !== undefined)
      yield* note(reader.entries(key, { between: NOT_NUMBERS, limit: AT_ONCE }));
  } else if (!resumed || from !== undefined) {
    yield* note(reader.entries(key, { descending, limit: AT_ONCE }));
  }
  // What comes last has no value. Those that a page before this one has passed have one.
  const has = resumed ? await reader.values(key) : seen;
  for await (const { tail } of reader.attributes('', { limit: AT_ONCE }))
    if (!has.has(tail)) yield { tail, value: undefined };
}

/** The sort keys in which a condition on numbers may hold. */
function betweenOf(clause: Clause): readonly [string, string] {
  const { between, prefix = '' } = rangeOf(clause);
  return between ?? [prefix, prefix + AFTER];
}

/** What is in all of the ranges; undefined for nothing. */
function common(ranges: readonly (readonly [string, string])[]): readonly [string, string] | undefined {
  const least = ranges.map(([start]) => start).reduce((a, b) => (a > b ? a : b));
  const most = ranges.map(([, end]) => end).reduce((a, b) => (a < b ? a : b));
  return least <= most ? [least, most] : undefined;
}

const fromNumber = (value: number, descending: boolean): readonly [string, string] =>
  descending ? [NUMBERS[0], floatCode(value) + AFTER] : [floatCode(value), NUMBERS[1]];

async function* byAttribute(reader: IndexReader, key: OrderKey): AsyncGenerator<Entry> {
  if (key.key === 'start_time') {
    for await (const { tail } of reader.attributes('', { descending: key.ascending, limit: AT_ONCE }))
      yield { tail, value: startOf(tail) };
    return;
  }
  const of = key.key === 'run_id' ? idOf : undefined;
  const entries: Entry[] = [];
  for await (const entry of reader.attributes(key.key))
    entries.push(of ? { tail: entry.tail, value: of(entry.tail) } : entry);
  yield* entries.sort((a, b) => compareValues(a.value, b.value, key.ascending));
}
