import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureFigures } from '../../../lib/serving/drift/feature.ts';
import { DRIFT_BOUNDS, judgeDrift } from '../../../lib/serving/drift/index.ts';
import { kolmogorovTail, ksTail } from '../../../lib/serving/drift/kolmogorov.ts';
import {
  chiSquare,
  fisherExact,
  holm,
  joinThinCells,
  LEAST_EXPECTED,
} from '../../../lib/serving/drift/tests.ts';
import { profileColumn, profileTable } from '../../../lib/table/index.ts';
import { numbers, tableOf, texts } from '../../unit/table/support.ts';

/** Columns as they come: few values and many, heavy ties, missing ones. */
const few = fc.integer({ min: -3, max: 3 });
const many = fc.double({ min: -50, max: 50, noNaN: true });
const column = fc.oneof(
  fc.array(few, { minLength: 1, maxLength: 300 }),
  fc.array(many, { minLength: 1, maxLength: 300 }),
  fc.array(fc.oneof({ weight: 3, arbitrary: many }, { weight: 1, arbitrary: few }), {
    minLength: 150,
    maxLength: 600,
  }),
);
const holed = fc.array(
  fc.oneof({ weight: 5, arbitrary: many }, { weight: 1, arbitrary: fc.constant(Number.NaN) }),
  {
    minLength: 1,
    maxLength: 200,
  },
);
const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', null), { minLength: 1, maxLength: 200 });
const shuffled = <T>(values: readonly T[], keys: readonly number[]): T[] =>
  values
    .map((value, i) => ({ value, key: keys[i % keys.length]! * (i + 1) }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
const keys = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 30 });

const drift = (reference: readonly number[], current: readonly number[]) =>
  featureFigures(profileColumn(numbers('x', reference)), numbers('x', current));
const categoryDrift = (reference: readonly (string | null)[], current: readonly (string | null)[]) =>
  featureFigures(profileColumn(texts('x', reference)), texts('x', current));

/** The distance between two empirical distributions, by its definition. */
function distance(a: readonly number[], b: readonly number[]): number {
  const share = (values: readonly number[], at: number) =>
    values.filter((value) => value <= at).length / values.length;
  return Math.max(...[...a, ...b].map((at) => Math.abs(share(a, at) - share(b, at))));
}

describe('drift of a number', () => {
  it('is none beside the same rows, in any order', () => {
    fc.assert(
      fc.property(column, keys, (values, order) => {
        const { feature } = drift(values, shuffled(values, order));
        expect(feature).toMatchObject({ psi: 0, statistic: 0, pValue: 1 });
      }),
    );
  });

  it('has a statistic that is the distance where few values are, else at most 0.01 below it, never above', () => {
    fc.assert(
      fc.property(column, column, (reference, current) => {
        const exact = distance(reference, current);
        const { statistic } = drift(reference, current).feature;
        expect(statistic).toBeLessThanOrEqual(exact + 1e-12);
        const loss = new Set(reference).size > 100 ? 0.01 : 0;
        expect(statistic).toBeGreaterThanOrEqual(exact - loss - 1e-12);
      }),
      { numRuns: 200 },
    );
  });

  it('is found where values move to between those of training', () => {
    const reference = Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? 0 : 1));
    const { feature } = drift(reference, Array<number>(200).fill(0.5));
    expect(feature.statistic).toBeCloseTo(0.9, 12);
    expect(feature.psi).toBeGreaterThan(5);
    expect(feature.bins.map(({ label, current }) => [label, current])).toEqual([
      ['< 0', 0],
      ['0', 0],
      ['> 0, < 1', 1],
      ['1', 0],
      ['> 1', 0],
    ]);
  });

  it('has no bin for what lies between two values where nothing does', () => {
    const { bins } = drift([0, 1, 2, 2], [0, 0.5, 2, 2]).feature;
    expect(bins.map(({ label }) => label)).toEqual(['< 0', '0', '> 0, < 1', '1', '2', '> 2']);
  });

  it('is found where a value that many rows hold becomes another just below it', () => {
    // A third of the rows at a cap, all others apart from each other.
    const apart = Array.from({ length: 400 }, (_, i) => i / 4);
    const capped = [...apart, ...Array<number>(200).fill(200)];
    const lowered = [...apart, ...Array<number>(200).fill(199.5)];
    const exact = distance(capped, lowered);
    expect(exact).toBeCloseTo(1 / 3, 12);
    const { statistic } = drift(capped, lowered).feature;
    expect(statistic).toBeLessThanOrEqual(exact);
    expect(statistic).toBeGreaterThanOrEqual(exact - 0.01);
  });

  it('grows with the shift of the same rows', () => {
    const shift = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(column, shift, shift, (values, a, b) => {
        const by = (much: number) =>
          drift(
            values,
            values.map((value) => value + much),
          ).feature;
        const [less, more] = [by(Math.min(a, b)), by(Math.max(a, b))];
        expect(more.statistic).toBeGreaterThanOrEqual(less.statistic! - 1e-12);
        expect(more.pValue).toBeLessThanOrEqual(less.pValue! + 1e-12);
      }),
    );
  });

  it('has shares that sum to 1 on both sides, in bins that do not depend on the recent rows', () => {
    fc.assert(
      fc.property(column, column, (reference, current) => {
        const { bins, psi } = drift(reference, current).feature;
        for (const side of ['reference', 'current'] as const) {
          expect(bins.every((bin) => bin[side] >= 0)).toBe(true);
          expect(bins.reduce((sum, bin) => sum + bin[side], 0)).toBeCloseTo(1, 9);
        }
        expect(psi).toBeGreaterThanOrEqual(0);
        // What lies between few values is a bin only where something does.
        const shares = (all: typeof bins) =>
          all.filter((bin) => bin.reference > 0).map((bin) => [bin.label, bin.reference]);
        expect(shares(bins)).toEqual(shares(drift(reference, reference).feature.bins));
      }),
    );
  });

  it('counts what is missing on either side, and compares the rest', () => {
    fc.assert(
      fc.property(holed, holed, (reference, current) => {
        const present = (values: readonly number[]) => values.filter((value) => !Number.isNaN(value));
        const { feature } = drift(reference, current);
        expect(feature.missing.reference).toBeCloseTo(1 - present(reference).length / reference.length, 12);
        expect(feature.missing.current).toBeCloseTo(1 - present(current).length / current.length, 12);
        const comparable = present(reference).length > 0 && present(current).length > 0;
        const whole = comparable ? drift(present(reference), present(current)).feature : undefined;
        expect([feature.psi, feature.statistic]).toEqual([whole?.psi ?? null, whole?.statistic ?? null]);
      }),
    );
  });
});

