import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { GuardWatch, type Watched } from '../../../../lib/serving/traffic/guard-watch.ts';
import type { PredictionEntry } from '../../../../lib/serving/types.ts';
import { judgeVersion } from '../../../../lib/tracking/splits/guard.ts';
import type { VersionAttempt } from '../../../../lib/tracking/types.ts';

const guard = { maxErrorRate: 0.2, maxLatencyMs: 50, minRequests: 5, windowMinutes: 10 };
const watched = (more: Partial<Watched> = {}): Watched => ({
  workspace: 'w',
  model: 'housing',
  revision: 3,
  guard,
  ...more,
});
const MINUTE = 60_000;
/** What a challenger answered, of the split's third revision. */
const answer = (more: object = {}): PredictionEntry =>
  ({
    version: '2',
    splitRevision: 3,
    arm: 'challenger',
    latencyMs: 1,
    ...more,
  }) as unknown as PredictionEntry;
const failure = (more: object = {}) => answer({ error: { code: 'INTERNAL_ERROR' }, ...more });

let watch: GuardWatch;
beforeEach(() => {
  watch = new GuardWatch();
});

/** Takes the same request in so often, and tells which one was the first breach, counted from 1. */
function firstBreach(entry: PredictionEntry, times: number, of = watched(), now = 0): number | undefined {
  for (let i = 1; i <= times; i++) if (watch.breach(of, entry, now) !== undefined) return i;
  return undefined;
}

describe('the guard within a process', () => {
  it('judges from the smallest number of requests on, no sooner', () => {
    expect(firstBreach(failure(), 10)).toBe(5);
  });

  it('tells the version, and what it did', () => {
    for (let i = 0; i < 4; i++) watch.breach(watched(), answer(), 0);
    expect(watch.breach(watched(), failure(), 0)).toBeUndefined();
    expect(watch.breach(watched(), failure(), 0)).toMatchObject({
      version: '2',
      requests: 6,
      errors: 2,
      breach: expect.stringContaining('failed 2 of 6 requests'),
    });
  });

  it('does not count the champion, another revision, or the load of a model as slow', () => {
    expect(firstBreach(failure({ arm: 'champion', version: '1' }), 10)).toBeUndefined();
    expect(firstBreach(failure({ splitRevision: 2 }), 10)).toBeUndefined();
    expect(firstBreach(answer({ latencyMs: 900, cold: true }), 10)).toBeUndefined();
    expect(firstBreach(answer({ latencyMs: 51 }), 4)).toBeUndefined();
  });

  it('counts what a champion answered in place of a challenger that failed', () => {
    const failedOver = { version: '2', latencyMs: 1, error: { code: 'MODEL_FILE_BROKEN' } };
    expect(firstBreach(answer({ arm: undefined, version: '1', failedOver }), 10)).toBe(5);
  });

  it('forgets what is out of its window, to the minute', () => {
    for (let i = 0; i < 4; i++) watch.breach(watched(), failure(), 0);
    // On its edge the first four still count; a moment later they are gone, and it is one failure of one.
    const edge = new GuardWatch();
    for (let i = 0; i < 4; i++) edge.breach(watched(), failure(), 0);
    expect(edge.breach(watched(), failure(), 10 * MINUTE)).toMatchObject({ requests: 5 });
    expect(watch.breach(watched(), failure(), 10 * MINUTE + 1)).toBeUndefined();
    for (let i = 0; i < 3; i++) expect(watch.breach(watched(), failure(), 11 * MINUTE)).toBeUndefined();
    expect(watch.breach(watched(), failure(), 11 * MINUTE)).toMatchObject({ requests: 5, errors: 5 });
  });

  it('begins anew with a changed split, and keeps models and workspaces apart', () => {
    for (let i = 0; i < 4; i++) watch.breach(watched(), failure(), 0);
    expect(watch.breach(watched({ model: 'iris' }), failure(), 0)).toBeUndefined();
    expect(watch.breach(watched({ workspace: 'x' }), failure(), 0)).toBeUndefined();
    expect(watch.breach(watched({ revision: 4 }), failure({ splitRevision: 4 }), 0)).toBeUndefined();
    // The old revision's four were dropped with the change.
    expect(watch.breach(watched(), failure(), 0)).toBeUndefined();
  });

  it('keeps a bounded number of requests, the newest, and goes on judging', () => {
    // Of 10,001 half is dropped; of the 5,001 that stay and 1,250 failures after them the rate is just below the bound.
    for (let i = 0; i < 10_001; i++) watch.breach(watched(), answer(), 0);
    expect(firstBreach(failure(), 2_000)).toBe(1_251);
  });

  it('finds what a judgement of all that it took in finds, whatever that was', () => {
    const attempt = fc.record({
      latencyMs: fc.integer({ min: 45, max: 55 }),
      cold: fc.boolean(),
      failed: fc.boolean(),
    });
    const bounds = fc.record({
      maxErrorRate: fc.constantFrom(0, 0.05, 0.2, 0.5, 1),
      maxLatencyMs: fc.integer({ min: 45, max: 55 }),
      minRequests: fc.integer({ min: 1, max: 60 }),
      windowMinutes: fc.constant(10),
    });
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 1, maxLength: 120 }), bounds, (attempts, own) => {
        const fresh = new GuardWatch();
        const seen: VersionAttempt[] = [];
        for (const { latencyMs, cold, failed } of attempts) {
          const entry = { latencyMs, ...(cold && { cold }), ...(failed && { error: { code: 'X' } }) };
          seen.push({ version: '2', ...entry } as VersionAttempt);
          const found = fresh.breach(watched({ guard: own }), answer(entry), 0);
          const suspect = failed || latencyMs > own.maxLatencyMs;
          const judged = judgeVersion('2', seen, own);
          expect(found).toEqual(suspect && judged.breach !== undefined ? judged : undefined);
        }
      }),
    );
  });
});
