import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { definitionHash, describeDefinition } from '../../../lib/pipeline/catalog.ts';
import { hashOf, sha256 } from '../../../lib/pipeline/definition/index.ts';
import {
  dataFolder,
  firstOf,
  httpsFile,
  logisticRegression,
  type PipelineDefinition,
} from '../../../lib/pipeline/index.ts';
import { download } from '../../../lib/pipeline/sources/download.ts';
import { tinyClasses, tinyClassesCsv } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const WS = 'default';
const URL_ = 'https://archive.example.org/tiny.zip';
/** The tiny classes without a header line, the label as 1 and 2, as UCI's older files have them. */
const coded = strToU8(
  new TextDecoder()
    .decode(tinyClassesCsv())
    .split('\n')
    .slice(1)
    .join('\n')
    .replaceAll('yes', '1')
    .replaceAll('no', '2'),
);
const format = {
  header: ['x', 'y', 'code'],
  decode: (row: Record<string, string>) => ({
    x: Number(row.x),
    y: row.y!,
    label: row.code === '1' ? 'yes' : 'no',
  }),
};
const answering = (bytes: Uint8Array) => {
  const asked: string[] = [];
  const fetcher = (async (url: string) => {
    asked.push(url);
    return new Response(Buffer.from(bytes));
  }) as unknown as typeof fetch;
  return { asked, fetch: fetcher };
};
const definitionOf = (options: Partial<Parameters<typeof httpsFile>[0]> = {}): PipelineDefinition =>
  tinyClasses({
    source: httpsFile({ url: URL_, sha256: sha256(coded), ...format, ...options }),
    candidates: [logisticRegression()],
  });
