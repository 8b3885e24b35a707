import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { exponentAbove, exponentOf, powerOfTwo } from '../../../lib/learn/exponent.ts';

describe('exponents', () => {
  it('know every power of two', () => {
    for (let n = -1022; n <= 1023; n++) {
      expect(powerOfTwo(n)).toBe(2 ** n);
      expect([exponentOf(2 ** n), exponentAbove(2 ** n)]).toEqual([n + 1, n]);
    }
  });

  it('know what is beside a power of two', () => {
    const [below, above] = [1 - 2 ** -53, 1 + 2 ** -52];
    expect([0.75, below, above, 3, 4].map(exponentOf)).toEqual([0, 0, 1, 2, 3]);
    expect([0.75, below, above, 3, 4].map(exponentAbove)).toEqual([0, 0, 1, 2, 2]);
    expect(exponentAbove(Number.MAX_VALUE)).toBe(1024);
  });

  it('bound every normal number from both sides', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -1022, max: 2 ** 1022, noNaN: true }), (x) => {
        expect(powerOfTwo(exponentOf(x) - 1) <= x && x < powerOfTwo(exponentOf(x))).toBe(true);
        const above = exponentAbove(x);
        expect(x <= 2 ** above && x > 2 ** above / 2).toBe(true);
      }),
    );
  });

  it('take what is smaller than normal for the smallest exponent', () => {
    expect(exponentAbove(Number.MIN_VALUE)).toBe(-1022);
    expect(exponentAbove(0)).toBe(-1023);
  });
});
