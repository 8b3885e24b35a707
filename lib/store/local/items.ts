import { ConflictError } from '../../errors/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { ConditionFailedError } from '../errors.ts';
import { checkItem, checkKey, checkTransaction, itemSize, keyOf, MAX_PAGE_BYTES, plain } from '../limits.ts';
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
} from '../ports.ts';
import { compareKeys } from './keys-page.ts';

export const idOf = (key: Key): string => JSON.stringify([key.pk, key.sk]);

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

/**
 * DynamoDB in memory: same conditions, limits, order, page size and TTL filter as `DynamoItemStore`, held to it by the
 * contract tests. For work that needs the stores for the length of one process, as `arboleda reproduce` does.
 */
export class LocalItemStore implements ItemStore {
  protected readonly stored = new Map<string, Item>();
  readonly #tokens = new Map<string, { at: number; body: string }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: Key, _options?: { consistent?: boolean }): Promise<Item | undefined> {
    checkKey(key);
    await yieldTurn();
    return this.#live(this.stored.get(idOf(key)));
  }

  async batchGet(keys: readonly Key[], _options?: { consistent?: boolean }): Promise<Item[]> {
    await yieldTurn();
    for (const key of keys) checkKey(key);
    const ids = new Set(keys.map(idOf));
    return [...ids].map((id) => this.#live(this.stored.get(id))).filter((item) => item !== undefined);
  }

  async put(item: Item, condition?: Condition): Promise<void> {
    checkItem(item);
    await this.write(() => this.#apply([{ put: item, ...(condition && { condition }) }]));
  }

  async update(key: Key, change: Update, condition?: Condition): Promise<Item> {
    checkKey(key);
    await this.write(() => this.#apply([{ update: key, change, ...(condition && { condition }) }]));
    return plain(this.stored.get(idOf(key))) as Item;
  }

  async remove(key: Key, condition?: Condition): Promise<void> {
    checkKey(key);
    await this.write(() => this.#apply([{ remove: key, ...(condition && { condition }) }]));
  }

  async transact(operations: readonly WriteOperation[], token?: string): Promise<void> {
    checkTransaction(operations);
    await this.write(() => {
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
      await this.write(() => this.#apply(items.slice(i, i + 25).map((put) => ({ put }))));
    }
  }

  async query(request: QueryRequest): Promise<Page<Item>> {
    await yieldTurn();
    const pkName = request.index ? 'gsi1pk' : 'pk';
    const skName = request.index ? 'gsi1sk' : 'sk';
    const sort = (item: Item): string => item[skName] as string;
    const start = decodeCursor(request);
    const direction = request.descending ? -1 : 1;
    const order = (a: Item, b: Item): number =>
      direction * (compareKeys(sort(a), sort(b)) || compareKeys(a.pk, b.pk) || compareKeys(a.sk, b.sk));
    const from = start && ({ ...start, [skName]: start.gsi1sk ?? start.sk } as Item);
    const found = [...this.stored.values()]
      .filter((item) => item[pkName] === request.pk && typeof item[skName] === 'string')
      .filter((item) => request.skPrefix === undefined || sort(item).startsWith(request.skPrefix))
      .filter(
        (item) =>
          !request.skBetween ||
          (compareKeys(sort(item), request.skBetween[0]) >= 0 &&
            compareKeys(sort(item), request.skBetween[1]) <= 0),
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

  /** Every write goes through here: one turn before, one after, and `apply` at once. */
  protected async write(apply: () => void): Promise<void> {
    await yieldTurn();
    apply();
    await yieldTurn();
  }

  #apply(operations: readonly WriteOperation[]): void {
    const failed = operations.flatMap((operation, i) =>
      holds(this.stored.get(idOf(keyOf(operation))), operation.condition) ? [] : [i],
    );
    if (failed.length > 0) throw new ConditionFailedError('the condition does not hold', { indexes: failed });
    const next = operations.map((operation) => this.#next(operation));
    operations.forEach((operation, i) => {
      const item = next[i];
      if ('check' in operation) return;
      if (item) this.stored.set(idOf(keyOf(operation)), item);
      else this.stored.delete(idOf(keyOf(operation)));
    });
  }

  #next(operation: WriteOperation): Item | undefined {
    if ('put' in operation) return plain(operation.put);
    if (!('update' in operation)) return undefined;
    const { pk, sk } = operation.update;
    const before = this.stored.get(idOf({ pk, sk }));
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

/** Lets other tasks run, so that races are races as over a network. */
function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
