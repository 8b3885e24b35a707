import { describe, expect, it } from 'vitest';
import { pollOnce } from '../../../../lib/pipeline/collect/poll.ts';
import { runIdOf } from '../../../../lib/pipeline/control/start.ts';
import { collectingWorld, noMore, P, sampleOf, scripted, WS } from '../../../support/collecting.ts';
import { CrashError } from '../../../support/memory.ts';

const stored = (n: number) => Array.from({ length: n }, (_, batch) => sampleOf(batch, batch));

/** What must be the same however often a poll was cut off: not times, not how many polls there were. */
async function facts(world: ReturnType<typeof collectingWorld>) {
  const { collection, runs } = world.deps;
  const state = await collection.state(WS, P);
  const rounds = await collection.rounds(WS, P, 10);
  const all = await Promise.all(
    Array.from({ length: state.round }, (_, i) => collection.subsets(WS, P, i + 1)),
  );
  return {
    ...state,
    openedAt: undefined,
    rounds: rounds.map(({ round, state: how, subsets, rows, runId }) => ({
      round,
      how,
      subsets,
      rows,
      runId,
    })),
    subsets: all.flat().map(({ round, batch, sha256, rows }) => ({ round, batch, sha256, rows })),
    due: await collection.startsDue(WS, P),
    runs: (await runs.list(WS, { pipeline: P })).items.map(({ runId, status }) => [runId, status]),
    executions: [...world.executions.all.keys()],
    objects: world.objects.keys(),
  };
}

const cases = [
  { name: 'the first subset', before: [], brings: sampleOf(0, 0) },
  { name: 'a subset in the middle', before: stored(1), brings: sampleOf(1, 1) },
  { name: 'the subset that fills the round and starts its run', before: stored(2), brings: sampleOf(2, 2) },
  { name: 'the end of a source that leaves a round short', before: stored(2), brings: noMore() },
];

describe.each(cases)('a poll that brings $name', ({ before, brings }) => {
  const make = async () => {
    const world = collectingWorld(scripted([...before, brings]));
    for (const _ of before) await pollOnce(world.deps, WS, P);
    return world;
  };

  it('ends the same after a crash before or after each of its writes', async () => {
    const whole = await make();
    const from = whole.items.writes;
    await pollOnce(whole.deps, WS, P);
    const wanted = await facts(whole);
    const writes = whole.items.writes - from;
    expect(writes).toBeGreaterThan(1);
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= writes; at++) {
        const world = await make();
        world.items.failWrite({ at, mode });
        await expect(pollOnce(world.deps, WS, P), `${mode} write ${at}`).rejects.toThrow(CrashError);
        await pollOnce(world.deps, WS, P);
        // One more, as there always is: what a crash left due is started by the next poll.
        await pollOnce(world.deps, WS, P);
        expect(await facts(world), `${mode} write ${at}`).toEqual(wanted);
      }
    }
  });
});

describe('a crash between storing the rows and recording them', () => {
  it('leaves the rows that were stored, not those of the next sample', async () => {
    const world = collectingWorld(scripted([sampleOf(0, 1), sampleOf(0, 2)]));
    world.items.failWrite({ at: 1, mode: 'before' });
    await expect(pollOnce(world.deps, WS, P)).rejects.toThrow(CrashError);
    expect(world.objects.keys()).toHaveLength(1);
    expect(await world.deps.collection.subsets(WS, P, 1)).toEqual([]);
    expect((await pollOnce(world.deps, WS, P)).outcome).toBe('stored');
    const [subset] = await world.deps.collection.subsets(WS, P, 1);
    const bytes = await world.objects.get(subset!.key);
    expect(String(Buffer.from(bytes))).toBe('[1,1,"yes"]\n[1,2,"no"]\n');
    expect(subset).toMatchObject({ rows: 2 });
  });

  it('leaves nothing where not even the rows were stored', async () => {
    const world = collectingWorld(scripted([sampleOf(0, 1), sampleOf(0, 2)]));
    const { putIfAbsent } = world.objects;
    world.objects.putIfAbsent = async () => {
      world.objects.putIfAbsent = putIfAbsent;
      throw new CrashError('before the rows');
    };
    await expect(pollOnce(world.deps, WS, P)).rejects.toThrow(CrashError);
    expect((await pollOnce(world.deps, WS, P)).outcome).toBe('stored');
    const [subset] = await world.deps.collection.subsets(WS, P, 1);
    expect(String(Buffer.from(await world.objects.get(subset!.key)))).toContain('[2,1,"yes"]');
  });
});

describe('collectors that race', () => {
  it('store a batch once and start a round once', async () => {
    const world = collectingWorld(
      scripted([sampleOf(0), sampleOf(0, 1), sampleOf(1), sampleOf(1, 1), sampleOf(2)]),
    );
    const polls = await Promise.all(Array.from({ length: 12 }, () => pollOnce(world.deps, WS, P)));
    expect(polls.filter(({ outcome }) => outcome === 'stored')).toHaveLength(3);
    expect(await world.deps.collection.state(WS, P)).toMatchObject({ round: 2, stored: 0 });
    expect((await world.deps.runs.list(WS, { pipeline: P })).items.map(({ runId }) => runId)).toEqual([
      runIdOf(WS, P, 'round:1'),
    ]);
    expect(world.executions.all.size).toBe(1);
  });
});
