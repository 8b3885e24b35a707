import { InvalidInputError } from '../errors/index.ts';
import { ParamChangedError } from './errors.ts';
import { fromText, toText } from './json.ts';
import { checkEntryKey } from './names.ts';
import { numberText, orderedFloat } from './numbers.ts';
import { datasetRows, datasetsOf, idOf, type MetricRow, pointOf, type Row } from './run-rows.ts';
import type { DatasetInput, MetricPoint, ModelOutput } from './types.ts';

/** MLflow's limits of one value, in characters. */
export const MAX_PARAM = 6_000;
export const MAX_TAG = 8_000;
/** The tag that lists a run's models outgrows what MLflow lets another tag hold; this still leaves room beside it in a page. */
export const MAX_MODELS_TAG = 100_000;
/** Bytes of text a page may hold: the header leaves room for its own attributes, its lineage and its error. */
const HEADER_PAGE_BYTES = 200_000;
const PAGE_BYTES = 350_000;

interface Entry {
  row: Row;
  page: number;
  size: number;
}

/**
 * Whether `a` is later than `b`: by step, then time, then value, as in MLflow, whose stores count a NaN as 0 here. Of a NaN and
 * a 0 the NaN is the later one, so that the order in which points arrive does not matter.
 */
export function isLater(a: Omit<MetricPoint, 'key'>, b: Omit<MetricPoint, 'key'>): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  const [x, y] = [a, b].map(({ value }) => orderedFloat(Number.isNaN(value) ? 0 : value)) as [string, string];
  return x === y ? Number.isNaN(a.value) && !Number.isNaN(b.value) : x > y;
}

/**
 * The params, tags and latest metrics of one run, kept in the run's header item and, where that is full, in pages of
 * their own, so that a run with thousands of them stays under 400 KB an item and an ordinary run is one item.
 *
 * An entry that outgrows its page moves to a later one, never to an earlier: a reader that takes the header first and
 * the pages then may see an entry twice (the later page counts), but never misses one.
 */
export class RunDocument {
  readonly #entries = new Map<string, Entry>();
  readonly #sizes: number[] = [0];
  readonly #changed = new Set<number>();

  /** @param pages the texts of the header's page and of the further ones, in order. */
  constructor(pages: readonly (string | undefined)[] = []) {
    pages.forEach((text, page) => {
      this.#sizes[page] ??= 0;
      for (const row of text === undefined ? [] : fromText<Row[]>(text, 'run')) this.#place(row, page);
    });
    this.#changed.clear();
  }

