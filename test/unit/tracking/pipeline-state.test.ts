import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import { newRun, runId, SHA, type World, WS, world } from './helpers.ts';

const P = 'housing';

describe('PipelineState', () => {
  let w: World;
  beforeEach(async () => {
    w = world();
    for (let i = 1; i <= 4; i += 1) await w.runs.create(WS, newRun(runId(i), { pipeline: P }));
  });
  const acquire = (n: number) => w.state.acquire(WS, P, runId(n));

  it('gives the lock to one, and to the same one again', async () => {
    expect(await acquire(1)).toBe('acquired');
    expect(await acquire(1)).toBe('acquired');
    expect(await acquire(2)).toBe(`held by ${runId(1)}`);
    expect(await w.state.holder(WS, P)).toBe(runId(1));
    expect(await w.state.acquire(WS, 'student', runId(2))).toBe('acquired');
  });

  it('has one winner among racing runs', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(acquire));
    expect(results.filter((result) => result === 'acquired')).toHaveLength(1);
  });

  it('is released by its holder only', async () => {
    await acquire(1);
    await w.state.release(WS, P, runId(2));
    expect(await acquire(2)).toBe(`held by ${runId(1)}`);
    await w.state.release(WS, P, runId(1));
    await w.state.release(WS, P, runId(1));
    expect(await acquire(2)).toBe('acquired');
  });

  it('is taken over from a run that has ended', async () => {
    await acquire(1);
    await w.runs.finish(WS, runId(1), { status: 'FAILED' });
    const results = await Promise.all([2, 3].map(acquire));
    expect(results.filter((result) => result === 'acquired')).toHaveLength(1);
  });

  it('is taken over from an unknown run after a minute, not before', async () => {
    await w.state.acquire(WS, P, 'f'.repeat(32));
    expect(await acquire(1)).toBe(`held by ${'f'.repeat(32)}`);
    w.clock.advance(61_000);
    expect(await acquire(1)).toBe('acquired');
  });

  it('queues by time, then id, each run once', async () => {
    const first = await w.state.enqueue(WS, P, runId(3));
    await w.state.enqueue(WS, P, runId(1));
    expect(await w.state.enqueue(WS, P, runId(3))).toEqual(first);
    expect((await w.state.queue(WS, P)).map((entry) => entry.runId)).toEqual([runId(3), runId(1)]);
    expect(await w.state.queue(WS, 'student')).toEqual([]);
    expect((await w.state.dequeue(WS, P))!.runId).toBe(runId(3));
    expect((await w.state.dequeue(WS, P))!.runId).toBe(runId(1));
    expect(await w.state.dequeue(WS, P)).toBeUndefined();
    await w.state.enqueue(WS, P, runId(3));
    expect(await w.state.queue(WS, P)).toHaveLength(1);
  });

  it('gives each waiting run to one taker', async () => {
    for (const n of [1, 2, 3, 4]) await w.state.enqueue(WS, P, runId(n));
    const taken = await Promise.all(Array.from({ length: 6 }, () => w.state.dequeue(WS, P)));
    const ids = taken.filter((entry) => entry !== undefined).map((entry) => entry.runId);
    expect(new Set(ids).size).toBe(4);
    expect(ids).toHaveLength(4);
  });

  it('lets a run leave the queue', async () => {
    await w.state.enqueue(WS, P, runId(1));
    expect(await w.state.unqueue(WS, P, runId(2))).toBe(false);
    expect(await w.state.unqueue(WS, P, runId(1))).toBe(true);
    expect(await w.state.unqueue(WS, P, runId(1))).toBe(false);
    expect(await w.state.dequeue(WS, P)).toBeUndefined();
  });

  it('hands the lock to who waits longest; a repeat answers the same', async () => {
    await acquire(1);
    await w.state.enqueue(WS, P, runId(2));
    await w.state.enqueue(WS, P, runId(3));
    expect(await w.state.handOver(WS, P, runId(1))).toBe(runId(2));
    expect(await w.state.handOver(WS, P, runId(1))).toBe(runId(2));
    expect(await w.state.holder(WS, P)).toBe(runId(2));
    expect((await w.state.queue(WS, P)).map((entry) => entry.runId)).toEqual([runId(3)]);
    expect(await w.state.handOver(WS, P, runId(4))).toBeUndefined();
    expect(await w.state.handOver(WS, P, runId(2))).toBe(runId(3));
    expect(await w.state.handOver(WS, P, runId(3))).toBeUndefined();
    expect(await w.state.holder(WS, P)).toBeUndefined();
  });

  it('pauses and resumes', async () => {
    expect(await w.state.isPaused(WS, P)).toBe(false);
    await w.state.pauseSchedule(WS, P);
    await w.state.pauseSchedule(WS, P);
    expect(await w.state.isPaused(WS, P)).toBe(true);
    expect(await w.state.isPaused('other', P)).toBe(false);
    await w.state.resumeSchedule(WS, P);
    await w.state.resumeSchedule(WS, P);
    expect(await w.state.isPaused(WS, P)).toBe(false);
  });

  it('remembers the source and the last results', async () => {
    expect(await w.state.getSource(WS, P)).toBeUndefined();
    const source = {
      key: `${WS}/raw/${SHA}`,
      sha256: SHA,
      fileName: 'a.csv',
      bytes: 3,
      pushedAt: 'now',
      synthetic: false as const,
    };
    await w.state.setSource(WS, P, source);
    expect(await w.state.getSource(WS, P)).toEqual(source);
    const last = { outputs: { p: 1e-300 }, runId: runId(1), contentKey: SHA };
    await w.state.setLast(WS, P, 'clean', last);
    expect(await w.state.getLast(WS, P, 'clean')).toEqual(last);
    expect(await w.state.getLast(WS, P, 'train')).toBeUndefined();
  });

  it('refuses names that could leave their place', async () => {
    for (const name of ['a#b', 'A', '', '../x', 'x'.repeat(64), 'ü', '__proto__'.repeat(9)]) {
      await expect(w.state.acquire(WS, name, runId(1))).rejects.toThrow(InvalidInputError);
      await expect(w.state.queue(WS, name)).rejects.toThrow(InvalidInputError);
    }
  });
});
