import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../bin/local/port.ts';
import { train } from '../../../bin/local-train/train.ts';
import { type Image, readDockerfile } from './dockerfile.ts';

const repo = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** A build context with what the comment at the top of the Dockerfile makes, and the image's folder made of it. */
let context: string;
let root: string;
let image: Image;
beforeAll(async () => {
  context = await mkdtemp(join(tmpdir(), 'arboleda-context-'));
  root = await mkdtemp(join(tmpdir(), 'arboleda-image-'));
  image = readDockerfile(await readFile(join(repo, 'Dockerfile'), 'utf8'));
  await run(process.execPath, [join(repo, 'scripts/bundle-server.ts'), join(context, 'dist/server')]);
  await train({
    data: join(repo, 'data/housing/ames_rooms_area_age.csv.gz'),
    target: 'price',
    out: join(context, 'model'),
    algorithm: 'linear-regression',
    seed: 42,
    split: '0.8',
    drop: [],
    missing: [],
  });
  for (const { from, to } of image.copies) {
    const target = join(root, image.workdir, to);
    await mkdir(target, { recursive: true });
    await cp(join(context, from), target, { recursive: true });
  }
}, 120_000);
afterAll(async () => {
  for (const folder of [context, root]) await rm(folder, { recursive: true, force: true });
});

/** Runs words of the image in its folder, its environment and nothing else's, on a port that is free here. */
async function started(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string; said: () => string }> {
  const port = String(await freePort());
  const words = image.cmd.map((word) => (word === image.ports[0] ? port : word));
  const child = spawn(process.execPath, words.slice(1), {
    cwd: join(root, image.workdir),
    env: { ...image.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
  const url = `http://127.0.0.1:${port}`;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const ready = (async () => {
    while (child.exitCode === null && !said.includes('serving '))
      await new Promise((next) => setTimeout(next, 20));
  })();
  await Promise.race([ended, ready]);
  return { child, url, said: () => said };
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode === null ? new Promise((done) => child.once('exit', done)) : Promise.resolve(child.exitCode);

const post = (url: string, body: unknown, token = 'a-token') =>
  fetch(`${url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

describe('the Dockerfile', () => {
  it('installs nothing, and runs as a user without rights', () => {
    expect(image).toMatchObject({ base: 'node:24-slim', runs: [], user: 'node', ports: ['8000'] });
    expect(image.cmd[0]).toBe('node');
    expect(image.cmd).toContain('8000');
    const other = readDockerfile('FROM x\nARG MODEL=model\nCOPY $MODEL/ ./model/', {
      MODEL: 'out/housing',
    });
    expect(other.copies).toEqual([{ from: 'out/housing/', to: './model/' }]);
  });

  it('copies no more than the bundle and the model, and the ignore file lets just that in', async () => {
    expect((await readdir(join(root, image.workdir))).sort()).toEqual(['arboleda.mjs', 'assets', 'model']);
    const ignored = (await readFile(join(repo, '.dockerignore'), 'utf8'))
      .split('\n')
      .filter((line) => /^[^#]/.test(line));
    expect(ignored[0]).toBe('*');
    for (const { from } of image.copies) expect(ignored).toContain(`!${from.split('/')[0]}/`);
  });
});

describe('its command, in a folder that holds only what it copies', () => {
  it('is healthy, predicts, documents itself and ends when it is told to', async () => {
    const { child, url, said } = await started({ ARBOLEDA_TOKEN: 'a-token' });
    try {
      const health = await fetch(`${url}/health`);
      expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok', model_loaded: true }]);
      const answer = await post(url, { rooms: 3, area: 75, age: 10 });
      expect(answer.status).toBe(200);
      const { predicted_price: price } = (await answer.json()) as { predicted_price: number };
      expect(price).toBeGreaterThan(50_000);
      expect(price).toBeLessThan(200_000);
      expect((await post(url, { rooms: 3, area: 75, age: 10 }, 'another')).status).toBe(401);
      const openapi = await (await fetch(`${url}/openapi.json`)).text();
      expect(openapi).toContain('"area"');
      const script = await fetch(`${url}/docs/swagger-ui-bundle.js`);
      expect([script.status, (await script.text()).length > 100_000]).toEqual([200, true]);
      // The image's own probe, on this port.
      const probe = image.healthcheck.map((word) => word.replaceAll('http://127.0.0.1:8000', url));
      await run(process.execPath, probe.slice(1), { env: {} });
      child.kill('SIGTERM');
      expect(await exitOf(child)).toBe(0);
      expect(said()).not.toContain('a-token');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('is not healthy without a model, and is once one is mounted', async () => {
    const model = join(root, image.workdir, 'model/model.arbm');
    const bytes = await readFile(model);
    await rm(model);
    const { child, url, said } = await started({ ARBOLEDA_TOKEN: 'a-token' });
    try {
      expect(said()).toContain('no model in model yet');
      expect((await fetch(`${url}/health`)).status).toBe(503);
      const answer = await post(url, { rooms: 3, area: 75, age: 10 });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'NOT_READY']);
      const probe = image.healthcheck.map((word) => word.replaceAll('http://127.0.0.1:8000', url));
      await expect(run(process.execPath, probe.slice(1), { env: {} })).rejects.toMatchObject({ code: 1 });
      await writeFile(model, bytes);
      // What was not there is looked for anew at each request.
      expect((await fetch(`${url}/health`)).status).toBe(200);
    } finally {
      child.kill('SIGKILL');
      await writeFile(model, bytes);
    }
  });

  it('does not start for all the world without a token', async () => {
    const { child, said } = await started({});
    expect(await exitOf(child)).toBe(1);
    expect(said()).toContain('ARBOLEDA_TOKEN');
  });
});
