import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CommanderError } from 'commander';
import { RandomForestClassifier } from 'ml-random-forest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../../bin/cli/client.ts';
import { buildProgram } from '../../../bin/cli/program.ts';
import { registerModel } from '../../../bin/cli/register-model.ts';
import { putTo } from '../../../bin/cli/upload.ts';
import type { ConvertedModel } from '../../../bin/local-train/import-model.ts';
import { makeRequest } from '../../../lib/http/index.ts';
import { explainPredictions } from '../../../lib/learn/explain/explain-predictions.ts';
import { readModelFile } from '../../../lib/learn/file/model-file.ts';
import { predictRows } from '../../../lib/learn/predict-rows.ts';
import type { ModelEngine } from '../../../lib/serving/index.ts';
import { runCli } from '../../support/cli.ts';
import { converted, farFromFile, onnxFile, requestRows } from '../../support/imported.ts';
import { makeWorld, type World } from '../http/support/world.ts';

/** The API and the store of uploads behind one real socket, in memory. */
let server: Server;
let origin: string;
let world: World;
let token: string;
let dir: string;
/** Requests so far, `METHOD path`; and what answers before the API does, once each. */
const seen: string[] = [];
const instead: ((request: IncomingMessage, response: ServerResponse) => boolean)[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'arboleda-register-'));
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', origin);
    seen.push(`${request.method} ${url.pathname}`);
    if (instead[0]?.(request, response)) {
      instead.shift();
      return;
    }
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    if (url.pathname.startsWith('/store/')) {
      const key = decodeURIComponent(url.pathname.slice('/store/'.length));
      await world.objects.put(key, body, { contentType: request.headers['content-type'] ?? '' });
      response.writeHead(200).end();
      return;
    }
    const query: Record<string, string[]> = {};
    for (const name of url.searchParams.keys()) query[name] = url.searchParams.getAll(name);
    const { method = 'GET', headers } = request;
    const text = body.toString('utf8');
    const made = makeRequest({ method, path: url.pathname, query, headers, body: text, requestId: 'r' });
    const answer = await world.app.handle(made);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

beforeEach(async () => {
  world = makeWorld({
    engine: {
      read: readModelFile,
      predict: predictRows,
      explain: explainPredictions,
    } as unknown as ModelEngine,
  });
  world.objects.presignPut = async (key) => `${origin}/store/${encodeURIComponent(key)}?signature=x`;
  token = await world.token('operator');
  seen.length = 0;
  instead.length = 0;
});

const client = () => new ApiClient({ apiUrl: origin, token, name: 'test' });
const cli = (...args: string[]) => runCli(args, { ARBOLEDA_API_URL: origin, ARBOLEDA_TOKEN: token });
const importing = (name: string, ...more: string[]) =>
  cli('model', 'import', onnxFile(name), '--target', 'y', ...more);
const versions = async (name: string) => (await world.registry.listVersions('default', name)).items;

