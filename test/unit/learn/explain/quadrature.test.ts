import { describe, expect, it } from 'vitest';
import { gaussLegendre } from '../../../../lib/learn/explain/quadrature.ts';

const integral = (n: number, of: (t: number) => number): number => {
  const { points, weights } = gaussLegendre(n);
  return points.reduce((sum, point, i) => sum + weights[i]! * of(point), 0);
};

describe('gaussLegendre', () => {
  it('has the points that tables give: one in the middle, two at 1/2 -+ 1/(2 sqrt 3)', () => {
    expect([...gaussLegendre(1).points]).toEqual([0.5]);
    expect(gaussLegendre(1).weights[0]).toBeCloseTo(1, 15);
    const { points, weights } = gaussLegendre(2);
    expect(points[0]).toBeCloseTo(0.5 - 1 / (2 * Math.sqrt(3)), 15);
    expect(points[1]).toBeCloseTo(0.5 + 1 / (2 * Math.sqrt(3)), 15);
    expect(weights[0]).toBeCloseTo(0.5, 15);
  });

  it('has the three points of numpy.polynomial.legendre.leggauss(3), moved to [0, 1]', () => {
    const { points, weights } = gaussLegendre(3);
    const root = 0.7745966692414834;
    for (const [i, at] of [-root, 0, root].entries()) expect(points[i]).toBeCloseTo((1 + at) / 2, 15);
    for (const [i, weight] of [5 / 18, 8 / 18, 5 / 18].entries()) expect(weights[i]).toBeCloseTo(weight, 15);
  });

  it.each([1, 2, 3, 5, 8, 13, 40])('integrates powers up to 2n - 1 exactly, n = %i', (n) => {
    for (let power = 0; power <= 2 * n - 1; power++) {
      expect(Math.abs(integral(n, (t) => t ** power) - 1 / (power + 1))).toBeLessThan(1e-15 * (n + 4));
    }
  });

  it('is not exact one power further', () => {
    expect(Math.abs(integral(2, (t) => t ** 4) - 1 / 5)).toBeGreaterThan(1e-3);
  });

  it.each([2, 7, 64, 501])(
    'has %i ascending points in (0, 1), symmetric, with positive weights of sum 1',
    (n) => {
      const { points, weights, rests, restWeights } = gaussLegendre(n);
      expect(points).toHaveLength(n);
      for (let i = 0; i < n; i++) {
        expect(points[i]).toBeGreaterThan(i === 0 ? 0 : points[i - 1]!);
        expect(points[i]).toBeLessThan(1);
        expect(weights[i]).toBeGreaterThan(0);
        expect(points[i]! + points[n - 1 - i]!).toBeCloseTo(1, 14);
        expect(rests[i]).toBe(1 - points[i]!);
        expect(restWeights[i]).toBe(weights[i]! / rests[i]!);
      }
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    },
  );

  it('is computed once', () => {
    expect(gaussLegendre(9)).toBe(gaussLegendre(9));
  });
});