const ingest = (world: PipelineWorld) => runToEnd(world.deps, 'tiny-classes', { to: 'ingest' });
const rowsOf = async (world: PipelineWorld, runId: string) => {
  const [record] = (await world.deps.stages.list(WS, runId)).filter(({ stage }) => stage === 'ingest');
  return record!.outputs;
};
/** The typed table's hash of the same rows, delivered plainly. */
async function plainTable(): Promise<unknown> {
  const world = pipelineWorld([tinyClasses()], { 'tiny-classes': tinyClassesCsv() });
  const { runId } = await ingest(world);
  return (await rowsOf(world, runId)).tableSha256;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a file in an archive, without header, decoded', () => {
  it.each([
    ['deflated', coded, 6],
    ['stored', coded, 0],
  ] as const)('gives the same table as the plain file (%s)', async (_, bytes, level) => {
    const zip = zipSync({ 'readme.txt': strToU8('no data'), 'folder/tiny.data': [bytes, { level }] });
    const { asked, fetch } = answering(zip);
    const world = pipelineWorld([definitionOf({ entry: 'folder/tiny.data' })], {}, { fetch });
    const run = await ingest(world);
    expect(run.error).toBeUndefined();
    expect(run.tags).toMatchObject({ 'data.source': 'https', 'data.rows': '200', 'data.synthetic': 'false' });
    expect(run.lineage.sourceSha256).toBe(sha256(coded));
    expect((await rowsOf(world, run.runId)).tableSha256).toBe(await plainTable());
    expect(asked).toEqual([URL_]);
    // The raw zone holds what was delivered in the archive, not what was made of it.
    expect(await world.objects.get(`default/raw/${sha256(coded)}`)).toEqual(coded);
  });

  it('reads a gzipped entry, whose hash is that of the gzip', async () => {
    const gzip = gzipSync(coded);
    const { fetch } = answering(zipSync({ 'tiny.data.gz': new Uint8Array(gzip) }));
    const world = pipelineWorld(
      [definitionOf({ entry: 'tiny.data.gz', sha256: sha256(gzip) })],
      {},
      { fetch },
    );
    const run = await ingest(world);
    expect(run.error).toBeUndefined();
    expect((await rowsOf(world, run.runId)).tableSha256).toBe(await plainTable());
  });

  it('takes an archive that was packed anew: the entry is pinned, not the archive', async () => {
    for (const mtime of ['2001-01-01', '2020-02-02']) {
      const zip = zipSync({ [`about-${mtime}.txt`]: strToU8(mtime), 'tiny.data': coded }, { mtime });
      const world = pipelineWorld(
        [definitionOf({ entry: 'tiny.data' })],
        {},
        { fetch: answering(zip).fetch },
      );
      expect((await ingest(world)).tags['data.rows']).toBe('200');
    }
  });

  it('downloads once for each hash, and decodes what lies in the raw zone too', async () => {
    const { asked, fetch } = answering(zipSync({ 'tiny.data': coded }));
    const world = pipelineWorld([definitionOf({ entry: 'tiny.data' })], {}, { fetch });
    await ingest(world);
    const again = await runToEnd(world.deps, 'tiny-classes', { to: 'ingest', force: true });
    expect(again.error).toBeUndefined();
    expect((await rowsOf(world, again.runId)).tableSha256).toBe(await plainTable());
    expect(asked).toHaveLength(1);
  });

  it('decodes the same bytes where they were pushed, and leaves a pushed plain file as it is', async () => {
    for (const [bytes, name] of [
      [coded, 'tiny.data'],
      [tinyClassesCsv(), 'tiny.csv'],
    ] as const) {
      const world = pipelineWorld([definitionOf({ entry: 'tiny.data' })]);
      await world.objects.put('default/uploads/1', bytes, { contentType: 'text/csv' });
      const pushedAt = '2026-01-01T00:00:00Z';
      await world.deps.state.setSource(WS, 'tiny-classes', {
        ...{
          key: 'default/uploads/1',
          sha256: sha256(bytes),
          fileName: name,
          bytes: bytes.byteLength,
          pushedAt,
        },
        synthetic: false,
      });
      const run = await ingest(world);
      expect(run.error).toBeUndefined();
      expect(run.tags['data.source']).toBe('pushed');
      expect((await rowsOf(world, run.runId)).tableSha256).toBe(await plainTable());
    }
  });

  it('ingests anew where the decode function changed, and skips where nothing did', async () => {
    const { fetch } = answering(zipSync({ 'tiny.data': coded }));
    const world = pipelineWorld([definitionOf({ entry: 'tiny.data' })], {}, { fetch });
    const status = async (runId: string) =>
      (await world.deps.stages.list(WS, runId)).find(({ stage }) => stage === 'ingest')?.status;
    expect(await status((await ingest(world)).runId)).toBe('DONE');
    expect(await status((await ingest(world)).runId)).toBe('SKIPPED');
    const swapped = definitionOf({
      entry: 'tiny.data',
      decode: (row) => ({ x: row.y!, y: row.x!, label: row.code === '1' ? 'yes' : 'no' }),
    });
    const { catalog } = pipelineWorld([swapped]).deps;
    const deps = { ...world.deps, catalog };
    const run = await runToEnd(deps, 'tiny-classes', { to: 'ingest' });
    expect(await status(run.runId)).toBe('DONE');
    expect((await rowsOf(world, run.runId)).tableSha256).not.toBe(await plainTable());
    expect(definitionHash(swapped)).not.toBe(definitionHash(definitionOf({ entry: 'tiny.data' })));
  });

  it('shows itself in the description as JSON, the function as its hash', () => {
    const [source] = describeDefinition(definitionOf({ entry: 'tiny.data' })).sources;
    expect(JSON.parse(JSON.stringify(source))).toMatchObject({
      ...{ kind: 'https', entry: 'tiny.data', header: ['x', 'y', 'code'] },
      decode: { sha256: hashOf(format.decode) },
    });
  });

  it('leaves the other sources, and URLs without it, as they were', async () => {
    const plain = httpsFile({ url: 'https://example.org/a.csv', sha256: sha256(tinyClassesCsv()) });
    expect(plain).toEqual({
      kind: 'https',
      url: 'https://example.org/a.csv',
      sha256: sha256(tinyClassesCsv()),
    });
    const { fetch } = answering(tinyClassesCsv());
    const source = firstOf(
      dataFolder('a.csv'),
      plain,
      httpsFile({ url: URL_, sha256: sha256(coded), ...format }),
    );
    const world = pipelineWorld([tinyClasses({ source })], {}, { fetch });
    const run = await ingest(world);
    expect((await rowsOf(world, run.runId)).tableSha256).toBe(await plainTable());
  });
});