  get params(): Record<string, string> {
    return Object.fromEntries(this.#rows('p').map((row) => [row[1], row[2]]));
  }

  get tags(): Record<string, string> {
    return Object.fromEntries(this.#rows('t').map((row) => [row[1], row[2]]));
  }

  get metrics(): Record<string, number> {
    return Object.fromEntries(this.#rows('m').map((row) => [row[1], Number(row[2])]));
  }

  /** The latest point of each metric. */
  get latest(): MetricPoint[] {
    return this.#rows('m').map(pointOf);
  }

  /** The datasets that the run read. */
  get datasets(): DatasetInput[] {
    return datasetsOf(this.#rows('d'));
  }

  /** Ids of the logged models that the run read. */
  get modelInputs(): string[] {
    return this.#rows('i').map((row) => row[1]);
  }

  /** The logged models that the run made. */
  get modelOutputs(): ModelOutput[] {
    return this.#rows('o').map((row) => ({ modelId: row[1], step: row[2] }));
  }

  /** The pages to write since it was read, by number (0 is the header's). */
  get changes(): Map<number, string> {
    return new Map([...this.#changed].sort((a, b) => a - b).map((page) => [page, this.#text(page)]));
  }

  /** Pages beside the header's. */
  get furtherPages(): number {
    return this.#sizes.length - 1;
  }

  /** Throws ParamChangedError where the key has another value, InvalidInputError where key or value breaks a limit. */
  setParam(key: string, value: string): void {
    checkEntryKey(key, 'param');
    checkText(value, `params.${key}`, MAX_PARAM);
    const before = this.#textOf('p', key);
    if (before === value) return;
    if (before !== undefined) {
      throw new ParamChangedError(
        `param ${JSON.stringify(key)} is ${JSON.stringify(before.slice(0, 100))} already`,
        {
          field: `params.${key}`,
          details: { before: before.slice(0, 250), now: value.slice(0, 250) },
        },
      );
    }
    this.#place(['p', key, value]);
  }

  /** The last writer's value stands. `most`: how many characters it may have. */
  setTag(key: string, value: string, most = MAX_TAG): void {
    checkEntryKey(key, 'tag');
    checkText(value, `tags.${key}`, most);
    if (this.#textOf('t', key) !== value) this.#place(['t', key, value]);
  }

  /** Whether there was such a tag. */
  deleteTag(key: string): boolean {
    const id = idOf('t', key);
    const held = this.#entries.get(id);
    if (!held) return false;
    this.#sizes[held.page]! -= held.size;
    this.#changed.add(held.page);
    return this.#entries.delete(id);
  }

  /** A dataset is held once, as it was logged first: its name and digest say which it is. */
  addDataset(input: DatasetInput): void {
    const rows = datasetRows(input);
    if (this.#entries.has(idOf('d', rows[0]![1], 0))) return;
    for (const row of rows) this.#place(row);
  }

  addModelInput(modelId: string): void {
    if (!this.#entries.has(idOf('i', modelId))) this.#place(['i', modelId]);
  }

  /** A model that was logged before keeps its step. */
  addModelOutput({ modelId, step }: ModelOutput): void {
    if (!this.#entries.has(idOf('o', modelId))) this.#place(['o', modelId, step]);
  }

  /** Keeps the point where it is later than the one held. */
  setMetric(point: MetricPoint): void {
    const held = this.#entries.get(idOf('m', point.key))?.row as MetricRow | undefined;
    if (held && !isLater(point, pointOf(held))) return;
    this.#place(['m', point.key, numberText(point.value), point.step, point.timestamp]);
  }

  #textOf(kind: 'p' | 't', key: string): string | undefined {
    const row = this.#entries.get(idOf(kind, key))?.row;
    return row && (row[2] as string);
  }

  #rows<K extends Row[0]>(kind: K): Extract<Row, readonly [K, ...unknown[]]>[] {
    const ofKind = (row: Row): row is Extract<Row, readonly [K, ...unknown[]]> => row[0] === kind;
    return [...this.#entries.values()].map((entry) => entry.row).filter(ofKind);
  }

  #text(page: number): string {
    return toText(
      [...this.#entries.values()].filter((entry) => entry.page === page).map((entry) => entry.row),
    );
  }

  #place(row: Row, page?: number): void {
    const id = idOf(row[0], row[1], row[0] === 'd' ? row[2] : undefined);
    const held = this.#entries.get(id);
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (held) {
      this.#sizes[held.page]! -= held.size;
      this.#changed.add(held.page);
    }
    const to = page ?? this.#room(size, held?.page ?? 0);
    this.#sizes[to] = (this.#sizes[to] ?? 0) + size;
    this.#entries.set(id, { row, page: to, size });
    this.#changed.add(to);
  }

  #room(size: number, from: number): number {
    for (let page = from; page < this.#sizes.length; page += 1) {
      if (this.#sizes[page]! + size <= (page === 0 ? HEADER_PAGE_BYTES : PAGE_BYTES)) return page;
    }
    return this.#sizes.length;
  }
}

/** Characters as a reader counts them: an emoji is one. */
function checkText(value: unknown, field: string, most: number): void {
  if (typeof value !== 'string') throw new InvalidInputError(`${field} is not a text`, { field });
  if (value.length > most && [...value].length > most)
    throw new InvalidInputError(`${field} is over ${most} characters`, { field });
}
