import { describe, expect, it } from 'vitest';
import {
  type Fold,
  groupKFold,
  kFold,
  repeated,
  stratifiedGroupKFold,
  stratifiedKFold,
} from '../../../../lib/learn/validation/index.ts';
import { thrownBy } from '../support.ts';

const tests = (folds: readonly Fold[]) => folds.map(({ test }) => [...test]);
const sizes = (folds: readonly Fold[]) => folds.map(({ test }) => test.length);

describe('k-fold', () => {
  it('parts ten rows into three folds of 4, 3 and 3', () => {
    const folds = kFold(10, { folds: 3, seed: 1 });
    expect(sizes(folds)).toEqual([4, 3, 3]);
    expect(
      tests(folds)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { train, test } of folds)
      expect([...train]).toEqual([...train].filter((row) => !test.includes(row)));
  });

  it('leaves one out where there are as many folds as rows', () => {
    expect(sizes(kFold(5, { folds: 5, seed: 1 }))).toEqual([1, 1, 1, 1, 1]);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(tests(kFold(50, { folds: 5, seed: 3 }))).toEqual(tests(kFold(50, { folds: 5, seed: 3 })));
    expect(tests(kFold(50, { folds: 5, seed: 3 }))).not.toEqual(tests(kFold(50, { folds: 5, seed: 4 })));
  });

  it('does not follow the order of the rows', () => {
    const [first] = tests(kFold(100, { folds: 2, seed: 6 }));
    const early = first!.filter((row) => row < 50).length;
    expect(early).toBeGreaterThan(10);
    expect(early).toBeLessThan(40);
  });

  it.each([0, 1, 2.5, 11, Number.NaN])('refuses %d folds of ten rows', (folds) => {
    expect(thrownBy(() => kFold(10, { folds, seed: 1 }))).toMatchObject({
      code: 'BAD_DEFINITION',
      field: 'folds',
    });
  });
});

describe('stratified', () => {
  it('gives each fold its share of a rare class', () => {
    const classes = Int32Array.from({ length: 100 }, (_, i) => (i < 10 ? 1 : 0));
    const folds = stratifiedKFold(classes, { folds: 5, seed: 2 });
    for (const { test } of folds) {
      expect(test.length).toBe(20);
      expect(test.filter((row) => classes[row] === 1)).toHaveLength(2);
    }
  });

  it('spreads what does not divide: seven rows of a class over five folds', () => {
    const classes = Int32Array.from({ length: 33 }, (_, i) => (i < 7 ? 5 : 2));
    const folds = stratifiedKFold(classes, { folds: 5, seed: 2 });
    const counts = folds.map(({ test }) => test.filter((row) => classes[row] === 5).length).sort();
    expect(counts).toEqual([1, 1, 1, 2, 2]);
    expect(sizes(folds).sort()).toEqual([6, 6, 7, 7, 7]);
  });

  it('lets a class of one row stand in one test part', () => {
    const folds = stratifiedKFold(Int32Array.of(0, 0, 0, 1), { folds: 2, seed: 1 });
    expect(folds.filter(({ test }) => test.includes(3))).toHaveLength(1);
  });
});

describe('grouped', () => {
  it('keeps groups whole and evens the sizes out: 4, 3, 2, 2, 1 over two folds', () => {
    const groups = Int32Array.of(9, 9, 9, 9, 5, 5, 5, 7, 7, 3, 3, 1);
    const folds = groupKFold(groups, { folds: 2, seed: 1 });
    expect(sizes(folds)).toEqual([6, 6]);
    for (const { train, test } of folds) {
      const inside = new Set(Array.from(test, (row) => groups[row]));
      expect(Array.from(train).some((row) => inside.has(groups[row]))).toBe(false);
    }
  });

  it('draws which of equal groups fall together by the seed', () => {
    const groups = Int32Array.from({ length: 40 }, (_, i) => i >> 1);
    const first = tests(groupKFold(groups, { folds: 4, seed: 1 }));
    expect(tests(groupKFold(groups, { folds: 4, seed: 1 }))).toEqual(first);
    expect(tests(groupKFold(groups, { folds: 4, seed: 2 }))).not.toEqual(first);
  });

  it('refuses more folds than groups, and says so', () => {
    const error = thrownBy(() => groupKFold(Int32Array.of(1, 1, 2, 2), { folds: 3, seed: 1 }));
    expect(error).toMatchObject({ code: 'BAD_DEFINITION', field: 'folds' });
    expect(error.message).toContain('2 groups');
  });

  it('and stratified: each fold gets its part of a class that few groups have', () => {
    // Twenty groups of five rows; the first four are all of class 1.
    const groups = Int32Array.from({ length: 100 }, (_, i) => Math.floor(i / 5));
    const classes = Int32Array.from(groups, (group) => (group < 4 ? 1 : 0));
    const folds = stratifiedGroupKFold(classes, groups, { folds: 4, seed: 3 });
    for (const { test } of folds) {
      expect(test.filter((row) => classes[row] === 1)).toHaveLength(5);
      expect(test).toHaveLength(25);
    }
  });
});

describe('repeated', () => {
  it('draws the folds anew each time, the first as without repeats', () => {
    const make = (seed: number) => kFold(30, { folds: 3, seed });
    const all = repeated(3, 11, make);
    expect(all).toHaveLength(9);
    expect(tests(all.slice(0, 3))).toEqual(tests(make(11)));
    expect(tests(all.slice(3, 6))).not.toEqual(tests(all.slice(0, 3)));
    expect(tests(all.slice(6, 9))).not.toEqual(tests(all.slice(3, 6)));
    expect(tests(repeated(3, 11, make))).toEqual(tests(all));
    expect(tests(repeated(2, 11, make))).toEqual(tests(all.slice(0, 6)));
  });

  it.each([0, -1, 1.5])('refuses %d times', (repeats) => {
    expect(thrownBy(() => repeated(repeats, 1, () => [])).field).toBe('repeats');
  });
});
