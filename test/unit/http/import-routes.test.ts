import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConvertedModel } from '../../../bin/local-train/import-model.ts';
import { apiRoutes } from '../../../lib/http/index.ts';
import { explainPredictions } from '../../../lib/learn/explain/explain-predictions.ts';
import { readModelFile } from '../../../lib/learn/file/model-file.ts';
import { predictRows } from '../../../lib/learn/predict-rows.ts';
import type { ModelEngine } from '../../../lib/serving/index.ts';
import { converted, farFromFile, onnxFile, requestRows } from '../../support/imported.ts';
import { makeWorld, type World } from './support/world.ts';

let made: ConvertedModel;
let world: World;
let token: string;

beforeAll(async () => {
  made = await converted('sklearn-boosting', { name: 'iris' });
});
beforeEach(async () => {
  const engine = {
    read: readModelFile,
    predict: predictRows,
    explain: explainPredictions,
  } as unknown as ModelEngine;
  world = makeWorld({ engine, defaultModel: 'iris' });
  token = await world.token('operator');
});

const call = (method: string, path: string, more: object = {}) =>
  world.call(method, path, { token, ...more });

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Declares and puts a file; returns the upload's id. */
async function upload(bytes: Uint8Array, over: object = {}): Promise<string> {
  const json = { fileName: 'model.arbm', bytes: bytes.length, sha256: sha256(bytes), ...over };
  const opened = await call('POST', '/data/uploads', { json });
  expect(opened.status).toBe(201);
  const key = new URL(opened.json.url).pathname.slice(1);
  await world.objects.put(key, bytes, { contentType: 'application/octet-stream' });
  return opened.json.uploadId;
}

const source = () => made.source;
const register = (uploadId: string, name = 'iris', over: object = {}, more: object = {}) =>
  call('POST', `/models/${name}/versions`, { json: { uploadId, source: source(), ...over }, ...more });

/** All that is stored but uploads: a refused import must leave it as it was. */
const stored = () => ({
  items: world.items.dump().filter(({ pk }) => !pk.includes('token')),
  objects: world.objects.keys().filter((key) => !key.includes('/uploads/')),
});

describe('a model from elsewhere', () => {
  it('is registered under a key that the server made', async () => {
    const { status, json } = await register(await upload(made.body));
    expect(status).toBe(200);
    expect(json).toEqual({
      model: 'iris',
      version: '1',
      runId: expect.stringMatching(/^[0-9a-f]{32}$/),
      modelSha256: sha256(made.body),
      created: true,
    });
    const version = (await call('GET', '/models/iris/versions/1')).json;
    expect(version).toMatchObject({
      modelKey: `default/models/${sha256(made.body)}.arbm`,
      algorithm: 'imported-ensemble',
      runId: json.runId,
    });
  });

  it('is listed with its run, which says where it came from', async () => {
    const { json } = await register(await upload(made.body));
    expect((await call('GET', '/models')).json.models).toEqual([
      expect.objectContaining({ name: 'iris', latestVersion: 1 }),
    ]);
    const [run] = (await call('GET', '/runs')).json.runs;
    expect(run).toMatchObject({
      runId: json.runId,
      name: 'import of iris',
      status: 'FINISHED',
      params: { 'source.sha256': source().sha256, 'source.format': 'onnx' },
      lineage: { sourceSha256: source().sha256 },
    });
    const detail = (await call('GET', `/runs/${json.runId}`)).json;
    expect(detail.artifacts.map((one: { path: string }) => one.path)).toContain('reports/importance.json');
    expect(detail.stages).toEqual([]);
  });

  it('tells who imported it by the token, not by the name', async () => {
    const { json } = await register(await upload(made.body));
    const { tags } = (await call('GET', `/runs/${json.runId}`)).json;
    const [me] = await world.tokens.list('default');
    expect(tags['arboleda.actor']).toBe(me!.tokenId);
  });

  it('is promoted and predicts over HTTP as its own file does, by version and by alias', async () => {
    await register(await upload(made.body));
    const rows = requestRows('sklearn-boosting', made.report.features);
    const early = await call('POST', '/models/iris/predict', { json: { rows } });
    expect([early.status, early.json.code]).toEqual([503, 'NOT_READY']);
    const byVersion = await call('POST', '/models/iris/predict', { json: { rows }, query: { version: '1' } });
    expect(farFromFile('sklearn-boosting', byVersion.json.predictions)).toBeLessThan(1e-6);
    expect((await call('PUT', '/models/iris/aliases/production', { json: { version: '1' } })).status).toBe(
      200,
    );
    world.clock.advance(5_000);
    const promoted = await call('POST', '/predict', { json: rows[0] });
    expect(promoted.json).toMatchObject({ model: 'iris', version: '1', predicted_y: expect.any(String) });
    expect((await call('GET', `/predictions/${promoted.json.requestId}`)).json.rows).toEqual([rows[0]]);
  });

  it('is documented with its own rows once it is promoted, and its example is answered', async () => {
    await register(await upload(made.body));
    await call('PUT', '/models/iris/aliases/production', { json: { version: '1' } });
    const { paths, components } = (await call('GET', '/openapi.json')).json;
    expect(Object.keys(components.schemas.Row_iris.properties)).toEqual(made.report.features);
    const { value } = paths['/models/iris/predict'].post.requestBody.content['application/json'].examples.row;
    expect((await call('POST', '/models/iris/predict', { json: value })).status).toBe(200);
  });

  it('twice, by one upload or by two, is the same version', async () => {
    const id = await upload(made.body);
    const first = (await register(id)).json;
    for (const again of [id, await upload(made.body)]) {
      expect((await register(again)).json).toEqual({ ...first, created: false });
    }
    expect((await call('GET', '/models/iris')).json.latestVersion).toBe(1);
  });
});

