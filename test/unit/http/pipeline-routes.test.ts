import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { MissingStageError } from '../../../lib/pipeline/run-stage.ts';
import { addVersion, promote } from './support/engine.ts';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let token: string;

beforeEach(async () => {
  world = makeWorld();
  token = await world.token('operator');
});

const call = (method: string, path: string, more: object = {}) =>
  world.call(method, path, { token, ...more });

describe('pipelines', () => {
  it('are listed, described and drawn', async () => {
    expect((await call('GET', '/pipelines')).json.pipelines[0].name).toBe('housing');
    expect((await call('GET', '/pipelines/housing')).json.definitionSha256).toHaveLength(64);
    expect((await call('GET', '/pipelines/housing/dag')).json.mermaid).toMatch(/^flowchart/);
  });

  it('have a history, page by page', async () => {
    const at = '/pipelines/housing/history';
    expect((await call('GET', at)).json).toEqual({ runs: [] });
    await call('GET', at, { query: { limit: '50', cursor: 'abc' } });
    expect(world.control.calls.map(({ args }) => args)).toEqual([
      ['housing', { limit: 20 }],
      ['housing', { limit: 50, cursor: 'abc' }],
    ]);
    const refused = await call('GET', at, { query: { limit: '51' } });
    expect([refused.status, refused.json.field]).toEqual([400, 'limit']);
  });

  it.each([
    ['GET', '/pipelines/unknown', undefined],
    ['GET', '/pipelines/unknown/dag', undefined],
    ['GET', '/pipelines/unknown/history', undefined],
    ['POST', '/pipelines/unknown/runs', {}],
    ['PUT', '/pipelines/unknown/schedule', { state: 'paused' }],
  ])('%s %s is a 404', async (method, path, json) => {
    const answer = await call(method, path, json === undefined ? {} : { json });
    expect([answer.status, answer.json.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('starting a run', () => {
  const start = (more: object = {}) => call('POST', '/pipelines/housing/runs', more);

  it('passes on stages, force and the Idempotency-Key, with the caller', async () => {
    const { status, json } = await start({
      json: { from: 'clean', to: 'evaluate', force: true },
      headers: { 'Idempotency-Key': 'order-17' },
    });
    expect([status, json.created]).toEqual([202, true]);
    const [made] = world.control.calls;
    expect(made?.args).toEqual([
      'housing',
      { from: 'clean', to: 'evaluate', force: true, idempotencyKey: 'order-17' },
    ]);
    expect(made?.principal).toMatchObject({ workspace: 'default', role: 'operator' });
  });

  it('needs no body and no key', async () => {
    expect((await start()).status).toBe(202);
    expect(world.control.calls[0]?.args).toEqual(['housing', {}]);
  });

  it.each([
    [{ json: { from: 'nowhere' } }, 'from'],
    [{ json: { from: 'plan' } }, 'from'],
    [{ json: { to: 'plan' } }, 'to'],
    [{ json: { force: 'yes' } }, 'force'],
    [{ json: { forced: true } }, 'forced'],
    [{ json: [] }, 'body'],
    [{ headers: { 'idempotency-key': '' } }, 'idempotency-key'],
    [{ headers: { 'idempotency-key': 'x'.repeat(129) } }, 'idempotency-key'],
    [{ headers: { 'idempotency-key': 'a b' } }, 'idempotency-key'],
  ])('refuses %j', async (more, field) => {
    const { status, json } = await start(more);
    expect([status, json.field]).toEqual([400, field]);
    expect(world.control.calls).toHaveLength(0);
  });
});

describe('the schedule', () => {
  it.each(['paused', 'active'])('becomes %s', async (state) => {
    expect((await call('PUT', '/pipelines/housing/schedule', { json: { state } })).json).toEqual({
      pipeline: 'housing',
      state,
    });
  });

  it('takes no other state', async () => {
    expect((await call('PUT', '/pipelines/housing/schedule', { json: { state: 'off' } })).json.field).toBe(
      'state',
    );
  });
});

describe('data', () => {
  const bytes = Buffer.from('a,b\n1,2\n');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const declared = { fileName: 'rows.csv', bytes: bytes.length, sha256 };

  const declare = (json: object = declared) => call('POST', '/data/uploads', { json });
  const attach = (uploadId: string, pipeline = 'housing') =>
    call('POST', `/pipelines/${pipeline}/data`, { json: { uploadId } });
  const put = (id: string, body: Uint8Array = bytes) =>
    world.objects.put(`default/uploads/${id}`, body, { contentType: 'application/octet-stream' });

  it('goes by a presigned URL under a key that the server made', async () => {
    const { status, json } = await declare();
    expect(status).toBe(201);
    expect(json.uploadId).toMatch(/^[0-9a-f]{32}$/);
    expect(json.url).toContain(`default/uploads/${json.uploadId}`);
    expect(json.url).not.toContain('rows.csv');
    expect(json).toMatchObject({
      headers: { 'content-type': 'application/octet-stream' },
      expiresAt: '2026-01-01T00:15:00.000Z',
    });
  });

  it('is stored under its hash and becomes the source', async () => {
    const { json } = await declare();
    await put(json.uploadId);
    const { status, json: source } = await attach(json.uploadId);
    expect(status).toBe(200);
    expect(source).toEqual({
      pipeline: 'housing',
      key: `default/raw/${sha256}`,
      sha256,
      fileName: 'rows.csv',
      bytes: bytes.length,
      pushedAt: '2026-01-01T00:00:00.000Z',
      synthetic: false,
    });
    expect(Buffer.from(await world.objects.get(`default/raw/${sha256}`))).toEqual(bytes);
    const { pipeline: _, ...kept } = source;
    expect(world.control.calls.at(-1)).toMatchObject({ method: 'setSource', args: ['housing', kept] });
  });

  it('can be attached to a second pipeline, or twice', async () => {
    const { json } = await declare();
    await put(json.uploadId);
    for (const pipeline of ['housing', 'housing', 'other'])
      expect((await attach(json.uploadId, pipeline)).status).toBe(200);
  });

  it.each([
    ['of another length', Buffer.from('a,b\n1,2\n3,4\n'), /12 bytes came, 8 were declared/],
    ['with other bytes', Buffer.from('a,b\n1,3\n'), /SHA-256/],
  ])('%s is refused, and nothing is stored', async (_, other, message) => {
    const { json } = await declare();
    await put(json.uploadId, other);
    const answer = await attach(json.uploadId);
    expect([answer.status, answer.json.code]).toEqual([422, 'INTEGRITY']);
    expect(answer.json.message).toMatch(message);
    expect(world.objects.keys().filter((key) => key.includes('/raw/'))).toEqual([]);
    expect(world.control.calls.some((one) => one.method === 'setSource')).toBe(false);
  });

  it('that was not put yet is a 409', async () => {
    const { json } = await declare();
    const answer = await attach(json.uploadId);
    expect([answer.status, answer.json.field]).toEqual([409, 'uploadId']);
  });

  it('of an unknown upload, or of another workspace, is a 404', async () => {
    expect((await attach('0'.repeat(32))).status).toBe(404);
    const theirs = await world.token('operator', 'elsewhere');
    const { json } = await declare();
    await put(json.uploadId);
    const answer = await world.call('POST', '/pipelines/housing/data', {
      token: theirs,
      json: { uploadId: json.uploadId },
    });
    expect(answer.status).toBe(404);
  });

  it('for an unknown pipeline is a 404 before a byte is moved', async () => {
    const { json } = await declare();
    await put(json.uploadId);
    expect((await attach(json.uploadId, 'unknown')).status).toBe(404);
    expect(world.objects.keys().filter((key) => key.includes('/raw/'))).toEqual([]);
  });

  it.each([
    [{ ...declared, fileName: '../../etc/passwd' }, 'fileName'],
    [{ ...declared, fileName: '' }, 'fileName'],
    [{ ...declared, bytes: 0 }, 'bytes'],
    [{ ...declared, bytes: 201 * 1024 * 1024 }, 'bytes'],
    [{ ...declared, bytes: 1.5 }, 'bytes'],
    [{ ...declared, sha256: sha256.toUpperCase() }, 'sha256'],
    [{ ...declared, key: 'default/models/x' }, 'key'],
  ])('refuses the declaration %j', async (json, field) => {
    const answer = await declare(json);
    expect([answer.status, answer.json.field]).toEqual([400, field]);
  });

  it('takes no upload id that could be a path', async () => {
    for (const id of ['../models/x', 'x', `${'0'.repeat(32)}.json`])
      expect((await attach(id)).json.field).toBe('uploadId');
  });
});

describe('a stage by itself', () => {
  it.each([
    ['/pipelines/housing/stages/ingest', 'ingest'],
    ['/pipelines/housing/stages/clean', 'clean'],
    ['/pipelines/housing/stages/train', 'train'],
    ['/pipelines/housing/stages/register', 'register'],
    ['/pipelines/housing/download', 'ingest'],
    ['/pipelines/housing/clean', 'clean'],
    ['/pipelines/housing/train', 'train'],
  ])('POST %s starts %s', async (path, step) => {
    const headers = { 'Idempotency-Key': 'k' };
    const { status, json } = await call('POST', path, { json: { force: true }, headers });
    expect([status, json.runId, json.status]).toEqual([202, 'c'.repeat(32), 'RUNNING']);
    expect(world.control.calls.map(({ method, args }) => [method, args])).toEqual([
      ['startStep', ['housing', step, { force: true, idempotencyKey: 'k' }]],
    ]);
  });

  it.each([
    ['/pipelines/housing/stages/clean', '/v1/pipelines/housing/stages/clean'],
    ['/pipelines/housing/stages/clean/', '/v1/pipelines/housing/stages/clean/'],
    ['/pipelines/housing/clean', '/restapis/x/v1/_user_request_/pipelines/housing/clean'],
    ['/pipelines/housing/runs', '/v1/pipelines/housing/runs'],
    [`/runs/${'a'.repeat(32)}/retry`, `/v1/runs/${'a'.repeat(32)}/retry`],
  ])('%s names its run by an address that is right behind any prefix', async (path, seen) => {
    const { headers, json } = await call('POST', path);
    expect(headers.location).toBe(json.href);
    const prefix = seen.slice(0, seen.length - path.length);
    expect(new URL(json.href, `http://h${seen}`).pathname).toBe(`${prefix}/runs/${json.runId}`);
  });

  it.each(['evaluate', 'promote', 'plan', 'download'])('has no stage %s', async (stage) => {
    expect((await call('POST', `/pipelines/housing/stages/${stage}`)).status).toBe(404);
  });

  it.each([
    [{ json: { from: 'ingest' } }, 'from'],
    [{ json: { force: 1 } }, 'force'],
    [{ headers: { 'idempotency-key': 'a b' } }, 'idempotency-key'],
  ])('refuses %j', async (more, field) => {
    const { status, json } = await call('POST', '/pipelines/housing/stages/train', more);
    expect([status, json.field]).toEqual([400, field]);
    expect(world.control.calls).toHaveLength(0);
  });
});

describe('predicting by the name of a pipeline', () => {
  const predict = (json: unknown = { area: 3 }) => call('POST', '/pipelines/housing/predict', { json });

  it('answers as its model does, and stores the prediction', async () => {
    await promote(world, await addVersion(world, { base: 10, says: 'dear' }));
    const { status, json } = await predict({ rows: [{ area: 1 }, { area: 2 }] });
    expect([status, json.model, json.version]).toEqual([200, 'housing', '1']);
    expect(json.predictions[1]).toEqual({ prediction: 'dear', probabilities: { dear: 0.75, other: 0.25 } });
    const { json: stored } = await call('GET', `/predictions/${json.requestId}`);
    expect(stored.predictions).toEqual(json.predictions);
  });

  it('says which stages are missing where there is no model', async () => {
    world.control.missing = new MissingStageError('predict of pipeline housing needs train first', {
      details: { missing: ['train', 'register'], call: [] },
    });
    const { status, json } = await predict();
    expect([status, json.code, json.details.missing]).toEqual([409, 'MISSING_STAGE', ['train', 'register']]);
  });

  it('is not ready where all was run and nothing was promoted', async () => {
    await addVersion(world);
    const { status, json } = await predict();
    expect([status, json.code]).toEqual([503, 'NOT_READY']);
    expect(json.remedy).toContain('PUT /models/housing/aliases/production');
  });

  it('names the field of a bad row, and a pipeline that there is not', async () => {
    await promote(world, await addVersion(world));
    const bad = await predict({ area: 'x' });
    expect([bad.status, bad.json.field]).toEqual([400, 'area']);
    expect((await call('POST', '/pipelines/unknown/predict', { json: {} })).status).toBe(404);
  });
});
