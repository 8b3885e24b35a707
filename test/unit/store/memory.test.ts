import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors/index.ts';
import { LocalObjectStore } from '../../../lib/store/local/index.ts';
import { temporaryFolder } from '../../support/local-train.ts';
import {
  executionsContract,
  itemStoreContract,
  multipartContract,
  objectStoreContract,
} from '../../support/memory/contract.ts';
import {
  CrashError,
  FixedClock,
  MemoryExecutions,
  MemoryItemStore,
  MemoryMultipartUploads,
  MemoryObjectStore,
} from '../../support/memory.ts';

describe('objects in a folder', () => {
  const folder = temporaryFolder('objects');
  let made = 0;
  objectStoreContract(() => new LocalObjectStore(join(folder, String(made++))));

  it('reads no file outside its folder, whatever the key', async () => {
    const objects = new LocalObjectStore(join(folder, 'inner'));
    await writeFile(join(folder, 'secret'), 'x');
    for (const key of ['../secret', 'a/../../secret', '/etc/passwd', 'a//b', 'a\\..\\b']) {
      await expect(objects.get(key)).rejects.toThrow(NotFoundError);
      await expect(objects.put(key, 'x', { contentType: 'text/plain' })).rejects.toThrow(NotFoundError);
    }
  });
});

describe('the twins in memory', () => {
  itemStoreContract(() => new MemoryItemStore());
  objectStoreContract(() => new MemoryObjectStore());
  executionsContract(() => new MemoryExecutions());
  multipartContract(() => {
    const objects = new MemoryObjectStore();
    const uploads = new MemoryMultipartUploads(objects);
    return { objects, uploads, putPart: (...part) => uploads.putPart(...part) };
  });

  it('ends one write before or after it is made', async () => {
    const items = new MemoryItemStore();
    items.failWrite({ at: 2, mode: 'before' });
    await items.put({ pk: 'p', sk: '1' });
    await expect(items.put({ pk: 'p', sk: '2' })).rejects.toThrow(CrashError);
    items.failWrite({ at: 1, mode: 'after' });
    await expect(items.put({ pk: 'p', sk: '3' })).rejects.toThrow(CrashError);
    await items.put({ pk: 'p', sk: '4' });
    expect(items.dump().map((item) => item.sk)).toEqual(['1', '3', '4']);
    expect(items.writes).toBe(4);
  });

  it('goes back to a dump', async () => {
    const items = new MemoryItemStore();
    await items.put({ pk: 'p', sk: '1' });
    const dump = items.dump();
    await items.put({ pk: 'p', sk: '2' });
    items.restore(dump);
    expect(items.dump()).toEqual([{ pk: 'p', sk: '1' }]);
  });

  it('expires by its clock', async () => {
    const clock = new FixedClock('2026-01-01T00:00:00.000Z');
    const items = new MemoryItemStore(clock);
    await items.put({ pk: 'p', sk: '1', ttl: clock.now().getTime() / 1000 + 10 });
    expect(await items.get({ pk: 'p', sk: '1' })).toBeDefined();
    clock.advance(10_000);
    expect(await items.get({ pk: 'p', sk: '1' })).toBeUndefined();
  });

  it('a clock may step on at each reading', () => {
    const clock = new FixedClock('2026-01-01T00:00:00.000Z', 1000);
    expect([clock.now(), clock.now()].map((date) => date.getUTCSeconds())).toEqual([0, 1]);
  });
});
