import { describe, expect, it } from 'vitest';
import { above32, below32, firstAbove, lessThan32 } from '../../../../lib/learn/exchange/float32.ts';
import { importOnnx } from '../../../../lib/learn/exchange/index.ts';
import { growTree } from '../../../../lib/learn/exchange/onnx/plain-tree.ts';
import type { Mode } from '../../../../lib/learn/exchange/onnx/tree-attributes.ts';
import { readTrees } from '../../../../lib/learn/exchange/onnx/tree-attributes.ts';
import { matrixOf } from './support/cases.ts';
import { type Asked, type Tree, treesFile, treesNode } from './support/graphs.ts';

const YES = 1;
const NO = 0;

/** What one question answers to values of the one feature, by the model that was imported. */
function answers(question: Partial<Asked>, values: readonly (number | null)[], doubles = false): number[] {
  const tree: Asked = { value: 0, yes: [YES], no: [NO], ...question };
  const { model } = importOnnx(treesFile([tree], { doubles }));
  return Array.from(
    model.predict(
      matrixOf(
        values.map((value) => [value]),
        model,
      ),
    ),
  );
}

describe('comparisons of numbers', () => {
  const values = [1, below32(1.5), 1.5, above32(1.5), 2, null];

  it.each<[Mode, boolean, number[]]>([
    ['BRANCH_LEQ', false, [1, 1, 1, 0, 0, 0]],
    ['BRANCH_LEQ', true, [1, 1, 1, 0, 0, 1]],
    ['BRANCH_LT', false, [1, 1, 0, 0, 0, 0]],
    ['BRANCH_LT', true, [1, 1, 0, 0, 0, 1]],
    ['BRANCH_GT', false, [0, 0, 0, 1, 1, 0]],
    ['BRANCH_GT', true, [0, 0, 0, 1, 1, 1]],
    ['BRANCH_GTE', false, [0, 0, 1, 1, 1, 0]],
    ['BRANCH_GTE', true, [0, 0, 1, 1, 1, 1]],
  ])('%s 1.5, missing as yes: %s', (mode, missing, expected) => {
    expect(answers({ mode, value: 1.5, missing }, values)).toEqual(expected);
  });

  it.each<[Mode, boolean, number[]]>([
    ['BRANCH_EQ', false, [0, 0, 1, 0, 0, 0]],
    ['BRANCH_EQ', true, [0, 0, 1, 0, 0, 1]],
    // What is missing differs from every number, whether or not missing values track true.
    ['BRANCH_NEQ', false, [1, 1, 0, 1, 1, 1]],
    ['BRANCH_NEQ', true, [1, 1, 0, 1, 1, 1]],
  ])('%s 1.5 of a feature that is compared elsewhere too, missing as yes: %s', (mode, missing, expected) => {
    // A second tree that adds nothing, so that the feature is a number and not a category.
    const first: Asked = { mode, value: 1.5, missing, yes: [YES], no: [NO] };
    const second: Asked = { value: 9, yes: [0], no: [0] };
    const { model } = importOnnx(treesFile([first, second]));
    expect(model.categories).toBeUndefined();
    expect(
      Array.from(
        model.predict(
          matrixOf(
            values.map((one) => [one]),
            model,
          ),
        ),
      ),
    ).toEqual(expected);
  });

  it.each<[Mode, number[]]>([
    ['BRANCH_LEQ', [1, 0, 0]],
    ['BRANCH_LT', [1, 0, 0]],
    ['BRANCH_GTE', [0, 1, 1]],
    ['BRANCH_GT', [0, 1, 1]],
  ])('%s with a double between two float32 parts them', (mode, expected) => {
    const [low, high] = [Math.fround(0.1), above32(Math.fround(0.1))];
    // The shortest way to a double that no float32 equals: the middle.
    expect(answers({ mode, value: (low + high) / 2 }, [low, high, 1], true)).toEqual(expected);
  });

  it.each<[Mode, number[]]>([
    ['BRANCH_LEQ', [1, 1, 0]],
    ['BRANCH_LT', [1, 0, 0]],
    ['BRANCH_GTE', [0, 1, 1]],
    ['BRANCH_GT', [0, 0, 1]],
  ])('%s with a double that is a float32 is that number', (mode, expected) => {
    expect(answers({ mode, value: -2.25 }, [-3, -2.25, -2], true)).toEqual(expected);
  });

  it('a double that no float32 equals is equal to nothing, missing values aside', () => {
    const trees = (missing: boolean): Tree[] => [
      { mode: 'BRANCH_EQ', value: 0.1, missing, yes: [YES], no: [NO] },
      { value: 9, yes: [0], no: [0] },
    ];
    for (const missing of [false, true]) {
      const { model } = importOnnx(treesFile(trees(missing), { doubles: true }));
      expect(Array.from(model.predict(matrixOf([[Math.fround(0.1)], [0.1], [null]], model)))).toEqual([
        NO,
        NO,
        missing ? YES : NO,
      ]);
    }
  });

  it('thresholds beyond float32 part nothing', () => {
    expect(answers({ value: 1e300 }, [-1e30, 3e38], true)).toEqual([YES, YES]);
    expect(answers({ mode: 'BRANCH_GT', value: -1e300 }, [-1e30, 3e38], true)).toEqual([YES, YES]);
  });
});

