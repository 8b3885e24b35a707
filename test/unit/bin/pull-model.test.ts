import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../../bin/cli/client.ts';
import { pullModel } from '../../../bin/cli/pull-model.ts';

/** Versions 1 and 2 are in Production, 3 in Staging; the alias `production` holds 1. */
const STAGES: Record<string, string> = { 1: 'Production', 2: 'Production', 3: 'Staging' };
const bytesOf = (version: string) => `model ${version}`;
const versionOf = (version: string) => ({
  name: 'housing',
  version,
  runId: `run${version}`,
  stage: STAGES[version],
  modelSha256: createHash('sha256').update(bytesOf(version)).digest('hex'),
});

let server: Server;
let client: ApiClient;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arboleda-pull-'));
  server = createServer(({ url = '' }, response) => {
    const json = (body: unknown) => response.end(JSON.stringify(body));
    const run = /^\/runs\/run(\d)/.exec(url)?.[1];
    if (run !== undefined) return response.writeHead(302, { location: `/store/${run}` }).end();
    if (url.startsWith('/store/')) return response.end(bytesOf(url.at(-1)!));
    const version = /^\/models\/housing\/versions\/(\d)$/.exec(url)?.[1];
    if (version !== undefined) return json(versionOf(version));
    if (url.startsWith('/models/housing/versions')) return json({ versions: ['3', '2', '1'].map(versionOf) });
    return json({ name: 'housing', aliases: { production: '1' }, latestVersion: 3 });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  client = new ApiClient({ apiUrl: `http://127.0.0.1:${port}`, token: 'secret', name: 'test' });
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a pulled model', () => {
  it.each([
    ['housing', '1'],
    ['housing@production', '1'],
    // The version that serves, though a newer one stands in the same stage.
    ['models:/housing/Production', '1'],
    ['models:/housing/Staging', '3'],
    ['models:/housing/latest', '3'],
    ['housing/2', '2'],
  ])('%s is version %s, with what it is beside it', async (reference, version) => {
    const out = join(folder, reference.replaceAll(/\W/g, '-'));
    expect((await pullModel(client, reference, out)).version.version).toBe(version);
    expect(await readFile(join(out, 'model.arbm'), 'utf8')).toBe(bytesOf(version));
    expect(JSON.parse(await readFile(join(out, 'version.json'), 'utf8'))).toEqual(versionOf(version));
  });

  it.each(['housing@challenger', 'housing@constructor', 'models:/housing/Archived'])(
    '%s is nothing that there is',
    async (reference) => {
      await expect(pullModel(client, reference, join(folder, 'none'))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    },
  );
});
