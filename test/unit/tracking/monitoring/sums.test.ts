import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencyAt, latencyBin } from '../../../../lib/tracking/monitoring/latency.ts';
import { addLabels, labelSums, metricsOf } from '../../../../lib/tracking/monitoring/sums.ts';

const bins = (latencies: readonly number[]) => {
  const found: Record<string, number> = {};
  for (const one of latencies) found[latencyBin(one)] = (found[latencyBin(one)] ?? 0) + 1;
  return found;
};

describe('percentiles of binned latencies', () => {
  it('are within 5 % of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 29_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.95, 0.99),
        (latencies, p) => {
          const exact = latencies.toSorted((a, b) => a - b)[Math.ceil(p * latencies.length) - 1]!;
          // Four digits are shown: half a unit of the last is rounding.
          expect(Math.abs(latencyAt(bins(latencies), p)! / exact - 1)).toBeLessThan(0.051);
        },
      ),
    );
  });

  it('are null where nothing is known', () => {
    expect(latencyAt({}, 0.5)).toBeNull();
  });
});

describe('sums of labels', () => {
  const pair = fc.tuple(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  );

  it('give rmse and mae of all pairs, in any grouping', () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 50 }), (pairs) => {
        const sums = pairs.map(([predicted, label]) => labelSums('regression', predicted, label));
        const whole = metricsOf(sums.reduce((a, b) => addLabels(a, b)));
        const mse = pairs.reduce((sum, [p, y]) => sum + (p - y) ** 2, 0) / pairs.length;
        expect(whole.rmse! ** 2).toBeCloseTo(mse, 3);
        expect(whole.mae).toBeCloseTo(
          pairs.reduce((sum, [p, y]) => sum + Math.abs(p - y), 0) / pairs.length,
          6,
        );
      }),
    );
  });

  it('lose a label that is taken out', () => {
    const two = addLabels(labelSums('classification', 'a', 'a'), labelSums('classification', 'a', 'b'));
    expect(metricsOf(two)).toEqual({ accuracy: 0.5 });
    expect(metricsOf(addLabels(two, labelSums('classification', 'a', 'b'), -1))).toEqual({ accuracy: 1 });
    expect(metricsOf(addLabels(two, two, -1))).toEqual({});
  });

  it('give r2 as scikit-learn: 1 - 1.5/29.1875 of y = 3, -0.5, 2, 7', () => {
    const pairs = [
      [2.5, 3],
      [0, -0.5],
      [2, 2],
      [8, 7],
    ] as const;
    const sums = pairs.map(([p, y]) => labelSums('regression', p, y)).reduce((a, b) => addLabels(a, b));
    expect(metricsOf(sums).r2).toBeCloseTo(0.9486081370449679, 12);
    // All labels alike: nothing to explain.
    expect(metricsOf(labelSums('regression', 1, 5)).r2).toBeUndefined();
  });

  it('stay finite for numbers whose squares are not', () => {
    const sums = labelSums('regression', 1e300, -1e100);
    expect(Object.values(sums).every(Number.isFinite)).toBe(true);
  });
});
