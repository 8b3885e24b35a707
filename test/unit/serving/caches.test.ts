import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors/index.ts';
import { AliasCache } from '../../../lib/serving/alias-cache.ts';
import { ModelCache, type VersionSelector } from '../../../lib/serving/index.ts';
import type { ModelVersion } from '../../../lib/tracking/types.ts';
import { FixedClock } from '../../support/memory.ts';

const production: VersionSelector = { alias: 'production' };

function aliasWorld() {
  const clock = new FixedClock();
  const state = { version: '1', calls: 0, fail: false };
  const registry = {
    resolve: async () => {
      state.calls++;
      if (state.fail) throw new NotFoundError('no model');
      return { version: state.version } as ModelVersion;
    },
    getModel: async () => ({}),
  };
  return { clock, state, cache: new AliasCache(registry, clock, 2_000) };
}

describe('AliasCache', () => {
  it('asks once in two seconds, then again', async () => {
    const { clock, state, cache } = aliasWorld();
    await cache.resolve('default', 'm', production);
    clock.advance(1_999);
    state.version = '2';
    expect((await cache.resolve('default', 'm', production)).version).toBe('1');
    clock.advance(1);
    expect((await cache.resolve('default', 'm', production)).version).toBe('2');
    expect(state.calls).toBe(2);
  });

  it('asks once for callers at the same time', async () => {
    const { state, cache } = aliasWorld();
    await Promise.all(Array.from({ length: 50 }, () => cache.resolve('default', 'm', production)));
    expect(state.calls).toBe(1);
  });

  it('keeps workspaces, models, aliases and versions apart', async () => {
    const { state, cache } = aliasWorld();
    await cache.resolve('a', 'm', production);
    await cache.resolve('b', 'm', production);
    await cache.resolve('a', 'n', production);
    await cache.resolve('a', 'm', { alias: 'staging' });
    await cache.resolve('a', 'm', { version: '1' });
    await cache.resolve('a","m', 'x', production);
    expect(state.calls).toBe(6);
  });

  it('forgets failures at once', async () => {
    const { state, cache } = aliasWorld();
    state.fail = true;
    await expect(cache.resolve('default', 'm', production)).rejects.toThrow('no model');
    state.fail = false;
    expect((await cache.resolve('default', 'm', production)).version).toBe('1');
  });

  it('does not believe an entry from the future, after the clock was set back', async () => {
    const { clock, state, cache } = aliasWorld();
    await cache.resolve('default', 'm', production);
    clock.advance(-3_600_000);
    await cache.resolve('default', 'm', production);
    expect(state.calls).toBe(2);
  });

  it('stays bounded against a caller who tries names', async () => {
    const { state, cache } = aliasWorld();
    for (let i = 0; i < 2_500; i++) await cache.resolve('default', `m${i}`, production);
    await cache.resolve('default', 'm2499', production);
    expect(state.calls).toBe(2_500);
    await cache.resolve('default', 'm0', production);
    expect(state.calls).toBe(2_501);
  });
});

describe('ModelCache', () => {
  const loader = () => {
    const calls: string[] = [];
    const load = (key: string) => async () => {
      calls.push(key);
      return `model ${key}`;
    };
    return { calls, load };
  };

  it('loads a model once for any number of callers', async () => {
    const { calls, load } = loader();
    const cache = new ModelCache<string>({ maxModels: 2, maxBytes: 100 });
    const models = await Promise.all(Array.from({ length: 20 }, () => cache.get('a', 1, load('a'))));
    expect(new Set(models)).toEqual(new Set(['model a']));
    expect(calls).toEqual(['a']);
  });

  it('drops the least recently used beyond its number', async () => {
    const { calls, load } = loader();
    const cache = new ModelCache<string>({ maxModels: 2, maxBytes: 100 });
    for (const key of ['a', 'b', 'a', 'c']) await cache.get(key, 1, load(key));
    expect(cache.size).toBe(2);
    await cache.get('a', 1, load('a'));
    await cache.get('b', 1, load('b'));
    expect(calls).toEqual(['a', 'b', 'c', 'b']);
  });

  it('drops what does not fit by size, but never the newest', async () => {
    const { load } = loader();
    const cache = new ModelCache<string>({ maxModels: 10, maxBytes: 100 });
    await cache.get('a', 60, load('a'));
    await cache.get('b', 30, load('b'));
    await cache.get('c', 30, load('c'));
    expect(cache.size).toBe(2);
    await cache.get('huge', 1_000, load('huge'));
    expect(cache.size).toBe(1);
    expect(await cache.get('huge', 1_000, load('again'))).toBe('model huge');
  });

  it('forgets a load that failed, for all who waited for it', async () => {
    const cache = new ModelCache<string>({ maxModels: 2, maxBytes: 100 });
    const fail = async (): Promise<string> => {
      throw new Error('S3 is away');
    };
    const both = await Promise.allSettled([cache.get('a', 1, fail), cache.get('a', 1, fail)]);
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(cache.size).toBe(0);
    expect(await cache.get('a', 1, async () => 'here')).toBe('here');
  });
});
