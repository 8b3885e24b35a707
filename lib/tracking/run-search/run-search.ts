import type { Item, ItemStore } from '../../store/ports.ts';
import { key } from '../keys.ts';
import { numberText } from '../numbers.ts';
import { toRunDetail } from '../run-item.ts';
import { RunItems } from '../run-items.ts';
import {
  type Clause,
  comparator,
  decodePageToken,
  encodePageToken,
  matches,
  type OrderKey,
  parseFilter,
  parseOrderBy,
} from '../search/index.ts';
import type { RunDetail } from '../types.ts';
import { cutText, runOf, TIME_LENGTH, timeOf } from './codes.ts';
import { bounds, IndexReader, type Value } from './index-reader.ts';
import { comparePlaces, ordered, type Placed } from './ordered.ts';
import { subjectOf } from './subject.ts';

export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export interface RunQuery {
  experimentIds: readonly string[];
  filter?: string | undefined;
  viewType?: ViewType | undefined;
  maxResults: number;
  orderBy?: readonly string[] | undefined;
  pageToken?: string | undefined;
}

export interface RunPage {
  runs: RunDetail[];
  nextPageToken?: string;
}

/** So few candidates are read and sorted by themselves, without the index of the order. */
const FEW = 200;
/** Characters of documents in one answer, which a function may give 6 MB of. */
const MAX_ANSWER = 3_500_000;

/** Finds runs by filter and order, as MLflow's server does, over the index of `entries.ts`. */
export class RunSearch {
  readonly #items: ItemStore;
  readonly #held: RunItems;

  constructor(items: ItemStore) {
    this.#items = items;
    this.#held = new RunItems(items);
  }

  /**
   * One page. It ends early, with a token for the next, where its runs are too large for one answer.
   *
   * @throws InvalidSearchError in MLflow's words.
   */
  async search(ws: string, query: RunQuery): Promise<RunPage> {
    const clauses = parseFilter(query.filter, 'run');
    const keys = parseOrderBy(query.orderBy, 'run');
    const experiments = [...new Set(query.experimentIds)].sort();
    const view = query.viewType ?? 'ACTIVE_ONLY';
    const bound = [ws, experiments, query.filter ?? '', view, keys];
    const from = decodePageToken<unknown[]>(bound, query.pageToken)?.map(fromWord);
    const readers = experiments.map((id) => new IndexReader(this.#items, ws, id));
    const fits = (run: RunDetail): boolean => inView(run, view) && matches(clauses, subjectOf(run));
    const found = await this.#candidates(readers, clauses, view, keys, from);
    const token = (values: Value[]): string => encodePageToken(bound, values.map(toWord));
    if (Array.isArray(found)) return this.#few(ws, found, { ...query, experiments, keys, from, fits, token });
    return this.#fill(ws, found, query.maxResults, keys, fits, token);
  }

  /** Ids where they are few, else the runs in their order. */
  async #candidates(
    readers: readonly IndexReader[],
    clauses: readonly Clause[],
    view: ViewType,
    keys: readonly OrderKey[],
    from: Value[] | undefined,
  ): Promise<string[] | AsyncGenerator<Placed>> {
    const named = namedRuns(clauses);
    if (named) return named;
    const times = clauses.filter(({ type, key: name }) => type === 'attribute' && name === 'start_time');
    const wanted = await Promise.all(
      readers.map(async (reader) => {
        const beside = clauses.filter((clause) => !bounds(clause, keys[0]));
        const asked: Clause[] = view === 'DELETED_ONLY' ? [...beside, DELETED] : beside;
        const sets = (await Promise.all(asked.map((clause) => reader.fulfilling(clause)))).filter(
          (set) => set !== undefined,
        );
        const test = (tail: string): boolean =>
          sets.every(({ tails, all }) => tails.has(tail) === all) && inTime(times, tail);
        const smallest = sets.filter(({ all }) => all).sort((a, b) => a.tails.size - b.tails.size)[0];
        const few = smallest && [...smallest.tails].filter(test);
        return { reader, test, few };
      }),
    );
    const few = wanted.flatMap((one) => one.few ?? []);
    if (wanted.every((one) => one.few) && few.length <= FEW) {
      return few.map((tail) => runOf(tail.slice(TIME_LENGTH)));
    }
    return merged(
      wanted.map(({ reader, test }) => ordered(reader, keys, from, test, clauses)),
      keys,
    );
  }

  async #few(
    ws: string,
    ids: string[],
    query: {
      experiments: string[];
      maxResults: number;
      keys: OrderKey[];
      from: Value[] | undefined;
      fits(run: RunDetail): boolean;
      token(values: Value[]): string;
    },
  ): Promise<RunPage> {
    const { keys, from, experiments, maxResults } = query;
    const all = (await this.#read(ws, ids)).filter(
      ({ run }) => experiments.includes(run.experimentId) && query.fits(run),
    );
    const bySubject = comparator(keys);
    const sorted = all
      .map((one) => ({ ...one, subject: subjectOf(one.run), values: valuesOf(one.run, keys) }))
      .sort((a, b) => bySubject(a.subject, b.subject))
      .filter(({ values }) => from === undefined || comparePlaces(keys, values, from) > 0);
    const page = cutToAnswer(sorted.slice(0, maxResults));
    const more = page.length < sorted.length;
    return {
      runs: page.map(({ run }) => run),
      ...(more && { nextPageToken: query.token(page.at(-1)!.values) }),
    };
  }

