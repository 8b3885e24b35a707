import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { DynamoItemStore, S3ObjectStore } from '../../../lib/store/index.ts';
import { describeCall, traceCalls } from '../../../lib/store/trace.ts';
import { fakeAws } from './fake-aws.ts';

describe('traceCalls', () => {
  it('writes a line a call, with no value of any item', async () => {
    const lines: string[] = [];
    const { config } = fakeAws({ body: {} });
    const items = new DynamoItemStore(
      traceCalls(new DynamoDBClient(config), (line) => lines.push(line)),
      'table',
    );
    await items.put({ pk: 'secret', sk: 'secret' });
    await items.batchPut([{ pk: 'secret', sk: 'secret' }]);
    await items.query({ pk: 'secret', index: 'gsi1' });
    await items.transact([
      { put: { pk: 'secret', sk: '1' } },
      { check: { pk: 'secret', sk: '2' }, condition: { exists: true } },
    ]);
    expect(lines.map((line) => JSON.parse(line).aws)).toEqual([
      { service: 'DynamoDB', operation: 'PutItem', resource: 'table' },
      { service: 'DynamoDB', operation: 'BatchWriteItem', resource: 'table' },
      { service: 'DynamoDB', operation: 'Query', resource: 'table/index/gsi1' },
      {
        service: 'DynamoDB',
        operation: 'TransactWriteItems',
        resource: 'table',
        actions: ['ConditionCheckItem', 'PutItem'],
      },
    ]);
    expect(lines.join()).not.toContain('secret');
  });

  it('names objects by bucket and key', async () => {
    const lines: string[] = [];
    const { config } = fakeAws({ body: '' });
    const objects = new S3ObjectStore(
      traceCalls(new S3Client(config), (line) => lines.push(line)),
      'b',
    );
    await objects.put('ws/k', 'x', { contentType: 'text/plain' });
    expect(JSON.parse(lines[0]!).aws).toEqual({ service: 'S3', operation: 'PutObject', resource: 'b/ws/k' });
  });

  it('names each of the objects that one call removes', async () => {
    const lines: string[] = [];
    const client = traceCalls(new S3Client(fakeAws({ body: '<DeleteResult/>' }).config), (line) =>
      lines.push(line),
    );
    const Objects = [{ Key: 'ws/a' }, { Key: 'ws/b' }];
    await client.send(new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects } }));
    expect(lines.map((line) => JSON.parse(line).aws)).toEqual([
      { service: 'S3', operation: 'DeleteObjects', resource: 'b/ws/a' },
      { service: 'S3', operation: 'DeleteObjects', resource: 'b/ws/b' },
    ]);
  });

  it.each([
    [{ Bucket: 'b', Prefix: 'p/' }, 'b/p/'],
    [{ stateMachineArn: 'arn:m' }, 'arn:m'],
    [{ executionArn: 'arn:e' }, 'arn:e'],
    [{ SecretId: 'arn:s' }, 'arn:s'],
    [{ Entries: [{ EventBusName: 'bus' }] }, 'bus'],
    [{ RequestItems: { t: {} } }, 't'],
    [{}, ''],
  ])('knows the resource of %j', (input, resource) => {
    expect(describeCall({}, input).resource).toBe(resource);
  });
});
