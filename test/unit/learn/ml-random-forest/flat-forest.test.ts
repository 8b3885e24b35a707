import { describe, expect, it } from 'vitest';
import {
  flatten,
  leafOf,
  readForest,
  type TreeShape,
} from '../../../../lib/learn/ml-random-forest/flat-forest.ts';
import { thrownBy } from '../support.ts';

const leaf = (value: number): TreeShape => ({ value });
const node = (feature: number, threshold: number, left: TreeShape, right: TreeShape): TreeShape => ({
  value: 0,
  split: { feature, threshold, left, right },
});
const trees = [node(1, 5, leaf(10), node(0, 2, leaf(20), leaf(30))), leaf(7)];

describe('flatten', () => {
  it('lays trees in preorder, one behind the other', () => {
    const forest = flatten(trees);
    expect([...forest.treeStarts]).toEqual([0, 5, 6]);
    expect([...forest.feature]).toEqual([1, -1, 0, -1, -1, -1]);
    expect([...forest.value]).toEqual([5, 10, 2, 20, 30, 7]);
    expect([...forest.right]).toEqual([2, 0, 4, 0, 0, 0]);
  });

  it('walks left strictly below the threshold', () => {
    const forest = flatten(trees);
    const at = (row: number[]): number => forest.value[leafOf(forest, 0, Float64Array.from(row), 0)]!;
    expect([at([0, 4.999]), at([1.9, 5]), at([2, 5])]).toEqual([10, 20, 30]);
    expect(forest.value[leafOf(forest, 5, Float64Array.of(0, 0), 0)]).toBe(7);
  });

  it('takes a tree as deep as a chain of 100,000 questions', () => {
    let chain = leaf(-1);
    for (let i = 0; i < 100_000; i++) chain = node(0, i, leaf(i), chain);
    const forest = flatten([chain]);
    expect(forest.feature).toHaveLength(200_001);
    expect(forest.value[leafOf(forest, 0, Float64Array.of(1e9), 0)]).toBe(-1);
  });
});

describe('readForest', () => {
  const sections = (): Record<string, Float64Array | Int32Array | Uint32Array> => ({ ...flatten(trees) });
  const read = (changed: Record<string, unknown>) =>
    readForest({ facts: {}, sections: { ...sections(), ...changed } as never }, 2, Number.isFinite);

  it('reads what flatten wrote', () => {
    expect(read({})).toEqual(flatten(trees));
  });

  it.each([
    ['a missing section', { right: undefined }],
    ['a section of another type', { feature: Float64Array.of(1, -1, 0, -1, -1, -1) }],
    ['sections of unequal length', { value: Float64Array.of(1) }],
    ['no tree', { treeStarts: Uint32Array.of(6) }],
    ['a tree that starts late', { treeStarts: Uint32Array.of(1, 5, 6) }],
    ['a tree that ends early', { treeStarts: Uint32Array.of(0, 5, 5) }],
    ['an empty tree', { treeStarts: Uint32Array.of(0, 0, 6) }],
    ['trees that run backwards', { treeStarts: Uint32Array.of(0, 7, 6) }],
    ['a question to a column that is not there', { feature: Int32Array.of(2, -1, 0, -1, -1, -1) }],
    ['a feature below -1', { feature: Int32Array.of(1, -2, 0, -1, -1, -1) }],
    ['a child behind the tree', { right: Uint32Array.of(5, 0, 4, 0, 0, 0) }],
    ['a child before its parent: a walk without end', { right: Uint32Array.of(2, 0, 1, 0, 0, 0) }],
    ['a right child where the left one lies', { right: Uint32Array.of(1, 0, 4, 0, 0, 0) }],
    ['a leaf with a child', { right: Uint32Array.of(2, 3, 4, 0, 0, 0) }],
    ['a threshold that is no number', { value: Float64Array.of(Number.NaN, 10, 2, 20, 30, 7) }],
    ['a leaf that is no number', { value: Float64Array.of(5, Number.POSITIVE_INFINITY, 2, 20, 30, 7) }],
    [
      'a question as the last node',
      { feature: Int32Array.of(1, -1, 0, -1, -1, 0), right: Uint32Array.of(2, 0, 4, 0, 0, 7) },
    ],
  ])('refuses %s', (_, changed) => {
    expect(thrownBy(() => read(changed)).code).toBe('INTEGRITY');
  });
});
