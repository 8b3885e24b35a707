import { beforeEach, describe, expect, it } from 'vitest';
import {
  judgeGuard,
  type PredictionFacts,
  type PredictionRecord,
  SPLIT_REVERTED_EVENT,
  versionReports,
  watchSplit,
} from '../../../../lib/tracking/index.ts';
import { MemoryBus } from '../../../support/memory.ts';
import { type World, WS, withVersions, world } from '../helpers.ts';

const guard = { maxErrorRate: 0.1, maxLatencyMs: 50, minRequests: 10, windowMinutes: 15 };
const error = { code: 'MODEL_FILE_BROKEN' };
let count = 0;
const fact = (more: Partial<PredictionFacts> = {}): PredictionFacts => ({
  requestId: `r${count++}`,
  model: 'm',
  version: '2',
  at: '2026-03-01T12:00:00.000Z',
  count: 1,
  latencyMs: 5,
  splitRevision: 7,
  arm: 'challenger',
  ...more,
});
const times = (n: number, more: Partial<PredictionFacts> = {}) => Array.from({ length: n }, () => fact(more));
const failing = { failedOver: { version: '2', latencyMs: 1, error }, version: '1', arm: 'champion' as const };

describe('judgeGuard', () => {
  it('finds nothing in a version that keeps within its bounds', () => {
    const found = judgeGuard([...times(18), ...times(2, failing)], guard, 7);
    expect(found).toEqual([{ version: '2', requests: 20, errors: 2, errorRate: 0.1, p95LatencyMs: 5 }]);
  });

  it('finds a share of failures above its bound, of those that the champion answered in its place too', () => {
    const found = judgeGuard([...times(17), ...times(2, failing), fact({ error })], guard, 7);
    expect(found[0]?.breach).toBe('version 2 failed 3 of 20 requests (15 %); 10 % is the most');
  });

  it('finds a 95th percentile above its bound: one slow answer in twenty is not', () => {
    expect(judgeGuard([...times(19), fact({ latencyMs: 900 })], guard, 7)[0]?.breach).toBeUndefined();
    const [found] = judgeGuard([...times(18), ...times(2, { latencyMs: 60.126 })], guard, 7);
    expect(found).toMatchObject({ p95LatencyMs: 60.126 });
    expect(found?.breach).toBe('version 2 took 60.13 ms (95th percentile of 20 requests); 50 ms is the most');
  });

  it('judges no latency by what loaded a model, or by a failure', () => {
    const cold = times(30, { latencyMs: 5_000, cold: true });
    expect(judgeGuard([...times(10), ...cold], guard, 7)[0]).toEqual({
      version: '2',
      requests: 40,
      errors: 0,
      errorRate: 0,
      p95LatencyMs: 5,
    });
    expect(judgeGuard(cold, guard, 7)[0]?.p95LatencyMs).toBeNull();
  });

  it('judges nothing by fewer requests than asked for', () => {
    expect(judgeGuard(times(9, failing), guard, 7)[0]).toMatchObject({ errorRate: 1 });
    expect(judgeGuard(times(9, failing), guard, 7)[0]?.breach).toBeUndefined();
    expect(judgeGuard(times(10, failing), guard, 7)[0]?.breach).toBeDefined();
    expect(judgeGuard(times(9, { latencyMs: 99 }), guard, 7)[0]?.breach).toBeUndefined();
  });

  it('judges neither the champion, nor another split, nor a caller who named the version', () => {
    const champion = times(20, { version: '1', arm: 'champion', error, latencyMs: 900 });
    const before = times(20, { splitRevision: 6, error });
    const named = times(20, { splitRevision: undefined, arm: undefined, error });
    expect(judgeGuard([...champion, ...before, ...named], guard, 7)).toEqual([]);
  });

  it('judges each challenger by itself', () => {
    const found = judgeGuard([...times(20), ...times(20, { version: '10', error })], guard, 7);
    expect(found.map(({ version, breach }) => [version, breach !== undefined])).toEqual([
      ['2', false],
      ['10', true],
    ]);
  });
});

