import { describe, expect, it } from 'vitest';
import { seededRandom, shuffled } from '../../../lib/table/index.ts';
import { xoshiro128StarStar } from '../../../lib/table/random.ts';

describe('xoshiro128**', () => {
  it('draws what the reference implementation draws from the state 1, 2, 3, 4', () => {
    // Computed apart, in Python's unbounded integers, from the published recurrence.
    const next = xoshiro128StarStar(1, 2, 3, 4);
    expect(Array.from({ length: 6 }, next)).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
  });
});

describe('seededRandom', () => {
  const first = (seed: number, count = 4) => Array.from({ length: count }, seededRandom(seed));

  it('repeats with the seed and differs between seeds, past 2^32 too', () => {
    expect(first(42)).toEqual(first(42));
    const seeds = [0, 1, 2, 42, 2 ** 32, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => first(seed).join())).size).toBe(seeds.length);
  });

  it('is in [0, 1), even and without drift', () => {
    const draws = first(7, 100_000);
    expect(Math.min(...draws.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws.slice(0, 1000))).toBeLessThan(1);
    const counts = new Array<number>(10).fill(0);
    for (const draw of draws) counts[Math.floor(draw * 10)]!++;
    // Four standard deviations of a binomial count are 380.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(380);
  });
});

describe('shuffled', () => {
  it('holds each number once, in an order that depends on the seed alone', () => {
    const order = shuffled(1000, 3);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(shuffled(1000, 3)).toEqual(order);
    expect(shuffled(1000, 4)).not.toEqual(order);
    expect(shuffled(0, 1)).toHaveLength(0);
  });

  it('gives each of the orders of three equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const key = shuffled(3, seed).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Four standard deviations are 115.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(115);
  });
});
