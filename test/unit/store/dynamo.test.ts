import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { ConflictError, TransientError } from '../../../lib/errors/index.ts';
import { DynamoItemStore } from '../../../lib/store/dynamo.ts';
import {
  BadCursorError,
  BadItemError,
  ConditionFailedError,
  ItemTooLargeError,
  StoreError,
  TransactionConflictError,
} from '../../../lib/store/index.ts';
import { FixedClock } from '../../support/memory.ts';
import { type Answer, awsFailure, fakeAws } from './fake-aws.ts';

const clock = new FixedClock('2026-01-01T00:00:00.000Z');
function store(...answers: Answer[]) {
  const { sent, config } = fakeAws(...answers);
  return { sent, items: new DynamoItemStore(new DynamoDBClient(config), 'table', clock) };
}
const key = { pk: 'p', sk: 's' };
const stored = (sk: string, more: object = {}) => ({ pk: { S: 'p' }, sk: { S: sk }, ...more });

describe('DynamoItemStore', () => {
  it('asks with placeholders only, whatever the attributes are called', async () => {
    const { sent, items } = store({ body: { Attributes: stored('s') } });
    const evil = 'a = :x OR attribute_exists(pk)';
    await items.update(
      key,
      {
        set: { [evil]: ':v9', size: 1 },
        setIfAbsent: { at: 'x' },
        add: { 'n-1': 2 },
        remove: ['ttl', '#n0'],
      },
      { equals: { [evil]: 'y', gone: null } },
    );
    const { body, target } = sent[0]!;
    expect(target).toBe('UpdateItem');
    expect(body.UpdateExpression).toBe(
      'SET #n0 = :v0, #n1 = :v1, #n2 = if_not_exists(#n2, :v2) ADD #n3 :v3 REMOVE #n4, #n5',
    );
    expect(body.ConditionExpression).toBe('#n0 = :v4 AND attribute_not_exists(#n6)');
    expect(body.ExpressionAttributeNames).toEqual({
      '#n0': evil,
      '#n1': 'size',
      '#n2': 'at',
      '#n3': 'n-1',
      '#n4': 'ttl',
      '#n5': '#n0',
      '#n6': 'gone',
    });
    expect(body.ExpressionAttributeValues[':v0']).toEqual({ S: ':v9' });
    expect(body.ReturnValues).toBe('ALL_NEW');
  });

  it.each([
    [{ absent: true as const }, 'attribute_not_exists(#n0)'],
    [{ exists: true as const }, 'attribute_exists(#n0)'],
    [{ equals: {} }, 'attribute_exists(#n0)'],
    [{ oneOf: { attribute: 'v', values: [1, 2] } }, '#n0 IN (:v0, :v1)'],
    [
      { absentOr: { v: 1, w: null } },
      'attribute_not_exists(#n0) OR (#n1 = :v0 AND attribute_not_exists(#n2))',
    ],
  ])('puts on condition %j', async (condition, expression) => {
    const { sent, items } = store({});
    await items.put({ ...key, left: undefined }, condition);
    expect(sent[0]!.body.ConditionExpression).toBe(expression);
    expect(sent[0]!.body.Item).toEqual({ pk: { S: 'p' }, sk: { S: 's' } });
  });

  it('sends no empty expression fields', async () => {
    const { sent, items } = store({ body: {} });
    await items.put(key);
    await items.remove(key);
    await items.update(key, {});
    for (const { body } of sent) {
      for (const field of Object.keys(body)) expect(field).not.toMatch(/Expression/);
    }
  });

  it('queries until the page is full, leaving out what has expired', async () => {
    const past = { ttl: { N: '1' } };
    const { sent, items } = store(
      { body: { Items: [stored('a', past), stored('b')], LastEvaluatedKey: stored('b') } },
      { body: { Items: [stored('c')], LastEvaluatedKey: stored('c') } },
    );
    const page = await items.query({ pk: 'p', skPrefix: '', limit: 2, descending: true, consistent: true });
    expect(page.items.map((item) => item.sk)).toEqual(['b', 'c']);
    expect(sent.map(({ body }) => body.Limit)).toEqual([2, 1]);
    expect(sent[1]!.body.ExclusiveStartKey).toEqual({ pk: { S: 'p' }, sk: { S: 'b' } });
    expect(sent[0]!.body).toMatchObject({ ScanIndexForward: false, ConsistentRead: true });
    await items.query({ pk: 'p', skPrefix: '', limit: 1, descending: true, cursor: page.cursor });
    expect(sent[2]!.body.ExclusiveStartKey).toEqual({ pk: { S: 'p' }, sk: { S: 'c' } });
  });

  it('builds the start key of an index from its own partition, and reads it eventually', async () => {
    const last = stored('s', { gsi1pk: { S: 'i' }, gsi1sk: { S: '1' } });
    const { sent, items } = store({ body: { Items: [last], LastEvaluatedKey: last } }, { body: {} });
    const request = { pk: 'i', index: 'gsi1' as const, limit: 1, consistent: true };
    const { cursor } = await items.query(request);
    await items.query({ ...request, cursor });
    expect(sent[1]!.body.ExclusiveStartKey).toEqual(last);
    expect(sent[1]!.body).not.toHaveProperty('ConsistentRead');
    expect(sent[1]!.body.KeyConditionExpression).toBe('#n0 = :v0');
    expect(sent[1]!.body.ExpressionAttributeNames).toEqual({ '#n0': 'gsi1pk' });
    await expect(items.query({ ...request, pk: 'other', cursor })).rejects.toThrow(BadCursorError);
    expect(sent).toHaveLength(2);
  });

  it('reads and writes what a batch left over', async () => {
    const { sent, items } = store(
      { body: { UnprocessedItems: { table: [{ PutRequest: { Item: stored('b') } }] } } },
      { body: {} },
      { body: { Responses: { table: [stored('b')] }, UnprocessedKeys: { table: { Keys: [stored('a')] } } } },
      { body: { Responses: { table: [stored('a')] } } },
    );
    await items.batchPut([
      { pk: 'p', sk: 'a' },
      { pk: 'p', sk: 'b' },
    ]);
    expect(sent[1]!.body.RequestItems.table).toEqual([{ PutRequest: { Item: stored('b') } }]);
    const found = await items.batchGet(
      [
        { pk: 'p', sk: 'a' },
        { pk: 'p', sk: 'b' },
      ],
      { consistent: true },
    );
    expect(found.map((item) => item.sk)).toEqual(['a', 'b']);
    expect(sent[3]!.body.RequestItems.table).toEqual({ Keys: [stored('a')], ConsistentRead: true });
  });

  it('splits batches at 25 writes and 100 reads', async () => {
    const { sent, items } = store({ body: {} });
    const keys = Array.from({ length: 130 }, (_, i) => ({ pk: 'p', sk: `${i}` }));
    await items.batchPut(keys);
    await items.batchGet(keys);
    const sizes = sent.map(({ body }) => (body.RequestItems.table.Keys ?? body.RequestItems.table).length);
    expect(sizes).toEqual([25, 25, 25, 25, 25, 5, 100, 30]);
  });

  it('transacts with each kind of operation, and a token of a length that AWS takes', async () => {
    const { sent, items } = store({ body: {} });
    await items.transact(
      [
        { put: key, condition: { absent: true } },
        { update: { pk: 'p', sk: '2' }, change: { set: { a: 1 } } },
        { remove: { pk: 'p', sk: '3' } },
        { check: { pk: 'p', sk: '4' }, condition: { exists: true } },
      ],
      'a token as long as one likes '.repeat(5),
    );
    const { body } = sent[0]!;
    expect(body.TransactItems.map((item: object) => Object.keys(item)[0])).toEqual([
      'Put',
      'Update',
      'Delete',
      'ConditionCheck',
    ]);
    expect(body.ClientRequestToken).toMatch(/^[0-9a-f]{36}$/);
  });

  it('names the conditions of a transaction that failed', async () => {
    const reasons = (...codes: string[]) =>
      awsFailure('TransactionCanceledException', 400, {
        CancellationReasons: codes.map((Code) => ({ Code })),
      });
    const transact = (answer: Answer) =>
      store(answer)
        .items.transact([{ put: key }])
        .catch((error) => error);
    const failed = await transact(
      reasons('None', 'ConditionalCheckFailed', 'TransactionConflict', 'ConditionalCheckFailed'),
    );
    expect(failed).toBeInstanceOf(ConditionFailedError);
    expect(failed.indexes).toEqual([1, 3]);
    expect(await transact(reasons('None', 'TransactionConflict'))).toBeInstanceOf(TransactionConflictError);
    expect(await transact(reasons('ThrottlingError'))).toBeInstanceOf(TransientError);
    expect(await transact(reasons('ValidationError'))).toBeInstanceOf(StoreError);
  });

  it.each([
    [awsFailure('ConditionalCheckFailedException'), ConflictError, 'CONDITION_FAILED'],
    [awsFailure('TransactionConflictException'), TransientError, 'TRANSACTION_CONFLICT'],
    [awsFailure('ProvisionedThroughputExceededException'), TransientError, 'TRANSIENT'],
    [awsFailure('ThrottlingException'), TransientError, 'TRANSIENT'],
    [awsFailure('InternalServerError', 500), TransientError, 'TRANSIENT'],
    [awsFailure('Whatever', 503), TransientError, 'TRANSIENT'],
    [awsFailure('AccessDeniedException'), StoreError, 'STORE'],
    [awsFailure('ResourceNotFoundException'), StoreError, 'STORE'],
    [
      awsFailure('ValidationException', 400, { message: 'Item size has exceeded the maximum allowed size' }),
      ItemTooLargeError,
      'ITEM_TOO_LARGE',
    ],
    [{ error: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }, TransientError, 'TRANSIENT'],
    [{ error: Object.assign(new Error('x'), { name: 'TimeoutError' }) }, TransientError, 'TRANSIENT'],
  ])('says %j in our words', async (answer, type, code) => {
    const error = await store(answer as Answer)
      .items.put(key)
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error.code).toBe(code);
    expect(error.cause).toBeDefined();
    expect(JSON.stringify(error)).not.toContain('arn:');
  });

  it('calls nobody for what cannot be', async () => {
    const { sent, items } = store({ body: {} });
    await expect(items.put({ ...key, text: 'x'.repeat(410_000) })).rejects.toThrow(ItemTooLargeError);
    await expect(items.update(key, { set: { n: Number.NaN } })).rejects.toThrow(BadItemError);
    await expect(items.get({ pk: '', sk: 's' })).rejects.toThrow(BadItemError);
    await expect(items.batchPut([key, { ...key, d: new Date() }])).rejects.toThrow(BadItemError);
    expect(sent).toEqual([]);
  });
});
