import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConflictError, InvalidInputError } from '../../../lib/errors/index.ts';
import { type World, WS, withVersions, world } from '../../unit/tracking/helpers.ts';

const by = { model: 'm', actor: 'x', reason: 'y' };
const alias = 'production';
const version = fc.integer({ min: 1, max: 4 }).map(String);
const split = (a: string, b: string, weight: number) => ({
  kind: 'ab' as const,
  arms: [
    { version: a, weight },
    { version: b, weight: 100 - weight },
  ],
});

/** All that may change who answers a model's callers. */
const step = fc.oneof(
  fc.record({ set: version, other: version, weight: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ move: version }),
  fc.record({ remove: version }),
  fc.constantFrom('promote', 'stop', 'rollback', 'revert', 'archive', 'take away'),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function act({ registry, splits }: World, one: Step): Promise<unknown> {
  if (typeof one === 'object') {
    if ('set' in one) return splits.set(WS, { ...by, split: split(one.set, one.other, one.weight) });
    if ('move' in one) return registry.moveAlias(WS, { ...by, alias, version: one.move });
    return registry.deleteVersion(WS, { ...by, version: one.remove });
  }
  if (one === 'promote') return splits.promote(WS, by);
  if (one === 'stop') return splits.stop(WS, by);
  if (one === 'rollback') return registry.rollback(WS, { ...by, alias });
  if (one === 'archive') return registry.transitionStage(WS, { ...by, version: '1', stage: 'Archived' });
  if (one === 'take away') return registry.deleteAlias(WS, { ...by, alias });
  const revision = (await splits.get(WS, 'm'))?.revision ?? 0;
  return splits.revert(WS, { ...by, revision });
}

/** What a caller may be told in place of a success: never an error of ours. */
function refused(error: { code?: string }): string {
  const fine =
    error instanceof ConflictError || error instanceof InvalidInputError || error.code === 'NOT_FOUND';
  if (!fine) throw error;
  return error.code ?? 'CONFLICT';
}

/** What holds of a model at any time, whoever raced whom. */
async function checkModel({ registry, splits }: World): Promise<void> {
  const { model, versions } = await registry.modelWithVersions(WS, 'm');
  const found = await splits.get(WS, 'm');
  const champion = model.aliases[alias];
  const numbers = versions.map((one) => one.version);
  const audit = (await registry.audit(WS, 'm', { limit: 200 })).items;
  if (champion !== undefined) expect(numbers).toContain(champion);
  if (found !== null) {
    // A split stands beside the champion that it was made for, and names versions that are there.
    expect(champion).toBeDefined();
    for (const arm of found.arms) expect(numbers).toContain(arm.version);
    const since = audit.slice(
      0,
      audit.findIndex((one) => one.split?.revision === found.revision),
    );
    expect(since.filter((one) => one.alias === alias || one.split !== undefined)).toEqual([]);
    const route = await splits.route(WS, 'm');
    expect(route.champion.version).toBe(champion);
    expect(route.split?.revision).toBe(found.state === 'running' ? found.revision : undefined);
  }
  // The audit tells of each set, revert and end, in order: replaying it gives the present split.
  const told = audit.toReversed().flatMap((one) => (one.split ? [one.split] : []));
  expect(told.at(-1)?.action === 'stop' ? null : (told.at(-1)?.revision ?? null)).toBe(
    found?.revision ?? null,
  );
}

describe('a traffic split', () => {
  it('stands beside one champion, with versions that are there, after any changes in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const w = world();
        await withVersions(w, 4);
        await w.registry.moveAlias(WS, { ...by, alias, version: '1' });
        for (const one of steps) {
          await act(w, one).catch(refused);
          await checkModel(w);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does so too where all of them race', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const w = world();
        await withVersions(w, 4);
        await w.registry.moveAlias(WS, { ...by, alias, version: '1' });
        await w.splits.set(WS, { ...by, split: split('1', '2', 50) });
        await Promise.all(steps.map((one) => act(w, one).catch(refused)));
        await checkModel(w);
      }),
      { numRuns: 60 },
    );
  });

  it('is promoted by one of many who saw it, while others change, stop or roll back', async () => {
    for (let round = 0; round < 20; round++) {
      const w = world();
      await withVersions(w, 4);
      await w.registry.moveAlias(WS, { ...by, alias, version: '3' });
      await w.registry.moveAlias(WS, { ...by, alias, version: '1' });
      const { revision } = await w.splits.set(WS, { ...by, split: split('1', '2', 50) });
      const seen = { ...by, expectedRevision: revision };
      const racing = {
        promote: () => w.splits.promote(WS, seen),
        set: () => w.splits.set(WS, { ...seen, split: split('1', '4', 30 + round), expectedChampion: '1' }),
        stop: () =>
          w.splits.stop(WS, seen).then((stopped) => stopped ?? Promise.reject(new ConflictError('none'))),
        rollback: () => w.registry.rollback(WS, { ...by, alias, expectedVersion: '1' }),
      };
      const names = Object.keys(racing) as (keyof typeof racing)[];
      const first = names.splice(round % names.length, 1);
      const outcomes = await Promise.all(
        [...first, ...names].map(async (name) => {
          try {
            await racing[name]();
            return [name];
          } catch (error) {
            expect(error).toBeInstanceOf(ConflictError);
            return [];
          }
        }),
      );
      const won = outcomes.flat();
      // Who changed the split's revision first shuts the others out; a rollback looks at the alias alone.
      expect(won.filter((name) => name !== 'rollback').length).toBeLessThanOrEqual(1);
      expect(won.length).toBeGreaterThanOrEqual(1);
      const { aliases } = await w.registry.getModel(WS, 'm');
      expect(aliases.production).toBe(won.includes('promote') ? '2' : won.includes('rollback') ? '3' : '1');
      const left = await w.splits.get(WS, 'm');
      expect(left?.arms[1]?.version ?? null).toBe(
        won.includes('set') && !won.includes('rollback') ? '4' : null,
      );
      await checkModel(w);
    }
  });
});