describe('drift of a category', () => {
  it('is none beside the same rows, in any order, and never less', () => {
    fc.assert(
      fc.property(words, words, keys, (reference, current, order) => {
        const same = categoryDrift(reference, shuffled(reference, order));
        expect(same.feature.psi ?? 0).toBe(0);
        expect(same.feature.statistic ?? 0).toBeCloseTo(0, 9);
        expect(same.newShare).toBe(0);
        const other = categoryDrift(reference, current);
        expect(other.feature.psi ?? 0).toBeGreaterThanOrEqual(0);
        expect(categoryDrift(reference, shuffled(current, order))).toEqual(other);
      }),
    );
  });

  it('names as new what training never had, and nothing else, with its rows', () => {
    fc.assert(
      fc.property(words, words, (reference, current) => {
        const { feature, newShare } = categoryDrift(reference, current);
        const present = current.filter((value) => value !== null);
        const fresh = present.filter((value) => !reference.includes(value));
        expect(feature.newCategories.map(({ value }) => value).sort()).toEqual([...new Set(fresh)].sort());
        for (const { value, count } of feature.newCategories) {
          expect(count).toBe(current.filter((one) => one === value).length);
        }
        expect(newShare).toBe(present.length === 0 ? 0 : fresh.length / present.length);
      }),
    );
  });
});

