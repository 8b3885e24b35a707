import { describe, expect, it } from 'vitest';
import { buildEnsemble, type PlainEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import { floor32 } from '../../../../lib/learn/ensemble/lay-tree.ts';
import {
  codesInSet,
  goesLeft,
  leafVector,
  nodeAt,
  treeCount,
  treeNodes,
} from '../../../../lib/learn/ensemble/views.ts';
import { thrownBy, uniform } from '../support.ts';

/** x0 <= 1.5 ? (x1 <= -2 ? 10 : 20) : 30, its nodes in an order of no meaning. */
const plainTree: PlainTree = {
  feature: [0, -1, -1, 1, -1],
  threshold: [1.5, 0, 0, -2, 0],
  left: [3, 0, 0, 4, 0],
  right: [1, 0, 0, 2, 0],
  missingLeft: [0, 0, 0, 1, 0],
  value: [0, 30, 20, 0, 10],
  cover: [10, 4, 3, 6, 3],
};
const build = (tree: Partial<PlainTree> = {}, more: Partial<PlainEnsemble> = {}) =>
  buildEnsemble({ featureCount: 2, aggregate: 'mean', trees: [{ ...plainTree, ...tree }], ...more });

describe('buildEnsemble', () => {
  it('lays children side by side behind their parent, 8 bytes a node', () => {
    const ensemble = build();
    expect(ensemble.slotBits).toBe(2);
    expect([...ensemble.roots]).toEqual([0, 5]);
    // Worked by hand: root (slot 1 of feature 0, left 1), its left child (slot 2 of feature 1, left 3), three leaves.
    expect([...ensemble.nodes].map((word) => word.toString(16))).toEqual([
      '3fc00000',
      '5',
      'c0000000',
      'e',
      '7f800000',
      '8',
      '7f800000',
      'c',
      '7f800000',
      '10',
    ]);
    expect(ensemble.leaves).toEqual({
      kind: 'value',
      values: Float32Array.of(0, 0, 30, 10, 20),
      treeOutputs: Uint16Array.of(0),
    });
    expect([...ensemble.cover]).toEqual([10, 6, 4, 3, 3]);
    expect([...ensemble.base]).toEqual([0]);
    expect([...ensemble.categoryCounts]).toEqual([0, 0]);
  });

  it('is decoded to what was given', () => {
    const ensemble = build();
    expect(treeCount(ensemble)).toBe(1);
    const inner = { leaf: false, categorical: false, set: undefined };
    expect([...treeNodes(ensemble, 0)].map(([, node]) => node)).toEqual([
      { ...inner, feature: 0, threshold: 1.5, missingLeft: false, left: 1, right: 2 },
      { ...inner, feature: 1, threshold: -2, missingLeft: true, left: 3, right: 4 },
      ...[2, 3, 4].map((place) => ({
        ...inner,
        leaf: true,
        feature: -1,
        threshold: Number.NaN,
        missingLeft: false,
        left: place,
        right: place,
      })),
    ]);
  });

  it('keeps sets of categories, equal ones once, and where the missing go', () => {
    const categorical: PlainTree = {
      feature: [0, 0, 0, -1, -1, -1, -1],
      threshold: [0, 0, 0, 0, 0, 0, 0],
      left: [1, 3, 5, 0, 0, 0, 0],
      right: [2, 4, 6, 0, 0, 0, 0],
      categories: [[0, 40, 254], new Set([40, 0, 254]), [3], undefined, undefined, undefined, undefined],
      missingLeft: [1, 0, 1, 0, 0, 0, 0],
      value: [0, 0, 0, 1, 2, 3, 4],
    };
    const ensemble = buildEnsemble({
      featureCount: 1,
      categoryCounts: [255],
      aggregate: 'sum',
      trees: [categorical, categorical],
    });
    expect(ensemble.slotBits).toBe(2);
    expect(ensemble.sets.length).toBe(3 * 8);
    const root = nodeAt(ensemble, 1, 0);
    expect(root).toMatchObject({ categorical: true, feature: 0, missingLeft: true, left: 1, right: 2 });
    expect(codesInSet(root.set!, 255)).toEqual([0, 40, 254]);
    expect(nodeAt(ensemble, 1, root.left).missingLeft).toBe(false);
    expect(codesInSet(nodeAt(ensemble, 0, root.right).set!, 255)).toEqual([3]);
    expect([goesLeft(root, 40, 255), goesLeft(root, 41, 255), goesLeft(root, Number.NaN, 255)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('keeps distributions, pure ones as their class', () => {
    const value = [0, 0, 1, 0, 0.25, 0.75, 0, 0, 0.5, 0.5];
    const ensemble = build(
      { value },
      {
        outputs: 2,
        trees: [
          { ...plainTree, value },
          { ...plainTree, value },
        ],
      },
    );
    expect(ensemble.leaves).toEqual({
      kind: 'distribution',
      rows: Int32Array.of(0, 0, -1, 1, 0, 0, 0, -1, 1, 0),
      table: Float32Array.of(0.25, 0.75, 0.5, 0.5, 0.25, 0.75, 0.5, 0.5),
      tableStarts: Uint32Array.of(0, 2, 4),
    });
    expect([...leafVector(ensemble, 1, 2)]).toEqual([1, 0]);
    expect([...leafVector(ensemble, 1, 3)]).toEqual([0.5, 0.5]);
  });

  it('lets trees add to outputs of their own', () => {
    const ensemble = build(
      {},
      { outputs: 3, aggregate: 'sum', base: [1, 2, 3], trees: [{ ...plainTree, output: 2 }] },
    );
    expect([...leafVector(ensemble, 0, 4)]).toEqual([0, 0, 20]);
    expect([...ensemble.base]).toEqual([1, 2, 3]);
  });

  it('takes a tree of one leaf, and no tree at all for a sum', () => {
    const leaf = buildEnsemble({
      featureCount: 1,
      aggregate: 'mean',
      trees: [{ feature: [-1], threshold: [0], left: [0], right: [0], value: [7] }],
    });
    expect([...leaf.nodes]).toEqual([0x7f800000, 0]);
    const none = buildEnsemble({ featureCount: 1, aggregate: 'sum', base: [3], trees: [] });
    expect([...none.roots]).toEqual([0]);
  });

  it('does not overflow on a tree as deep as it has nodes', () => {
    const depth = 50_000;
    const size = 2 * depth + 1;
    const inner = (i: number) => i < depth;
    const plain: PlainTree = {
      feature: Array.from({ length: size }, (_, i) => (inner(i) ? 0 : -1)),
      threshold: Array.from({ length: size }, (_, i) => i),
      left: Array.from({ length: size }, (_, i) => (inner(i) ? i + 1 : 0)),
      right: Array.from({ length: size }, (_, i) => (inner(i) ? depth + 1 + i : 0)),
      value: Array.from({ length: size }, (_, i) => i),
    };
    expect(buildEnsemble({ featureCount: 1, aggregate: 'mean', trees: [plain] }).roots[1]).toBe(size);
  });

  it.each<[string, string, Partial<PlainTree>, Partial<PlainEnsemble>]>([
    ['a circle', 'node 0 is outside it or met twice', { left: [3, 0, 0, 0, 0] }, {}],
    ['one child of two parents', 'node 2 is outside it or met twice', { left: [3, 0, 0, 2, 0] }, {}],
    ['a child outside', 'node 9 is outside it or met twice', { right: [9, 0, 0, 2, 0] }, {}],
    ['a node that hangs on nothing', '2 of its nodes hang on nothing', { feature: [0, -1, -1, -1, -1] }, {}],
    ['no node', 'it has no node', { feature: [], value: [] }, {}],
    ['a feature beyond the last', 'node 0 asks feature 2 of 2', { feature: [2, -1, -1, 1, -1] }, {}],
    [
      'a threshold that is no number',
      'the threshold of node 0 is not a number',
      { threshold: [Number.NaN, 0, 0, 0, 0] },
      {},
    ],
    [
      'a leaf that is no number',
      'a leaf of tree 0 holds NaN, which is no finite float32',
      { value: [0, Number.NaN, 0, 0, 0] },
      {},
    ],
    [
      'a leaf beyond float32',
      'a leaf of tree 0 holds 1e+300, which is no finite float32',
      { value: [0, 1e300, 0, 0, 0] },
      {},
    ],
    ['too few values', 'every tree must have one value a node, or 1', { value: [0, 1] }, {}],
    [
      'shares that are none',
      'a leaf of tree 0 is no distribution: its shares sum to 0.9',
      { value: [0, 0, 0.5, 0.4, 1, 0, 0, 0, 1, 0] },
      { outputs: 2 },
    ],
    [
      'a negative share',
      'a leaf of tree 0 is no distribution: it holds a share of -0.5',
      { value: [0, 0, 1.5, -0.5, 1, 0, 0, 0, 1, 0] },
      { outputs: 2 },
    ],
    [
      'categories of a number',
      'node 0 asks for categories that feature 0 does not have',
      { categories: [[0], undefined, undefined, undefined, undefined] },
      {},
    ],
    [
      'a category beyond the last',
      'node 0 asks for categories that feature 0 does not have',
      { categories: [[3], undefined, undefined, undefined, undefined] },
      { categoryCounts: [3, 0] },
    ],
    [
      '256 categories',
      'there must be 2 counts of categories, each at most 255',
      {},
      { categoryCounts: [256, 0] },
    ],
    ['too few counts', 'there must be 2 counts of categories, each at most 255', {}, { categoryCounts: [0] }],
    ['a mean of nothing', 'a mean needs a tree', {}, { trees: [] }],
    ['a mean with a base', 'a mean has no base', {}, { base: [1] }],
    [
      'an infinite base',
      'the base must be finite numbers, one for each of 1 outputs',
      {},
      { aggregate: 'sum', base: [Number.POSITIVE_INFINITY] },
    ],
    [
      'an output beyond the last',
      "a tree's output must be 0 to 0",
      {},
      { trees: [{ ...plainTree, output: 1 }] },
    ],
  ])('refuses %s', (_, message, tree, more) => {
    const error = thrownBy(() => build(tree, more));
    expect(error.code, error.stack).toBe('BAD_DEFINITION');
    expect(error.message).toContain(message);
  });
});

describe('thresholds', () => {
  it('go down to float32, so that no row changes its side', () => {
    const random = uniform(3);
    for (let i = 0; i < 2_000; i++) {
      const exact = (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
      const low = floor32(exact);
      expect(Math.fround(low)).toBe(low);
      expect(low).toBeLessThanOrEqual(exact);
      // Nothing representable lies between.
      expect(floor32(low)).toBe(low);
      for (const x of [Math.fround(exact), low, Math.fround(exact * (1 + 2 ** -22)), Math.fround(-exact)]) {
        expect(x <= low).toBe(x <= exact);
      }
    }
    expect([floor32(0), floor32(1.5), floor32(-1e-300), floor32(1e-300)]).toEqual([0, 1.5, -(2 ** -149), 0]);
    expect(floor32(-1e300)).toBe(Number.NEGATIVE_INFINITY);
    expect(floor32(1e300)).toBeCloseTo(3.4028234663852886e38, -30);
  });

  it('of what cannot be reached keep the missing on their side', () => {
    const right = nodeAt(build({ threshold: [Number.POSITIVE_INFINITY, 0, 0, 0, 0] }), 0, 0);
    expect(goesLeft(right, 3e38)).toBe(true);
    expect(goesLeft(right, Number.NaN)).toBe(false);
    const left = nodeAt(build({ threshold: [0, 0, 0, Number.NEGATIVE_INFINITY, 0] }), 0, 1);
    expect(goesLeft(left, -3e38)).toBe(false);
    expect(goesLeft(left, Number.NaN)).toBe(true);
  });
});
