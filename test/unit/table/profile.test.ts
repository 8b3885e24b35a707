import { describe, expect, it } from 'vitest';
import { type CategoryProfile, type NumericProfile, profileTable } from '../../../lib/table/index.ts';
import { numbers, tableOf, texts } from './support.ts';

const numeric = (values: number[]) =>
  profileTable(tableOf(numbers('n', values))).columns[0] as NumericProfile;
const categories = (values: (string | null)[]) =>
  profileTable(tableOf(texts('c', values))).columns[0] as CategoryProfile;

describe('profileTable', () => {
  it('describes numbers as numpy does', () => {
    const profile = numeric([4, 1, Number.NaN, 2, 10, 2]);
    expect(profile).toMatchObject({
      name: 'n',
      kind: 'number',
      count: 5,
      missing: 1,
      distinct: 4,
      min: 1,
      max: 10,
    });
    // numpy: mean 3.8, std 3.249615361854384, quantile .25 2, .5 2, .75 4, .05 1.2
    expect(profile.mean).toBeCloseTo(3.8, 12);
    expect(profile.std).toBeCloseTo(3.249615361854384, 12);
    const at = (p: number) => profile.quantiles.find((one) => one.p === p)!.value;
    expect([at(0.25), at(0.5), at(0.75)]).toEqual([2, 2, 4]);
    expect(at(0.05)).toBeCloseTo(1.2, 12);
  });

  it('counts every value in one of 20 bins', () => {
    const { histogram } = numeric(Array.from({ length: 101 }, (_, i) => i));
    expect(histogram.edges).toHaveLength(21);
    expect([histogram.edges[0], histogram.edges[20]]).toEqual([0, 100]);
    expect(histogram.counts).toEqual([...Array(19).fill(5), 6]);
    expect(numeric([3, 3]).histogram).toEqual({ edges: [3, 3], counts: [2] });
  });

  it('is JSON whatever the numbers: none at all, the largest, minus zero', () => {
    expect(numeric([Number.NaN])).toEqual({
      name: 'n',
      kind: 'number',
      count: 0,
      missing: 1,
      distinct: 0,
      min: null,
      max: null,
      mean: null,
      std: null,
      quantiles: [],
      histogram: { edges: [], counts: [] },
    });
    for (const values of [
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [-0, -0],
      [5e-324, 1],
    ]) {
      const profile = numeric(values);
      expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
      expect(profile.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    }
  });

  it('counts categories, the most frequent first, and sums up the rest', () => {
    expect(categories(['b', 'a', 'b', null, 'c', 'a'])).toEqual({
      name: 'c',
      kind: 'category',
      count: 5,
      missing: 1,
      distinct: 3,
      categories: [
        { value: 'a', count: 2 },
        { value: 'b', count: 2 },
        { value: 'c', count: 1 },
      ],
      other: 0,
    });
    const many = categories(Array.from({ length: 200 }, (_, i) => `c${i % 80}`));
    expect([many.distinct, many.categories.length, many.other]).toEqual([80, 50, 60]);
  });
});

describe('points of a numeric profile', () => {
  it('are every value of a column of few, with the rows up to each', () => {
    expect(numeric([3, 1, Number.NaN, 1, 2, 3, 3]).points).toEqual({ values: [1, 2, 3], upTo: [2, 3, 6] });
    expect(numeric([Number.NaN]).points).toBeUndefined();
  });

  it('are the percentiles of a column of many, the last of them its greatest value', () => {
    const { points } = numeric(Array.from({ length: 1_000 }, (_, i) => i));
    expect(points!.values).toHaveLength(100);
    expect(points!.values.slice(0, 2)).toEqual([9, 19]);
    expect(points!.upTo.slice(-2)).toEqual([990, 1_000]);
  });

  it('are exact where one value takes many rows', () => {
    const values = [...Array(500).fill(0), ...Array.from({ length: 500 }, (_, i) => i + 1)];
    const { points } = numeric(values);
    expect([points!.values[0], points!.upTo[0]]).toEqual([0, 500]);
    for (const [i, value] of points!.values.entries()) {
      expect(points!.upTo[i]).toBe(values.filter((one) => one <= value).length);
    }
    expect(points!.values.at(-1)).toBe(500);
  });
});
