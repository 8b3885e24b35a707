import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { pickArm, place } from '../../../../lib/serving/traffic/pick.ts';
import type { NewSplit } from '../../../../lib/tracking/index.ts';
import { CrashError } from '../../../support/memory.ts';
import { type World, WS, withVersions, world } from '../helpers.ts';

const by = { model: 'm', actor: 'ana', reason: 'try it' };
const guard = { maxErrorRate: 0.05, maxLatencyMs: 100, minRequests: 20, windowMinutes: 30 };
const ab = (...arms: [string, number][]): NewSplit => ({
  kind: 'ab',
  arms: arms.map(([version, weight]) => ({ version, weight })),
});

let w: World;
const fresh = async () => {
  w = world();
  await withVersions(w, 4);
  await w.registry.moveAlias(WS, { ...by, alias: 'production', version: '1' });
};
beforeEach(fresh);
const set = (split: NewSplit, more: object = {}) => w.splits.set(WS, { ...by, split, ...more });
const audits = async () => (await w.registry.audit(WS, 'm')).items.length;

/** Which version a caller gets from the split as it is routed. */
async function versionOf(key: string): Promise<string> {
  const { split, champion } = await w.splits.route(WS, 'm');
  return split === undefined ? champion.version : pickArm(split.arms, split.seed, key).version.version;
}
/** Keys as callers have them: empty, of other scripts, half a surrogate, a megabyte. */
const keys = [
  '',
  ' ',
  'ana',
  'ana ',
  'señora',
  'sen\u0303ora',
  '日本語',
  '👩‍👩‍👧',
  '\ud83d',
  '\n',
  'x'.repeat(1 << 20),
];
const many = [...keys, ...Array.from({ length: 400 }, (_, i) => `caller-${i}`)];

describe('callers of a split', () => {
  it('keep their version where the same versions are told in another order', async () => {
    const first = await set(ab(['1', 90], ['2', 10]));
    const before = await Promise.all(many.map(versionOf));
    const again = await set(ab(['2', 10], ['1', 90]));
    // Nothing has changed: no revision, no audit record.
    expect(again).toEqual(first);
    expect(await audits()).toBe(2);
    w.clock.advance(60_000);
    const wider = await set(ab(['2', 20], ['1', 80]), { actor: 'bob' });
    expect(wider).toMatchObject({
      createdAt: first.createdAt,
      createdBy: 'ana',
      arms: ab(['1', 80], ['2', 20]).arms,
    });
    const later = await Promise.all(many.map(versionOf));
    // Whoever had the growing version keeps it; about a tenth of the others come to it.
    expect(later.filter((version, i) => before[i] === '2' && version !== '2')).toEqual([]);
    const moved = later.filter((version, i) => version !== before[i]).length / many.length;
    expect(moved).toBeGreaterThan(0.05);
    expect(moved).toBeLessThan(0.16);
  });

  it('move no more than they must between any two weights, in whatever order these are told', async () => {
    const weight = fc.integer({ min: 0, max: 100 });
    await fc.assert(
      fc.asyncProperty(weight, weight, fc.boolean(), async (a, b, turned) => {
        await fresh();
        await set(ab(['1', 100 - a], ['2', a]));
        const before = await Promise.all(many.map(versionOf));
        await set(turned ? ab(['2', b], ['1', 100 - b]) : ab(['1', 100 - b], ['2', b]));
        const later = await Promise.all(many.map(versionOf));
        const [lost, won] = b >= a ? ['2', '1'] : ['1', '2'];
        expect(later.some((version, i) => before[i] === lost && version === won)).toBe(false);
      }),
      { numRuns: 25 },
    );
  });

  it('all have a place, always the same one, whatever their key is; a weight of 0 gets none, 100 all', async () => {
    for (const key of keys) {
      const at = place('m 2', key);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThan(1);
      expect(place('m 2', key)).toBe(at);
    }
    // Names that look alike are names of their own; halves of surrogates are one, as UTF-8 has none.
    expect(new Set(keys.map((key) => place('m 2', key))).size).toBe(keys.length);
    await set(ab(['1', 0], ['2', 100]));
    expect(new Set(await Promise.all(many.map(versionOf)))).toEqual(new Set(['2']));
    await set(ab(['1', 100], ['2', 0]));
    expect(new Set(await Promise.all(many.map(versionOf)))).toEqual(new Set(['1']));
  });

  it('all go back to the champion with a revert, and are shared out anew where the split is begun again', async () => {
    const { revision } = await set({ ...ab(['1', 50], ['2', 50]), guard });
    await w.splits.revert(WS, { ...by, revision, reason: 'slow' });
    expect(new Set(await Promise.all(many.map(versionOf)))).toEqual(new Set(['1']));
    const again = await set({ ...ab(['1', 50], ['2', 50]), guard });
    expect(again.revision).toBe(revision + 2);
    const shares = (await Promise.all(many.map(versionOf))).filter((version) => version === '2').length;
    expect(shares / many.length).toBeGreaterThan(0.4);
    expect(shares / many.length).toBeLessThan(0.6);
  });
});

