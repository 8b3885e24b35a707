import { describe, expect, it } from 'vitest';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import type { FeatureMatrix, Target } from '../../../../lib/learn/types.ts';
import { uniform } from '../support.ts';
import { grownText, mixedData, paramsOf } from './support.ts';

const matrixOf = (...columns: ArrayLike<number>[]): FeatureMatrix => ({
  rowCount: columns[0]!.length,
  names: columns.map((_, j) => `f${j}`),
  columns: columns.map((column) => Float64Array.from(column)),
});
const numbers = (values: Iterable<number>): Target => ({
  task: 'regression',
  values: Float64Array.from(values),
});

describe('numbers with more values than bins', () => {
  const rows = 3000;
  const random = uniform(3);
  const value = Float64Array.from({ length: rows }, () => Math.fround(random()));

  it('are all told apart: a full tree without bootstrap knows every row', () => {
    const y = numbers(value.map((x) => Math.fround(Math.sin(9e4 * x))));
    const model = randomForest.fit(matrixOf(value), y, paramsOf(), { seed: 1 });
    expect(new Set(value).size).toBeGreaterThan(2900);
    expect([...model.predict(matrixOf(value))]).toEqual([...y.values]);
  });

  it('are parted half way between two values, as exact trees part them', () => {
    // 300 values, 0 to 299 in steps of 1 but for one gap; the target jumps at the gap.
    const steps = Float64Array.from({ length: 300 }, (_, i) => (i < 150 ? i : i + 10));
    const y = numbers(steps.map((x) => (x < 150 ? 0 : 1)));
    const model = randomForest.fit(matrixOf(steps), y, paramsOf(), { seed: 1 });
    expect([...model.predict(matrixOf([154.4, 154.6]))]).toEqual([0, 1]);
  });

  it('keep rows with equal values together, and missing ones apart from all', () => {
    const doubled = Float64Array.from({ length: 1200 }, (_, i) =>
      i % 40 === 0 ? Number.NaN : value[Math.floor(i / 2)]!,
    );
    const y = numbers(doubled.map((_, i) => i));
    const model = randomForest.fit(matrixOf(doubled), y, paramsOf(), { seed: 1 });
    const predicted = model.predict(matrixOf(doubled));
    const missing = predicted.filter((_, i) => i % 40 === 0);
    expect(new Set(missing).size).toBe(1);
    expect(predicted[2]).toBe(2.5);
    expect(predicted[3]).toBe(2.5);
    expect(predicted[41]).toBe(41);
  });

  it.each([
    ['plain', {}],
    ['out of bag', { bootstrap: true, oobScore: true, trees: 3 }],
    ['larger leaves', { minSamplesLeaf: 3 }],
    ['larger splits', { minSamplesSplit: 5, trees: 2, bootstrap: true }],
    ['shallow', { maxDepth: 5 }],
    ['some features a split', { maxFeatures: 2, bootstrap: true, oobScore: true, trees: 2 }],
  ])('grow the same bits in the kernel and in its twin: %s', (_, params) => {
    const { x, number } = { x: mixedData(1500).x, number: numbers(value.subarray(0, 1500).map(Math.cos)) };
    const extreme = x.columns.map((column, f) =>
      f === 5 ? column.map((v, i) => [1e30, -1e30, -0, 0, Infinity, 1e-40, -v][i % 7]! * (v + 1)) : column,
    );
    const both = [false, true].map((plain) =>
      grownText({ ...x, columns: extreme }, number, paramsOf(params), { seed: 11, plain }),
    );
    expect(both[0]).toBe(both[1]);
  });
});
