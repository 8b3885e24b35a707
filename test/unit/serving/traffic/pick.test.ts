import { describe, expect, it } from 'vitest';
import { hashOfKey, pickArm, place } from '../../../../lib/serving/traffic/pick.ts';

const REQUESTS = 10_000;
const keys = Array.from({ length: REQUESTS }, (_, i) => `caller ${i}`);
const arms = (...weights: number[]) => weights.map((weight, i) => ({ version: String(i + 1), weight }));
const counts = (weights: readonly number[], seed: string, of: readonly string[] = keys): number[] => {
  const chosen = of.map((key) => pickArm(arms(...weights), seed, key).version);
  return weights.map((_, i) => chosen.filter((version) => version === String(i + 1)).length);
};

/**
 * How far a count may be from n p by chance: 4.42 standard deviations of the binomial distribution, beyond which a fair
 * division falls once in 100,000 times (both sides).
 */
const bound = (share: number): number => 4.42 * Math.sqrt(REQUESTS * share * (1 - share));

describe('10,000 requests are shared out by the weights, within the binomial bound', () => {
  it.each([
    [[90, 10]],
    [[50, 50]],
    [[99, 1]],
    [[34, 33, 33]],
    [[5, 20, 75]],
    [[10, 10, 10, 10, 10, 10, 10, 10, 10, 10]],
  ])('%j', (weights) => {
    for (const seed of ['housing 2', 'housing 3', 'wine 2']) {
      for (const [i, count] of counts(weights, seed).entries()) {
        const share = weights[i]! / 100;
        expect(Math.abs(count - REQUESTS * share), `arm ${i + 1} of ${seed}`).toBeLessThan(bound(share));
      }
    }
  });

  it('and by random ids as by counted ones: request ids are keys where none is sent', () => {
    // A linear congruence, so that the ids are the same each time.
    let state = 1;
    const ids = keys.map(() => {
      state = (state * 48_271) % 2_147_483_647;
      return `${state.toString(16)}-c0ffee`;
    });
    const [, ten] = counts([90, 10], 'housing 2', ids);
    expect(Math.abs(ten! - 1_000)).toBeLessThan(bound(0.1));
  });

  it('all or nothing is exact', () => {
    expect(counts([100, 0], 's')).toEqual([REQUESTS, 0]);
    expect(counts([0, 100], 's')).toEqual([0, REQUESTS]);
    expect(counts([0, 50, 50, 0], 's').filter((count) => count === 0)).toHaveLength(2);
  });
});

describe('a caller', () => {
  const version = (key: string, weights: number[], seed = 'housing 2') =>
    pickArm(arms(...weights), seed, key).version;

  it('is answered by the same version each time', () => {
    expect(keys.slice(0, 500).map((key) => version(key, [50, 50]))).toEqual(
      keys.slice(0, 500).map((key) => version(key, [50, 50])),
    );
  });

  it('stays where it is when weights change, but for those who must go', () => {
    const moved = keys.filter((key) => version(key, [90, 10]) !== version(key, [80, 20]));
    expect(Math.abs(moved.length - 1_000)).toBeLessThan(bound(0.1));
    expect(moved.every((key) => version(key, [80, 20]) === '2')).toBe(true);
  });

  it('of one split tells nothing of where it is in another', () => {
    const both = keys.filter(
      (key) => version(key, [50, 50]) === '2' && version(key, [50, 50], 'wine 7') === '2',
    );
    expect(Math.abs(both.length - 2_500)).toBeLessThan(bound(0.25));
  });

  it('has a place from 0 to below 1', () => {
    const places = keys.map((key) => place('s', key));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...places)).toBeLessThan(1);
  });

  it('is in the log by a hash that is always the same', () => {
    expect(hashOfKey('ana')).toMatch(/^[0-9a-f]{32}$/);
    expect(hashOfKey('ana')).toBe(hashOfKey('ana'));
    expect(hashOfKey('ana')).not.toBe(hashOfKey('anb'));
  });

  it('is not left without a version by weights that do not sum to 100', () => {
    expect(() => pickArm(arms(0), 's', 'k')).toThrow(RangeError);
  });
});
