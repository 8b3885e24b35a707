import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelList, Upload } from '../../bin/cli/api-types.ts';
import type { PipelineDescription } from '../../lib/http/types.ts';
import { admin, endRun, finishRun, quiet, raw, startRun } from './support/api.ts';
import { HEADER, houses, housesFile, pushAmes, pushHouses } from './support/houses.ts';

const ORIGINAL = housesFile(400);
beforeAll(() => quiet('housing'));
afterAll(pushAmes);

/** What a file does to a run: the code that ends it. */
const REFUSED: [what: string, bytes: () => Uint8Array<ArrayBuffer> | string, code: RegExp][] = [
  ['blank lines alone', () => '\n\n', /^EMPTY_DATA$/],
  ['a header without rows', () => `${HEADER}\n`, /^EMPTY_DATA$/],
  ['semicolons for commas', () => `${HEADER.replaceAll(',', ';')}\n1;2;3;4\n`, /^WRONG_DELIMITER$/],
  ['a column missing', () => 'rooms,area,price\n3,100,100000\n', /^MISSING_COLUMN$/],
  ['a column twice', () => 'rooms,area,age,age,price\n3,100,1,1,100000\n', /^DUPLICATE_COLUMN$/],
  ['a column named __proto__', () => `__proto__,${HEADER}\nx,3,100,5,100000\n`, /^BAD_COLUMN_NAME$/],
  [
    'a gzip cut short that declares 1 GB',
    () => {
      const trailer = Buffer.alloc(8);
      trailer.writeUInt32LE(2 ** 30, 4);
      const cut = gzipSync(`${HEADER}\n${houses(5000)}\n`).subarray(0, 4000);
      return new Uint8Array(Buffer.concat([cut, trailer]));
    },
    /^TRUNCATED_GZIP$/,
  ],
  [
    'NaN, infinities and 10^400',
    () => `${HEADER}\n3,NaN,5,100000\n3,Infinity,5,100000\n3,1e400,5,100000\n${houses(50)}\n`,
    /^TOO_MANY_BAD_ROWS$/,
  ],
  [
    'bytes that are no text',
    () => new Uint8Array(Buffer.from([0, 1, 2, 255, 254, 0, 0, 9, 10, 13, 200])),
    /./,
  ],
  [
    'the target under another value only',
    () => `${HEADER}\n${houses(100).replace(/\d+$/gm, '100000')}\n`,
    /^CONSTANT_TARGET$/,
  ],
];

