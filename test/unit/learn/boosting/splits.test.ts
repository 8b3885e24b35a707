import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../lib/learn/index.ts';
import { labels, numbers } from '../support.ts';
import { boosted, features } from './support.ts';

/** One tree with nothing held back, so that a leaf is what its rows say. */
const one = { rounds: 1, learningRate: 1, minSamplesLeaf: 1, maxLeaves: 2 };
const NaNs = Number.NaN;

/** Answers for single values of the only feature. */
const answers = (model: Model, values: readonly number[]): number[] =>
  Array.from(model.predict(features([values], model.categories)));

describe.each([
  ['the kernel', true],
  ['the twin', false],
])('a first tree by %s', (_, onKernel) => {
  const tree = (
    x: Parameters<typeof boosted>[0],
    y: Parameters<typeof boosted>[1],
    params = {},
    options = {},
  ) => boosted(x, y, { ...one, ...params }, options, onKernel);

  it('splits where the squared error falls most, and its leaves are means', () => {
    // Mean 6; after 2 | 12: 1, 1, 4 and 12, 12 leave 6 of 120.
    const model = tree(features([[1, 2, 3, 10, 11]]), numbers([1, 1, 4, 12, 12]));
    expect(answers(model, [0, 3, 6, 7, 99])).toEqual([2, 2, 2, 12, 12].map((v) => expect.closeTo(v, 6)));
  });

  it('shrinks leaves by the learning rate and by L2', () => {
    const x = features([[1, 2, 3, 4]]);
    const y = numbers([0, 0, 8, 8]);
    // Base 4, gradients +-4: half of it is 2; with L2 of 2, 8 / (2 + 2) = 2 as well.
    expect(answers(tree(x, y, { learningRate: 0.5 }), [1, 4])).toEqual([2, 6]);
    expect(answers(tree(x, y, { l2: 2 }), [1, 4])).toEqual([2, 6]);
  });

  it('takes a Newton step for two classes', () => {
    const x = features([[1, 2, 3, 4, 5, 6, 7, 8]]);
    const model = tree(x, labels([0, 0, 0, 1, 1, 1, 1, 1], ['a', 'b']));
    const p = model.predictProbability(features([[1, 8]]));
    // Base log(5/3), p = 5/8, h = 15/64. Left: 3 rows of g = 5/8 and step -(5/8)/(15/64) = -8/3; right: g = -3/8, 8/5.
    const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
    expect(p[1]).toBeCloseTo(logistic(Math.log(5 / 3) - 8 / 3), 6);
    expect(p[3]).toBeCloseTo(logistic(Math.log(5 / 3) + 8 / 5), 6);
  });

  it('takes K / (K - 1) times the diagonal for more classes', () => {
    const x = features([[1, 1, 1, 1, 1, 1]]);
    const y = labels([0, 0, 0, 1, 1, 2], ['a', 'b', 'c']);
    // No split: nothing is added, and the base is the log of the shares.
    const p = tree(x, y).predictProbability(features([[1]]));
    expect(Array.from(p)).toEqual([1 / 2, 1 / 3, 1 / 6].map((v) => expect.closeTo(v, 9)));
    const split = tree(features([[1, 1, 1, 2, 2, 2]]), y).predictProbability(features([[1, 2]]));
    // Class a, left: g = -1/2, h = 3/2 * 1/4: step 4/3; b: g = 1/3, h = 3/2 * 2/9: -1; c: 1/6 / (3/2 * 5/36): -4/5.
    const raw = [Math.log(1 / 2) + 4 / 3, Math.log(1 / 3) - 1, Math.log(1 / 6) - 4 / 5].map(Math.exp);
    const total = raw.reduce((a, b) => a + b);
    for (const [k, value] of raw.entries()) expect(split[k]).toBeCloseTo(value / total, 6);
  });

  it.each([
    ['right', [1, 2, 3, 4, NaNs, NaNs], [0, 0, 9, 9, 9, 9], 9],
    ['left', [1, 2, 3, 4, NaNs, NaNs], [0, 0, 9, 9, 0, 0], 0],
  ] as const)('sends what is missing %s where that is better', (_side, column, y, expected) => {
    const model = tree(features([column]), numbers(y));
    expect(answers(model, [NaNs])[0]).toBeCloseTo(expected, 5);
    expect(answers(model, [2, 3])).toEqual([0, 9].map((v) => expect.closeTo(v, 5)));
  });

  it('parts the missing from all values', () => {
    const model = tree(features([[1, 2, 3, NaNs, NaNs, NaNs]]), numbers([0, 0, 0, 6, 6, 6]));
    expect(answers(model, [NaNs, 1, 3, 1e30])).toEqual([6, 0, 0, 0].map((v) => expect.closeTo(v, 5)));
  });

  it('sends what was never missing to the heavier child, left of equals', () => {
    const x = (column: number[]) => features([column]);
    expect(answers(tree(x([1, 2, 2, 2]), numbers([0, 4, 4, 4])), [NaNs])[0]).toBeCloseTo(4, 5);
    expect(answers(tree(x([1, 1, 1, 2]), numbers([0, 0, 0, 4])), [NaNs])[0]).toBeCloseTo(0, 5);
    expect(answers(tree(x([1, 1, 2, 2]), numbers([0, 0, 4, 4])), [NaNs])[0]).toBeCloseTo(0, 5);
  });

  it('groups categories by what they say, in any order of their names', () => {
    const names = [['a', 'b', 'c', 'd']];
    const model = tree(features([[0, 1, 2, 3, 0, 1, 2, 3]], names), numbers([9, 0, 9, 0, 9, 0, 9, 0]));
    expect(answers(model, [0, 1, 2, 3])).toEqual([9, 0, 9, 0].map((v) => expect.closeTo(v, 5)));
  });

  it('smooths many categories: a rare one must be far off to be parted', () => {
    const names = [Array.from({ length: 6 }, (_v, i) => `c${i}`)];
    // Category 5 has one row, far off; category 0 has 20 rows, a little off.
    const codes = [...Array(20).fill(0), ...Array(20).fill(1), 2, 3, 4, 5];
    const y = [...Array(20).fill(3), ...Array(20).fill(0), 0, 0, 0, 5];
    const model = tree(features([codes], names), numbers(y));
    const [first, second, , , , rare] = answers(model, [0, 1, 2, 3, 4, 5]);
    expect(first).toBeGreaterThan(2.5);
    expect(second).toBeLessThan(0.5);
    expect(rare).toBe(first);
  });

  it('leaves no child with fewer rows than minSamplesLeaf', () => {
    const model = tree(features([[1, 2, 3, 4, 5, 6]]), numbers([100, 0, 0, 0, 0, 0]), {
      minSamplesLeaf: 2,
    });
    expect(answers(model, [1, 2, 3])).toEqual([50, 50, 0].map((v) => expect.closeTo(v, 4)));
    expect(answers(tree(features([[1, 2, 3]]), numbers([1, 2, 9]), { minSamplesLeaf: 2 }), [1])).toEqual([4]);
  });

  it('stops at maxDepth and at maxLeaves', () => {
    const x = features([Array.from({ length: 64 }, (_v, i) => i)]);
    const y = numbers(Array.from({ length: 64 }, (_v, i) => i * i));
    const leaves = (params: object): number => new Set(tree(x, y, params).predict(x)).size;
    expect(leaves({ maxLeaves: 64, maxDepth: 2 })).toBe(4);
    expect(leaves({ maxLeaves: 5 })).toBe(5);
    expect(leaves({ maxLeaves: 64 })).toBe(64);
  });

  it('keeps the weight that came by each node', () => {
    const options = { weights: Float64Array.of(1, 1, 2, 3) };
    const { ensemble } = tree(features([[1, 1, 2, 2]]), numbers([0, 0, 5, 5]), {}, options);
    expect(Array.from(ensemble!.cover)).toEqual([7, 2, 5]);
  });

  it('is a constant where the target is one, and says that nothing was left', () => {
    const model = tree(features([[1, 2, 3]]), numbers([7, 7, 7]), { rounds: 5 });
    expect(answers(model, [1, NaNs])).toEqual([7, 7]);
    expect(model.notes).toEqual(['no split was left after 0 of 5 rounds']);
    expect(Array.from(model.importance())).toEqual([0]);
  });
});