describe('chains of equality', () => {
  /** a, b or c? As LightGBM's converter writes a set: true branches lead to one node. */
  const chain = (last: Partial<Asked> = {}): Asked => {
    const yes: Tree = [YES];
    const third: Asked = { mode: 'BRANCH_EQ', value: 7, yes, no: [NO], ...last };
    const second: Asked = { mode: 'BRANCH_EQ', value: 3, yes, no: third };
    return { mode: 'BRANCH_EQ', value: 1, yes, no: second };
  };

  it('are one question of a set of categories, named by their numbers', () => {
    const { model } = importOnnx(treesFile([chain()]));
    expect(model.categories).toEqual([['1', '3', '7']]);
    expect(model.ensemble!.roots).toEqual(Uint32Array.of(0, 3));
    const rows = [[1], [3], [7], [2], [null]];
    expect(Array.from(model.predict(matrixOf(rows, model)))).toEqual([YES, YES, YES, NO, NO]);
  });

  it('end where the true branch leads elsewhere', () => {
    const { model } = importOnnx(treesFile([chain({ yes: [5] })]));
    const rows = [[1], [3], [7], [2]];
    expect(Array.from(model.predict(matrixOf(rows, model)))).toEqual([YES, YES, 5, NO]);
    expect(model.ensemble!.roots).toEqual(Uint32Array.of(0, 5));
  });

  it('end where another feature is asked', () => {
    const { model } = importOnnx(treesFile([chain({ feature: 1 })], { width: 2 }));
    expect(model.categories).toEqual([['1', '3'], ['7']]);
    const rows = [
      [1, null],
      [9, 7],
      [9, 8],
    ];
    expect(Array.from(model.predict(matrixOf(rows, model)))).toEqual([YES, YES, NO]);
  });

  it('take missing values where any link does', () => {
    const { model } = importOnnx(treesFile([chain({ missing: true })]));
    expect(Array.from(model.predict(matrixOf([[null], [2], [7]], model)))).toEqual([YES, YES, YES]);
  });

  it('a category that no node names goes where missing values go, though they part in the file', () => {
    // In the file 2 equals nothing and goes to no; here what is unknown is one with what is missing.
    const { model } = importOnnx(treesFile([chain()]));
    expect(Array.from(model.predict(matrixOf([[2], [null]], model)))).toEqual([NO, NO]);
  });

  it('more than 255 values are numbers: each is asked for as one', () => {
    const leaf: Tree = [YES];
    let tree: Tree = [NO];
    for (let value = 0; value < 300; value++) tree = { mode: 'BRANCH_EQ', value, yes: leaf, no: tree };
    const { model } = importOnnx(treesFile([tree]));
    expect(model.categories).toBeUndefined();
    expect(Array.from(model.predict(matrixOf([[0], [299], [300], [17.5], [null]], model)))).toEqual([
      YES,
      YES,
      NO,
      NO,
      NO,
    ]);
  });

  it('of numbers: values beside one another, doubles that no float32 equals, missing values with the first', () => {
    const yes: Tree = [YES];
    const values = [0.5, above32(0.5), 0.1, -4];
    const chainOf = (missing: boolean): Tree =>
      values.reduceRight<Tree>((no, value) => ({ mode: 'BRANCH_EQ', value, yes, no, missing }), [NO]);
    const unlike: Tree = { value: 9, yes: [0], no: [0] };
    const rows = [[0.5], [above32(0.5)], [below32(0.5)], [above32(above32(0.5))], [0.1], [-4], [-5], [null]];
    for (const missing of [false, true]) {
      const { model } = importOnnx(treesFile([chainOf(missing), unlike], { doubles: true }));
      expect(model.categories).toBeUndefined();
      const expected = [YES, YES, NO, NO, NO, YES, NO, missing ? YES : NO];
      expect(Array.from(model.predict(matrixOf(rows, model)))).toEqual(expected);
    }
  });

  it('names in the metadata win where codes fit them, and are left aside where they do not', () => {
    const named = (names: string[]) =>
      importOnnx(treesFile([chain()], { metadata: { categories: JSON.stringify([names]) } })).model;
    const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect(named(eight).categories).toEqual([eight]);
    expect(named(eight).notes.join()).not.toContain('named by their numbers');
    expect(named(['a', 'b']).categories).toEqual([['1', '3', '7']]);
    expect(named([...eight.slice(0, 7), 'a']).categories).toEqual([['1', '3', '7']]);
  });

  it('0 and -0 are one value', () => {
    const yes: Tree = [YES];
    const tree: Asked = {
      mode: 'BRANCH_EQ',
      value: -0,
      yes,
      no: { mode: 'BRANCH_EQ', value: 0, yes, no: [NO] },
    };
    expect(importOnnx(treesFile([tree])).model.categories).toEqual([['0']]);
  });
});