describe('a bad file ends its run with a code that says why', () => {
  it.each(REFUSED)('%s', async (_, bytes, code) => {
    await pushHouses(bytes());
    const models = async () =>
      (await admin().get<ModelList>('/models')).models.find(({ name }) => name === 'housing');
    const before = await models();
    const run = await endRun('housing');
    expect(run.status).toBe('FAILED');
    expect(await models()).toEqual(before);
    expect(run.artifacts.filter(({ path }) => /^(reports|model|data)\//.test(path))).toEqual([]);
    expect(run.error?.code).toMatch(code);
    expect(run.error?.code).not.toBe('INTERNAL_ERROR');
    expect(run.error?.remedy.length).toBeGreaterThan(10);
    expect(run.error?.stage).toMatch(/ingest|clean/);
    expect(Object.keys(run.metrics)).toEqual([]);
  });

  it('tells line and reason of each bad row in the quarantine', async () => {
    await pushHouses(`${HEADER}\n3,100,5,100000\n3,abc,5,100000\n${houses(50)}\n`);
    const run = await endRun('housing');
    expect(run.error).toMatchObject({ code: 'TOO_MANY_BAD_ROWS' });
    expect(JSON.stringify(run.error)).toMatch(/line"?:? ?3/);
  });

  it('is retried from the failed stage with better data', async () => {
    await pushHouses('rooms,area,price\n3,100,100000\n');
    const failed = await endRun('housing');
    expect(failed.status).toBe('FAILED');
    await pushHouses(ORIGINAL);
    await admin().post(`/runs/${failed.runId}/retry`);
    await quiet('housing');
    const run = await admin().get<{ status: string; attempt: number }>(`/runs/${failed.runId}`);
    expect(run).toMatchObject({ status: 'FINISHED', attempt: 2 });
  });
});

describe('an odd file that is right is taken', () => {
  it.each([
    ['a byte order mark', () => `\uFEFF${ORIGINAL}`],
    ['CRLF', () => ORIGINAL.replaceAll('\n', '\r\n')],
    ['gzip', () => new Uint8Array(gzipSync(ORIGINAL))],
    [
      'quotes, and a further column with newlines in them',
      () =>
        `note,${HEADER}\n${houses(200)
          .split('\n')
          .map((line, i) => `"a ""note""\nof ${i}",${line}`)
          .join('\n')}\n`,
    ],
  ])('%s', async (_, bytes) => {
    await pushHouses(bytes());
    const run = await finishRun('housing');
    expect(run.tags).toMatchObject({ 'data.synthetic': 'false', 'data.badRows': '0' });
  });
});

describe('an upload', () => {
  const sha256 = '0'.repeat(64);
  it.each([
    [{ fileName: '../x', bytes: 1, sha256 }, 'fileName'],
    [{ fileName: 'x.csv', bytes: -1, sha256 }, 'bytes'],
    [{ fileName: 'x.csv', bytes: 2 ** 40, sha256 }, 'bytes'],
    [{ fileName: 'x.csv', bytes: 1, sha256: 'no' }, 'sha256'],
    [{ fileName: 'x.csv', bytes: 1, sha256, key: 'default/models/x' }, 'key'],
  ])('%j is refused', async (body, field) => {
    const answer = await raw('POST', '/data/uploads', { body: JSON.stringify(body) });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
    expect(answer.text).toContain(field);
  });

  it('of other bytes than declared is not taken', async () => {
    const upload = await admin().post<Upload>('/data/uploads', { fileName: 'x.csv', bytes: 5, sha256 });
    await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: 'other' });
    const before = await admin().get<PipelineDescription>('/pipelines/housing');
    const attached = await raw('POST', '/pipelines/housing/data', {
      body: JSON.stringify({ uploadId: upload.uploadId }),
    });
    expect([409, 422]).toContain(attached.status);
    expect((await admin().get<PipelineDescription>('/pipelines/housing')).source).toEqual(before.source);
  });

  it('that never came is a 404', async () => {
    const answer = await raw('POST', '/pipelines/housing/data', {
      body: JSON.stringify({ uploadId: '0'.repeat(32) }),
    });
    expect(answer.status).toBe(404);
  });
});

describe('a bad request names what is wrong', () => {
  it.each([
    ['POST', '/pipelines/weather/runs', '{}', 404, 'NOT_FOUND'],
    ['GET', '/pipelines/weather', undefined, 404, 'NOT_FOUND'],
    ['POST', '/pipelines/housing/runs', '{"from":"nowhere"}', 400, 'INVALID_INPUT'],
    ['POST', '/pipelines/housing/runs', '{"from":"train","to":"ingest"}', 400, 'INVALID_INPUT'],
    ['POST', '/pipelines/housing/runs', '{"speed":9}', 400, 'INVALID_INPUT'],
    ['POST', '/pipelines/housing/runs', '{', 400, 'INVALID_JSON'],
    ['POST', '/models/housing/predict', '[1]', 400, 'INVALID_INPUT'],
    ['POST', '/models/housing/predict', '{"rooms":6}', 400, 'INVALID_INPUT'],
    ['POST', '/models/housing/predict', '{"rooms":"many","area":1,"age":1}', 400, 'INVALID_INPUT'],
    ['POST', '/models/housing/predict', '{"rooms":6,"area":1e400,"age":1}', 400, 'INVALID_JSON'],
    ['POST', '/models/housing/predict', '{"rooms":6,"area":100,"age":1,"__proto__":{}}', 400, 'INVALID_JSON'],
    [
      'POST',
      '/models/housing/predict',
      '{"rooms":6,"area":100,"age":1,"colour":"red"}',
      400,
      'INVALID_INPUT',
    ],
    ['POST', '/models/housing/predict', '{"rows":[]}', 400, 'INVALID_INPUT'],
    ['POST', '/models/absent/predict', '{"a":1}', 404, 'NOT_FOUND'],
    ['GET', '/runs?limit=0', undefined, 400, 'INVALID_INPUT'],
    ['GET', '/runs?cursor=zzz', undefined, 400, /CURSOR|INVALID/],
    ['GET', '/runs?speed=9', undefined, 400, 'INVALID_INPUT'],
    ['DELETE', '/runs', undefined, 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/nowhere', undefined, 404, 'UNKNOWN_ROUTE'],
    ['PUT', '/models/housing/aliases/production', '{"version":"999"}', 404, 'NOT_FOUND'],
  ])('%s %s %s', async (method, path, body, status, code) => {
    const answer = await raw(method, path, { ...(body === undefined ? {} : { body }) });
    expect({ status: answer.status, code: answer.body?.code }).toEqual({
      status,
      code: typeof code === 'string' ? code : expect.stringMatching(code),
    });
    expect(answer.body.message.length).toBeGreaterThan(5);
    expect(answer.body.remedy.length).toBeGreaterThan(5);
  });

  it('nested 10,000 deep', async () => {
    const body = `{"rows":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    expect(await raw('POST', '/models/housing/predict', { body })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_JSON' },
    });
  });

  it('over 4.5 MB', async () => {
    const body = JSON.stringify({ rows: [{ rooms: 'x'.repeat(4_600_000) }] });
    expect(await raw('POST', '/models/housing/predict', { body })).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE', remedy: expect.any(String) },
    });
  });

  it('of another type than JSON', async () => {
    const answer = await raw('POST', '/pipelines/housing/runs', {
      body: 'a=1',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  it('with an identity that is none', async () => {
    const answer = await raw('POST', '/pipelines/housing/runs', {
      body: '{}',
      headers: { 'idempotency-key': 'x'.repeat(200) },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
  });

  it('starts nothing', async () => {
    const before = await startRun('housing', { to: 'ingest' });
    await quiet('housing');
    expect(before.created).toBe(true);
    await raw('POST', '/pipelines/housing/runs', { body: '{"from":"nowhere"}' });
    const { runs } = await admin().get<{ runs: { runId: string }[] }>('/runs', {
      pipeline: 'housing',
      limit: 1,
    });
    expect(runs[0]?.runId).toBe(before.runId);
  });
});
