import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { AliasMovedError, NothingToRollBackError } from '../../../lib/tracking/index.ts';
import { newVersion, type World, WS, withVersions, world } from './helpers.ts';

const by = { actor: 'me', reason: 'better' };

describe('Registry', () => {
  let w: World;
  beforeEach(() => {
    w = world();
  });
  const move = (version: string, expectedVersion: string | null, alias = 'production') =>
    w.registry.moveAlias(WS, { model: 'm', alias, version, expectedVersion, ...by });
  const back = (expectedVersion?: string) =>
    w.registry.rollback(WS, { model: 'm', alias: 'production', expectedVersion, ...by });
  const held = async (alias = 'production') => (await w.registry.getModel(WS, 'm')).aliases[alias];

  it('registers a model once', async () => {
    const first = await w.registry.createModel(WS, { name: 'm', description: 'd', tags: { a: 'b' } });
    expect(first).toMatchObject({
      name: 'm',
      description: 'd',
      tags: { a: 'b' },
      aliases: {},
      latestVersion: 0,
    });
    expect(await w.registry.createModel(WS, { name: 'm', description: 'other' })).toEqual(first);
    expect((await w.registry.listModels(WS)).items).toEqual([first]);
    await expect(w.registry.getModel(WS, 'none')).rejects.toThrow(NotFoundError);
  });

  it('numbers versions from 1, one for each identity', async () => {
    await w.registry.createModel(WS, { name: 'm' });
    const first = await w.registry.createVersion(
      WS,
      'm',
      newVersion('a', { metrics: { r2: Number.NaN }, tags: { x: 'y' } }),
    );
    expect(first).toMatchObject({
      version: '1',
      stage: 'None',
      metrics: { r2: Number.NaN },
      tags: { x: 'y' },
    });
    expect(await w.registry.createVersion(WS, 'm', newVersion('a'))).toEqual(first);
    expect((await w.registry.createVersion(WS, 'm', newVersion('b'))).version).toBe('2');
    expect(await w.registry.getVersion(WS, 'm', '1')).toEqual(first);
    expect(first).not.toHaveProperty('identity');
    expect((await w.registry.listVersions(WS, 'm')).items.map(({ version }) => version)).toEqual(['2', '1']);
    expect((await w.registry.getModel(WS, 'm')).latestVersion).toBe(2);
  });

  it('refuses a version of a model that is not registered', async () => {
    await expect(w.registry.createVersion(WS, 'm', newVersion('a'))).rejects.toThrow(NotFoundError);
    expect(w.items.dump()).toEqual([]);
  });

  it('lists versions by number, not by text', async () => {
    await withVersions(w, 11);
    const versions = (await w.registry.listVersions(WS, 'm', { limit: 3 })).items.map(
      ({ version }) => version,
    );
    expect(versions).toEqual(['11', '10', '9']);
  });

  it('resolves by alias and by version', async () => {
    await withVersions(w, 2);
    await move('2', null);
    expect((await w.registry.resolve(WS, 'm', { alias: 'production' })).version).toBe('2');
    expect((await w.registry.resolve(WS, 'm', { version: '1' })).version).toBe('1');
    for (const which of [{ alias: 'none' }, { alias: 'constructor' }, { version: '3' }]) {
      await expect(w.registry.resolve(WS, 'm', which)).rejects.toThrow(NotFoundError);
    }
    for (const which of [
      { alias: 'a#b' },
      { alias: 'latest' },
      { alias: 'v12' },
      { version: '01' },
      { version: 'x' },
    ]) {
      await expect(w.registry.resolve(WS, 'm', which)).rejects.toThrow(InvalidInputError);
    }
  });

  it('moves an alias with its audit', async () => {
    await withVersions(w, 2);
    expect((await move('1', null)).aliases).toEqual({ production: '1' });
    expect((await move('2', '1')).aliases).toEqual({ production: '2' });
    const { items } = await w.registry.audit(WS, 'm');
    expect(items).toMatchObject([
      { model: 'm', alias: 'production', kind: 'move', fromVersion: '1', toVersion: '2', ...by },
      { toVersion: '1' },
    ]);
    expect(items[1]).not.toHaveProperty('fromVersion');
  });

  it('moves nothing where the alias holds the version already', async () => {
    await withVersions(w, 2);
    await move('1', null);
    const writes = w.items.writes;
    expect((await move('1', null)).aliases).toEqual({ production: '1' });
    expect(w.items.writes).toBe(writes);
  });

  it('refuses a move from what the alias does not hold, or to what is not there', async () => {
    await withVersions(w, 3);
    await move('1', null);
    const dump = w.items.dump();
    await expect(move('2', null)).rejects.toThrow(AliasMovedError);
    await expect(move('2', '3')).rejects.toThrow(AliasMovedError);
    await expect(move('9', '1')).rejects.toThrow(NotFoundError);
    await expect(move('2', '1', 'LATEST')).rejects.toThrow(InvalidInputError);
    expect(w.items.dump()).toEqual(dump);
  });

  it('has one winner of a raced move', async () => {
    await withVersions(w, 6);
    await move('1', null);
    const results = await Promise.allSettled(['2', '3', '4', '5', '6'].map((version) => move(version, '1')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const losers = results.filter((result) => result.status === 'rejected');
    for (const { reason } of losers) expect(reason).toBeInstanceOf(AliasMovedError);
    expect((await w.registry.audit(WS, 'm')).items).toHaveLength(2);
  });

  it('lets moves of different aliases race without harm', async () => {
    await withVersions(w, 1);
    const names = Array.from({ length: 8 }, (_, i) => `alias${i}`);
    await Promise.all(names.map((alias) => move('1', null, alias)));
    expect((await w.registry.getModel(WS, 'm')).aliases).toEqual(
      Object.fromEntries(names.map((name) => [name, '1'])),
    );
    expect((await w.registry.audit(WS, 'm')).items).toHaveLength(8);
  });

  it('rolls back to what it held before, step by step, to the first', async () => {
    await withVersions(w, 4);
    for (const [version, from] of [
      ['1', null],
      ['3', '1'],
      ['2', '3'],
    ] as const)
      await move(version, from);
    const told = async () => (await w.registry.getModel(WS, 'm')).previous?.production;
    expect(await told()).toBe('3');
    await back();
    expect(await held()).toBe('3');
    expect(await told()).toBe('1');
    await back();
    expect(await held()).toBe('1');
    expect(await told()).toBeUndefined();
    await expect(back()).rejects.toThrow(NothingToRollBackError);
    expect(await held()).toBe('1');
    const kinds = (await w.registry.audit(WS, 'm')).items.map(({ kind, fromVersion, toVersion }) => [
      kind,
      fromVersion,
      toVersion,
    ]);
    expect(kinds.slice(0, 2)).toEqual([
      ['rollback', '3', '1'],
      ['rollback', '2', '3'],
    ]);
  });

  it('after a rollback and a new move, goes back to where the rollback led', async () => {
    await withVersions(w, 4);
    await move('1', null);
    await move('2', '1');
    await back();
    await move('4', '1');
    await back();
    expect(await held()).toBe('1');
  });

  it('goes back once where two ask for the same rollback', async () => {
    await withVersions(w, 3);
    await move('1', null);
    await move('2', '1');
    await move('3', '2');
    const results = await Promise.allSettled([back('3'), back('3'), back('3')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await held()).toBe('2');
  });

  it('rolls back no alias that never was', async () => {
    await withVersions(w, 1);
    await expect(back()).rejects.toThrow(NothingToRollBackError);
    await expect(w.registry.rollback(WS, { model: 'none', alias: 'production', ...by })).rejects.toThrow(
      NotFoundError,
    );
  });

  it('takes names that MLflow takes, and no others', async () => {
    for (const name of ['a b', 'Modèle #1 50%', '模型', '...x', 'x'.repeat(256)]) {
      expect((await w.registry.createModel(WS, { name })).name).toBe(name);
      await w.registry.createVersion(WS, name, newVersion('a'));
      expect((await w.registry.listVersions(WS, name)).items).toHaveLength(1);
    }
    for (const name of [
      '',
      ' a',
      'a/b',
      'a:b',
      'a\\b',
      '.',
      '..',
      'a\u0000',
      'a\u202eb',
      'x'.repeat(257),
      'é'.repeat(171),
      3 as unknown as string,
    ]) {
      await expect(w.registry.createModel(WS, { name })).rejects.toThrow(InvalidInputError);
    }
  });
});
