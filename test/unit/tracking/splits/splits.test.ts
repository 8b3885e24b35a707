import { beforeEach, describe, expect, it } from 'vitest';
import type { NewSplit } from '../../../../lib/tracking/index.ts';
import { newVersion, type World, WS, withVersions, world } from '../helpers.ts';

const by = { model: 'm', actor: 'ana', reason: 'try it' };
const guard = { maxErrorRate: 0.05, maxLatencyMs: 100, minRequests: 20, windowMinutes: 30 };
const ab = (first: number, ...more: [string, number][]): NewSplit => ({
  kind: 'ab',
  arms: [{ version: '1', weight: first }, ...more.map(([version, weight]) => ({ version, weight }))],
});
const half = ab(50, ['2', 50]);

describe('a traffic split', () => {
  let w: World;
  beforeEach(async () => {
    w = world();
    await withVersions(w, 4);
    await w.registry.moveAlias(WS, { ...by, alias: 'production', version: '1' });
  });
  const set = (split: NewSplit, more: object = {}) => w.splits.set(WS, { ...by, split, ...more });

  it('is told as it was set, at the number of its audit record', async () => {
    const split = await set({ ...half, shadows: ['3'], guard });
    expect(split).toEqual({
      model: 'm',
      kind: 'ab',
      arms: half.arms,
      shadows: ['3'],
      guard,
      revision: 2,
      createdAt: expect.stringMatching(/^2026-03-01T12:00:00/),
      createdBy: 'ana',
      state: 'running',
    });
    expect(await w.splits.get(WS, 'm')).toEqual(split);
    const { items } = await w.registry.audit(WS, 'm');
    expect(items[0]).toEqual({
      model: 'm',
      kind: 'split',
      split: { action: 'set', revision: 2, kind: 'ab', arms: half.arms, shadows: ['3'], guard },
      actor: 'ana',
      reason: 'try it',
      at: expect.any(String),
    });
  });

  it('is null where there is none, and of a model that is there', async () => {
    expect(await w.splits.get(WS, 'm')).toBeNull();
    await expect(w.splits.get(WS, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('set again alike writes nothing; other weights are a new revision of the same split', async () => {
    const first = await set(half);
    const [before, route] = [w.items.dump(), await w.splits.route(WS, 'm')];
    expect(await set(half, { actor: 'bob', expectedRevision: null })).toEqual(first);
    expect(w.items.dump()).toEqual(before);
    w.clock.advance(60_000);
    const wider = await set(ab(20, ['2', 80]), { actor: 'bob', expectedRevision: first.revision });
    expect(wider).toEqual({ ...first, arms: ab(20, ['2', 80]).arms, revision: first.revision + 1 });
    // The seed stays, so that callers do.
    expect((await w.splits.route(WS, 'm')).split?.seed).toBe(route.split?.seed);
    const other = await set(ab(50, ['3', 50]));
    expect(other.createdAt > first.createdAt).toBe(true);
    expect((await w.splits.route(WS, 'm')).split?.seed).not.toBe(route.split?.seed);
  });

  it('is not changed by who saw another revision', async () => {
    const { revision } = await set(half);
    const before = w.items.dump();
    for (const expectedRevision of [null, revision - 1, revision + 1]) {
      await expect(set(ab(10, ['2', 90]), { expectedRevision })).rejects.toMatchObject({
        code: 'SPLIT_CHANGED',
        status: 409,
        details: { current: revision },
      });
    }
    await expect(w.splits.stop(WS, { ...by, expectedRevision: 77 })).rejects.toMatchObject({
      code: 'SPLIT_CHANGED',
    });
    await expect(w.splits.promote(WS, { ...by, expectedRevision: 77 })).rejects.toMatchObject({
      code: 'SPLIT_CHANGED',
    });
    expect(w.items.dump()).toEqual(before);
  });

  const wrong: [string, NewSplit, string][] = [
    ['weights that do not sum to 100', ab(50, ['2', 49]), 'arms'],
    ['a version twice', ab(50, ['1', 50]), 'arms'],
    ['no version but the champion', ab(100), 'arms'],
    ['a shadow that answers', { ...half, shadows: ['2'] }, 'shadows'],
    ['a shadow twice', { ...half, shadows: ['3', '3'] }, 'shadows'],
    ['blue-green without a guard', { ...half, kind: 'blue-green' }, 'guard'],
    ['blue-green of three', { ...ab(50, ['2', 25], ['3', 25]), kind: 'blue-green', guard }, 'arms'],
    [
      'blue-green beside no champion',
      {
        kind: 'blue-green',
        guard,
        arms: [
          { version: '2', weight: 50 },
          { version: '3', weight: 50 },
        ],
      },
      'arms',
    ],
  ];
  it.each(wrong)('of %s is refused, and nothing written', async (_, split, field) => {
    const before = w.items.dump();
    await expect(set(split)).rejects.toMatchObject({ status: 400, field });
    expect(w.items.dump()).toEqual(before);
  });

  it('names versions that are there, of our own format, beside a champion', async () => {
    await expect(set(ab(50, ['9', 50]))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(set({ ...half, shadows: ['9'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { modelKey: _, modelSha256: __, sizeBytes: ___, ...foreign } = newVersion('sk');
    await w.registry.createVersion(WS, 'm', foreign);
    await expect(set(ab(50, ['5', 50]))).rejects.toMatchObject({ code: 'FOREIGN_MODEL' });
    await w.registry.deleteAlias(WS, { ...by, alias: 'production' });
    await expect(set(half)).rejects.toMatchObject({ code: 'NO_CHAMPION', status: 409 });
    expect(await w.splits.get(WS, 'm')).toBeNull();
  });

  it("obeys the model's policy: what answers callers has been in Staging, a shadow need not", async () => {
    await w.registry.setPolicy(WS, { ...by, requireStaging: true });
    await expect(set(half)).rejects.toMatchObject({ code: 'STAGING_REQUIRED' });
    await w.registry.transitionStage(WS, { ...by, version: '2', stage: 'Staging' });
    expect((await set({ ...half, shadows: ['3'] })).state).toBe('running');
  });

  it('is not begun beside another champion than the one it was asked for', async () => {
    await expect(set(half, { expectedChampion: '2' })).rejects.toMatchObject({ code: 'ALIAS_MOVED' });
    expect(await w.splits.get(WS, 'm')).toBeNull();
  });

  it('leads to the champion, its versions and its shadows', async () => {
    expect(await w.splits.route(WS, 'm')).toEqual({ champion: await w.registry.getVersion(WS, 'm', '1') });
    const { revision } = await set({ ...half, shadows: ['3'], guard });
    expect(await w.splits.route(WS, 'm')).toEqual({
      champion: await w.registry.getVersion(WS, 'm', '1'),
      split: {
        revision,
        seed: expect.any(String),
        arms: [
          { version: await w.registry.getVersion(WS, 'm', '1'), weight: 50 },
          { version: await w.registry.getVersion(WS, 'm', '2'), weight: 50 },
        ],
        shadows: [await w.registry.getVersion(WS, 'm', '3')],
        guard,
      },
    });
  });

  describe('ends', () => {
    beforeEach(() => set({ ...half, shadows: ['3'], guard }));
    const told = async () => (await w.registry.audit(WS, 'm')).items[0]?.split;
    const ended = async () => {
      expect(await w.splits.get(WS, 'm')).toBeNull();
      expect(await told()).toEqual({
        action: 'stop',
        revision: 2,
        kind: 'ab',
        arms: half.arms,
        shadows: ['3'],
        guard,
      });
    };

    it('when it is stopped, once', async () => {
      expect(await w.splits.stop(WS, { ...by, expectedRevision: 2 })).toMatchObject({ revision: 2 });
      await ended();
      const before = w.items.dump();
      expect(await w.splits.stop(WS, { ...by, expectedRevision: 2 })).toBeNull();
      expect(w.items.dump()).toEqual(before);
    });

    const movers: [string, () => Promise<unknown>][] = [
      ['a promotion', () => w.registry.moveAlias(WS, { ...by, alias: 'production', version: '4' })],
      [
        'a transition to Production',
        () => w.registry.transitionStage(WS, { ...by, version: '2', stage: 'Production' }),
      ],
      [
        'a transition of the champion to Archived',
        () => w.registry.transitionStage(WS, { ...by, version: '1', stage: 'Archived' }),
      ],
      ['the alias taken away', () => w.registry.deleteAlias(WS, { ...by, alias: 'production' })],
      ['the deletion of a version that answers', () => w.registry.deleteVersion(WS, { ...by, version: '2' })],
      ['the deletion of a shadow', () => w.registry.deleteVersion(WS, { ...by, version: '3' })],
      ['the deletion of the champion', () => w.registry.deleteVersion(WS, { ...by, version: '1' })],
      ['its promotion', () => w.splits.promote(WS, by)],
    ];
    it.each(movers)('with %s, in the same transaction', async (_, move) => {
      const moves = (await w.registry.audit(WS, 'm')).items.length;
      await move();
      await ended();
      expect((await w.registry.audit(WS, 'm')).items).toHaveLength(moves + 1);
    });

    it('with a rollback', async () => {
      await w.registry.moveAlias(WS, { ...by, alias: 'production', version: '2' });
      await set(half);
      await w.registry.rollback(WS, { ...by, alias: 'production' });
      expect(await w.splits.get(WS, 'm')).toBeNull();
      expect((await told())?.action).toBe('stop');
    });

    it('not with what leaves production where it is', async () => {
      await w.registry.moveAlias(WS, { ...by, alias: 'canary', version: '2' });
      await w.registry.transitionStage(WS, { ...by, version: '2', stage: 'Staging' });
      await w.registry.deleteVersion(WS, { ...by, version: '4' });
      await w.registry.setPolicy(WS, { ...by, requireStaging: true });
      await w.registry.moveAlias(WS, { ...by, alias: 'production', version: '1' });
      expect(await w.splits.get(WS, 'm')).toMatchObject({ revision: 2, state: 'running' });
    });

    it('not with a new name: it goes along', async () => {
      await w.registry.renameModel(WS, { ...by, newName: 'n' });
      expect(await w.splits.get(WS, 'n')).toMatchObject({ model: 'n', revision: 2, state: 'running' });
      await expect(w.splits.get(WS, 'm')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await w.splits.route(WS, 'n')).split?.arms.map(({ version }) => version.name)).toEqual([
        'n',
        'n',
      ]);
    });

    it('with its model; one of that name begins without', async () => {
      await w.registry.deleteModel(WS, 'm');
      await withVersions(w, 2);
      expect(await w.splits.get(WS, 'm')).toBeNull();
    });
  });

  describe('promoted', () => {
    it('moves production to the one challenger, with stages, undo stack and the end of the split at once', async () => {
      await set(half);
      const done = await w.splits.promote(WS, { ...by, expectedRevision: 2 });
      expect(done).toMatchObject({
        version: '2',
        previousVersion: '1',
        model: { aliases: { production: '2' } },
      });
      expect((await w.registry.getVersion(WS, 'm', '2')).stage).toBe('Production');
      expect((await w.registry.getVersion(WS, 'm', '1')).stage).toBe('Archived');
      expect((await w.registry.rollback(WS, { ...by, alias: 'production' })).aliases.production).toBe('1');
    });

    it('asks which where there are several, and takes only one of its own; a shadow is one', async () => {
      await set({ ...ab(50, ['2', 25], ['3', 25]), shadows: ['4'] });
      await expect(w.splits.promote(WS, by)).rejects.toMatchObject({ status: 400, field: 'version' });
      await w.registry.createVersion(WS, 'm', newVersion('v5'));
      await expect(w.splits.promote(WS, { ...by, version: '5' })).rejects.toMatchObject({ field: 'version' });
      expect((await w.splits.promote(WS, { ...by, version: '4' })).model.aliases.production).toBe('4');
    });

    it('as the champion only ends it', async () => {
      await set(half);
      expect(await w.splits.promote(WS, { ...by, version: '1' })).toMatchObject({
        version: '1',
        previousVersion: '1',
      });
      expect(await w.splits.get(WS, 'm')).toBeNull();
      expect((await w.registry.audit(WS, 'm')).items[0]?.kind).toBe('split');
    });

    it('twice is once where the version is named; without a split there is nothing to promote', async () => {
      await set(half);
      await w.splits.promote(WS, { ...by, version: '2', expectedRevision: 2 });
      const before = w.items.dump();
      expect(await w.splits.promote(WS, { ...by, version: '2', expectedRevision: 2 })).toMatchObject({
        version: '2',
      });
      await expect(w.splits.promote(WS, by)).rejects.toMatchObject({ code: 'NO_SPLIT', status: 409 });
      await expect(w.splits.promote(WS, { ...by, version: '1' })).rejects.toMatchObject({ code: 'NO_SPLIT' });
      expect(w.items.dump()).toEqual(before);
    });

    it("obeys the model's policy", async () => {
      await set({ ...ab(100), shadows: ['2'] });
      await w.registry.setPolicy(WS, { ...by, requireStaging: true });
      await expect(w.splits.promote(WS, { ...by, version: '2' })).rejects.toMatchObject({
        code: 'STAGING_REQUIRED',
      });
      expect((await w.splits.get(WS, 'm'))?.state).toBe('running');
    });
  });

  describe('reverted', () => {
    const reason = 'version 2 failed 7 of 20 requests';
    const revert = (revision: number) => w.splits.revert(WS, { ...by, actor: 'guard', revision, reason });

    it('keeps its record with the reason; the champion answers', async () => {
      const split = await set({ ...half, guard });
      const reverted = await revert(split.revision);
      expect(reverted).toEqual({
        ...split,
        revision: split.revision + 1,
        state: 'reverted',
        revertedReason: reason,
        revertedAt: expect.any(String),
      });
      expect(await w.splits.get(WS, 'm')).toEqual(reverted);
      expect(await w.splits.route(WS, 'm')).toEqual({ champion: await w.registry.getVersion(WS, 'm', '1') });
      expect((await w.registry.audit(WS, 'm')).items[0]).toMatchObject({
        kind: 'split',
        actor: 'guard',
        split: { action: 'revert', revision: split.revision + 1 },
      });
    });

    it('happens once, and not to a split that has changed since it was judged', async () => {
      const { revision } = await set({ ...half, guard });
      const changed = await set({ ...ab(90, ['2', 10]), guard });
      expect(await revert(revision)).toBeNull();
      expect(await revert(changed.revision)).toMatchObject({ state: 'reverted' });
      const before = w.items.dump();
      expect(await revert(changed.revision)).toBeNull();
      expect(await revert(changed.revision + 1)).toBeNull();
      expect(w.items.dump()).toEqual(before);
    });

    it('may be promoted by name alone, and begun again by hand', async () => {
      const { revision } = await set({ ...half, guard });
      await revert(revision);
      await expect(w.splits.promote(WS, by)).rejects.toMatchObject({ code: 'SPLIT_REVERTED' });
      const again = await set({ ...half, guard });
      expect(again).toMatchObject({ state: 'running', revision: revision + 2 });
      expect(again.revertedReason).toBeUndefined();
      await revert(again.revision);
      expect((await w.splits.promote(WS, { ...by, version: '2' })).model.aliases.production).toBe('2');
    });

    it('is to be told until it is known to be', async () => {
      const { revision } = await set({ ...half, guard });
      expect(await w.splits.untold(WS, 'm')).toBeNull();
      const reverted = (await revert(revision))!;
      expect(await w.splits.untold(WS, 'm')).toEqual(reverted);
      await w.splits.told(WS, 'm', revision);
      expect(await w.splits.untold(WS, 'm')).toEqual(reverted);
      await w.splits.told(WS, 'm', reverted.revision);
      expect(await w.splits.untold(WS, 'm')).toBeNull();
      expect(await w.splits.get(WS, 'm')).toEqual(reverted);
    });
  });
});
