import { describe, expect, it } from 'vitest';
import { drawDistinct, randomStream } from '../../../lib/learn/random.ts';

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

describe('shuffle and drawDistinct', () => {
  it('are fixed for all time: folds, searches and shares of rows depend on them', () => {
    expect(randomStream(42).shuffle(['a', 'b', 'c', 'd', 'e', 'f'])).toEqual(['f', 'e', 'b', 'd', 'a', 'c']);
    expect([...drawDistinct(randomStream(42), 10, 4)]).toEqual([4, 9, 5, 2]);
  });

  it('shuffle the array itself, and leave none and one alone without a draw', () => {
    const values = Int32Array.of(5, 6, 7, 8);
    const random = randomStream(3);
    expect(random.shuffle(values)).toBe(values);
    expect([...values].sort()).toEqual([5, 6, 7, 8]);
    const [idle, fresh] = [randomStream(9), randomStream(9)];
    expect(idle.shuffle([])).toEqual([]);
    expect(idle.shuffle(['one'])).toEqual(['one']);
    expect(idle.next()).toBe(fresh.next());
  });

  it('give each order of three, and each pair of four, equally often', () => {
    const random = randomStream(11);
    const count = (draw: () => ArrayLike<number>) => {
      const counts = new Map<string, number>();
      for (let i = 0; i < 6000; i++) {
        const key = Array.from(draw()).join();
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return [...counts.values()];
    };
    const orders = count(() => random.shuffle([0, 1, 2]));
    expect(orders).toHaveLength(6);
    // Four standard deviations are 115 of 1000, and 86 of 500.
    for (const often of orders) expect(Math.abs(often - 1000)).toBeLessThan(115);
    const pairs = count(() => drawDistinct(random, 4, 2));
    expect(pairs).toHaveLength(12);
    for (const often of pairs) expect(Math.abs(often - 500)).toBeLessThan(86);
  });

  it('draw all rows where all are asked for', () => {
    expect([...drawDistinct(randomStream(1), 7, 7)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(drawDistinct(randomStream(1), 7, 0)).toHaveLength(0);
  });
});
