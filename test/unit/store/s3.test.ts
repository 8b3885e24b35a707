import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotFoundError, TransientError } from '../../../lib/errors/index.ts';
import { openStores, readEnvironment, S3ObjectStore, StoreError } from '../../../lib/store/index.ts';
import { type Answer, fakeAws } from './fake-aws.ts';

function bucket(...answers: Answer[]) {
  const { sent, config } = fakeAws(...answers);
  return {
    sent,
    objects: new S3ObjectStore(
      new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' }),
      'my-bucket',
    ),
  };
}
const failure = (Code: string, status: number): Answer => ({
  status,
  body: `<Error><Code>${Code}</Code><Message>m</Message></Error>`,
  headers: { 'content-type': 'application/xml' },
});
const plain = { contentType: 'text/plain' };

describe('S3ObjectStore', () => {
  it('puts with type, encoding and metadata', async () => {
    const { sent, objects } = bucket({ body: '' });
    await objects.put('ws/a b', 'ä', {
      contentType: 'text/csv',
      contentEncoding: 'gzip',
      metadata: { a: 'b' },
    });
    const { method, path, headers } = sent[0]!;
    expect([method, path]).toEqual(['PUT', '/ws/a%20b']);
    expect(headers).toMatchObject({
      'content-type': 'text/csv',
      'content-encoding': 'gzip',
      'x-amz-meta-a': 'b',
      'content-length': '2',
    });
    expect(headers).not.toHaveProperty('if-none-match');
  });

  it('puts what is absent, and says where it was there', async () => {
    const fresh = bucket({ body: '' });
    expect(await fresh.objects.putIfAbsent('k', 'x', plain)).toBe('created');
    expect(fresh.sent[0]!.headers['if-none-match']).toBe('*');
    expect(await bucket(failure('PreconditionFailed', 412)).objects.putIfAbsent('k', 'x', plain)).toBe(
      'exists',
    );
    const raced = bucket(failure('ConditionalRequestConflict', 409)).objects.putIfAbsent('k', 'x', plain);
    await expect(raced).rejects.toThrow(TransientError);
  });

  it('tells an absent object from an absent bucket and from no permission', async () => {
    await expect(bucket(failure('NoSuchKey', 404)).objects.get('k')).rejects.toThrow(NotFoundError);
    expect(await bucket({ status: 404, body: '' }).objects.head('k')).toBeUndefined();
    await expect(bucket(failure('NoSuchBucket', 404)).objects.get('k')).rejects.toThrow(StoreError);
    await expect(bucket({ status: 403, body: '' }).objects.head('k')).rejects.toThrow(StoreError);
    await expect(bucket(failure('SlowDown', 503)).objects.get('k')).rejects.toThrow(TransientError);
  });

  it('lists from the last key on', async () => {
    const xml = (keys: string[], more: boolean) =>
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${keys.map((k) => `<Contents><Key>${k}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`).join('')}</ListBucketResult>`;
    const { sent, objects } = bucket({ body: xml(['a/1', 'a/2'], true) }, { body: xml(['a/3'], false) });
    const first = await objects.list('a/', { limit: 2 });
    const rest = await objects.list('a/', { limit: 5_000, cursor: first.cursor });
    expect([...first.objects, ...rest.objects].map(({ key, etag }) => [key, etag])).toEqual([
      ['a/1', 'e'],
      ['a/2', 'e'],
      ['a/3', 'e'],
    ]);
    expect(rest.cursor).toBeUndefined();
    expect(sent[1]!.query).toMatchObject({ 'start-after': 'a/2', 'max-keys': '1000' });
  });

  it('signs without a checksum that a client would have to send', async () => {
    const { objects } = bucket();
    const put = new URL(await objects.presignPut('ws/uploads/1', { seconds: 60, contentType: 'text/csv' }));
    expect([...put.searchParams.keys()].some((name) => /checksum/i.test(name))).toBe(false);
    expect(put.searchParams.get('X-Amz-Expires')).toBe('60');
    const get = new URL(
      await objects.presignGet('k', { seconds: 5, fileName: 'a"b\r\nX: é.csv', contentType: 'text/csv' }),
    );
    const disposition = get.searchParams.get('response-content-disposition')!;
    expect(disposition).toBe(
      `attachment; filename="a_b__X: _.csv"; filename*=UTF-8''a%22b%0D%0AX%3A%20%C3%A9.csv`,
    );
    expect(get.searchParams.get('response-content-type')).toBe('text/csv');
  });
});

describe('openStores', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'y');
    vi.stubEnv('AWS_ENDPOINT_URL', '');
    vi.stubEnv('AWS_ENDPOINT_URL_S3', '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const url = async () => {
    const { objects } = openStores(readEnvironment({ ARBOLEDA_BUCKET: 'my-bucket' }));
    return new URL(await objects.presignGet('k', { seconds: 5 }));
  };

  it("names the bucket in the host on AWS, and in the path at an endpoint of one's own", async () => {
    expect((await url()).hostname).toBe('my-bucket.s3.eu-west-1.amazonaws.com');
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:4566');
    expect((await url()).href).toMatch(/^http:\/\/127\.0\.0\.1:4566\/my-bucket\/k\?/);
  });

  it('opens each store once, and says which variable is missing when one is used', () => {
    const stores = openStores(readEnvironment({ ARBOLEDA_TABLE: 't' }));
    expect(stores.items).toBe(stores.items);
    expect(stores.adminSecret).toBeUndefined();
    expect(() => stores.objects).toThrow('ARBOLEDA_BUCKET');
    expect(() => stores.executions).toThrow('ARBOLEDA_STATE_MACHINE_ARN');
    expect(() => stores.events).toThrow('ARBOLEDA_BUS');
  });
});
