import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { TransientError } from '../errors/index.ts';
import { fromAws } from './aws-errors.ts';
import { backoff } from './backoff.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { conditionExpression, keyExpression, Placeholders, updateExpression } from './expressions.ts';
import { checkItem, checkKey, checkTransaction, itemSize } from './limits.ts';
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
} from './ports.ts';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Tries of what a batch left over; 25 ms doubling to 2 s, so about 10 s in all. */
const BATCH_TRIES = 12;
const READ_BATCH = 100;
const WRITE_BATCH = 25;

/** DynamoDB, one table with the keys `pk`, `sk` and the index `gsi1`. */
export class DynamoItemStore implements ItemStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #clock: Clock;

  constructor(client: DynamoDBClient, table: string, clock: Clock = { now: () => new Date() }) {
    this.#client = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    this.#table = table;
    this.#clock = clock;
  }

  async get(key: Key, options: { consistent?: boolean } = {}): Promise<Item | undefined> {
    checkKey(key);
    const input = { TableName: this.#table, Key: only(key), ConsistentRead: options.consistent === true };
    const { Item: item } = await this.#call('get', () => this.#client.send(new GetCommand(input)));
    return this.#live(item as Item | undefined);
  }

  async batchGet(keys: readonly Key[], options: { consistent?: boolean } = {}): Promise<Item[]> {
    const wanted = new Map(keys.map((key) => [idOf(key), only(key)]));
    for (const key of wanted.values()) checkKey(key);
    const found = new Map<string, Item>();
    for (const chunk of chunks([...wanted.values()], READ_BATCH)) {
      for (const item of await this.#batchGet(chunk, options.consistent === true))
        found.set(idOf(item), item);
    }
    return [...wanted.keys()].map((id) => this.#live(found.get(id))).filter((item) => item !== undefined);
  }

  async put(item: Item, condition?: Condition): Promise<void> {
    checkItem(item);
    const input = { TableName: this.#table, Item: item, ...conditionFields(condition, new Placeholders()) };
    await this.#call('put', () => this.#client.send(new PutCommand(input)));
  }

  async update(key: Key, change: Update, condition?: Condition): Promise<Item> {
    checkKey(key);
    itemSize({ ...change.set, ...change.setIfAbsent });
    const input = {
      TableName: this.#table,
      Key: only(key),
      ...updateFields(change, condition),
      ReturnValues: 'ALL_NEW' as const,
    };
    const { Attributes } = await this.#call('update', () => this.#client.send(new UpdateCommand(input)));
    return Attributes as Item;
  }

  async remove(key: Key, condition?: Condition): Promise<void> {
    checkKey(key);
    const input = {
      TableName: this.#table,
      Key: only(key),
      ...conditionFields(condition, new Placeholders()),
    };
    await this.#call('remove', () => this.#client.send(new DeleteCommand(input)));
  }

  async query(request: QueryRequest): Promise<Page<Item>> {
    const items: Item[] = [];
    let start: Position | undefined = decodeCursor(request);
    do {
      const left = request.limit === undefined ? undefined : request.limit - items.length;
      const answer = await this.#page(request, start, left);
      items.push(...answer.items);
      start = answer.last;
    } while (start && request.limit !== undefined && items.length < request.limit);
    return start ? { items, cursor: encodeCursor(request, start) } : { items };
  }

  async transact(operations: readonly WriteOperation[], token?: string): Promise<void> {
    checkTransaction(operations);
    const input = {
      TransactItems: operations.map((operation) => this.#transactItem(operation)),
      ...(token !== undefined && {
        ClientRequestToken: createHash('sha256').update(token).digest('hex').slice(0, 36),
      }),
    };
    await this.#call('transact', () => this.#client.send(new TransactWriteCommand(input)));
  }

  async batchPut(items: readonly Item[]): Promise<void> {
    for (const item of items) checkItem(item);
    // DynamoDB refuses one key twice in a batch: the last of them stands, as if they had been written in turn.
    const last = [...new Map(items.map((item) => [idOf(item), item])).values()];
    for (const chunk of chunks(last, WRITE_BATCH)) await this.#batchPut(chunk);
  }

  async #page(request: QueryRequest, start: Position | undefined, limit: number | undefined) {
    const placeholders = new Placeholders();
    const input = {
      TableName: this.#table,
      ...(request.index && { IndexName: request.index }),
      KeyConditionExpression: keyExpression(request, placeholders),
      ...placeholders.fields(),
      ...(request.descending && { ScanIndexForward: false }),
      // An index has no strongly consistent reads.
      ...(request.consistent && !request.index && { ConsistentRead: true }),
      ...(limit !== undefined && { Limit: limit }),
      ...(start && { ExclusiveStartKey: startKey(request, start) }),
    };
    const answer = await this.#call('query', () => this.#client.send(new QueryCommand(input)));
    const found = (answer.Items ?? []) as Item[];
    return {
      items: found.map((item) => this.#live(item)).filter((item) => item !== undefined),
      last: answer.LastEvaluatedKey as Position | undefined,
    };
  }

  async #batchGet(keys: Key[], consistent: boolean): Promise<Item[]> {
    const found: Item[] = [];
    let left: Key[] = keys;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === BATCH_TRIES) throw new TransientError(`batchGet: ${left.length} items were not read`);
      if (attempt > 0) await backoff(attempt);
      const input = { RequestItems: { [this.#table]: { Keys: left.map(only), ConsistentRead: consistent } } };
      const answer = await this.#call('batchGet', () => this.#client.send(new BatchGetCommand(input)));
      found.push(...((answer.Responses?.[this.#table] ?? []) as Item[]));
      left = (answer.UnprocessedKeys?.[this.#table]?.Keys ?? []) as Key[];
    }
    return found;
  }

  async #batchPut(items: Item[]): Promise<void> {
    let left = items.map((item) => ({ PutRequest: { Item: item as Record<string, unknown> } }));
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === BATCH_TRIES)
        throw new TransientError(`batchPut: ${left.length} items were not written`);
      if (attempt > 0) await backoff(attempt);
      const input = { RequestItems: { [this.#table]: left } };
      const answer = await this.#call('batchPut', () => this.#client.send(new BatchWriteCommand(input)));
      left = (answer.UnprocessedItems?.[this.#table] ?? []) as typeof left;
    }
  }

  #transactItem(operation: WriteOperation): TransactItem {
    const TableName = this.#table;
    const { condition } = operation;
    if ('put' in operation) {
      return { Put: { TableName, Item: operation.put, ...conditionFields(condition, new Placeholders()) } };
    }
    if ('update' in operation) {
      const fields = updateFields(operation.change, condition);
      return { Update: { TableName, Key: only(operation.update), UpdateExpression: '', ...fields } };
    }
    if ('remove' in operation) {
      return {
        Delete: { TableName, Key: only(operation.remove), ...conditionFields(condition, new Placeholders()) },
      };
    }
    const fields = conditionFields(operation.condition, new Placeholders());
    return { ConditionCheck: { TableName, Key: only(operation.check), ConditionExpression: '', ...fields } };
  }

  #live(item: Item | undefined): Item | undefined {
    const over = typeof item?.ttl === 'number' && item.ttl <= this.#clock.now().getTime() / 1000;
    return over ? undefined : item;
  }

  async #call<T>(operation: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw fromAws(error, `DynamoDB ${operation}`);
    }
  }
}

const idOf = (key: Key): string => JSON.stringify([key.pk, key.sk]);
const only = ({ pk, sk }: Key): Record<string, unknown> & Key => ({ pk, sk });

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

function startKey(request: QueryRequest, { pk, sk, gsi1sk }: Position): Record<string, string> {
  return request.index ? { pk, sk, gsi1pk: request.pk, gsi1sk: gsi1sk as string } : { pk, sk };
}

function conditionFields(condition: Condition | undefined, placeholders: Placeholders) {
  if (!condition) return {};
  const ConditionExpression = conditionExpression(condition, placeholders);
  return { ConditionExpression, ...placeholders.fields() };
}

function updateFields(change: Update, condition: Condition | undefined) {
  const placeholders = new Placeholders();
  const UpdateExpression = updateExpression(change, placeholders);
  const ConditionExpression = condition && conditionExpression(condition, placeholders);
  return {
    ...(UpdateExpression !== '' && { UpdateExpression }),
    ...(ConditionExpression !== undefined && { ConditionExpression }),
    ...placeholders.fields(),
  };
}