describe('the tests behind it', () => {
  const counts = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { minLength: 2, maxLength: 8 });
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

  it('chi-square is the same from either side and in any order of cells, and 0 for shares that are alike', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 5 }), (pairs, times) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        const found = chiSquare(a, b);
        const turned = chiSquare(b.toReversed(), a.toReversed());
        expect(turned?.statistic ?? -1).toBeCloseTo(found?.statistic ?? -1, 9);
        const alike = chiSquare(
          a,
          a.map((count) => count * times),
        );
        if (alike !== undefined) expect(alike.statistic).toBeCloseTo(0, 9);
        // Only where a side, or all cells but one, hold nothing is there nothing to test.
        const held = pairs.filter(([x, y]) => x + y > 0).length;
        expect(found === undefined).toBe(held < 2 || sum(a) === 0 || sum(b) === 0);
      }),
    );
  });

  it('thin cells are joined without loss, until five rows are expected in each', () => {
    fc.assert(
      fc.property(counts, (pairs) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        const [joined, other] = joinThinCells(a, b);
        fc.pre(sum(a) > 0 && sum(b) > 0);
        const least = Math.min(sum(a), sum(b));
        if (least < LEAST_EXPECTED) expect(joined).toEqual([]);
        else expect([sum(joined), sum(other)]).toEqual([sum(a), sum(b)]);
        const share = least / (sum(a) + sum(b));
        for (const [i, count] of joined.entries()) {
          expect((count + other[i]!) * share).toBeGreaterThanOrEqual(LEAST_EXPECTED - 1e-9);
        }
      }),
    );
  });

  it("Fisher's is the sum of all tables that are no likelier, the same from either side", () => {
    const choose = (n: number, k: number): bigint => {
      let result = 1n;
      for (let i = 0; i < k; i++) result = (result * BigInt(n - i)) / BigInt(i + 1);
      return result;
    };
    const side = fc.nat(40).chain((n) => fc.tuple(fc.nat(n), fc.constant(n)));
    fc.assert(
      fc.property(side, side, ([a, n], [b, m]) => {
        const ways = (x: number) => choose(n, x) * choose(m, a + b - x);
        let total = 0n;
        for (let x = Math.max(0, a + b - m); x <= Math.min(n, a + b); x++) {
          if (ways(x) <= ways(a)) total += ways(x);
        }
        const exact = Number((total * 10n ** 15n) / choose(n + m, a + b)) / 1e15;
        expect(fisherExact(a, n, b, m)).toBeCloseTo(exact, 9);
        expect(fisherExact(b, m, a, n)).toBeCloseTo(fisherExact(a, n, b, m), 9);
      }),
    );
  });

  it("Kolmogorov's tail falls from 1 to 0 as the distance grows, through all of its formulas", () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 2_000 }), (n) => {
        let before = 1;
        for (let d = 0; d <= 1; d += 1 / 64) {
          const p = kolmogorovTail(d, n);
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(before);
          before = p;
        }
        expect([kolmogorovTail(0, n), kolmogorovTail(1, n)]).toEqual([1, 0]);
      }),
      { numRuns: 25 },
    );
  });

  it('and is the same for two samples whichever comes first', () => {
    const size = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), size, size, (d, n, m) => {
        expect(ksTail(d, n, m)).toBe(ksTail(d, m, n));
      }),
    );
  });

  it("Holm's values are no less than those they come from, no more than Bonferroni's, and keep their order", () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(ps, (raw) => {
        const adjusted = holm(raw);
        expect(adjusted).toHaveLength(raw.length);
        for (const [i, p] of raw.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * raw.length));
          for (const [j, q] of raw.entries()) {
            if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
          }
        }
        // The least is that of Bonferroni, and a hypothesis's place in the list does not matter.
        if (raw.length > 0) expect(Math.min(...adjusted)).toBe(Math.min(1, Math.min(...raw) * raw.length));
        expect(holm(raw.toReversed())).toEqual(adjusted.toReversed());
      }),
    );
  });
});

describe('a report', () => {
  const table = (rows: readonly [number, string | null][]) =>
    tableOf(
      numbers(
        'n',
        rows.map(([n]) => n),
      ),
      texts(
        'c',
        rows.map(([, c]) => c),
      ),
    );
  const row = fc.tuple(fc.oneof(many, fc.constant(Number.NaN)), fc.constantFrom('a', 'b', 'c', null));
  const training = fc.array(row, { minLength: 20, maxLength: 200 });

  it('does not depend on the order of rows', () => {
    fc.assert(
      fc.property(training, fc.array(row, { maxLength: 250 }), keys, (before, now, order) => {
        const profile = profileTable(table(before));
        const report = judgeDrift(profile, table(now), undefined);
        expect(judgeDrift(profile, table(shuffled(now, order)), undefined)).toEqual(report);
      }),
    );
  });

  it('raises no alarm on fewer rows than its bound, and none on the rows of training themselves', () => {
    fc.assert(
      fc.property(training, fc.array(row, { maxLength: DRIFT_BOUNDS.minRows - 1 }), (before, now) => {
        const profile = profileTable(table(before));
        const small = judgeDrift(profile, table(now), undefined);
        expect(small.status).toBe('too-few-rows');
        expect(small.features.every(({ drifted, reasons }) => !drifted && reasons.length === 0)).toBe(true);
        const again = judgeDrift(profile, table(before), undefined);
        expect(again.status).toBe(before.length < DRIFT_BOUNDS.minRows ? 'too-few-rows' : 'ok');
      }),
    );
  });

  it('says drift of a feature exactly where it gives a reason, whose bound is passed and whose test refuses', () => {
    fc.assert(
      fc.property(training, fc.array(row, { minLength: 100, maxLength: 250 }), (before, now) => {
        const { features, status } = judgeDrift(profileTable(table(before)), table(now), undefined);
        expect(status).toBe(features.some(({ drifted }) => drifted) ? 'drift' : 'ok');
        for (const { drifted, reasons, psi, pValue, adjustedPValue, missing } of features) {
          expect(drifted).toBe(reasons.length > 0);
          expect(adjustedPValue ?? 1).toBeGreaterThanOrEqual(pValue ?? 0);
          const moved = (adjustedPValue ?? 1) < DRIFT_BOUNDS.alpha && (psi ?? 0) >= DRIFT_BOUNDS.psi;
          expect(reasons.includes('distribution')).toBe(moved);
          const lost = Math.abs((missing.current ?? 0) - (missing.reference ?? 0)) >= DRIFT_BOUNDS.missing;
          expect(reasons.includes('missing')).toBe(lost && missing.adjustedPValue < DRIFT_BOUNDS.alpha);
        }
      }),
    );
  });
});
