import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../lib/learn/random.ts';

const take = (seed: number, stream: number, count: number): number[] => {
  const random = randomStream(seed, stream);
  return Array.from({ length: count }, () => random.next());
};

describe('randomStream', () => {
  it('is fixed for all time: model files depend on it', () => {
    expect(take(42, 0, 4)).toEqual([4143273884, 1952882225, 2315008379, 2209767184]);
  });

  it('differs by seed, by the high bits of the seed, and by stream', () => {
    const firsts = [take(1, 0, 3), take(2, 0, 3), take(1 + 2 ** 32, 0, 3), take(1, 1, 3), take(0, 0, 3)].map(
      String,
    );
    expect(new Set(firsts).size).toBe(5);
  });

  it('is uniform below a bound', () => {
    const random = randomStream(7);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[random.below(6)]! += 1;
    const chi2 = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi2).toBeLessThan(20.5); // 5 degrees of freedom, p = 0.001
  });

  it('gives 32-bit unsigned integers, and 0 below 1', () => {
    for (const value of take(3, 9, 1000))
      expect(Number.isInteger(value) && value >= 0 && value < 2 ** 32).toBe(true);
    expect(randomStream(1).below(1)).toBe(0);
    expect(randomStream(1).below(2 ** 32)).toBeGreaterThanOrEqual(0);
  });
});