describe('nodes that are shared', () => {
  it('are written out for each parent', () => {
    const shared: Tree = { value: 5, feature: 1, yes: [10], no: [20] };
    const tree: Asked = { value: 0, yes: shared, no: { value: 1, yes: [30], no: shared } };
    const { model } = importOnnx(treesFile([tree], { width: 2 }));
    expect(model.ensemble!.roots).toEqual(Uint32Array.of(0, 9));
    const rows = [
      [-1, 5],
      [-1, 6],
      [1, 0],
      [2, 5],
      [2, 6],
    ];
    expect(Array.from(model.predict(matrixOf(rows, model)))).toEqual([10, 20, 30, 10, 20]);
  });

  it('are refused where that would take more nodes than may be made', () => {
    let tree: Tree = { value: 0, yes: [1], no: [2] };
    for (let level = 0; level < 40; level++) tree = { value: level, yes: tree, no: tree };
    const [read] = readTrees(treesNode([tree])).trees;
    expect(() => growTree(read!, 'Trees "t"', [undefined], 5000)).toThrow(
      /^Trees "t": tree 0 .*too many nodes/,
    );
  });
});

describe('float32 neighbours', () => {
  it.each([
    [0, -(2 ** -149), 2 ** -149],
    [-0, -(2 ** -149), 2 ** -149],
    [1, 1 - 2 ** -24, 1 + 2 ** -23],
    [-1, -1 - 2 ** -23, -1 + 2 ** -24],
    // 0.1 reads as 0.10000000149, which is above it already.
    [0.1, 0.09999999403953552, Math.fround(0.1)],
    [2 ** -149, 0, 2 ** -148],
    [3.4028234663852886e38, 3.4028232635611926e38, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, -3.4028234663852886e38],
  ])('of %d are %d and %d', (value, below, above) => {
    expect(below32(value)).toBe(below);
    expect(above32(value)).toBe(above);
  });

  it.each([
    // Half way between 1 and 1 + 2^-23 is rounded to the even neighbour, 1; the next double is not.
    [1, 1 + 2 ** -24 + 2 ** -52],
    // Half way between 1 + 2^-23 and 1 + 2^-22 is rounded up, away from the threshold.
    [1 + 2 ** -23, 1 + 3 * 2 ** -24],
    [3.4028234663852886e38, 2 ** 128 - 2 ** 103],
  ])('the first double that reads as more than %d', (threshold, expected) => {
    const found = firstAbove(threshold);
    expect(found).toBe(expected);
    expect(Math.fround(found)).toBeGreaterThan(threshold);
  });

  it.each([
    // Data in decimals: 0.7 reads as 0.699999988, and x < 0.7 is false for it.
    [0.7, 0.6999999284744263],
    // The middle of 1.1 and 1.3: 1.2 is below it.
    [1.2000000000000002, Math.fround(1.2)],
    [2, below32(2)],
    [(1 + above32(1)) / 2, 1],
  ])('x < %d is, of float32 values, x <= %d', (value, expected) => {
    expect(lessThan32(value)).toBe(expected);
  });
});