describe('versionReports', () => {
  it('puts versions side by side, shadows last', () => {
    const facts = [
      ...Array.from({ length: 100 }, (_, i) => fact({ latencyMs: i + 1, count: 2 })),
      fact({ version: '10', cold: true, latencyMs: 4_000 }),
      fact({
        ...failing,
        shadows: [
          { version: '2', latencyMs: 3 },
          { version: '3', latencyMs: 9, error },
        ],
      }),
    ];
    expect(versionReports(facts)).toEqual([
      {
        version: '1',
        shadow: false,
        requests: 1,
        rows: 1,
        errors: 0,
        errorRate: 0,
        latencyMs: { p50: 5, p95: 5, p99: 5 },
      },
      {
        version: '2',
        shadow: false,
        requests: 101,
        rows: 200,
        errors: 1,
        errorRate: 1 / 101,
        latencyMs: { p50: 50, p95: 95, p99: 99 },
      },
      { version: '10', shadow: false, requests: 1, rows: 1, errors: 0, errorRate: 0, latencyMs: null },
      {
        version: '2',
        shadow: true,
        requests: 1,
        rows: 1,
        errors: 0,
        errorRate: 0,
        latencyMs: { p50: 3, p95: 3, p99: 3 },
      },
      { version: '3', shadow: true, requests: 1, rows: 0, errors: 1, errorRate: 1, latencyMs: null },
    ]);
  });

  it('counts requests from before latencies were kept', () => {
    const { latencyMs: _, ...old } = fact();
    expect(versionReports([old])).toMatchObject([{ requests: 1, latencyMs: null }]);
  });
});

describe('watchSplit', () => {
  let w: World;
  let events: MemoryBus;
  const by = { model: 'm', actor: 'ana', reason: 'r' };
  const arms = [
    { version: '1', weight: 50 },
    { version: '2', weight: 50 },
  ];
  const watch = () => watchSplit({ splits: w.splits, predictions: w.log, events, clock: w.clock }, WS, 'm');
  beforeEach(async () => {
    w = world();
    events = new MemoryBus();
    await withVersions(w, 2);
    await w.registry.moveAlias(WS, { ...by, alias: 'production', version: '1' });
  });
  const begin = () => w.splits.set(WS, { ...by, split: { kind: 'blue-green', arms, guard } });
  const log = async (n: number, more: Partial<PredictionRecord>) => {
    for (let i = 0; i < n; i++) {
      const { count: _, shadows: __, ...record } = fact({ at: w.clock.now().toISOString() });
      await w.log.record(WS, { ...record, rows: [{}], predictions: [], ...more });
    }
  };

  it('reverts by what all processes logged, once, and publishes it once', async () => {
    const { revision } = await begin();
    await log(9, { splitRevision: revision, error });
    expect(await watch()).toMatchObject({ reverted: false, published: false, split: { state: 'running' } });
    await log(1, { splitRevision: revision, error });
    const reason = 'version 2 failed 10 of 10 requests (100 %); 10 % is the most';
    expect(await watch()).toMatchObject({
      reverted: true,
      published: true,
      split: { state: 'reverted', revertedReason: reason, revision: revision + 1 },
      versions: [{ version: '2', breach: reason }],
    });
    expect(events.events).toEqual([
      {
        detailType: SPLIT_REVERTED_EVENT,
        detail: {
          workspace: WS,
          model: 'm',
          revision: revision + 1,
          kind: 'blue-green',
          arms,
          reason,
          at: expect.any(String),
        },
      },
    ]);
    expect(await watch()).toMatchObject({ reverted: false, published: false, split: { state: 'reverted' } });
    expect(events.events).toHaveLength(1);
  });

  it('publishes a revert that another made, and again where it is not known to be done', async () => {
    const { revision } = await begin();
    await w.splits.revert(WS, { ...by, revision });
    const failing = { publish: async () => Promise.reject(new Error('bus')) };
    const deps = { splits: w.splits, predictions: w.log, clock: w.clock };
    await expect(watchSplit({ ...deps, events: failing }, WS, 'm')).rejects.toThrow('bus');
    expect(await watch()).toMatchObject({ reverted: false, published: true });
    expect(events.events).toHaveLength(1);
  });

  it('looks no further back than its window, and at no split before', async () => {
    const { revision } = await begin();
    await log(20, { splitRevision: revision, error });
    w.clock.advance(16 * 60_000);
    expect((await watch()).reverted).toBe(false);
    await log(20, { splitRevision: revision - 1, error });
    expect((await watch()).reverted).toBe(false);
  });

  it('does nothing without a split, or without a guard', async () => {
    const nothing = { reverted: false, published: false, versions: [] };
    expect(await watch()).toEqual({ ...nothing, split: null });
    const split = await w.splits.set(WS, { ...by, split: { kind: 'ab', arms } });
    await log(50, { splitRevision: split.revision, error });
    expect(await watch()).toEqual({ ...nothing, split });
  });
});
