import { describe, expect, it } from 'vitest';
import type { ItemStore } from '../../lib/store/ports.ts';
import { seededRandom } from '../../lib/table/index.ts';
import { Registry } from '../../lib/tracking/index.ts';
import type { AliasAudit } from '../../lib/tracking/types.ts';
import { FixedClock, MemoryItemStore } from '../support/memory.ts';

const WS = 'default';
const RACERS = 50;
const ROUNDS = 200;

/**
 * The store as many callers at once see it: each call takes some turns of the event loop before and after, drawn from a seed, so
 * that what one reads may be old when it writes.
 */
function jittery(items: MemoryItemStore, random: () => number): ItemStore {
  const turns = async () => {
    for (let left = Math.floor(random() * 4); left > 0; left--) await new Promise(setImmediate);
  };
  return new Proxy<ItemStore>(items, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        await turns();
        const result: unknown = await member.apply(target, args);
        await turns();
        return result;
      };
    },
  });
}

async function model(versions: number, seed: number) {
  const clock = new FixedClock('2026-03-01T12:00:00.000Z', 1);
  const items = new MemoryItemStore(clock);
  const calm = new Registry(items, clock);
  await calm.createModel(WS, { name: 'm' });
  for (let i = 1; i <= versions; i++) {
    const sha = i.toString(16).padStart(64, '0');
    await calm.createVersion(WS, 'm', {
      identity: `v${i}`,
      runId: i.toString(16).padStart(32, '0'),
      modelKey: `${WS}/models/${sha}.arbm`,
      modelSha256: sha,
      sizeBytes: 10,
      algorithm: 'linear-regression',
      task: 'regression',
      metrics: {},
    });
  }
  return { calm, racing: new Registry(jittery(items, seededRandom(seed)), clock) };
}

/** Who holds `production`, and every version that stands in Production: always the same one, or none. */
async function champion(registry: Registry): Promise<string | undefined> {
  const holder = (await registry.getModel(WS, 'm')).aliases.production;
  const standing = await every((page) => registry.listVersions(WS, 'm', page));
  const inProduction = standing.filter(({ stage }) => stage === 'Production').map(({ version }) => version);
  // Moving the alias alone puts its holder in Production; nobody else stands there.
  expect(inProduction).toEqual(holder === undefined ? [] : [holder]);
  return holder;
}

async function every<T>(
  list: (page: { cursor?: string }) => Promise<{ items: T[]; cursor?: string }>,
): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor === undefined ? {} : { cursor });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

/** The audit of `production`, oldest first: each record begins where the one before it ended. */
async function unbroken(registry: Registry): Promise<AliasAudit[]> {
  const all = await every((page) => registry.audit(WS, 'm', page));
  const moves = all.filter(({ alias }) => alias === 'production').reverse();
  for (const [i, move] of moves.entries()) expect(move.fromVersion).toBe(moves[i - 1]?.toVersion);
  return moves;
}

describe(`${RACERS} promotions at once, ${ROUNDS} rounds`, () => {
  it('that saw the same champion: one wins, the others learn that it moved, and one version is in production', async () => {
    const { calm, racing } = await model(RACERS + 1, 1);
    let held = '1';
    await calm.moveAlias(WS, {
      model: 'm',
      alias: 'production',
      version: held,
      actor: 'me',
      reason: 'first',
    });
    const winners = new Set<string>();
    for (let round = 1; round <= ROUNDS; round++) {
      const others = Array.from({ length: RACERS + 1 }, (_, i) => String(i + 1)).filter(
        (one) => one !== held,
      );
      const race = await Promise.allSettled(
        others.map((version) =>
          racing.moveAlias(WS, {
            model: 'm',
            alias: 'production',
            version,
            expectedVersion: held,
            actor: `racer-${version}`,
            reason: `round ${round}`,
          }),
        ),
      );
      expect(race).toHaveLength(RACERS);
      const won = others.filter((_, i) => race[i]?.status === 'fulfilled');
      const lost = race.flatMap((one) => (one.status === 'rejected' ? [one.reason.code as string] : []));
      expect(won, `round ${round}`).toHaveLength(1);
      expect(new Set(lost), `round ${round}`).toEqual(new Set(['ALIAS_MOVED']));
      held = won[0] as string;
      winners.add(held);
      expect(await champion(calm)).toBe(held);
    }
    const moves = await unbroken(calm);
    expect(moves).toHaveLength(ROUNDS + 1);
    expect(moves.at(-1)?.toVersion).toBe(held);
    // The race is one: not always the same caller is first.
    expect(winners.size).toBeGreaterThan(10);
    console.log(
      `promotions: ${ROUNDS * RACERS}, won ${ROUNDS}, refused ${ROUNDS * (RACERS - 1)}, winners ${winners.size}`,
    );
  });

  it('of every kind, with rollbacks, stages, archiving and takings away among them: never two champions, no record missing', async () => {
    const { calm, racing } = await model(RACERS + 1, 2);
    const by = { model: 'm', actor: 'me', reason: 'r' };
    const random = seededRandom(3);
    const kinds: ((version: string) => Promise<unknown>)[] = [
      (version) => racing.moveAlias(WS, { ...by, alias: 'production', version }),
      (version) => racing.transitionStage(WS, { ...by, version, stage: 'Production' }),
      (version) => racing.transitionStage(WS, { ...by, version, stage: 'Production', archiveExisting: true }),
      (version) => racing.transitionStage(WS, { ...by, version, stage: 'Archived' }),
      () => racing.rollback(WS, { ...by, alias: 'production' }),
      () => racing.deleteAlias(WS, { ...by, alias: 'production' }),
    ];
    const refused: Record<string, number> = {};
    let done = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const race = await Promise.allSettled(
        Array.from({ length: 10 }, () => {
          const kind = kinds[Math.floor(random() * kinds.length)] as (typeof kinds)[number];
          return kind(String(1 + Math.floor(random() * RACERS)));
        }),
      );
      for (const one of race) {
        if (one.status === 'fulfilled') done++;
        else refused[one.reason.code] = (refused[one.reason.code] ?? 0) + 1;
      }
      const holder = (await calm.getModel(WS, 'm')).aliases.production;
      const versions = await every((page) => calm.listVersions(WS, 'm', page));
      if (holder !== undefined) {
        expect(versions.find(({ version }) => version === holder)?.stage, `round ${round}`).toBe(
          'Production',
        );
      }
    }
    const moves = await unbroken(calm);
    expect(moves.at(-1)?.toVersion).toBe((await calm.getModel(WS, 'm')).aliases.production);
    // What is refused is refused by name: a conflict or nothing to go back to, never a defect.
    for (const code of Object.keys(refused))
      expect(['ALIAS_MOVED', 'NOTHING_TO_ROLL_BACK', 'CONFLICT', 'STAGE_MOVED']).toContain(code);
    expect(done).toBeGreaterThan(ROUNDS);
    console.log('mixed:', JSON.stringify({ done, refused, moves: moves.length }));
  });
});