describe('model import --register', () => {
  it('uploads, registers, and says what to do next', async () => {
    const done = await importing('xgboost-regressor', '--register', 'sugar');
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('equally likely')]);
    expect(seen).toEqual([
      'POST /data/uploads',
      expect.stringMatching(/^PUT \/store\/default%2Fuploads%2F[0-9a-f]{32}$/),
      'POST /models/sugar/versions',
    ]);
    const [version] = await versions('sugar');
    const lines = done.stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^\d+ trees for y, a regression from 10 features$/),
      `sugar version 1 registered, run ${version!.runId}`,
      'serve it: npx arboleda promote sugar 1',
      expect.stringContaining(`'${origin}/models/sugar/predict?version=1'`),
    ]);
    // The command predicts as it stands, but for the token, which is in a file.
    const row = JSON.parse(/-d '([^']*)'/.exec(lines[3]!)![1]!);
    const answer = await client().post<{ predictions: unknown[] }>('/models/sugar/predict?version=1', row);
    expect(answer.predictions).toHaveLength(1);
    expect(lines[3]).toContain('$(npx arboleda token show)');
    expect(done.stdout).not.toContain(token);
  });

  it('with --alias it is served at once; with --out the folder is written too, of the same bytes', async () => {
    const out = join(dir, 'both');
    const done = await importing(
      'sklearn-forest-zipmap',
      ...['--register', 'iris', '--alias', 'production', '--out', out, '--json'],
    );
    expect(done.code).toBe(0);
    const report = JSON.parse(done.stdout);
    expect(report).toMatchObject({
      out,
      classes: ['setosa', 'versicolor', 'virginica'],
      registered: { model: 'iris', version: '1', created: true, alias: 'production' },
    });
    expect(report.registered.curl).toContain(`${origin}/models/iris/predict`);
    expect(report.registered.curl).not.toContain('version=');
    const [version] = await versions('iris');
    expect(version!.modelSha256).toBe(report.modelSha256);
    expect(Buffer.from(await world.objects.get(version!.modelKey!))).toEqual(
      readFileSync(join(out, 'model.arbm')),
    );
    const rows = requestRows('sklearn-forest-zipmap', report.features);
    const answer = await client().post<{ predictions: never[] }>('/models/iris/predict', { rows });
    expect(farFromFile('sklearn-forest-zipmap', answer.predictions)).toBeLessThan(1e-6);
    expect((await cli('runs')).stdout).toContain('import of iris');
    const shown = await cli('show', version!.runId!);
    expect(shown.stdout).toMatch(/name +import of iris/);
    expect(shown.stdout).toMatch(/source\.fileName +sklearn-forest-zipmap\.onnx/);
    expect(shown.stdout).toContain('reports/importance.json');
  }, 60_000);

  it('takes the JSON of ml-random-forest as well', async () => {
    const forest = new RandomForestClassifier({ nEstimators: 3, seed: 1, noOOB: true });
    const rows = Array.from({ length: 40 }, (_, i) => [i % 7, i % 5]);
    forest.train(
      rows,
      rows.map(([a, b]) => (a! > b! ? 1 : 0)),
    );
    const file = join(dir, 'forest.json');
    writeFileSync(file, JSON.stringify(forest));
    const done = await cli(
      ...['model', 'import', file, '--target', 'larger', '--features', 'a,b', '--classes', 'no,yes'],
      ...['--register', 'pairs', '--alias', 'production'],
    );
    expect(done.stdout).toContain('production is version 1');
    const answer = await client().post<{ predictions: { prediction: string }[] }>('/models/pairs/predict', {
      rows: rows.map(([a, b]) => ({ a, b })),
    });
    const own = forest.predict(rows).map((k) => ['no', 'yes'][k]);
    expect(answer.predictions.map(({ prediction }) => prediction)).toEqual(own);
  });

  it('again is the same version, and says so', async () => {
    await registerModel(client(), await converted('xgboost', { name: 'iris' }), { name: 'iris' });
    const again = await importing('xgboost', '--register', 'iris');
    expect(again.stdout).toMatch(/iris version 1 was registered before from the same file, run [0-9a-f]{32}/);
    expect(await versions('iris')).toHaveLength(1);
  }, 60_000);

  it.each<[string, string[], RegExp]>([
    ['neither folder nor name', [], /--out DIR, --register MODEL/],
    ['an alias of nothing', ['--out', 'x', '--alias', 'production'], /--alias needs --register/],
    ['two names', ['--register', 'a', '--name', 'b'], /leave --name out/],
  ])('wrong usage is told as such: %s', async (_, args, message) => {
    const given = ['model', 'import', onnxFile('xgboost'), '--target', 'y', ...args];
    const parsed = buildProgram(true).parseAsync(given, { from: 'user' });
    await expect(parsed).rejects.toBeInstanceOf(CommanderError);
    await expect(parsed).rejects.toThrow(message);
    expect(seen).toEqual([]);
  });

  it('a stack that is not there is told before the file is read, and no folder is made', async () => {
    const out = join(dir, 'never');
    const args = ['model', 'import', '/nowhere.onnx', '--register', 'a', '--out', out, '--json'];
    const done = await runCli(args, { ARBOLEDA_LOCAL_DIR: join(dir, 'no-stack') });
    expect([done.code, JSON.parse(done.stdout).error.code]).toEqual([1, 'NO_STACK']);
    expect(existsSync(out)).toBe(false);
  });
});

