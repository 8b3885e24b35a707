import { ConflictError } from '../../../lib/errors/index.ts';
import { decodeCursor, encodeCursor } from '../../../lib/store/cursor.ts';
import { ConditionFailedError } from '../../../lib/store/errors.ts';
import {
  checkItem,
  checkKey,
  checkTransaction,
  itemSize,
  keyOf,
  MAX_PAGE_BYTES,
  plain,
} from '../../../lib/store/limits.ts';
import type {
  Clock,
  Condition,
  Item,
  ItemStore,
  Key,
  Page,
  QueryRequest,
  Update,
  WriteOperation,
} from '../../../lib/store/ports.ts';
import { systemClock } from './clock.ts';

/** Ends the "process" at a write: `before` loses the write, `after` makes it and loses the answer. */
export interface Fault {
  /** Counts from 1: the n-th write from now. */
  at: number;
  mode: 'before' | 'after';
}

/** What a fault throws: no error of ours, as a killed process has none. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

const idOf = (key: Key): string => JSON.stringify([key.pk, key.sk]);
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function equalsAll(
  item: Item | undefined,
  wanted: Record<string, string | number | boolean | null>,
): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    value === null ? item?.[name] === undefined : item?.[name] === value,
  );
}

function holds(item: Item | undefined, condition: Condition | undefined): boolean {
  if (!condition) return true;
  if ('absent' in condition) return item === undefined;
  if ('exists' in condition) return item !== undefined;
  if ('equals' in condition) return equalsAll(item, condition.equals);
  if ('absentOr' in condition) return item === undefined || equalsAll(item, condition.absentOr);
  const { attribute, values } = condition.oneOf;
  return item !== undefined && values.includes(item[attribute] as string);
}

/** DynamoDB in memory: same conditions, limits, order, page size and TTL filter as `DynamoItemStore`. */
export class MemoryItemStore implements ItemStore {
  readonly #items = new Map<string, Item>();
  readonly #tokens = new Map<string, { at: number; body: string }>();
  readonly #clock: Clock;
  #fault: Fault | undefined;
  /** Writes tried so far; a transaction or a batch of 25 counts as one. */
  writes = 0;
  /** Read calls so far. */
  reads = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Ends one write to come with CrashError; `undefined` takes the order back. */
  failWrite(fault: Fault | undefined): void {
    this.#fault = fault && { ...fault };
  }

