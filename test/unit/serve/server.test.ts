import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { train } from '../../../bin/local-train/train.ts';
import { type ServeOptions, type Serving, serve } from '../../../bin/serve/serve.ts';
import type { App } from '../../../lib/http/app.ts';
import { MAX_BODY_BYTES } from '../../../lib/http/limits.ts';
import { nodeServer } from '../../../lib/http/server.ts';

let folder: string;
let log = '';
const open: Serving[] = [];
const sink = new Writable({
  write(chunk, _, done) {
    log += String(chunk);
    done();
  },
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arboleda-serve-'));
  await train({
    data: join(import.meta.dirname, '../../../data/housing/ames_rooms_area_age.csv.gz'),
    target: 'price',
    out: folder,
    algorithm: 'linear-regression',
    seed: 1,
    split: '0.8',
    drop: [],
    missing: [],
  });
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = async (options: Partial<ServeOptions> = {}) => {
  const serving = await serve({ model: folder, port: 0, host: '127.0.0.1', ...options }, sink);
  open.push(serving);
  return serving;
};
const row = { rooms: 3, area: 75, age: 10 };
const post = (url: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as string,
  });

describe('who may predict', () => {
  it('is everybody on a loopback address without a token', async () => {
    const { url, open: isOpen, model } = await start();
    expect([isOpen, model]).toEqual([true, 'model']);
    for (const path of ['/predict', '/predict/', '/models/model/predict']) {
      expect([path, (await post(url + path, JSON.stringify(row))).status]).toEqual([path, 200]);
    }
  });

  it('is who has the token where there is one; health and documents stay open', async () => {
    const { url } = await start({ token: 'right' });
    const status = async (authorization?: string) =>
      (await post(`${url}/predict`, JSON.stringify(row), authorization ? { authorization } : {})).status;
    expect(await status()).toBe(401);
    expect(await status('Bearer wrong')).toBe(401);
    expect(await status('Bearer right')).toBe(200);
    expect(await status(`Basic ${Buffer.from('any:right').toString('base64')}`)).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/nothing`)).status).toBe(401);
    expect(log).not.toContain('right"');
  });

  it('is nobody on another address without a token, unless that is said', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'token' });
    const { url } = await start({ host: '0.0.0.0', auth: false });
    expect((await post(`${url.replace('0.0.0.0', '127.0.0.1')}/predict`, JSON.stringify(row))).status).toBe(
      200,
    );
  });
});

describe('the edge of node:http', () => {
  it('names the wrong field, and answers in JSON with a request id', async () => {
    const { url } = await start();
    const answer = await post(`${url}/predict`, JSON.stringify({ rooms: 'three', area: 75, age: 10 }));
    const body = (await answer.json()) as Record<string, unknown>;
    expect([answer.status, body.field]).toEqual([400, 'rooms']);
    expect(answer.headers.get('x-request-id')).toBe(body.requestId);
    expect(answer.headers.get('strict-transport-security')).toBeNull();
    expect((await post(`${url}/predict`, '{"rooms":')).status).toBe(400);
    expect((await fetch(`${url}/predict`)).status).toBe(405);
    expect((await fetch(`${url}/%E0%A4%A/x`)).status).toBe(404);
    const head = await fetch(`${url}/health`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('refuses more than it takes, whether the length is told or not', async () => {
    const { url } = await start();
    const told = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${url}/predict`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': MAX_BODY_BYTES + 1,
          expect: '100-continue',
        },
      });
      sent.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      sent.on('continue', () => reject(new Error('was asked to go on')));
      sent.flushHeaders();
    });
    expect(told).toBe(413);
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const untold = await new Promise<number | undefined>((resolve) => {
      const sent = request(`${url}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      sent.on('response', (response) => resolve(response.resume().statusCode)).on('error', () => undefined);
      for (let i = 0; i < 8; i++) sent.write(chunk);
      sent.end();
    });
    expect(untold).toBe(413);
    expect((await post(`${url}/predict`, JSON.stringify(row))).status).toBe(200);
  });

  it('lives on where a caller goes away in the middle', async () => {
    const { url } = await start();
    const { port } = new URL(url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a"',
        );
        socket.destroy();
        resolve();
      });
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('answers 503 where the application takes too long', async () => {
    const never: App = { handle: () => new Promise(() => undefined) };
    const server = nodeServer(never, 20);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const answer = await fetch(`http://127.0.0.1:${port}/x`);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(((await answer.json()) as { code: string }).code).toBe('REQUEST_TIMED_OUT');
    server.closeAllConnections();
    server.close();
  });

  it('lives on where an answer cannot be sent: its connection alone ends', async () => {
    const headers: Record<string, string>[] = [{ 'x-odd': 'a\nb' }, {}];
    const odd: App = { handle: async () => ({ status: 200, headers: headers.shift()!, body: 'well' }) };
    const server = nodeServer(odd);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('well');
    server.closeAllConnections();
    server.close();
  });

  it('tells which port is taken', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(start({ port })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('takes a thousand rows in order, and not one more', async () => {
    const { url } = await start();
    const rows = Array.from({ length: 1001 }, (_, i) => ({ ...row, area: 40 + i / 10 }));
    const answer = await post(`${url}/predict`, JSON.stringify({ rows: rows.slice(0, 1000) }));
    const { predictions } = (await answer.json()) as { predictions: { prediction: number }[] };
    expect(predictions).toHaveLength(1000);
    expect(
      predictions.every(({ prediction }, i) => i === 0 || prediction > predictions[i - 1]!.prediction),
    ).toBe(true);
    expect((await post(`${url}/predict`, JSON.stringify({ rows }))).status).toBe(413);
  });
});

describe('the folder', () => {
  it('may be empty at first: 503 until a model is there; a broken one is told as such', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'arboleda-empty-'));
    try {
      const { url, model } = await start({ model: empty });
      expect(model).toBeNull();
      const health = await fetch(`${url}/health`);
      expect([health.status, health.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await health.json()).toMatchObject({
        code: 'NOT_READY',
        message: expect.stringContaining('model.arbm'),
      });
      expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
      await writeFile(join(empty, 'model.arbm'), 'no model at all');
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    } finally {
      await rm(empty, { recursive: true, force: true });
    }
  });

  it('tells the version that was pulled, and refuses another file beside it', async () => {
    const { createHash } = await import('node:crypto');
    const { readFile } = await import('node:fs/promises');
    const pulled = await mkdtemp(join(tmpdir(), 'arboleda-pulled-'));
    try {
      const bytes = await readFile(join(folder, 'model.arbm'));
      await writeFile(join(pulled, 'model.arbm'), bytes);
      const version = {
        name: 'housing',
        version: '7',
        modelSha256: createHash('sha256').update(bytes).digest('hex'),
      };
      await writeFile(join(pulled, 'version.json'), JSON.stringify(version));
      const { url } = await start({ model: pulled });
      const answer = await post(`${url}/models/housing/predict?version=7`, JSON.stringify(row));
      expect(await answer.json()).toMatchObject({ model: 'housing', version: '7' });
      expect((await post(`${url}/models/housing/predict?version=8`, JSON.stringify(row))).status).toBe(404);
      expect((await post(`${url}/models/other/predict`, JSON.stringify(row))).status).toBe(404);
      await writeFile(
        join(pulled, 'version.json'),
        JSON.stringify({ ...version, modelSha256: '0'.repeat(64) }),
      );
      const again = await start({ model: pulled });
      expect((await fetch(`${again.url}/health`)).status).toBe(503);
    } finally {
      await rm(pulled, { recursive: true, force: true });
    }
  });
});