describe('a split told in another order', () => {
  it('is the same split with its shadows in any order', async () => {
    const first = await set({ ...ab(['1', 50], ['2', 50]), shadows: ['3', '4'] });
    expect(await set({ ...ab(['2', 50], ['1', 50]), shadows: ['4', '3'] })).toEqual(first);
    expect(await audits()).toBe(2);
  });

  it('is another one where a version is another, or answers instead of shadowing', async () => {
    const first = await set({ ...ab(['1', 50], ['2', 50]), shadows: ['3'] });
    const other = await set({ ...ab(['1', 50], ['3', 50]), shadows: ['2'] });
    expect(other.revision).toBe(first.revision + 1);
    expect(other.arms).toEqual(ab(['1', 50], ['3', 50]).arms);
  });
});

describe('weights', () => {
  it('that are whole percents and sum to 100 are taken, all others refused with nothing written', async () => {
    const weights = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(weights, async (given) => {
        await fresh();
        const before = w.items.dump();
        const split = ab(...given.map((weight, i): [string, number] => [String(i + 1), weight]));
        const sum = given.reduce((total, weight) => total + weight, 0);
        if (sum === 100) {
          expect((await set(split)).arms).toEqual(split.arms);
          return;
        }
        await expect(set(split)).rejects.toMatchObject({
          field: 'arms',
          message: `the weights sum to ${sum}, not to 100`,
        });
        expect(w.items.dump()).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['below nothing', [150, -50]],
    ['in fractions', [99.5, 0.5]],
    ['that are no number', [Number.NaN, 100]],
    ['without end', [Number.POSITIVE_INFINITY, 100]],
  ])('%s are refused though they may sum to 100', async (_, given) => {
    const before = w.items.dump();
    const split = ab(...given.map((weight, i): [string, number] => [String(i + 1), weight]));
    await expect(set(split)).rejects.toMatchObject({ status: 400, field: 'arms' });
    expect(w.items.dump()).toEqual(before);
  });
});

describe('a promotion that names no version', () => {
  it('is told the versions that it may name: neither the champion, nor without the shadows', async () => {
    await set({ ...ab(['1', 50], ['2', 50]), shadows: ['4', '3'] });
    expect((await w.splits.promote(WS, by)).version).toBe('2');
    await fresh();
    await set({ ...ab(['1', 100]), shadows: ['4', '3'] });
    await expect(w.splits.promote(WS, by)).rejects.toThrow(
      'say which version of the split of model m to promote: 4, 3',
    );
    await set({ ...ab(['1', 50], ['2', 25], ['3', 25]), shadows: ['4'] });
    await expect(w.splits.promote(WS, by)).rejects.toThrow(
      'say which version of the split of model m to promote: 2, 3, 4',
    );
  });
});

describe('an operation that ends at its write', () => {
  const split = { ...ab(['1', 50], ['2', 50]), guard };
  const operations: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['set', async () => undefined, () => set(split)],
    ['stop', () => set(split), () => w.splits.stop(WS, by)],
    ['promote', () => set(split), () => w.splits.promote(WS, { ...by, version: '2' })],
    ['promote the champion', () => set(split), () => w.splits.promote(WS, { ...by, version: '1' })],
    ['revert', () => set(split), () => w.splits.revert(WS, { ...by, revision: 2, reason: 'slow' })],
  ];
  it.each(operations)('is done by its repeat, once: %s', async (_, prepare, operate) => {
    const seen = async () => [
      await w.splits.get(WS, 'm'),
      (await w.registry.getModel(WS, 'm')).aliases,
      (await w.registry.audit(WS, 'm')).items,
    ];
    /** Without times, as a repeat is a reading of the clock later. */
    const timeless = (value: unknown) => JSON.stringify(value).replaceAll(/"\d{4}-[^"]*Z"/g, '""');
    await prepare();
    const before = w.items.writes;
    await operate();
    const writes = w.items.writes - before;
    const whole = timeless(await seen());
    expect(writes).toBe(1);
    for (const mode of ['before', 'after'] as const) {
      await fresh();
      await prepare();
      w.items.failWrite({ at: 1, mode });
      await expect(operate()).rejects.toThrow(CrashError);
      await operate();
      expect(timeless(await seen()), mode).toBe(whole);
    }
  });

  it('publishes its revert until that is noted, and what changed meanwhile is not noted as told', async () => {
    await set(split);
    await w.splits.revert(WS, { ...by, revision: 2, reason: 'slow' });
    w.items.failWrite({ at: 1, mode: 'before' });
    await expect(w.splits.told(WS, 'm', 3)).rejects.toThrow(CrashError);
    expect(await w.splits.untold(WS, 'm')).toMatchObject({ revision: 3, revertedReason: 'slow' });
    w.items.failWrite({ at: 1, mode: 'after' });
    await expect(w.splits.told(WS, 'm', 3)).rejects.toThrow(CrashError);
    expect(await w.splits.untold(WS, 'm')).toBeNull();
    await w.splits.told(WS, 'm', 3);
    // Begun and reverted again: another revert, to be told by itself.
    const again = await set(split);
    await w.splits.revert(WS, { ...by, revision: again.revision, reason: 'wrong' });
    await w.splits.told(WS, 'm', 3);
    expect(await w.splits.untold(WS, 'm')).toMatchObject({ revertedReason: 'wrong' });
  });
});
