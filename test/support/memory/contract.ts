import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError, TooLargeError } from '../../../lib/errors/index.ts';
import {
  BadCursorError,
  BadItemError,
  ConditionFailedError,
  ItemTooLargeError,
} from '../../../lib/store/errors.ts';
import { collect } from '../../../lib/store/paging.ts';
import type {
  Executions,
  Item,
  ItemStore,
  MultipartUploads,
  ObjectStore,
  UploadedPart,
} from '../../../lib/store/ports.ts';

/**
 * What every implementation of the ports must do alike: run against the twins in memory by the unit tests, and against any
 * endpoint by whoever has one. Names are made from `unique`, so that one table or bucket serves many runs.
 */
const unique = (): string => `t${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;

export function itemStoreContract(make: () => ItemStore | Promise<ItemStore>): void {
  describe('item store', () => {
    let items: ItemStore;
    let pk: string;
    beforeEach(async () => {
      items = await make();
      pk = unique();
    });
    const put = (sk: string, more: Partial<Item> = {}) => items.put({ pk, sk, ...more });
    const get = (sk: string) => items.get({ pk, sk }, { consistent: true });

    it('gives back what was put, and nothing where nothing was', async () => {
      const item = {
        pk,
        sk: 'a',
        text: '',
        deep: { list: [1, 'x', null, true], name: 'é#%' },
        number: 1.5e-20,
      };
      await items.put({ ...item, left: undefined });
      expect(await get('a')).toEqual(item);
      expect(await get('b')).toBeUndefined();
    });

    it('changes nothing stored through an object that was put or got', async () => {
      const item = { pk, sk: 'a', list: [1] };
      await items.put(item);
      item.list.push(2);
      (await get('a'))!.list = [];
      expect((await get('a'))!.list).toEqual([1]);
    });

    it('puts on condition', async () => {
      await items.put({ pk, sk: 'a', v: 1 }, { absent: true });
      await expect(items.put({ pk, sk: 'a', v: 2 }, { absent: true })).rejects.toThrow(ConditionFailedError);
      await expect(items.put({ pk, sk: 'a', v: 2 }, { equals: { v: 3 } })).rejects.toThrow(
        ConditionFailedError,
      );
      await items.put({ pk, sk: 'a', v: 2, flag: true }, { equals: { v: 1, flag: null } });
      await expect(items.put({ pk, sk: 'a' }, { equals: { flag: null } })).rejects.toThrow(
        ConditionFailedError,
      );
      await items.put({ pk, sk: 'a', v: 4 }, { oneOf: { attribute: 'v', values: [1, 2] } });
      await items.put({ pk, sk: 'a', v: 5 }, { absentOr: { v: 4 } });
      await items.put({ pk, sk: 'new' }, { absentOr: { v: 4 } });
      await items.put({ pk, sk: 'new2' }, { equals: { v: null } });
      await expect(items.put({ pk, sk: 'a', v: 6 }, { absentOr: { v: 4 } })).rejects.toThrow(
        ConditionFailedError,
      );
      await expect(items.put({ pk, sk: 'gone' }, { exists: true })).rejects.toThrow(ConditionFailedError);
      await expect(items.put({ pk, sk: 'gone' }, { equals: { v: 1 } })).rejects.toThrow(ConditionFailedError);
      const oneOf = { oneOf: { attribute: 'v', values: [1] } };
      await expect(items.put({ pk, sk: 'gone' }, oneOf)).rejects.toThrow(ConditionFailedError);
      expect((await get('a'))!.v).toBe(5);
    });

    it('updates: set, set if absent, add, remove, in an item that is there or not', async () => {
      const first = await items.update(
        { pk, sk: 'a' },
        { set: { 'odd #name': 'x' }, add: { n: 2 }, setIfAbsent: { at: 1 } },
      );
      expect(first).toEqual({ pk, sk: 'a', 'odd #name': 'x', n: 2, at: 1 });
      const change = {
        set: { size: 3, left: undefined },
        add: { n: -5 },
        setIfAbsent: { at: 2 },
        remove: ['odd #name'],
      };
      expect(await items.update({ pk, sk: 'a' }, change, { exists: true })).toEqual({
        pk,
        sk: 'a',
        n: -3,
        at: 1,
        size: 3,
      });
      const failing = items.update({ pk, sk: 'a' }, { set: { n: 0 } }, { equals: { n: 1 } });
      await expect(failing).rejects.toThrow(ConditionFailedError);
      expect(await get('a')).toEqual({ pk, sk: 'a', n: -3, at: 1, size: 3 });
    });

    it('counts exactly under racing adds', async () => {
      await Promise.all(Array.from({ length: 20 }, () => items.update({ pk, sk: 'n' }, { add: { n: 1 } })));
      expect((await get('n'))!.n).toBe(20);
    });

    it('has one winner among racing conditional puts', async () => {
      const tries = Array.from({ length: 10 }, (_, i) => items.put({ pk, sk: 'a', i }, { absent: true }));
      const results = await Promise.allSettled(tries);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('removes, also what is not there, and on condition', async () => {
      await put('a', { v: 1 });
      await expect(items.remove({ pk, sk: 'a' }, { equals: { v: 2 } })).rejects.toThrow(ConditionFailedError);
      await items.remove({ pk, sk: 'a' }, { equals: { v: 1 } });
      await items.remove({ pk, sk: 'a' });
      expect(await get('a')).toBeUndefined();
    });

    it('queries by prefix, range and direction, in byte order', async () => {
      await items.batchPut(['b#1', 'a#2', 'a#1', 'c', 'é', 'Z'].map((sk) => ({ pk, sk })));
      const keys = async (more: object) => (await items.query({ pk, ...more })).items.map((item) => item.sk);
      expect(await keys({})).toEqual(['Z', 'a#1', 'a#2', 'b#1', 'c', 'é']);
      expect(await keys({ skPrefix: 'a#' })).toEqual(['a#1', 'a#2']);
      expect(await keys({ skBetween: ['a#2', 'b#1'] })).toEqual(['a#2', 'b#1']);
      expect(await keys({ descending: true, limit: 2 })).toEqual(['é', 'c']);
      expect(await keys({ skPrefix: 'none' })).toEqual([]);
    });

    it('pages without gaps or repeats, both ways', async () => {
      await items.batchPut(
        Array.from({ length: 60 }, (_, i) => ({ pk, sk: `k${String(i).padStart(2, '0')}` })),
      );
      for (const descending of [false, true]) {
        const all = await collect(items, { pk, limit: 7, descending, consistent: true });
        const sorted = all.map((item) => item.sk).sort();
        expect(all.map((item) => item.sk)).toEqual(descending ? sorted.reverse() : sorted);
        expect(all).toHaveLength(60);
      }
    });

    it('pages the index', async () => {
      const index = unique();
      const of = (i: number) => ({ pk: `${pk}${i}`, sk: 'x', gsi1pk: index, gsi1sk: `s${i % 3}` });
      await items.batchPut([...Array.from({ length: 9 }, (_, i) => of(i)), { pk, sk: 'not in the index' }]);
      const all = await collect(items, { pk: index, index: 'gsi1', limit: 2 });
      expect(all.map((item) => item.gsi1sk)).toEqual(['s0', 's0', 's0', 's1', 's1', 's1', 's2', 's2', 's2']);
      expect(new Set(all.map((item) => item.pk)).size).toBe(9);
    });

    it('refuses a cursor of another query, and any other text', async () => {
      await items.batchPut(['a1', 'a2', 'a3'].map((sk) => ({ pk, sk })));
      const { cursor } = await items.query({ pk, limit: 1 });
      expect(cursor).toBeTypeOf('string');
      const others = [
        { pk: `${pk}x` },
        { pk, skPrefix: 'a' },
        { pk, descending: true },
        { pk, index: 'gsi1' as const },
      ];
      for (const request of others)
        await expect(items.query({ ...request, cursor })).rejects.toThrow(BadCursorError);
      const garbage = [
        '',
        'x',
        '[]',
        'W10',
        Buffer.from('["a","b"]').toString('base64url'),
        'x'.repeat(9_000),
      ];
      for (const text of garbage)
        await expect(items.query({ pk, cursor: text })).rejects.toThrow(InvalidInputError);
      expect((await items.query({ pk, limit: 5, cursor })).items.map((item) => item.sk)).toEqual([
        'a2',
        'a3',
      ]);
    });

    it('ends a page near 1 MB', async () => {
      const big = 'x'.repeat(300_000);
      for (let i = 0; i < 5; i += 1) await put(`k${i}`, { big });
      const page = await items.query({ pk });
      expect(page.cursor).toBeDefined();
      expect(page.items.length).toBeLessThan(5);
      expect(await collect(items, { pk })).toHaveLength(5);
    });

    it('never gives out what has expired', async () => {
      const past = Math.floor(Date.now() / 1000) - 5;
      await items.batchPut([
        { pk, sk: 'a', ttl: past },
        { pk, sk: 'b', ttl: past + 1000 },
        { pk, sk: 'c' },
      ]);
      expect(await get('a')).toBeUndefined();
      expect((await items.batchGet(['a', 'b'].map((sk) => ({ pk, sk })))).map((item) => item.sk)).toEqual([
        'b',
      ]);
      const page = await items.query({ pk, limit: 2 });
      expect(page.items.map((item) => item.sk)).toEqual(['b', 'c']);
    });

    it('gets and puts batches of any size, repeated keys too', async () => {
      const all = Array.from({ length: 130 }, (_, i) => ({ pk, sk: `k${i}`, i }));
      await items.batchPut([...all, { pk, sk: 'k0', i: 999 }]);
      const keys = [...all.toReversed(), all[0]!, { pk, sk: 'none' }].map(({ sk }) => ({ pk, sk }));
      const found = await items.batchGet(keys, { consistent: true });
      expect(found.map((item) => item.sk)).toEqual(all.toReversed().map((item) => item.sk));
      expect(found.at(-1)!.i).toBe(999);
      expect(await items.batchGet([])).toEqual([]);
      await items.batchPut([]);
    });

    it('transacts all or nothing, and says which conditions failed', async () => {
      await put('a', { v: 1 });
      const operations = (v: number) => [
        { update: { pk, sk: 'a' }, change: { set: { v: 2 } }, condition: { equals: { v } } },
        { put: { pk, sk: 'b' }, condition: { absent: true as const } },
        { check: { pk, sk: 'c' }, condition: { equals: { v: null } } },
        { remove: { pk, sk: 'd' } },
      ];
      const failure = await items.transact(operations(7)).catch((error) => error);
      expect(failure).toBeInstanceOf(ConditionFailedError);
      expect(failure.indexes).toEqual([0]);
      expect(await get('b')).toBeUndefined();
      await items.transact(operations(1));
      expect([(await get('a'))!.v, await get('b')]).toEqual([2, { pk, sk: 'b' }]);
      const again = await items.transact(operations(1)).catch((error) => error);
      expect(again.indexes).toEqual([0, 1]);
    });

    it('makes a transaction of the same token once', async () => {
      const operations = [{ update: { pk, sk: 'n' }, change: { add: { n: 1 } } }];
      const token = unique().repeat(4);
      await items.transact(operations, token);
      await items.transact(operations, token);
      expect((await get('n'))!.n).toBe(1);
    });

    it('refuses what DynamoDB cannot hold, before the call', async () => {
      const refused = async (item: object, error: new () => Error) =>
        expect(items.put({ pk, sk: 'bad', ...item } as Item)).rejects.toThrow(error as never);
      await refused({ text: 'x'.repeat(410_000) }, ItemTooLargeError as never);
      for (const n of [Number.NaN, Number.POSITIVE_INFINITY, 1e126, 1e-131])
        await refused({ n }, BadItemError as never);
      await refused({ date: new Date() }, BadItemError as never);
      await refused({ sk: '' }, BadItemError as never);
      await refused({ sk: 'x'.repeat(1025) }, BadItemError as never);
      await refused({ pk: 'x'.repeat(2049) }, BadItemError as never);
      await refused(JSON.parse('{"__proto__": "x"}'), BadItemError as never);
      await refused({ map: JSON.parse('{"a": {"__proto__": {"x": 1}}}') }, BadItemError as never);
      await put('large', { text: 'x'.repeat(399_000) });
      const grown = items.update({ pk, sk: 'large' }, { set: { more: 'x'.repeat(20_000) } });
      await expect(grown).rejects.toThrow(ItemTooLargeError);
      const many = Array.from({ length: 101 }, (_, i) => ({ put: { pk, sk: `${i}` } }));
      await expect(items.transact(many)).rejects.toThrow(TooLargeError);
      await expect(items.transact([many[0]!, many[0]!])).rejects.toThrow(BadItemError);
      expect((await collect(items, { pk })).map((item) => item.sk)).toEqual(['large']);
    });
  });
}

export function objectStoreContract(make: () => ObjectStore | Promise<ObjectStore>): void {
  describe('object store', () => {
    let objects: ObjectStore;
    let at: string;
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const plain = { contentType: 'text/plain' };
    beforeEach(async () => {
      objects = await make();
      at = unique();
    });

    it('gives back bytes, overwrites, removes', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
      await objects.put(`${at}/a`, bytes, plain);
      expect(Buffer.from(await objects.get(`${at}/a`)).equals(bytes)).toBe(true);
      const parts: Uint8Array[] = [];
      for await (const part of await objects.stream(`${at}/a`)) parts.push(part);
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      await objects.put(`${at}/a`, 'ä', plain);
      expect(text(await objects.get(`${at}/a`))).toBe('ä');
      await objects.put(`${at}/a`, '', plain);
      expect(await objects.get(`${at}/a`)).toHaveLength(0);
      await objects.remove(`${at}/a`);
      await objects.remove(`${at}/a`);
      expect(await objects.head(`${at}/a`)).toBeUndefined();
    });

    it('puts what comes in pieces, whole or not at all', async () => {
      async function* pieces(fault?: Error): AsyncGenerator<Uint8Array> {
        for (let i = 0; i < 5; i++) yield Uint8Array.from({ length: 70_000 * i }, (_, k) => (i * k) % 251);
        if (fault) throw fault;
      }
      const all: Uint8Array[] = [];
      for await (const piece of pieces()) all.push(piece);
      await objects.putPieces(`${at}/a`, pieces(), plain);
      expect(Buffer.from(await objects.get(`${at}/a`)).equals(Buffer.concat(all))).toBe(true);
      const fault = new Error('the pieces end here');
      await expect(objects.putPieces(`${at}/b`, pieces(fault), plain)).rejects.toThrow(fault);
      expect(await objects.head(`${at}/b`)).toBeUndefined();
      await objects.put(`${at}/a`, 'before', plain);
      await expect(objects.putPieces(`${at}/a`, pieces(fault), plain)).rejects.toThrow(fault);
      expect(text(await objects.get(`${at}/a`))).toBe('before');
      async function* nothing(): AsyncGenerator<Uint8Array> {}
      await objects.putPieces(`${at}/a`, nothing(), plain);
      expect(await objects.head(`${at}/a`)).toMatchObject({ size: 0 });
    });

    it('says NotFoundError for what is not there', async () => {
      await expect(objects.get(`${at}/none`)).rejects.toThrow(NotFoundError);
      await expect(objects.stream(`${at}/none`)).rejects.toThrow(NotFoundError);
    });

    it('heads size, metadata and time', async () => {
      await objects.put(`${at}/a`, 'abc', { ...plain, metadata: { 'file-name': 'x' } });
      const found = await objects.head(`${at}/a`);
      expect(found).toMatchObject({ key: `${at}/a`, size: 3, metadata: { 'file-name': 'x' } });
      expect(found!.etag).toMatch(/^[0-9a-f]{32}$/);
      expect(Math.abs(found!.lastModified.getTime() - Date.now())).toBeLessThan(600_000);
    });

    it('puts what is absent once, whoever races', async () => {
      const tries = Array.from({ length: 8 }, (_, i) => objects.putIfAbsent(`${at}/a`, `${i}`, plain));
      const results = await Promise.all(tries);
      expect(results.filter((result) => result === 'created')).toHaveLength(1);
      const winner = text(await objects.get(`${at}/a`));
      expect(results[Number(winner)]).toBe('created');
    });

    it('lists by prefix, in order, page by page', async () => {
      const names = ['a', 'b/c', 'b d', 'ü', 'B', 'a+&=', '100%'];
      for (const name of names) await objects.put(`${at}/x/${name}`, name, plain);
      await objects.put(`${at}/y`, 'other', plain);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await objects.list(`${at}/x/`, { limit: 2, ...(cursor && { cursor }) });
        seen.push(...page.objects.map((object) => object.key.slice(`${at}/x/`.length)));
        cursor = page.cursor;
      } while (cursor);
      const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(seen).toEqual(names.toSorted(byBytes));
      const { cursor: other } = await objects.list(`${at}/x/`, { limit: 1 });
      await expect(objects.list(`${at}/`, { cursor: other })).rejects.toThrow(BadCursorError);
      expect(await objects.list(`${at}/none/`)).toEqual({ objects: [] });
    });

    it('lists a folder: what is in it, and its folders, page by page', async () => {
      const names = ['a', 'b/c', 'b/d/e', 'b-', 'ü/x', 'z'];
      for (const name of names) await objects.put(`${at}/x/${name}`, name, plain);
      await objects.put(`${at}/xy`, 'beside', plain);
      const whole = await objects.folder(`${at}/x/`);
      expect(whole.folders).toEqual([`${at}/x/b/`, `${at}/x/ü/`]);
      expect(whole.objects.map(({ key, size }) => [key.slice(at.length), size])).toEqual([
        ['/x/a', 1],
        ['/x/b-', 2],
        ['/x/z', 1],
      ]);
      expect(whole.cursor).toBeUndefined();
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await objects.folder(`${at}/x/`, { limit: 2, ...(cursor && { cursor }) });
        expect(page.folders.length + page.objects.length).toBeLessThanOrEqual(2);
        seen.push(...page.folders, ...page.objects.map(({ key }) => key));
        cursor = page.cursor;
      } while (cursor);
      expect(seen.sort()).toEqual([...whole.folders, ...whole.objects.map(({ key }) => key)].sort());
      const { cursor: other } = await objects.folder(`${at}/x/`, { limit: 1 });
      await expect(objects.list(`${at}/x/`, { cursor: other })).rejects.toThrow(BadCursorError);
      await expect(objects.folder(`${at}/`, { cursor: other })).rejects.toThrow(BadCursorError);
      expect(await objects.folder(`${at}/none/`)).toEqual({ folders: [], objects: [] });
    });

    it('removes many, also what is not there', async () => {
      for (const name of ['a', 'b', 'c']) await objects.put(`${at}/${name}`, name, plain);
      await objects.removeAll([`${at}/a`, `${at}/c`, `${at}/none`]);
      await objects.removeAll([]);
      expect((await objects.list(`${at}/`)).objects.map(({ key }) => key)).toEqual([`${at}/b`]);
    });

    it('signs URLs that name the object', async () => {
      const get = await objects.presignGet(`${at}/a b`, { seconds: 60, fileName: 'é "x".txt' });
      const put = await objects.presignPut(`${at}/a b`, { seconds: 60, contentType: 'text/csv' });
      for (const url of [get, put]) expect(new URL(url).pathname).toContain(`${at}/a%20b`);
    });
  });
}

/** @param putPart puts a part's bytes where its URL says, and returns the ETag of the answer */
export function multipartContract(
  make: () => {
    objects: ObjectStore;
    uploads: MultipartUploads;
    putPart(key: string, uploadId: string, part: number, bytes: Uint8Array): Promise<string> | string;
  },
): void {
  describe('multipart uploads', () => {
    const LEAST = 5 * 1024 * 1024;
    const first = new Uint8Array(LEAST).fill(1);
    const last = Uint8Array.of(2, 3);
    const started = async () => {
      const made = make();
      const key = `${unique()}/big.bin`;
      const id = await made.uploads.create(key, { contentType: 'application/x-thing' });
      const part = async (number: number, bytes: Uint8Array): Promise<UploadedPart> => ({
        number,
        etag: await made.putPart(key, id, number, bytes),
      });
      return { ...made, key, id, part };
    };

    it('makes an object of parts, whatever their order; a repeat succeeds', async () => {
      const { objects, uploads, key, id, part } = await started();
      expect(await objects.head(key)).toBeUndefined();
      const parts = [await part(2, last), await part(1, first)];
      await uploads.complete(key, id, parts);
      const bytes = await objects.get(key);
      expect([bytes.length, bytes[0], bytes[LEAST - 1], bytes[LEAST], bytes[LEAST + 1]]).toEqual([
        LEAST + 2,
        1,
        1,
        2,
        3,
      ]);
      expect((await objects.head(key))?.etag).toMatch(/^[0-9a-f]{32}-2$/);
      await uploads.complete(key, id, parts);
      await expect(uploads.complete(key, id, parts.slice(0, 1))).rejects.toThrow(NotFoundError);
    });

    it('takes one part of any size, and none of it before it is completed', async () => {
      const { objects, uploads, key, id, part } = await started();
      const only = await part(1, last);
      expect(await objects.head(key)).toBeUndefined();
      await uploads.complete(key, id, [{ number: 1, etag: only.etag.replaceAll('"', '') }]);
      expect([...(await objects.get(key))]).toEqual([2, 3]);
    });

    it('refuses parts that were not put so, too small ones, and none', async () => {
      const { objects, uploads, key, id, part } = await started();
      const [small, other] = [await part(1, last), await part(2, last)];
      await expect(uploads.complete(key, id, [])).rejects.toThrow(InvalidInputError);
      await expect(uploads.complete(key, id, [small, small])).rejects.toThrow(InvalidInputError);
      await expect(uploads.complete(key, id, [{ ...small, number: 0 }])).rejects.toThrow(InvalidInputError);
      await expect(uploads.complete(key, id, [{ ...small, number: 3 }])).rejects.toThrow(InvalidInputError);
      await expect(uploads.complete(key, id, [small, other])).rejects.toThrow(InvalidInputError);
      expect(await objects.head(key)).toBeUndefined();
    });

    it("knows no upload under another key, and aborts only the key's own", async () => {
      const { objects, uploads, key, id, part } = await started();
      const parts = [await part(1, last)];
      await expect(uploads.complete(`${key}x`, id, parts)).rejects.toThrow(NotFoundError);
      await uploads.abort(`${key}x`, id);
      await uploads.complete(key, id, parts);
      const again = await uploads.create(key, { contentType: 'text/plain' });
      await uploads.abort(key, again);
      await uploads.abort(key, again);
      await expect(uploads.complete(key, again, [{ number: 1, etag: 'x' }])).rejects.toThrow(NotFoundError);
      expect(await objects.get(key)).toHaveLength(2);
    });

    it('signs a URL of the part', async () => {
      const { uploads, key, id } = await started();
      const url = new URL(await uploads.presignPart(key, id, 7, { seconds: 60 }));
      expect(url.pathname).toContain(key);
      expect([url.searchParams.get('uploadId'), url.searchParams.get('partNumber')]).toEqual([id, '7']);
    });
  });
}

export function executionsContract(make: () => Executions | Promise<Executions>): void {
  describe('executions', () => {
    it('starts once under a name, and tells another input', async () => {
      const executions = await make();
      const name = unique();
      expect(await executions.describe(name)).toBeUndefined();
      expect(await executions.start(name, { a: 1, b: [2] })).toBe('started');
      // While it runs, AWS answers the second start as it did the first; once it has ended, it tells.
      expect(['started', 'exists']).toContain(await executions.start(name, { a: 1, b: [2] }));
      await expect(executions.start(name, { a: 2 })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await executions.describe(name))!.startedAt).toBeInstanceOf(Date);
    });

    it('stops what runs; stopping what has ended or never was does nothing', async () => {
      const executions = await make();
      const name = unique();
      await executions.stop(name, 'never was');
      await executions.start(name, {});
      await executions.stop(name, 'enough');
      await executions.stop(name, 'again');
      const found = await executions.describe(name);
      expect(found!.status).toBe('ABORTED');
      expect(found!.endedAt).toBeInstanceOf(Date);
      expect(await executions.start(name, {})).toBe('exists');
    });

    it('refuses an input over 256 KB, and takes names that Step Functions would not', async () => {
      const executions = await make();
      await expect(executions.start(unique(), 'x'.repeat(262_144))).rejects.toThrow(TooLargeError);
      const name = `${unique()} é/#`.repeat(10);
      expect(await executions.start(name, { n: 1 })).toBe('started');
      expect((await executions.describe(name))!.status).toBe('RUNNING');
      await executions.stop(name, 'done');
    });
  });
}
