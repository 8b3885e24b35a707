import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidInputError, NotFoundError, TransientError } from '../../../lib/errors/index.ts';
import {
  openStores,
  readEnvironment,
  S3MultipartUploads,
  S3ObjectStore,
  StoreError,
} from '../../../lib/store/index.ts';
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

  it('lists a folder by S3 itself, and goes on by its token', async () => {
    const xml = (inner: string) => `<ListBucketResult>${inner}</ListBucketResult>`;
    const { sent, objects } = bucket(
      {
        body: xml(
          '<IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken><CommonPrefixes><Prefix>a/b/</Prefix></CommonPrefixes><Contents><Key>a/1</Key><Size>4</Size></Contents>',
        ),
      },
      { body: xml('<IsTruncated>false</IsTruncated>') },
    );
    const first = await objects.folder('a/', { limit: 2 });
    expect(first).toMatchObject({ folders: ['a/b/'], objects: [{ key: 'a/1', size: 4 }] });
    expect(await objects.folder('a/', { cursor: first.cursor! })).toEqual({ folders: [], objects: [] });
    expect(sent[0]!.query).toMatchObject({ prefix: 'a/', delimiter: '/', 'max-keys': '2' });
    expect(sent[1]!.query).toMatchObject({ 'continuation-token': 't+/=' });
  });

  it('removes at most a thousand a call, and tells of one that stayed', async () => {
    const { sent, objects } = bucket({ body: '<DeleteResult></DeleteResult>' });
    await objects.removeAll(Array.from({ length: 1001 }, (_, i) => `k${i}`));
    expect(sent.map(({ body }) => body.match(/<Key>/g).length)).toEqual([1000, 1]);
    const refused = bucket({
      body: '<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code></Error></DeleteResult>',
    });
    await expect(refused.objects.removeAll(['k'])).rejects.toThrow('k: AccessDenied');
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

describe('S3ObjectStore, bytes in pieces', () => {
  const MB = 1024 * 1024;
  async function* pieces(megabytes: number[], fault?: Error): AsyncGenerator<Uint8Array> {
    for (const [i, one] of megabytes.entries()) yield new Uint8Array(one * MB).fill(i + 1);
    if (fault) throw fault;
  }
  const opened: Answer = {
    body: '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>',
    headers: { 'content-type': 'application/xml' },
  };
  const part = (letter: string): Answer => ({ body: '', headers: { etag: `"${letter.repeat(32)}"` } });
  const completed: Answer = {
    body: '<CompleteMultipartUploadResult><ETag>"e-3"</ETag></CompleteMultipartUploadResult>',
    headers: { 'content-type': 'application/xml' },
  };

  it('are one PUT where they are few', async () => {
    const { sent, objects } = bucket({ body: '' });
    await objects.putPieces('k', pieces([1, 2, 3]), { contentType: 'text/csv' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      method: 'PUT',
      headers: { 'content-length': `${6 * MB}`, 'content-type': 'text/csv' },
    });
  });

  it('are an upload of equal parts, the last one smaller, whatever the sizes of the pieces', async () => {
    const { sent, objects } = bucket(opened, part('a'), part('b'), part('c'), completed);
    await objects.putPieces('k', pieces([3, 15, 2]), { contentType: 'text/csv' });
    expect(sent.map(({ method, query }) => [method, query.partNumber, query.uploadId])).toEqual([
      ['POST', undefined, undefined],
      ['PUT', '1', 'u1'],
      ['PUT', '2', 'u1'],
      ['PUT', '3', 'u1'],
      ['POST', undefined, 'u1'],
    ]);
    const sizes = sent.slice(1, 4).map(({ headers }) => Number(headers['content-length']));
    expect(sizes).toEqual([8 * MB, 8 * MB, 4 * MB]);
    // S3 refuses every part below 5 MB but the last.
    expect(sizes.slice(0, -1).every((size) => size >= 5 * MB)).toBe(true);
    expect(sent[1]!.body.codePointAt(3 * MB - 1)).toBe(1);
    expect(sent[1]!.body.codePointAt(3 * MB)).toBe(2);
    expect(sent[4]!.body).toMatch(/a{32}.*<PartNumber>1<.*c{32}.*<PartNumber>3</s);
  });

  it('leave no upload open where a part or the pieces fail', async () => {
    const gone = { status: 204, body: '' };
    const refused = bucket(opened, part('a'), failure('SlowDown', 503), gone);
    await expect(refused.objects.putPieces('k', pieces([20]), plain)).rejects.toThrow(TransientError);
    expect(refused.sent.at(-1)).toMatchObject({ method: 'DELETE', query: { uploadId: 'u1' } });
    const fault = new Error('no more');
    const cut = bucket(opened, part('a'), gone);
    await expect(cut.objects.putPieces('k', pieces([20], fault), plain)).rejects.toThrow(fault);
    expect(cut.sent.at(-1)).toMatchObject({ method: 'DELETE', query: { uploadId: 'u1' } });
    // Where even that is refused, the first error is told.
    const denied = bucket(opened, failure('SlowDown', 503), failure('AccessDenied', 403));
    await expect(denied.objects.putPieces('k', pieces([20]), plain)).rejects.toThrow(TransientError);
  });

  it('begin nothing where they fail at once', async () => {
    const { sent, objects } = bucket({ body: '' });
    await expect(objects.putPieces('k', pieces([1], new Error('no')), plain)).rejects.toThrow('no');
    expect(sent).toEqual([]);
  });
});

describe('S3MultipartUploads', () => {
  const uploads = (...answers: Answer[]) => {
    const { sent, config } = fakeAws(...answers);
    const client = new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' });
    return { sent, uploads: new S3MultipartUploads(client, 'my-bucket') };
  };
  const etag = (letter: string) => letter.repeat(32);
  const parts = [
    { number: 2, etag: etag('b') },
    { number: 1, etag: `"${etag('a')}"` },
  ];

  it('opens, with the type and no checksum that a client would have to send', async () => {
    const xml = '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>';
    const { sent, uploads: made } = uploads({ body: xml });
    expect(await made.create('ws/a b', { contentType: 'text/csv' })).toBe('u1');
    expect(sent[0]).toMatchObject({
      method: 'POST',
      path: '/ws/a%20b',
      headers: { 'content-type': 'text/csv' },
    });
    const url = new URL(await made.presignPart('ws/a b', 'u1', 3, { seconds: 60 }));
    expect(url.searchParams.get('partNumber')).toBe('3');
    expect([...url.searchParams.keys()].some((name) => /checksum/i.test(name))).toBe(false);
  });

  it('completes with the parts in order', async () => {
    const { sent, uploads: made } = uploads({ body: '<CompleteMultipartUploadResult/>' });
    await made.complete('k', 'u1', parts);
    const numbers = [...sent[0]!.body.matchAll(/<PartNumber>(\d+)/g)].map(([, n]) => n);
    expect(numbers).toEqual(['1', '2']);
    expect(sent[0]!.body).toContain(`<ETag>${etag('a')}</ETag>`);
  });

  it('takes a lost answer for done only where the object is made of these parts', async () => {
    // Of S3's documentation: the MD5 of the parts' MD5s, a dash, their count.
    const whole = createHash('md5')
      .update(Buffer.from(etag('a') + etag('b'), 'hex'))
      .digest('hex');
    const gone = failure('NoSuchUpload', 404);
    const head = (tag: string): Answer => ({ body: '', headers: { etag: tag } });
    await uploads(gone, head(`"${whole}-2"`)).uploads.complete('k', 'u1', parts);
    const other = uploads(gone, head(`"${etag('c')}-2"`)).uploads.complete('k', 'u1', parts);
    await expect(other).rejects.toThrow(NotFoundError);
    const absent = uploads(gone, { status: 404, body: '' }).uploads.complete('k', 'u1', parts);
    await expect(absent).rejects.toThrow(NotFoundError);
  });

  it("tells a caller's parts from a fault of S3", async () => {
    for (const code of ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall']) {
      const refused = uploads(failure(code, 400)).uploads.complete('k', 'u1', parts);
      await expect(refused).rejects.toThrow(InvalidInputError);
    }
    await expect(uploads(failure('SlowDown', 503)).uploads.complete('k', 'u1', parts)).rejects.toThrow(
      TransientError,
    );
  });

  it('aborts, also what is no more', async () => {
    const { sent, uploads: made } = uploads({ status: 204, body: '' }, failure('NoSuchUpload', 404));
    await made.abort('k', 'u1');
    await made.abort('k', 'u1');
    expect(sent.map(({ method, query }) => [method, query.uploadId])).toEqual([
      ['DELETE', 'u1'],
      ['DELETE', 'u1'],
    ]);
    await expect(uploads(failure('AccessDenied', 403)).uploads.abort('k', 'u')).rejects.toThrow(StoreError);
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
    expect(() => stores.multipart).toThrow('ARBOLEDA_BUCKET');
    expect(() => stores.executions).toThrow('ARBOLEDA_STATE_MACHINE_ARN');
    expect(() => stores.events).toThrow('ARBOLEDA_BUS');
  });
});