  /** A copy of all items, expired ones too, by key; for assertions and for simulating a lost disk. */
  dump(): Item[] {
    const all = [...this.#items.values()].sort((a, b) => compare(a.pk, b.pk) || compare(a.sk, b.sk));
    return plain(all);
  }

  /** Puts the store back to a dump. */
  restore(items: readonly Item[]): void {
    this.#items.clear();
    for (const item of items) this.#items.set(idOf(item), plain(item));
  }

  async get(key: Key, _options?: { consistent?: boolean }): Promise<Item | undefined> {
    checkKey(key);
    this.reads += 1;
    await yieldTurn();
    return this.#live(this.#items.get(idOf(key)));
  }

  async batchGet(keys: readonly Key[], _options?: { consistent?: boolean }): Promise<Item[]> {
    this.reads += 1;
    await yieldTurn();
    for (const key of keys) checkKey(key);
    const ids = new Set(keys.map(idOf));
    return [...ids].map((id) => this.#live(this.#items.get(id))).filter((item) => item !== undefined);
  }

  async put(item: Item, condition?: Condition): Promise<void> {
    checkItem(item);
    await this.#write(() => this.#apply([{ put: item, ...(condition && { condition }) }]));
  }

  async update(key: Key, change: Update, condition?: Condition): Promise<Item> {
    checkKey(key);
    await this.#write(() => this.#apply([{ update: key, change, ...(condition && { condition }) }]));
    return plain(this.#items.get(idOf(key))) as Item;
  }

  async remove(key: Key, condition?: Condition): Promise<void> {
    checkKey(key);
    await this.#write(() => this.#apply([{ remove: key, ...(condition && { condition }) }]));
  }

  async transact(operations: readonly WriteOperation[], token?: string): Promise<void> {
    checkTransaction(operations);
    await this.#write(() => {
      const body = JSON.stringify(operations);
      const now = this.#clock.now().getTime();
      const before = token === undefined ? undefined : this.#tokens.get(token);
      if (before && now - before.at < 600_000) {
        if (before.body !== body) throw new ConflictError('the token was used for another transaction');
        return;
      }
      this.#apply(operations);
      if (token !== undefined) this.#tokens.set(token, { at: now, body });
    });
  }

  async batchPut(items: readonly Item[]): Promise<void> {
    for (const item of items) checkItem(item);
    for (let i = 0; i < items.length; i += 25) {
      await this.#write(() => this.#apply(items.slice(i, i + 25).map((put) => ({ put }))));
    }
  }

  async query(request: QueryRequest): Promise<Page<Item>> {
    this.reads += 1;
    await yieldTurn();
    const pkName = request.index ? 'gsi1pk' : 'pk';
    const skName = request.index ? 'gsi1sk' : 'sk';
    const sort = (item: Item): string => item[skName] as string;
    const start = decodeCursor(request);
    const direction = request.descending ? -1 : 1;
    const order = (a: Item, b: Item): number =>
      direction * (compare(sort(a), sort(b)) || compare(a.pk, b.pk) || compare(a.sk, b.sk));
    const from = start && ({ ...start, [skName]: start.gsi1sk ?? start.sk } as Item);
    const found = [...this.#items.values()]
      .filter((item) => item[pkName] === request.pk && typeof item[skName] === 'string')
      .filter((item) => request.skPrefix === undefined || sort(item).startsWith(request.skPrefix))
      .filter(
        (item) =>
          !request.skBetween ||
          (compare(sort(item), request.skBetween[0]) >= 0 && compare(sort(item), request.skBetween[1]) <= 0),
      )
      .filter((item) => !from || order(item, from) > 0)
      .sort(order);
    const page: Page<Item> = { items: [] };
    let size = 0;
    for (const item of found) {
      size += itemSize(item);
      const live = this.#live(item);
      if (live) page.items.push(live);
      const full = page.items.length === request.limit || size > MAX_PAGE_BYTES;
      if (full) return { ...page, cursor: encodeCursor(request, item as Item) };
    }
    return page;
  }

  #live(item: Item | undefined): Item | undefined {
    if (!item || (typeof item.ttl === 'number' && item.ttl <= this.#clock.now().getTime() / 1000))
      return undefined;
    return plain(item);
  }

  async #write(apply: () => void): Promise<void> {
    await yieldTurn();
    this.writes += 1;
    const fault = this.#fault;
    if (fault) fault.at -= 1;
    const now = fault?.at === 0;
    if (now) this.#fault = undefined;
    if (now && fault?.mode === 'before') throw new CrashError('the process ended before the write');
    apply();
    if (now) throw new CrashError('the process ended after the write');
    await yieldTurn();
  }

  #apply(operations: readonly WriteOperation[]): void {
    const failed = operations.flatMap((operation, i) =>
      holds(this.#items.get(idOf(keyOf(operation))), operation.condition) ? [] : [i],
    );
    if (failed.length > 0) throw new ConditionFailedError('the condition does not hold', { indexes: failed });
    const next = operations.map((operation) => this.#next(operation));
    operations.forEach((operation, i) => {
      const item = next[i];
      if ('check' in operation) return;
      if (item) this.#items.set(idOf(keyOf(operation)), item);
      else this.#items.delete(idOf(keyOf(operation)));
    });
  }

  #next(operation: WriteOperation): Item | undefined {
    if ('put' in operation) return plain(operation.put);
    if (!('update' in operation)) return undefined;
    const { pk, sk } = operation.update;
    const before = this.#items.get(idOf({ pk, sk }));
    const item: Item = plain(before ?? { pk, sk });
    const { set = {}, setIfAbsent = {}, add = {}, remove = [] } = operation.change;
    for (const [name, value] of Object.entries(setIfAbsent)) if (item[name] === undefined) item[name] = value;
    for (const [name, value] of Object.entries(set)) if (value !== undefined) item[name] = value;
    for (const [name, value] of Object.entries(add)) item[name] = ((item[name] as number) ?? 0) + value;
    for (const name of remove) delete item[name];
    checkItem(item);
    return plain(item);
  }
}

/** Lets other tasks run, so that races in tests are races. */
function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