describe('what is refused leaves nothing behind', () => {
  const cases: [string, () => Promise<{ status: number; json: { code: string } }>, number, string][] = [
    ['an upload that never was', () => register('0'.repeat(32)), 404, 'NOT_FOUND'],
    [
      'a file that was not put',
      async () => {
        const json = { fileName: 'm', bytes: 5, sha256: '0'.repeat(64) };
        return register((await call('POST', '/data/uploads', { json })).json.uploadId);
      },
      409,
      'CONFLICT',
    ],
    [
      'other bytes than declared',
      async () => register(await upload(made.body, { sha256: '0'.repeat(64) })),
      422,
      'INTEGRITY',
    ],
    ['another length', async () => register(await upload(made.body, { bytes: 9 })), 422, 'INTEGRITY'],
    [
      'the ONNX file itself',
      async () => register(await upload(new Uint8Array(readFileSync(onnxFile('sklearn-boosting'))))),
      422,
      'INTEGRITY',
    ],
    [
      'a model file that is damaged',
      async () => {
        const body = made.body.slice();
        body[body.length - 20]! ^= 1;
        return register(await upload(body));
      },
      422,
      'INTEGRITY',
    ],
    [
      'a model of another name',
      async () => register(await upload(made.body), 'tulips'),
      422,
      'UNSERVABLE_MODEL',
    ],
    [
      // Declared too large for a function, and not read: no byte of it was put.
      'a model over 128 MiB',
      async () => {
        const json = { fileName: 'm', bytes: 128 * 1024 * 1024 + 1, sha256: '0'.repeat(64) };
        return register((await call('POST', '/data/uploads', { json })).json.uploadId);
      },
      413,
      'MODEL_TOO_LARGE',
    ],
  ];

  it.each(cases)('%s', async (_, act, status, code) => {
    const before = stored();
    const answer = await act();
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect((answer.json as unknown as { remedy: string }).remedy.length).toBeGreaterThan(10);
    expect(stored()).toEqual(before);
    expect((await call('GET', '/models/iris')).status).toBe(404);
  });

  it("another workspace's upload is not found, whatever its id", async () => {
    const id = await upload(made.body);
    const foreign = await world.token('operator', 'elsewhere');
    const answer = await register(id, 'iris', {}, { token: foreign });
    expect([answer.status, answer.json.code]).toEqual([404, 'NOT_FOUND']);
    expect(world.objects.keys().some((key) => key.startsWith('elsewhere/'))).toBe(false);
  });

  it.each([
    [{ uploadId: '../x' }, 'uploadId'],
    [{ uploadId: 'A'.repeat(32) }, 'uploadId'],
    [{ key: 'default/models/x.arbm' }, 'key'],
    [{ modelSha256: '0'.repeat(64) }, 'modelSha256'],
    [{ source: undefined }, 'source'],
    [
      { source: { fileName: 'a/b.onnx', format: 'onnx', bytes: 1, sha256: '0'.repeat(64) } },
      'source.fileName',
    ],
    [{ source: { fileName: 'a', format: 'pickle', bytes: 1, sha256: '0'.repeat(64) } }, 'source.format'],
    [{ source: { fileName: 'a', format: 'onnx', bytes: 0, sha256: '0'.repeat(64) } }, 'source.bytes'],
    [{ source: { fileName: 'a', format: 'onnx', bytes: 1, sha256: 'x' } }, 'source.sha256'],
    [
      { source: { fileName: 'a', format: 'onnx', bytes: 1, sha256: '0'.repeat(64), producer: 'a\nb' } },
      'source.producer',
    ],
    [
      { source: { fileName: 'a', format: 'onnx', bytes: 1, sha256: '0'.repeat(64), path: '/etc' } },
      'source.path',
    ],
  ])('%j names the field', async (over, field) => {
    const before = stored();
    const answer = await register('0'.repeat(32), 'iris', over);
    expect([answer.status, answer.json.field]).toEqual([400, field]);
    expect(stored()).toEqual(before);
  });

  it.each(['viewer', 'predictor', 'contributor'] as const)('a %s is not let in', async (role) => {
    const id = await upload(made.body);
    const answer = await register(id, 'iris', {}, { token: await world.token(role) });
    expect([answer.status, answer.json.code]).toEqual([403, 'FORBIDDEN']);
    expect((await call('GET', '/models/iris')).status).toBe(404);
  });
});

describe('the route', () => {
  const route = apiRoutes.find(({ id }) => id === 'registerImport')!;

  it('is for operators, of the api function, and says each of its refusals', () => {
    expect(route).toMatchObject({ permission: 'operate', fn: 'api', method: 'POST', tag: 'registry' });
    expect(Object.keys(route.responses)).toEqual(['200', '409', '413', '422']);
  });

  it('stands in the document with its body', async () => {
    const { paths, components } = (await call('GET', '/openapi.json')).json;
    const operation = paths['/models/{name}/versions'].post;
    expect(operation.operationId).toBe('registerImport');
    expect(operation.requestBody.required).toBe(true);
    expect(components.schemas.ImportSource.properties.format.enum).toEqual(['onnx', 'ml-random-forest']);
  });
});