describe('registerModel', () => {
  let made: ConvertedModel;
  beforeAll(async () => {
    made = await converted('xgboost', { name: 'iris' });
  });
  const register = (more: object = {}) =>
    registerModel(client(), made, { name: 'iris', waitMilliseconds: 1, ...more });

  const refuseVersions =
    (status: number, body: object) =>
    (request: IncomingMessage, response: ServerResponse): boolean => {
      if (!request.url!.endsWith('/versions')) return false;
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return true;
    };
  const timedOut = { code: 'REQUEST_TIMED_OUT', message: 'too slow', remedy: 'again' };

  it('asks again where the answer was lost, and gets the same version', async () => {
    instead.push(refuseVersions(504, timedOut), refuseVersions(502, {}));
    expect(await register()).toMatchObject({ version: '1', model: 'iris' });
    expect(seen.filter((one) => one.startsWith('PUT'))).toHaveLength(1);
    expect(seen.filter((one) => one.endsWith('/versions'))).toHaveLength(3);
  });

  it('gives up after three times', async () => {
    for (let i = 0; i < 3; i++) instead.push(refuseVersions(504, timedOut));
    await expect(register()).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT', status: 504 });
    expect(seen.filter((one) => one.endsWith('/versions'))).toHaveLength(3);
  });

  it('does not ask again what was refused', async () => {
    instead.push(refuseVersions(422, { code: 'UNSERVABLE_MODEL', message: 'no', remedy: 'none' }));
    await expect(register()).rejects.toMatchObject({ code: 'UNSERVABLE_MODEL' });
    expect(seen.filter((one) => one.endsWith('/versions'))).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['a name that no model may have', { name: 'a/b' }, 'INVALID_NAME'],
    ['an alias that is reserved', { alias: 'latest' }, 'INVALID_NAME'],
    ['a file of another name', { name: 'tulips' }, 'UNSERVABLE_MODEL'],
  ])('%s is told before anything is sent', async (_, more, code) => {
    await expect(register(more)).rejects.toMatchObject({ code });
    expect(seen).toEqual([]);
  });

  it('a token that may not is told so', async () => {
    token = await world.token('viewer');
    await expect(register()).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 });
  });

  it('shows names and producers of any kind as the API takes them', async () => {
    const source = { ...made.source, fileName: 'a\tb\\c.onnx', producer: ' \u0000skl2onnx\n1 ' };
    const { runId } = await registerModel(client(), { ...made, source }, { name: 'iris' });
    const { params } = await world.runs.get('default', runId);
    expect([params['source.fileName'], params['source.producer']]).toEqual(['a_b_c.onnx', '_skl2onnx_1']);
    const unnamed = { ...made.source, producer: '', sha256: 'd'.repeat(64) };
    const other = await registerModel(client(), { ...made, source: unnamed }, { name: 'iris' });
    expect(Object.keys((await world.runs.get('default', other.runId)).params)).not.toContain(
      'source.producer',
    );
  });
});

describe('putTo', () => {
  const upload = () => ({ uploadId: 'x', url: `${origin}/store/key`, headers: { 'content-type': 'a/b' } });

  it('sends all bytes with their length, and tells how far it is', async () => {
    const bytes = new Uint8Array(3_500_000).map((_, i) => i % 251);
    const shares: number[] = [];
    let length: string | undefined;
    instead.push((request) => {
      length = request.headers['content-length'];
      return false;
    });
    await putTo(upload(), bytes, (share) => shares.push(share));
    expect(length).toBe('3500000');
    expect(Buffer.compare(await world.objects.get('key'), bytes)).toBe(0);
    expect(shares).toEqual(
      [1 / 3.5, 2 / 3.5, 3 / 3.5, 1].map((_, i) => Math.min(1, ((i + 1) * 2 ** 20) / 3.5e6)),
    );
  });

  it('an empty file is one too', async () => {
    await putTo(upload(), new Uint8Array());
    expect(await world.objects.get('key')).toHaveLength(0);
  });

  it('says what the store answered, also where that comes before all is sent', async () => {
    instead.push((_, response) => {
      response.writeHead(403, { connection: 'close' }).end('<Error>\n  Request has expired</Error>');
      return true;
    });
    await expect(putTo(upload(), new Uint8Array(20_000_000))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'the upload was answered with 403: <Error> Request has expired</Error>',
      remedy: expect.stringContaining('expired'),
    });
  });

  it('says that it was cut off, by whom, and that it can be repeated', async () => {
    instead.push((request) => {
      request.socket.destroy();
      return true;
    });
    await expect(putTo(upload(), new Uint8Array(5_000_000))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/^the upload to http:\/\/127\.0\.0\.1:\d+ was cut off \(E[A-Z]+\)$/),
      remedy: expect.stringContaining('Try again'),
    });
    await expect(
      putTo({ ...upload(), url: 'http://127.0.0.1:9/x' }, new Uint8Array(1)),
    ).rejects.toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
  });
});
