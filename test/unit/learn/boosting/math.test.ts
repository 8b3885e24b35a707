import { describe, expect, it } from 'vitest';
import { exp, log } from '../../../../lib/learn/boosting/math.ts';
import { integerWeights } from '../../../../lib/learn/boosting/weights.ts';
import { uniform } from '../support.ts';

const next = uniform(9);

describe('exp and log', () => {
  it('are right to the last digits', () => {
    for (let i = 0; i < 5000; i++) {
      const z = (next() - 0.5) * 100;
      expect(Math.abs(exp(z) / Math.exp(z) - 1)).toBeLessThan(5e-16);
      const positive = Math.exp((next() - 0.5) * 300);
      expect(Math.abs(log(positive) - Math.log(positive))).toBeLessThan(
        1e-15 * Math.max(1, Math.abs(Math.log(positive))),
      );
    }
    expect(exp(0)).toBe(1);
    expect(log(1)).toBeCloseTo(0, 15);
  });

  it('stay finite at the ends', () => {
    expect(exp(1e9)).toBe(exp(700));
    expect(exp(-1e9)).toBe(exp(-700));
    expect(exp(-1e9)).toBeGreaterThan(0);
  });
});

describe('integer weights', () => {
  it('leave whole numbers alone', () => {
    expect(integerWeights(Float64Array.of(1, 2, 7))).toEqual({ weights: Int32Array.of(1, 2, 7), scale: 1 });
  });

  it('keep fractions to a power of two, and nothing becomes 0', () => {
    const given = Float64Array.from({ length: 1000 }, next);
    given[3] = 1e-30;
    const { weights, scale } = integerWeights(given);
    expect(Math.log2(scale) % 1).toBe(0);
    expect(weights[3]).toBe(1);
    expect(weights.reduce((a, b) => a + b)).toBeLessThan(2 ** 25 + 1000);
    for (const [i, w] of weights.entries())
      expect(Math.abs(w / scale - given[i]!)).toBeLessThanOrEqual(1 / scale);
  });
});