describe('an archive that is not as it should be is passed over, with the reason', () => {
  const why = async (archive: Uint8Array, options = {}) => {
    const { fetch } = answering(archive);
    const world = pipelineWorld([definitionOf({ entry: 'tiny.data', ...options })], {}, { fetch });
    const run = await ingest(world);
    expect(run.error?.code).toBe('NO_SOURCE');
    expect(await world.objects.head(`default/raw/${sha256(coded)}`)).toBeUndefined();
    return run.error!.message;
  };
  const honest = zipSync({ 'a.txt': strToU8('a'), 'tiny.data': coded });
  /** The archive with a number of its directory's record for `tiny.data` overwritten. */
  const patched = (at: number, value: number, bytes = honest): Uint8Array => {
    const copy = Buffer.from(bytes);
    const name = copy.lastIndexOf('tiny.data');
    copy.writeUInt32LE(value, name - 46 + at);
    return new Uint8Array(copy);
  };
  const COMPRESSED = 20;
  const SIZE = 24;

  it('lists the names where the entry is missing', async () => {
    expect(await why(honest, { entry: '../tiny.data' })).toContain(
      'the archive has no ../tiny.data: it has a.txt, tiny.data',
    );
  });
  it('names no property of objects as an entry', async () => {
    expect(await why(honest, { entry: 'constructor' })).toContain('the archive has no constructor');
  });
  it('says where it is no archive, or is cut off', async () => {
    expect(await why(coded)).toContain('no ZIP archive');
    expect(await why(new Uint8Array())).toContain('no ZIP archive');
    expect(await why(honest.subarray(0, honest.length - 30))).toContain('no ZIP archive');
  });
  it('refuses a declared size over the bound before it allocates', async () => {
    expect(await why(patched(SIZE, 0xffff_fff0))).toContain('more than 1000000000');
  });
  it('refuses a declared size that the bytes cannot have, large or small', async () => {
    expect(await why(patched(SIZE, 900_000_000))).toContain('cannot be');
    const bomb = zipSync({ 'tiny.data': new Uint8Array(4_000_000) }, { level: 0 });
    expect(await why(patched(SIZE, 10, bomb))).toContain('declares 10 bytes');
    expect(await why(patched(COMPRESSED, 0x7fff_ffff))).toContain('claims 2147483647 bytes');
  });
  it('refuses an entry that holds less than it declares', async () => {
    expect(await why(patched(SIZE, coded.length + 7))).toContain(
      `declares ${coded.length + 7} bytes and holds ${coded.length}`,
    );
  });
  it('cuts one that inflates to more than it declares, and refuses it by its hash', async () => {
    const bomb = zipSync({ 'tiny.data': new Uint8Array(50_000_000) });
    expect(bomb.length).toBeLessThan(60_000);
    expect(await why(patched(SIZE, 100_000, bomb))).toContain('as pinned');
  });
  it('refuses an entry of other bytes', async () => {
    expect(await why(zipSync({ 'tiny.data': strToU8('1,2,1\n') }))).toContain(
      `tiny.data of ${URL_}: SHA-256 is`,
    );
  });
  it('refuses a directory of endless names', async () => {
    const zip64 = Buffer.alloc(56 + 20 + 22);
    zip64.writeUInt32LE(0x06064b50, 0);
    zip64.writeUInt32LE(0xffff_fff0, 32);
    zip64.writeUInt32LE(0x07064b50, 56);
    zip64.writeUInt32LE(0x06054b50, 76);
    zip64.writeUInt16LE(0xffff, 84);
    expect(await why(new Uint8Array(zip64))).toContain('more than 100000 files');
  });
});

describe('a URL that does not deliver', () => {
  const stalled = (body?: ReadableStream) =>
    (async (_: string, { signal }: { signal: AbortSignal }) => {
      if (body !== undefined) {
        signal.addEventListener('abort', () => controller?.error(signal.reason));
        return new Response(body);
      }
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    }) as unknown as typeof fetch;
  let controller: ReadableStreamDefaultController | undefined;

  it.each([
    ['a host that never answers', () => stalled(), 8],
    [
      'a host that answers and then trickles',
      () =>
        stalled(
          new ReadableStream({
            start: (c) => {
              controller = c;
              c.enqueue(strToU8('x,y'));
            },
          }),
        ),
      20,
    ],
  ])('gives up on %s', async (_, fetcher, seconds) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const source = httpsFile({ url: URL_, sha256: sha256(coded) });
    let outcome = 'waiting';
    const downloading = download(source, fetcher()).catch(({ message }: Error) => {
      outcome = message;
    });
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    expect(outcome).toBe('waiting');
    await vi.advanceTimersByTimeAsync(2);
    await downloading;
    expect(outcome).toBe(`archive.example.org did not deliver within ${seconds} s`);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('passes over an answer that breaks off, and one that offers too much', async () => {
    const broken = async () =>
      new Response(new ReadableStream({ start: (c) => c.error(new TypeError('terminated')) }));
    const huge = async () => new Response('x', { headers: { 'content-length': '2000000000' } });
    for (const [fetch, text] of [
      [broken, 'cannot be reached'],
      [huge, 'offers more than 1000000000 bytes'],
    ] as const) {
      const run = await ingest(
        pipelineWorld([definitionOf()], {}, { fetch: fetch as typeof globalThis.fetch }),
      );
      expect(run.error?.message).toContain(text);
    }
  });
});

describe('the definition', () => {
  it('refuses a header without names and a decode that is no function', () => {
    const source = { kind: 'https' as const, url: URL_, sha256: 'a'.repeat(64) };
    expect(() => tinyClasses({ source: { ...source, header: [] } })).toThrow(/header/);
    expect(() => tinyClasses({ source: { ...source, decode: 'x' as never } })).toThrow(/source/);
    expect(() => tinyClasses({ source: { ...source, entry: '' }, row: z.object({}) })).toThrow(/entry/);
  });
});
