import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../../bin/cli/client.ts';
import { download } from '../../../bin/cli/download.ts';
import { pushLocalData } from '../../../bin/cli/push.ts';

const BYTES = Buffer.from('rooms,area\n3,75\n');
const SHA = createHash('sha256').update(BYTES).digest('hex');

/** An API that redirects to a store on the same server; what each request said of itself is kept. */
let server: Server;
let client: ApiClient;
let seen: { url: string; authorization: string | undefined }[] = [];
let store: 'whole' | 'other' | 'short' | 'gone' = 'whole';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arboleda-download-'));
  server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    if (request.url === '/api/file') return response.writeHead(302, { location: '/store?signed' }).end();
    if (request.url === '/api/none') {
      const body = { code: 'NOT_FOUND', message: 'no such file', remedy: 'Look.' };
      return response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
    if (store === 'gone') return response.writeHead(403).end('expired');
    if (store === 'short') {
      response.writeHead(200, { 'content-length': 99 }).write(BYTES);
      return setTimeout(() => response.destroy(), 10);
    }
    return response.end(store === 'other' ? 'something else' : BYTES);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  client = new ApiClient({ apiUrl: `http://127.0.0.1:${port}/api`, token: 'secret', name: 'test' });
});
beforeEach(() => {
  seen = [];
  store = 'whole';
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('download', () => {
  it('writes what was promised, and shows the token to the API alone', async () => {
    const to = join(folder, 'deep/down/a.csv');
    expect(await download(client, '/file', to, SHA)).toEqual({
      file: to,
      bytes: BYTES.length,
      sha256: SHA,
      written: true,
    });
    expect(await readFile(to)).toEqual(BYTES);
    expect(seen).toEqual([
      { url: '/api/file', authorization: 'Bearer secret' },
      { url: '/store?signed', authorization: undefined },
    ]);
  });

  it('asks for nothing where the very file is there, and writes over no other', async () => {
    const to = join(folder, 'b.csv');
    await writeFile(to, BYTES);
    expect((await download(client, '/file', to, SHA)).written).toBe(false);
    await writeFile(to, 'mine');
    await expect(download(client, '/file', to, SHA)).rejects.toMatchObject({
      code: 'CONFLICT',
      field: 'out',
    });
    expect(await readFile(to, 'utf8')).toBe('mine');
    expect(seen).toEqual([]);
  });

  it.each([
    ['other', 'INTEGRITY'],
    ['short', 'UNREACHABLE'],
    ['gone', 'UNREACHABLE'],
  ] as const)('leaves nothing behind where the store sends %s bytes', async (kind, code) => {
    store = kind;
    const place = await mkdtemp(join(folder, 'broken-'));
    await expect(download(client, '/file', join(place, 'c.csv'), SHA)).rejects.toMatchObject({ code });
    expect(await readdir(place)).toEqual([]);
  });

  it('hands the API’s own error on', async () => {
    await expect(download(client, '/none', join(folder, 'd'), SHA)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      remedy: 'Look.',
    });
  });
});

describe('a pinned source', () => {
  it('is not pushed over by a file of ARBOLEDA_DATA', async () => {
    await writeFile(join(folder, 'rows.csv'), BYTES);
    const source = { sha256: '0'.repeat(64), pinned: { model: 'housing', version: '1' } };
    const definition = { sources: [{ kind: 'folder', path: 'rows.csv' }] };
    const api = { get: async () => ({ source, definition }) } as unknown as ApiClient;
    const notes: string[] = [];
    expect(await pushLocalData(api, 'housing', (text) => notes.push(text), folder)).toBeUndefined();
    expect(notes.join()).toContain('housing version 1');
  });
});
