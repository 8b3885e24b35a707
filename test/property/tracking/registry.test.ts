import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConflictError } from '../../../lib/errors/index.ts';
import { newVersion, WS, withVersions, world } from '../../unit/tracking/helpers.ts';

const by = { actor: 'x', reason: 'y' };
const ALIAS = 'production';

describe('Registry', () => {
  it('numbers versions 1 to n without gap or repeat, one an identity, under any race', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 24 }),
        async (identities) => {
          const w = world();
          await w.registry.createModel(WS, { name: 'm' });
          const made = await Promise.all(
            identities.map((id) => w.registry.createVersion(WS, 'm', newVersion(`run ${id}`))),
          );
          const distinct = new Set(identities).size;
          const numbers = (await w.registry.listVersions(WS, 'm')).items.map(({ version }) =>
            Number(version),
          );
          expect(numbers).toEqual(Array.from({ length: distinct }, (_, i) => distinct - i));
          const byIdentity = new Map(identities.map((id, i) => [id, made[i]!.version]));
          expect(identities.map((id) => byIdentity.get(id))).toEqual(made.map(({ version }) => version));
          expect(new Set(byIdentity.values()).size).toBe(distinct);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('survives fifty makers at once', async () => {
    const w = world();
    await w.registry.createModel(WS, { name: 'm' });
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => w.registry.createVersion(WS, 'm', newVersion(`${i}`))),
    );
    const numbers = (await w.registry.listVersions(WS, 'm')).items.map(({ version }) => Number(version));
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => 50 - i));
  });

  /** A move to a version, from what the mover saw; or a rollback. */
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ to: fc.integer({ min: 1, max: 5 }), blind: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant('rollback' as const) },
  );

  it('goes back as an undo stack does, whatever came before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const w = world();
        await withVersions(w, 5);
        let held: string | null = null;
        const stack: string[] = [];
        let moves = 0;
        for (const each of steps) {
          if (each === 'rollback') {
            const told = (await w.registry.getModel(WS, 'm')).previous?.[ALIAS];
            const before = stack.pop();
            expect(told).toBe(before);
            const back = w.registry.rollback(WS, { model: 'm', alias: ALIAS, ...by });
            if (before === undefined)
              await expect(back).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
            else held = (await back).aliases[ALIAS]!;
            if (before !== undefined) {
              expect(held).toBe(before);
              moves += 1;
            }
            continue;
          }
          const version = String(each.to);
          const move = w.registry.moveAlias(WS, {
            model: 'm',
            alias: ALIAS,
            version,
            expectedVersion: each.blind ? '99' : held,
            ...by,
          });
          if (held === version) expect((await move).aliases[ALIAS]).toBe(version);
          else if (each.blind) await expect(move).rejects.toBeInstanceOf(ConflictError);
          else {
            await move;
            if (held !== null) stack.push(held);
            held = version;
            moves += 1;
          }
          expect((await w.registry.getModel(WS, 'm')).aliases[ALIAS] ?? null).toBe(held);
        }
        const audit = (await w.registry.audit(WS, 'm')).items.toReversed();
        expect(audit).toHaveLength(moves);
        expect(audit.map(({ fromVersion }) => fromVersion)).toEqual(
          [undefined, ...audit.map(({ toVersion }) => toVersion)].slice(0, moves),
        );
        expect(audit.at(-1)?.toVersion ?? null).toBe(held);
      }),
      { numRuns: 40 },
    );
  });

  it('lets one of any racing moves win, and audits exactly that', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 2, maxLength: 8 }),
        async (targets) => {
          const w = world();
          await withVersions(w, 6);
          const move = (version: number, expectedVersion: string | null) =>
            w.registry.moveAlias(WS, {
              model: 'm',
              alias: ALIAS,
              version: String(version),
              expectedVersion,
              ...by,
            });
          await move(1, null);
          const results = await Promise.allSettled(targets.map((version) => move(version, '1')));
          const held = (await w.registry.getModel(WS, 'm')).aliases[ALIAS];
          results.forEach((result, i) => {
            // A mover to where another had moved it already has what it wanted.
            expect(result.status === 'fulfilled').toBe(String(targets[i]) === held);
          });
          expect((await w.registry.audit(WS, 'm')).items).toHaveLength(2);
        },
      ),
      { numRuns: 25 },
    );
  });
});
