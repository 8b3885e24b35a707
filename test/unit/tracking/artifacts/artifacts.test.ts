import { beforeEach, describe, expect, it } from 'vitest';
import { ConflictError, InvalidInputError, NotFoundError } from '../../../../lib/errors/index.ts';
import { Artifacts, Runs } from '../../../../lib/tracking/index.ts';
import {
  FixedClock,
  MemoryItemStore,
  MemoryMultipartUploads,
  MemoryObjectStore,
} from '../../../support/memory.ts';

const RUN = 'a'.repeat(32);
const ROOT = `1/${RUN}/artifacts`;
const bytes = (text: string) => new TextEncoder().encode(text);

describe('Artifacts', () => {
  let objects: MemoryObjectStore;
  let uploads: MemoryMultipartUploads;
  let runs: Runs;
  let artifacts: Artifacts;
  beforeEach(async () => {
    const clock = new FixedClock('2026-01-01T00:00:00.000Z');
    objects = new MemoryObjectStore(clock);
    uploads = new MemoryMultipartUploads(objects, 2);
    runs = new Runs(new MemoryItemStore(clock), clock);
    artifacts = new Artifacts({ objects, uploads, runs });
    await runs.create('ws', { runId: RUN, experimentId: '1', name: 'r' });
  });
  const put = (path: string, text = path) => artifacts.put('ws', path, bytes(text));

  it('keeps files under the workspace, and lists a folder by name', async () => {
    for (const path of ['b', 'a/x', 'a/y/z', 'ab']) await put(`${ROOT}/${path}`);
    expect(objects.keys().every((key) => key.startsWith(`ws/artifacts/${ROOT}/`))).toBe(true);
    expect(await artifacts.list('ws', ROOT)).toEqual([
      { name: 'a', isFolder: true },
      { name: 'ab', isFolder: false, size: `${ROOT}/ab`.length },
      { name: 'b', isFolder: false, size: `${ROOT}/b`.length },
    ]);
    expect(await artifacts.list('ws', `${ROOT}/b`)).toEqual([]);
    expect(await artifacts.list('other', ROOT)).toEqual([]);
    expect(await artifacts.list('ws')).toEqual([{ name: '1', isFolder: true }]);
  });

  it('lists more than S3 gives at once', async () => {
    for (let i = 0; i < 1_005; i++) await put(`many/${i}`, 'x');
    expect(await artifacts.list('ws', 'many')).toHaveLength(1_005);
  });

  it('gives a URL of a file, and tells a folder from nothing', async () => {
    await put(`${ROOT}/a/x`, 'four');
    const { url, size } = await artifacts.download('ws', `${ROOT}/a/x`);
    expect([new URL(url).pathname, size]).toEqual([`/ws/artifacts/${ROOT}/a/x`, 4]);
    await expect(artifacts.download('ws', `${ROOT}/a`)).rejects.toThrow(InvalidInputError);
    await expect(artifacts.download('ws', `${ROOT}/none`)).rejects.toThrow(NotFoundError);
    await expect(artifacts.download('other', `${ROOT}/a/x`)).rejects.toThrow(NotFoundError);
  });

  it('removes a file, or a folder and not its neighbours; a repeat is fine', async () => {
    for (const path of ['a/x', 'a/y/z', 'ab', 'a.txt']) await put(path);
    await artifacts.remove('ws', 'a');
    await artifacts.remove('ws', 'a');
    expect(objects.keys()).toEqual(['ws/artifacts/a.txt', 'ws/artifacts/ab']);
    await artifacts.remove('ws', 'ab');
    expect(objects.keys()).toEqual(['ws/artifacts/a.txt']);
    for (const root of ['', '.', '/', '..'])
      await expect(artifacts.remove('ws', root)).rejects.toThrow('Invalid path');
  });

  it("shows a pipeline's own files in the folder of its run, and lets nobody change them", async () => {
    const record = { key: 'ws/reports/r.json', size: 7, contentType: 'application/json' };
    await runs.addArtifact('ws', RUN, { ...record, path: 'reports/r.json' });
    await objects.put(record.key, 'content', { contentType: 'application/json' });
    await put(`${ROOT}/reports/mine.txt`);
    expect((await artifacts.list('ws', `${ROOT}/reports`)).map(({ name }) => name)).toEqual([
      'mine.txt',
      'r.json',
    ]);
    expect(await artifacts.list('ws', ROOT)).toEqual([{ name: 'reports', isFolder: true }]);
    const { url, size } = await artifacts.download('ws', `${ROOT}/reports/r.json`);
    expect([new URL(url).pathname, size]).toEqual(['/ws/reports/r.json', 7]);
    for (const change of [
      put(`${ROOT}/reports/r.json`),
      artifacts.remove('ws', `${ROOT}/reports/r.json`),
      artifacts.openUpload('ws', `${ROOT}/reports`, '/tmp/r.json', 1),
    ])
      await expect(change).rejects.toThrow(ConflictError);
    // The same id in another place is not this run's folder.
    expect(await artifacts.list('ws', `9/${RUN}/artifacts`)).toEqual([]);
    const run = await runs.get('ws', RUN);
    expect((await artifacts.ofRun(run)).map(({ path, key }) => [path, key])).toEqual([
      ['reports/mine.txt', `ws/artifacts/${ROOT}/reports/mine.txt`],
      ['reports/r.json', 'ws/reports/r.json'],
    ]);
    expect((await artifacts.findOfRun(run, 'reports/r.json'))?.key).toBe('ws/reports/r.json');
    expect((await artifacts.findOfRun(run, 'reports/mine.txt'))?.contentType).toBe('text/plain');
    expect(await artifacts.findOfRun(run, 'none')).toBeUndefined();
  });

  it('takes a file in parts under its own name; completing and aborting may be repeated', async () => {
    const { uploadId, parts } = await artifacts.openUpload('ws', ROOT, 'C:\\data\\big.bin', 2);
    expect(parts.map(({ number }) => number)).toEqual([1, 2]);
    const key = `ws/artifacts/${ROOT}/big.bin`;
    const sent = ['abc', 'd'].map((text, i) => ({
      number: i + 1,
      etag: uploads.putPart(key, uploadId, i + 1, bytes(text)),
    }));
    const complete = () => artifacts.completeUpload('ws', ROOT, 'C:\\data\\big.bin', uploadId, sent);
    await complete();
    await complete();
    expect(Buffer.from(await objects.get(key)).toString()).toBe('abcd');
    await expect(artifacts.completeUpload('other', ROOT, '/big.bin', uploadId, sent)).rejects.toThrow(
      NotFoundError,
    );
    const second = await artifacts.openUpload('ws', ROOT, '/tmp/big.bin', 1);
    await artifacts.abortUpload('ws', ROOT, '/tmp/big.bin', second.uploadId);
    await artifacts.abortUpload('ws', ROOT, '/tmp/big.bin', second.uploadId);
    expect(uploads.open()).toEqual([]);
  });

  it('refuses uploads that leave or have no name, and counts of parts that S3 or an answer cannot hold', async () => {
    for (const name of ['..', '.', '', '/', '/tmp/%2e%2e', '/tmp/..'])
      await expect(artifacts.openUpload('ws', ROOT, name, 1), name).rejects.toThrow('Invalid path');
    for (const count of [0, -1, 1.5, 10_001])
      await expect(artifacts.openUpload('ws', ROOT, 'x', count)).rejects.toThrow(InvalidInputError);
    await expect(artifacts.openUpload('ws', ROOT, 'x', 2_501)).rejects.toThrow(
      'MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE',
    );
    expect(uploads.open()).toEqual([]);
  });
});
