import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../../bin/cli/client.ts';
import { chosen, downloadFile, filesOf, type RunFile } from '../../../bin/cli/run-files.ts';

const artifact = (path: string) => ({ path, key: `k/${path}`, size: 3, contentType: 'text/plain' });
/** The tokens that came with each download from S3's side. */
const tokensAtS3: (string | undefined)[] = [];
let server: Server;
let client: ApiClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arboleda-download-'));
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    const json = (value: unknown) => response.end(JSON.stringify(value));
    if (url.pathname === '/s3') {
      tokensAtS3.push(request.headers.authorization);
      return response.end(`bytes of ${url.searchParams.get('of')}`);
    }
    if (url.pathname === '/runs/r1')
      return json({
        runId: 'r1',
        artifacts: [artifact('data/batches/batch-001.parquet'), artifact('model/model.arbm')],
      });
    if (url.pathname === '/runs') {
      return json({
        runs: [
          { runId: 'c1', tags: { 'arboleda.item': '0', 'data.part': 'batch', batch_id: '1' } },
          { runId: 'c2', tags: { 'arboleda.item': '../../etc' } },
        ],
      });
    }
    if (/^\/runs\/c\d\/artifacts$/.test(url.pathname))
      return json({ artifacts: [artifact('model/model.arbm')] });
    if (url.pathname.startsWith('/runs/r1/artifacts/gone')) return response.writeHead(404).end('{}');
    const location = `http://localhost:${(server.address() as AddressInfo).port}/s3?of=${encodeURIComponent(url.pathname)}`;
    return response.writeHead(302, { location }).end();
  });
  await new Promise<void>((done) => server.listen(0, done));
  const { port } = server.address() as AddressInfo;
  client = new ApiClient({ apiUrl: `http://localhost:${port}`, token: 'secret', name: 'test' });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the files of a run', () => {
  it('are its own and those of its child runs, each child in a folder of its name', async () => {
    expect((await filesOf(client, 'r1')).map(({ to, runId }) => [runId, to])).toEqual([
      ['c1', 'children/0-batch-1/model/model.arbm'],
      ['c2', 'children/c2/model/model.arbm'],
      ['r1', 'data/batches/batch-001.parquet'],
      ['r1', 'model/model.arbm'],
    ]);
  });

  it('can be chosen one by one or by folder', async () => {
    const files = await filesOf(client, 'r1');
    expect(chosen(files, undefined)).toHaveLength(4);
    expect(chosen(files, 'data/batches/').map(({ to }) => to)).toEqual(['data/batches/batch-001.parquet']);
    expect(chosen(files, 'model/model.arbm')).toHaveLength(1);
    expect(() => chosen(files, 'data/bat')).toThrow(/no file "data\/bat"/);
  });

  it('are written whole where they belong, and the token stays with the API', async () => {
    const [file] = chosen(await filesOf(client, 'r1'), 'data/batches');
    const { file: path, written } = await downloadFile(client, file!, folder);
    expect(path).toBe(join(folder, 'data', 'batches', 'batch-001.parquet'));
    expect(readFileSync(path, 'utf8')).toBe('bytes of /runs/r1/artifacts/data/batches/batch-001.parquet');
    expect(written).toBe(true);
    expect(readdirSync(dirname(path))).toHaveLength(1);
    expect(tokensAtS3).toEqual([undefined]);
  });

  it('are refused outside the folder, and where the API has none', async () => {
    const file: RunFile = { ...artifact('gone.txt'), runId: 'r1', to: '../outside.txt' };
    await expect(downloadFile(client, file, folder)).rejects.toThrow(/outside the folder/);
    await expect(downloadFile(client, { ...file, to: 'gone.txt' }, folder)).rejects.toThrow(/404/);
  });
});
