import { describe, expect, it } from 'vitest';
import { mean, median, onCores, powerLaw, standardError, standing } from '../../../bench/learn/statistics.ts';

describe('median, mean and standard error', () => {
  it('takes the middle, or the mean of the two in the middle, and leaves the input as it is', () => {
    const values = [5, 1, 3];
    expect(median(values)).toBe(3);
    expect(values).toEqual([5, 1, 3]);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([10, 9])).toBe(9.5);
  });

  it('sorts numbers as numbers', () => {
    expect(median([100, 20, 3])).toBe(20);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => mean([])).toThrow(RangeError);
  });

  it('has the standard error of the mean, with n - 1', () => {
    // Deviations -2, 0, 2: variance 8 / 2 = 4, so sqrt(4 / 3).
    expect(standardError([1, 3, 5])).toBeCloseTo(Math.sqrt(4 / 3), 12);
    expect(standardError([7, 7, 7, 7])).toBe(0);
    expect(standardError([7])).toBe(0);
  });
});

describe('standing', () => {
  const peers = [0.9, 0.92, 0.91, 0.89, 0.93]; // mean 0.91, standard error 0.00707

  it('is better where the mean is not below', () => {
    expect(standing([0.95, 0.95], peers)).toBe('better');
    expect(standing(peers, peers)).toBe('better');
  });

  it('is within where less than the peer’s standard error is missing, and worse beyond', () => {
    expect(standing([0.904, 0.904], peers)).toBe('within 1 SE');
    expect(standing([0.902, 0.902], peers)).toBe('worse');
  });

  it('tells apart what only our own noise excuses', () => {
    expect(standing([0.89, 0.914], peers)).toBe('within 1 SE of the difference');
  });

  it('knows no excuse between exact scores', () => {
    expect(standing([0.9, 0.9], [0.91, 0.91])).toBe('worse');
  });
});

describe('powerLaw', () => {
  it('finds exponent and scale of an exact power', () => {
    const x = [1, 2, 4, 8];
    const law = powerLaw(
      x,
      x.map((value) => 3 * value ** 1.5),
    );
    expect(law.exponent).toBeCloseTo(1.5, 12);
    expect(law.scale).toBeCloseTo(3, 12);
    expect(law.exponentError).toBeCloseTo(0, 10);
  });

  it('has the textbook error of the slope', () => {
    // log2 y = 0, 1, 1, 3 over log2 x = 0, 1, 2, 3: slope 0.9, rest 0.7, spread 5: sqrt(0.7 / 2 / 5).
    const law = powerLaw([1, 2, 4, 8], [1, 2, 2, 8]);
    expect(law.exponent).toBeCloseTo(0.9, 12);
    expect(law.exponentError).toBeCloseTo(Math.sqrt(0.07), 12);
  });

  it('refuses what has no slope', () => {
    expect(() => powerLaw([2, 2], [1, 3])).toThrow(RangeError);
    expect(() => powerLaw([1, 2], [1, 0])).toThrow(RangeError);
    expect(() => powerLaw([1, 2], [1])).toThrow(RangeError);
    expect(() => powerLaw([], [])).toThrow(RangeError);
  });
});

describe('onCores', () => {
  it('keeps what does not divide', () => {
    // 10 s on one, 6 on two: 2 s serial, 8 to divide.
    expect(onCores(10, 6, 4)).toEqual({ serial: 2, seconds: 4 });
    expect(onCores(10, 6, 1).seconds).toBe(10);
    expect(onCores(10, 6, 2).seconds).toBe(6);
  });

  it('never gains more than the cores, nor takes longer than one', () => {
    expect(onCores(10, 4, 5)).toEqual({ serial: 0, seconds: 2 });
    expect(onCores(10, 12, 6)).toEqual({ serial: 10, seconds: 10 });
  });
});