  /** Reads headers in the order until the page is full, and one run more tells that there is another page. */
  async #fill(
    ws: string,
    places: AsyncGenerator<Placed>,
    maxResults: number,
    keys: readonly OrderKey[],
    fits: (run: RunDetail) => boolean,
    token: (values: Value[]) => string,
  ): Promise<RunPage> {
    const page: { run: RunDetail; values: Value[] }[] = [];
    let total = 0;
    for (;;) {
      const chunk = await take(places, Math.min(100, Math.max(1, maxResults - page.length)));
      if (chunk.length === 0) return { runs: page.map(({ run }) => run) };
      // A run may stand in two places, one of them left of a value before.
      const ids = chunk.map(({ tail }) => runOf(tail.slice(TIME_LENGTH)));
      const read = await this.#read(ws, [...new Set(ids)]);
      const byId = new Map(read.map((one) => [one.run.runId, one]));
      for (const [i, { values }] of chunk.entries()) {
        const found = byId.get(ids[i]!);
        if (!found || !fits(found.run) || !isThere(found.run, keys, values)) continue;
        const { run, size } = found;
        total += size;
        if (page.length === maxResults || (page.length > 0 && total > MAX_ANSWER)) {
          await places.return(undefined);
          return { runs: page.map((one) => one.run), nextPageToken: token(page.at(-1)!.values) };
        }
        page.push({ run, values });
      }
    }
  }

  async #read(ws: string, ids: readonly string[]): Promise<{ run: RunDetail; size: number }[]> {
    if (ids.length === 0) return [];
    const headers = await this.#items.batchGet(
      ids.map((id) => key.run(ws, id)),
      { consistent: true },
    );
    return Promise.all(headers.map((header) => this.#whole(ws, header)));
  }

  async #whole(ws: string, header: Item): Promise<{ run: RunDetail; size: number }> {
    const run = toRunDetail(ws, header, await this.#held.document(header));
    return { run, size: (header.document as string).length + (header.pages as number) * 350_000 };
  }
}

const DELETED: Clause = { type: 'attribute', key: 'lifecycle', comparator: '=', value: 'deleted' };

const inView = (run: RunDetail, view: ViewType): boolean =>
  view === 'ALL' || (run.lifecycleStage === 'deleted') === (view === 'DELETED_ONLY');

/** The ids that a filter names, where it does. */
function namedRuns(clauses: readonly Clause[]): string[] | undefined {
  const named = clauses.find(
    ({ type, key: name, comparator: how }) =>
      type === 'attribute' && name === 'run_id' && (how === '=' || how === 'IN'),
  );
  if (!named) return undefined;
  const ids = Array.isArray(named.value) ? (named.value as string[]) : [String(named.value)];
  return ids.filter((id) => /^[0-9a-f]{32}$/.test(id));
}

function inTime(times: readonly Clause[], tail: string): boolean {
  if (times.length === 0) return true;
  return matches(times, { attributes: { start_time: timeOf(tail.slice(0, TIME_LENGTH)) } });
}

/** The values of the order's keys. */
function valuesOf(run: RunDetail, keys: readonly OrderKey[]): Value[] {
  const { attributes, params = {}, tags = {}, metrics = {} } = subjectOf(run);
  const maps = { attribute: attributes, parameter: params, tag: tags, metric: metrics };
  return keys.map(({ type, key: name }) =>
    Object.hasOwn(maps[type], name) ? (maps[type][name] as Value) : undefined,
  );
}

/** Whether the index had the run in its place: another one may be left of a value before. Texts of an entry may be cut. */
function isThere(run: RunDetail, keys: readonly OrderKey[], values: readonly Value[]): boolean {
  const [now, held] = [valuesOf(run, keys)[0], values[0]];
  // Of attributes there is one entry a run.
  if (keys[0]?.type === 'attribute') return true;
  if (typeof now === 'string') return held === cutText(now).text;
  return Object.is(now === 0 ? 0 : now, held === 0 ? 0 : held);
}

function cutToAnswer<T extends { size: number }>(runs: readonly T[]): T[] {
  let total = 0;
  const end = runs.findIndex(({ size }, i) => {
    total += size;
    return i > 0 && total > MAX_ANSWER;
  });
  return end < 0 ? [...runs] : runs.slice(0, end);
}

async function take<T>(from: AsyncGenerator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = await from.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

/** Several orders as one. */
async function* merged(streams: AsyncGenerator<Placed>[], keys: readonly OrderKey[]): AsyncGenerator<Placed> {
  const heads = await Promise.all(streams.map((stream) => stream.next()));
  for (;;) {
    let least = -1;
    for (const [i, head] of heads.entries()) {
      if (head.done) continue;
      const best = least < 0 ? undefined : (heads[least]!.value as Placed);
      if (!best || comparePlaces(keys, (head.value as Placed).values, best.values) < 0) least = i;
    }
    if (least < 0) return;
    yield heads[least]!.value as Placed;
    heads[least] = await streams[least]!.next();
  }
}

/** Values in a token: a number as text of its own kind, since JSON has no NaN. */
type Word = null | ['n' | 's', string];
const toWord = (value: Value): Word =>
  value === undefined ? null : typeof value === 'number' ? ['n', numberText(value)] : ['s', value];
const fromWord = (word: unknown): Value => {
  if (!Array.isArray(word)) return undefined;
  return word[0] === 'n' ? Number(word[1]) : String(word[1]);
};
