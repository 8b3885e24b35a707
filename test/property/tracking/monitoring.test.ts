import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countNew } from '../../../lib/serving/monitor/count.ts';
import { ConditionFailedError } from '../../../lib/store/errors.ts';
import { collect } from '../../../lib/store/paging.ts';
import { partition } from '../../../lib/tracking/keys.ts';
import {
  Feedback,
  type LabelsChange,
  metricsOf,
  Traffic,
  WatchStates,
} from '../../../lib/tracking/monitoring/index.ts';
import { latencyAt, latencyBin } from '../../../lib/tracking/monitoring/latency.ts';
import { addLabels, addTraffic, labelSums, noTraffic } from '../../../lib/tracking/monitoring/sums.ts';
import type { LabelSums } from '../../../lib/tracking/monitoring/types.ts';
import { versionReports } from '../../../lib/tracking/splits/report.ts';
import type { PredictionFacts, PredictionRecord } from '../../../lib/tracking/types.ts';
import { WS, world } from '../../unit/tracking/helpers.ts';

const MODEL = 'm';
const HOUR = 3_600_000;
const START = Date.parse('2026-03-01T00:00:00.000Z');
const classes = fc.constantFrom('a', 'b', 'c');

describe('labels of a request', () => {
  const rows = 6;
  const record = (task: 'classification' | 'regression'): PredictionRecord => ({
    requestId: 'request-1',
    model: MODEL,
    version: '1',
    at: new Date(START).toISOString(),
    rows: Array<object>(rows).fill({}),
    predictions: Array.from({ length: rows }, (_, i) => ({
      prediction: task === 'regression' ? i : 'abc'[i % 3]!,
    })),
  });
  const call = <T>(label: fc.Arbitrary<T>) =>
    fc.uniqueArray(fc.tuple(fc.nat(rows - 1), label), {
      minLength: 1,
      maxLength: rows,
      selector: ([row]) => row,
    });
  const calls = <T>(label: fc.Arbitrary<T>) => fc.array(call(label), { minLength: 1, maxLength: 8 });

  /** What all changes that were written say together. */
  async function told(w: ReturnType<typeof world>): Promise<LabelSums> {
    const found = await collect(w.items, { pk: partition.feedback(WS, MODEL), index: 'gsi1' });
    const changes = found.map((item) => JSON.parse(item.change as string) as LabelsChange);
    return changes.reduce<LabelSums>((sum, { sums }) => addLabels(sum, sums), { labels: 0 });
  }
  const joined = (task: 'classification' | 'regression', labels: Record<string, string | number | boolean>) =>
    Object.entries(labels).reduce<LabelSums>(
      (sum, [row, label]) =>
        addLabels(sum, labelSums(task, record(task).predictions[Number(row)]!.prediction, label)),
      { labels: 0 },
    );

  it('count as the last label of each row, however often it was corrected or sent again', async () => {
    await fc.assert(
      fc.asyncProperty(calls(classes), async (all) => {
        const w = world();
        const feedback = new Feedback(w.items, w.clock);
        const last: Record<number, string> = {};
        for (const one of all) {
          const before = { ...last };
          const given = new Map(one);
          const result = await feedback.give(WS, record('classification'), 'classification', given);
          Object.assign(last, Object.fromEntries(one));
          const fresh = one.filter(([row]) => before[row] === undefined).length;
          const same = one.filter(([row, label]) => before[row] === label).length;
          expect(result).toEqual({ accepted: fresh, unchanged: same, corrected: one.length - fresh - same });
          const dump = w.items.dump();
          const again = await feedback.give(WS, record('classification'), 'classification', given);
          expect(w.items.dump()).toEqual(dump);
          expect(again).toEqual({ accepted: 0, corrected: 0, unchanged: one.length });
        }
        expect(await feedback.labels(WS, 'request-1')).toEqual(last);
        expect(await told(w)).toEqual(joined('classification', last));
      }),
      { numRuns: 60 },
    );
  });

  it('are kept for 60 days from when they came, both what they are and what they changed', async () => {
    const w = world();
    const label = new Map([[0, 'a']]);
    await new Feedback(w.items, w.clock).give(WS, record('classification'), 'classification', label);
    const found = w.items.dump().filter((item) => item.ttl !== undefined);
    const end = Date.parse('2026-03-01T12:00:00.000Z') / 1000 + 60 * 86_400;
    expect(found.map(({ ttl }) => ttl)).toEqual([end, end]);
  });

  it('do so too where callers label at once: each change is the difference to what it found', async () => {
    await fc.assert(
      fc.asyncProperty(calls(fc.integer({ min: -9, max: 9 })), async (all) => {
        const w = world();
        const feedback = new Feedback(w.items, w.clock);
        await Promise.all(
          all.map((one) => feedback.give(WS, record('regression'), 'regression', new Map(one))),
        );
        const held = await feedback.labels(WS, 'request-1');
        for (const [row, label] of Object.entries(held)) {
          expect(all.some((one) => one.some(([at, given]) => at === Number(row) && given === label))).toBe(
            true,
          );
        }
        expect(new Set(Object.keys(held))).toEqual(
          new Set(all.flatMap((one) => one.map(([row]) => String(row)))),
        );
        const [found, expected] = [await told(w), joined('regression', held)];
        for (const name of Object.keys(expected) as (keyof LabelSums)[]) {
          expect(found[name]).toBeCloseTo(expected[name]!, 6);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Counts from where it was counted to last. */
const count = async ({ items }: Pick<ReturnType<typeof world>, 'items'>, until: string) =>
  countNew({ items }, WS, MODEL, await new WatchStates(items).read(WS, MODEL), until);

describe('what is counted of a log', () => {
  const error = fc.constantFrom(undefined, { code: 'INTERNAL' });
  const one = fc.record({
    minute: fc.nat(47 * 60),
    version: fc.constantFrom('1', '2'),
    rows: fc.integer({ min: 1, max: 5 }),
    latencyMs: fc.option(fc.double({ min: 0.01, max: 5_000, noNaN: true }), { nil: undefined }),
    error,
    failedOver: fc.constantFrom(undefined, { version: '3', latencyMs: 7, error: { code: 'INTERNAL' } }),
    shadow: fc.constantFrom(
      undefined,
      { version: '4', latencyMs: 3 },
      { version: '4', latencyMs: 3, error: { code: 'INTERNAL' } },
    ),
    /** Whether the monitor looks before it is logged. */
    look: fc.boolean(),
  });
  type One = typeof one extends fc.Arbitrary<infer T> ? T : never;

  async function log(w: ReturnType<typeof world>, given: One, i: number) {
    const at = new Date(START + given.minute * 60_000 + i).toISOString();
    await w.log.record(WS, {
      requestId: `request-${i}`,
      model: MODEL,
      version: given.version,
      at,
      rows: Array<object>(given.rows).fill({}),
      predictions: given.error ? [] : Array.from({ length: given.rows }, () => ({ prediction: 'a' })),
      ...(given.latencyMs !== undefined && { latencyMs: given.latencyMs }),
      ...(given.error && { error: given.error }),
      ...(given.failedOver && { failedOver: given.failedOver }),
      ...(given.shadow && { shadows: [given.shadow] }),
    });
  }
  const UNTIL = new Date(START + 48 * HOUR).toISOString();
  const whole = { from: new Date(START).toISOString(), to: UNTIL };

  it('is each request once, whenever and by however many it is counted, the same by 5 minutes, hour and day', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 25 }), async (all) => {
        const w = world();
        // In order of time, as a log is; some are counted on the way, by two at once.
        const ordered = all.toSorted((a, b) => a.minute - b.minute);
        for (const [i, given] of ordered.entries()) {
          if (given.look) {
            const until = new Date(START + given.minute * 60_000).toISOString();
            const looks = [1, 2].map(() => count(w, until));
            for (const look of await Promise.allSettled(looks)) {
              if (look.status === 'rejected') expect(look.reason).toBeInstanceOf(ConditionFailedError);
            }
          }
          await log(w, given, i);
        }
        await count(w, UNTIL);
        const traffic = new Traffic(w.items);
        const [fine, hours, days] = await Promise.all(
          (['5m', 'hour', 'day'] as const).map((by) => traffic.list(WS, MODEL, { ...whole, by })),
        );
        for (const buckets of [fine!, hours!, days!]) {
          const of = (version: string) => buckets.filter((bucket) => bucket.version === version);
          const sum = (version: string, name: 'requests' | 'rows' | 'errors') =>
            of(version).reduce((total, bucket) => total + bucket[name], 0);
          for (const version of ['1', '2']) {
            const own = all.filter((given) => given.version === version);
            const failed = own.filter((given) => given.error);
            const rows = own.filter((given) => !given.error).reduce((total, given) => total + given.rows, 0);
            expect([sum(version, 'requests'), sum(version, 'errors'), sum(version, 'rows')]).toEqual([
              own.length,
              failed.length,
              rows,
            ]);
          }
          const failedOver = all.filter((given) => given.failedOver).length;
          expect([sum('3', 'requests'), sum('3', 'errors'), sum('3', 'rows')]).toEqual([
            failedOver,
            failedOver,
            0,
          ]);
          expect(sum('4', 'requests')).toBe(all.filter((given) => given.shadow).length);
          // What a split's report says of the same log: one rule for requests, rows and errors.
          const facts: PredictionFacts[] = [];
          for await (const fact of w.log.facts(WS, MODEL, { from: whole.from })) facts.push(fact);
          for (const { version, requests, rows, errors } of versionReports(facts)) {
            expect([sum(version, 'requests'), sum(version, 'rows'), sum(version, 'errors')]).toEqual([
              requests,
              rows,
              errors,
            ]);
          }
          expect(of('4').every(({ shadow }) => shadow === true)).toBe(true);
          // In order of time, no bucket twice.
          const ids = buckets.map(({ at, version, shadow }) => `${at} ${version} ${shadow}`);
          expect(new Set(ids).size).toBe(ids.length);
          expect(buckets.map(({ at }) => at)).toEqual(buckets.map(({ at }) => at).toSorted());
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is in one of two spans that meet, never in both or neither', async () => {
    const w = world();
    for (let minute = 0; minute < 48 * 60; minute += 37) {
      await log(
        w,
        {
          minute,
          version: '1',
          rows: 1,
          latencyMs: 1,
          error: undefined,
          failedOver: undefined,
          shadow: undefined,
          look: false,
        },
        minute,
      );
    }
    await count(w, UNTIL);
    const traffic = new Traffic(w.items);
    const requests = async (from: number, to: number, by: '5m' | 'hour') =>
      (
        await traffic.list(WS, MODEL, {
          from: new Date(from).toISOString(),
          to: new Date(to).toISOString(),
          by,
        })
      ).reduce((sum, bucket) => sum + bucket.requests, 0);
    const total = await requests(START, START + 48 * HOUR, 'hour');
    expect(total).toBe(Math.ceil((48 * 60) / 37));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 47 }),
        fc.constantFrom('5m' as const, 'hour' as const),
        async (hour, by) => {
          const middle = START + hour * HOUR;
          const parts = [await requests(START, middle, by), await requests(middle, START + 48 * HOUR, by)];
          expect(parts[0]! + parts[1]!).toBe(total);
        },
      ),
    );
  });
});

describe('sums', () => {
  const latency = fc.double({ min: 0.001, max: 60_000, noNaN: true });
  const sums = fc
    .record({
      requests: fc.nat(1e6),
      rows: fc.nat(1e6),
      errors: fc.nat(1e6),
      labels: fc.nat(99),
      correct: fc.nat(99),
      latencies: fc.array(latency),
    })
    .map(({ latencies, ...rest }) => {
      const held: Record<string, number> = {};
      for (const ms of latencies) held[latencyBin(ms)] = (held[latencyBin(ms)] ?? 0) + 1;
      return { ...rest, latency: held };
    });

  it('add up in any order and grouping, nothing changes nothing, and neither side is changed', () => {
    fc.assert(
      fc.property(sums, sums, sums, (a, b, c) => {
        const before = structuredClone([a, b, c]);
        expect(addTraffic(addTraffic(a, b), c)).toEqual(addTraffic(a, addTraffic(b, c)));
        expect(addTraffic(a, b)).toEqual(addTraffic(b, a));
        expect(addTraffic(a, noTraffic())).toEqual(a);
        expect([a, b, c]).toEqual(before);
      }),
    );
  });

  it('give percentiles that rise with the share', () => {
    fc.assert(
      fc.property(
        sums,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (one, p, q) => {
          const [low, high] = [
            latencyAt(one.latency, Math.min(p, q)),
            latencyAt(one.latency, Math.max(p, q)),
          ];
          expect(low === null).toBe(Object.keys(one.latency).length === 0);
          if (low !== null) expect(low).toBeLessThanOrEqual(high!);
        },
      ),
    );
  });

  it('give an accuracy from 0 to 1, the share of labels that were right, and none of no labels', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(classes, classes)), (pairs) => {
        const all = pairs.map(([predicted, label]) => labelSums('classification', predicted, label));
        const { accuracy } = metricsOf(
          all.reduce<LabelSums>((sum, one) => addLabels(sum, one), { labels: 0 }),
        );
        const right = pairs.filter(([predicted, label]) => predicted === label).length;
        expect(accuracy).toBe(pairs.length === 0 ? undefined : right / pairs.length);
      }),
    );
  });

  it('give an r2 of at most 1, exactly that where every label was predicted', () => {
    const value = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 40 }), (pairs) => {
        const of = (all: readonly (readonly [number, number])[]) =>
          metricsOf(all.map(([p, y]) => labelSums('regression', p, y)).reduce((a, b) => addLabels(a, b)));
        const differ = new Set(pairs.map(([, label]) => label)).size > 1;
        const found = of(pairs);
        expect(found.r2 === undefined).toBe(!differ);
        expect(found.r2 ?? 0).toBeLessThanOrEqual(1);
        expect(found.mae!).toBeLessThanOrEqual(found.rmse! + 1e-9);
        const exact = of(pairs.map(([, label]) => [label, label] as const));
        expect([exact.rmse, exact.mae, exact.r2]).toEqual([0, 0, differ ? 1 : undefined]);
      }),
    );
  });
});
