import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeRequest } from '../../../../lib/http/index.ts';
import { type WholeApi, wholeApi } from '../../../schemathesis/support/whole.ts';
import { CORPUS, type Hostile } from './corpus.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Inputs made to hurt, sent by an admin to the API as it is deployed: each is refused by name, and nothing was written. */
let api: WholeApi;
let run = '';

beforeAll(async () => {
  api = await wholeApi();
  const { items } = await api.deps.runs.list('default', { limit: 1 });
  run = items[0]?.runId ?? '';
  expect(run).toMatch(/^[0-9a-f]{32}$/);
}, 120_000);

const send = async ({ method, path, query = {}, headers = {}, body }: Omit<Hostile, 'name' | 'status'>) => {
  const bytes =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array
      ? body
      : JSON.stringify(body);
  const answer = await api.app.handle(
    makeRequest({
      method,
      path: path.replaceAll('RUN', run),
      query,
      headers: { authorization: `Bearer ${api.admin}`, ...headers },
      body: typeof bytes === 'string' ? bytes.replaceAll('"RUN"', `"${run}"`) : bytes,
      requestId: 'hostile-request',
    }),
  );
  return { ...answer, text: Buffer.from(answer.body).toString('utf8') };
};

/** All that is stored: items with their contents, objects by key and hash of the bytes. */
const held = async (): Promise<string> => {
  const objects = await Promise.all(
    api.objects.keys().map(async (key) => [key, (await api.objects.head(key))?.etag]),
  );
  return JSON.stringify([api.items.dump(), objects]);
};

it('has at least 200 inputs, each once', () => {
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
  expect(CORPUS.length).toBeGreaterThanOrEqual(200);
  console.log(`hostile inputs: ${CORPUS.length}`);
});

describe('is refused, and nothing was written', () => {
  it.each(CORPUS.map((hostile) => [hostile.name, hostile] as const))('%s', async (_, hostile) => {
    const before = await held();
    const { status, headers, text } = await send(hostile);
    expect(`${status} ${text.slice(0, 300)}`).toMatch(new RegExp(`^${hostile.status} `));
    expect(await held()).toBe(before);
    expect(api.errors).toEqual([]);
    // In the form of an error, and with nothing of the inside: no stack, no path of this machine, no bucket.
    expect(headers['content-type']).toMatch(/^(application\/json|text\/plain)/);
    expect(text).not.toMatch(/node_modules|\.ts:\d|\bat \w+ \(/);
    expect(Object.keys(headers)).not.toContain('x-injected');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

/** Files that are no model, or that unfold, or that claim more than they have. */
const FILES: readonly (readonly [string, Uint8Array])[] = [
  ['a gzip bomb', gzipSync(Buffer.alloc(50_000_000))],
  ['a gzip bomb within a gzip bomb', gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
  ['a zip that names a way up', Buffer.from(zipSync({ '../../etc/cron.d/x': new Uint8Array(10) }))],
  ['a zip bomb', Buffer.from(zipSync({ a: new Uint8Array(20_000_000) }))],
  ['a pickle that calls a shell', Buffer.from('cos\nsystem\n(S"touch /tmp/hacked"\ntR.')],
  ['a script', Buffer.from('#!/bin/sh\nrm -rf /\n')],
  ['a page', Buffer.from('<script>alert(1)</script>')],
  ['JSON', Buffer.from('{"format": 1, "algorithm": "random-forest"}')],
  ['JSON of 100,000 levels', Buffer.from('['.repeat(100_000))],
  ['a CSV of formulas', Buffer.from('a,b\n=cmd|calc,@SUM(1)\n')],
  ['one byte', Buffer.from([0])],
  ['a megabyte of noughts', Buffer.alloc(1_000_000)],
  ['a megabyte of ones', Buffer.alloc(1_000_000, 0xff)],
];

describe('a file that is no model', () => {
  const model = async (): Promise<Uint8Array> => {
    const key = api.objects.keys().find((one) => one.endsWith('.arbm')) as string;
    return api.objects.get(key);
  };
  const opened = async (bytes: Uint8Array, declared: Uint8Array = bytes): Promise<string> => {
    const body = {
      fileName: 'model.arbm',
      bytes: declared.length,
      sha256: createHash('sha256').update(declared).digest('hex'),
    };
    const answer = await send({ method: 'POST', path: '/data/uploads', headers: JSON_TYPE, body });
    const { uploadId } = JSON.parse(answer.text) as { uploadId: string };
    await api.objects.put(`default/uploads/${uploadId}`, bytes, { contentType: 'application/octet-stream' });
    return uploadId;
  };
  const refused = async (uploadId: string, path: string, body: object) => {
    const before = await held();
    const { status, text } = await send({
      method: 'POST',
      path,
      headers: JSON_TYPE,
      body: { uploadId, ...body },
    });
    expect(`${status} ${text.slice(0, 300)}`).toMatch(/^422 /);
    expect(await held()).toBe(before);
    expect(api.errors).toEqual([]);
  };
  const source = { fileName: 'x.onnx', format: 'onnx', bytes: 1, sha256: 'a'.repeat(64) };

  it.each(FILES)('is not registered: %s', async (_, bytes) => {
    await refused(await opened(bytes), '/models/hostile/versions', { source });
  });

  it('is not registered: a model of which a byte was changed, that was cut, or that has more behind it', async () => {
    const whole = await model();
    const changed = whole.slice();
    changed[changed.length >> 1] = (changed[changed.length >> 1] as number) ^ 1;
    const more = Buffer.concat([whole, Buffer.alloc(100)]);
    for (const bytes of [changed, whole.slice(0, -1), whole.slice(0, 100), more]) {
      await refused(await opened(bytes), '/models/hostile/versions', { source });
    }
  });

  it('is not taken for another: bytes that are not those that were declared', async () => {
    const [declared, put] = [Buffer.from('a,b\n1,2\n'), Buffer.from('a,b\n1,3\n')];
    await refused(await opened(put, declared), '/pipelines/grades/data', {});
    await refused(await opened(Buffer.concat([declared, put]), declared), '/pipelines/grades/data', {});
  });
});

/** What is hostile elsewhere and a plain text here: kept as it came, given back as JSON, run by nobody. */
describe('a text is a text', () => {
  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE runs; --",
    '=cmd|calc!A1',
    '@SUM(1+1)*cmd|calc',
    '{{7*7}} #{7*7} <%= 7*7 %>',
    '$(touch /tmp/hacked) `id` && id',
    '../../etc/passwd',
    'javascript:alert(1)',
    '\\u0000 %00 %0d%0a',
    '\u202egnp.exe',
    '__proto__',
    'constructor',
    '(?:a+)+$',
    '🌲'.repeat(50),
  ])('%s', async (text) => {
    const made = await send({
      method: 'POST',
      path: '/api/2.0/mlflow/runs/create',
      headers: JSON_TYPE,
      body: { experiment_id: '0', run_name: text, tags: [{ key: 'note', value: text }] },
    });
    expect(made.status, made.text).toBe(200);
    const { run_id } = JSON.parse(made.text).run.info;
    await send({
      method: 'POST',
      path: '/api/2.0/mlflow/runs/log-parameter',
      headers: JSON_TYPE,
      body: { run_id, key: 'p', value: text },
    });
    const back = await send({ method: 'GET', path: `/runs/${run_id}` });
    expect(JSON.parse(back.text)).toMatchObject({ name: text, tags: { note: text }, params: { p: text } });
    expect(back.headers['content-type']).toMatch(/^application\/json/);
    expect(back.headers['x-content-type-options']).toBe('nosniff');
    expect(api.errors).toEqual([]);
  });
});
