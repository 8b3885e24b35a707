import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuardWatch } from '../../../lib/serving/traffic/guard-watch.ts';
import { hashOfKey, pickArm, place } from '../../../lib/serving/traffic/pick.ts';
import type { PredictionEntry } from '../../../lib/serving/types.ts';
import { judgeGuard, judgeVersion } from '../../../lib/tracking/splits/guard.ts';
import { versionReports } from '../../../lib/tracking/splits/report.ts';
import type { SplitGuard } from '../../../lib/tracking/splits/types.ts';
import type { PredictionFacts } from '../../../lib/tracking/types.ts';

const MINUTE = 60_000;

describe('the arm of a key', () => {
  const text = fc.string({ unit: 'grapheme' });
  /** Two to six whole weights that sum to 100; some may be 0. */
  const weights = fc.array(fc.nat(100), { minLength: 1, maxLength: 5 }).map((cuts) => {
    const ends = [...cuts.toSorted((a, b) => a - b), 100];
    return ends.map((end, i) => end - (ends[i - 1] ?? 0));
  });
  const arms = (of: readonly number[]) => of.map((weight, i) => ({ version: String(i + 1), weight }));

  it('is always the same, and never one without weight', () => {
    fc.assert(
      fc.property(weights, text, text, (of, seed, key) => {
        const arm = pickArm(arms(of), seed, key);
        expect(pickArm(arms(of), seed, key)).toEqual(arm);
        expect(arm.weight).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('is the one whose part of 0 to 100 its place lies in', () => {
    fc.assert(
      fc.property(weights, text, text, (of, seed, key) => {
        const at = 100 * place(seed, key);
        const { version } = pickArm(arms(of), seed, key);
        const from = of.slice(0, Number(version) - 1).reduce((sum, weight) => sum + weight, 0);
        expect(at).toBeGreaterThanOrEqual(from);
        expect(at).toBeLessThan(from + of[Number(version) - 1]!);
      }),
      { numRuns: 500 },
    );
  });

  it('of two stays, but for those who go to the one that grows: no more than must', () => {
    const keys = Array.from({ length: 400 }, (_, i) => `caller ${i}`);
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), text, (before, after, seed) => {
        const version = (key: string, weight: number) =>
          pickArm(arms([100 - weight, weight]), seed, key).version;
        const moved = keys.filter((key) => version(key, before) !== version(key, after));
        // All of them lie between the two borders, and all that lie there move.
        const [low, high] = [100 - Math.max(before, after), 100 - Math.min(before, after)];
        const between = keys.filter((key) => {
          const at = 100 * place(seed, key);
          return at >= low && at < high;
        });
        expect(moved).toEqual(between);
        expect(moved.every((key) => version(key, after) === (after > before ? '2' : '1'))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('uses all bits of its hash: places differ where keys or seeds do', () => {
    fc.assert(
      fc.property(text, text, text, (seed, key, other) => {
        fc.pre(key !== other);
        expect(place(seed, key)).not.toBe(place(seed, other));
        expect(hashOfKey(key)).not.toBe(hashOfKey(other));
        expect((place(seed, key) * 2 ** 48) % 1).toBe(0);
      }),
    );
    // 1,000 places in 64 parts, so that no bit stands still.
    const parts = new Set(Array.from({ length: 1_000 }, (_, i) => Math.floor(64 * place('s', `k${i}`))));
    expect(parts.size).toBe(64);
  });
});

const attempt = fc.record({
  /** Seconds since the one before. */
  wait: fc.nat(400),
  version: fc.constantFrom('2', '3'),
  latencyMs: fc.constantFrom(5, 80, 300),
  cold: fc.boolean(),
  failed: fc.boolean(),
  role: fc.constantFrom('challenger' as const, 'champion' as const, 'failed over' as const),
  revision: fc.constantFrom(4, 4, 4, 5),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;
const guard: fc.Arbitrary<SplitGuard> = fc.record({
  maxErrorRate: fc.constantFrom(0, 0.2, 0.5),
  maxLatencyMs: fc.constantFrom(50, 200),
  minRequests: fc.integer({ min: 1, max: 6 }),
  windowMinutes: fc.integer({ min: 1, max: 30 }),
});

function entryOf({ version, latencyMs, cold, failed, role, revision }: Attempt, i: number, at: number) {
  const error = failed ? { error: { code: 'INTERNAL' } } : {};
  const own = { version, latencyMs, ...(cold && { cold }), ...error };
  const answer =
    role === 'failed over'
      ? {
          version: '1',
          latencyMs: 3,
          arm: 'champion' as const,
          failedOver: { ...own, error: { code: 'INTERNAL' } },
        }
      : { ...own, arm: role };
  return {
    requestId: `request-${i}`,
    model: 'm',
    at: new Date(at).toISOString(),
    count: 1,
    splitRevision: revision,
    ...answer,
  } satisfies PredictionFacts;
}

describe('the guard of a process', () => {
  it('finds what the monitor would find in the same requests of the window, as soon as one is bad', () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), guard, (all, bounds) => {
        const watch = new GuardWatch();
        const watched = { workspace: 'w', model: 'm', revision: 4, guard: bounds };
        const facts: (PredictionFacts & { time: number })[] = [];
        let now = 0;
        for (const [i, one] of all.entries()) {
          now += one.wait * 1000;
          const entry = entryOf(one, i, now);
          facts.push({ ...entry, time: now });
          const found = watch.breach(watched, entry as unknown as PredictionEntry, now);
          const recent = facts.filter(({ time }) => time >= now - bounds.windowMinutes * MINUTE);
          const judged = judgeGuard(recent, bounds, 4);
          const counts = one.revision === 4 && one.role !== 'champion';
          const bad = one.failed || one.role === 'failed over' || one.latencyMs > bounds.maxLatencyMs;
          const own = counts && bad ? judged.find(({ version }) => version === one.version) : undefined;
          expect(found).toEqual(own?.breach === undefined ? undefined : own);
        }
      }),
      { numRuns: 300 },
    );
  });

  const bad = (version: '2' | '3'): PredictionEntry =>
    entryOf(
      { wait: 0, version, latencyMs: 5, cold: false, failed: true, role: 'challenger', revision: 4 },
      0,
      0,
    ) as unknown as PredictionEntry;
  const good = { ...bad('2'), error: undefined } as unknown as PredictionEntry;
  const bounds: SplitGuard = { maxErrorRate: 0.5, maxLatencyMs: 100, minRequests: 2, windowMinutes: 10 };

  it('holds no more than 10,000 requests of a version, and forgets the oldest first', () => {
    const watch = new GuardWatch();
    const watched = { workspace: 'w', model: 'm', revision: 4, guard: bounds };
    for (let i = 0; i < 10_000; i++) watch.breach(watched, good, 0);
    // With this one the oldest 5,000 go: what is judged is what is held.
    const strict = { ...watched, guard: { ...bounds, maxErrorRate: 0 } };
    expect(watch.breach(strict, bad('2'), 1)).toMatchObject({ requests: 5_001, errors: 1 });
  });

  it('looks at no more than 100 models at once, and keeps those it has while none is new', () => {
    const watch = new GuardWatch();
    const of = (model: string) => ({ workspace: 'w', model, revision: 4, guard: bounds });
    for (let i = 0; i < 100; i++) watch.breach(of(`m${i}`), bad('2'), 0);
    expect(watch.breach(of('m0'), bad('2'), 0)).toMatchObject({ requests: 2 });
    // One more makes room for itself: the others begin anew, and are judged by what comes from then on.
    watch.breach(of('new'), bad('2'), 0);
    expect(watch.breach(of('m1'), bad('2'), 0)).toBeUndefined();
    expect(watch.breach(of('new'), bad('2'), 0)).toMatchObject({ requests: 2 });
  });
});

describe('a judgement', () => {
  const attempts = fc.array(attempt, { minLength: 1, maxLength: 40 }).map((all) =>
    all.map(({ latencyMs, cold, failed }) => ({
      version: '2',
      latencyMs,
      ...(cold && { cold }),
      ...(failed && { error: { code: 'INTERNAL' } }),
    })),
  );

  it('does not depend on the order of requests', () => {
    fc.assert(
      fc.property(attempts, guard, (all, bounds) => {
        expect(judgeVersion('2', all.toReversed(), bounds)).toEqual(judgeVersion('2', all, bounds));
      }),
    );
  });

  it('is a breach exactly where enough requests pass a bound, and looser bounds never make one', () => {
    fc.assert(
      fc.property(attempts, guard, (all, bounds) => {
        const { breach, errorRate, p95LatencyMs, requests } = judgeVersion('2', all, bounds);
        const warm = all.filter((one) => !one.cold && !one.error);
        const failing = requests >= bounds.minRequests && errorRate > bounds.maxErrorRate;
        const slow = warm.length >= bounds.minRequests && (p95LatencyMs ?? 0) > bounds.maxLatencyMs;
        expect(breach !== undefined).toBe(failing || slow);
        // At most a twentieth of the warm answers took longer than the 95th percentile, and more than that took as long.
        const longer = warm.filter((one) => one.latencyMs > (p95LatencyMs ?? 0)).length;
        expect(longer).toBeLessThanOrEqual(0.05 * warm.length);
        const looser = { ...bounds, maxErrorRate: 1, maxLatencyMs: 300 };
        expect(judgeVersion('2', all, looser).breach).toBeUndefined();
      }),
    );
  });
});

describe('versions side by side', () => {
  it('count every attempt once, whatever the order of requests', () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), (all) => {
        const facts = all.map((one, i) => entryOf(one, i, i));
        const reports = versionReports(facts);
        const attempts = all.length + all.filter(({ role }) => role === 'failed over').length;
        expect(reports.reduce((sum, { requests }) => sum + requests, 0)).toBe(attempts);
        expect(versionReports(facts.toReversed())).toEqual(reports);
        for (const { requests, errors, errorRate, latencyMs } of reports) {
          expect(errors).toBeLessThanOrEqual(requests);
          expect(errorRate).toBe(errors / requests);
          if (latencyMs !== null) {
            expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p95);
            expect(latencyMs.p95).toBeLessThanOrEqual(latencyMs.p99);
          }
        }
      }),
    );
  });
});
