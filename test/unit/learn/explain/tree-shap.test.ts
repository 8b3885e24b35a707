import { describe, expect, it } from 'vitest';
import { buildEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import { treeShap } from '../../../../lib/learn/explain/tree-shap.ts';
import { treeUnpacker } from '../../../../lib/learn/explain/unpack-tree.ts';
import { uniform } from '../support.ts';
import {
  columnsOf,
  farthest,
  randomEnsemble,
  randomRow,
  rawScore,
  shapleyByDefinition,
} from './shap-support.ts';

const nan = Number.NaN;
const explain = (ensemble: ReturnType<typeof buildEnsemble>, rows: number[][]) =>
  treeShap(ensemble, { rowCount: rows.length, columns: columnsOf(rows, ensemble.featureCount) });

/** x0 <= 1 ? 10 : 20, three rows of four to the left. */
const stump: PlainTree = {
  feature: [0, -1, -1],
  threshold: [1, 0, 0],
  left: [1, 0, 0],
  right: [2, 0, 0],
  value: [0, 10, 20],
  cover: [4, 3, 1],
};

/** AND of two features, each half the rows: the example of Lundberg et al. 2018, figure 1. */
const and: PlainTree = {
  feature: [0, -1, 1, -1, -1],
  threshold: [0.5, 0, 0.5, 0, 0],
  left: [1, 0, 3, 0, 0],
  right: [2, 0, 4, 0, 0],
  value: [0, 0, 0, 0, 80],
  cover: [4, 2, 2, 1, 1],
};

describe('by hand', () => {
  it('a stump: the base is the mean by cover, the contribution what the row differs by', () => {
    const ensemble = buildEnsemble({ featureCount: 2, aggregate: 'sum', trees: [stump] });
    const { base, contributions } = explain(ensemble, [
      [0, 5],
      [2, 5],
    ]);
    expect([...base]).toEqual([12.5]);
    expect([...contributions]).toEqual([-2.5, 0, 7.5, 0]);
  });

  it('both flags of an AND share alike; base 20, 30 each', () => {
    const ensemble = buildEnsemble({ featureCount: 2, aggregate: 'sum', trees: [and] });
    const { base, contributions } = explain(ensemble, [[1, 1]]);
    expect(base[0]).toBe(20);
    expect(contributions[0]).toBeCloseTo(30, 12);
    expect(contributions[1]).toBeCloseTo(30, 12);
  });

  it('the AND without its first flag: -30 for it, +10 for the other', () => {
    const ensemble = buildEnsemble({ featureCount: 2, aggregate: 'sum', trees: [and] });
    // v() = 20, v(0) = 0, v(1) = 40, v(0, 1) = 0.
    const { contributions } = explain(ensemble, [[0, 1]]);
    expect(contributions[0]).toBeCloseTo((0 - 20 + (0 - 40)) / 2, 12);
    expect(contributions[1]).toBeCloseTo((40 - 20 + (0 - 0)) / 2, 12);
  });

  it('a feature asked twice on a path counts once', () => {
    const twice: PlainTree = {
      feature: [0, -1, 0, -1, -1],
      threshold: [0, 0, 5, 0, 0],
      left: [1, 0, 3, 0, 0],
      right: [2, 0, 4, 0, 0],
      value: [0, 1, 0, 2, 6],
      cover: [8, 4, 4, 2, 2],
    };
    const ensemble = buildEnsemble({ featureCount: 1, aggregate: 'sum', trees: [twice] });
    const { base, contributions } = explain(ensemble, [[-1], [3], [9]]);
    expect(base[0]).toBe(2.5);
    expect(farthest(contributions, [-1.5, -0.5, 3.5])).toBeLessThan(1e-14);
  });

  it('a mean divides, a sum adds its base', () => {
    const trees = [stump, { ...stump, value: [0, 30, 40] }];
    const mean = explain(buildEnsemble({ featureCount: 1, aggregate: 'mean', trees }), [[2]]);
    expect([mean.base[0], mean.contributions[0]]).toEqual([22.5, 7.5]);
    const sum = explain(buildEnsemble({ featureCount: 1, aggregate: 'sum', base: [100], trees }), [[2]]);
    expect([sum.base[0], sum.contributions[0]]).toEqual([145, 15]);
  });

  it('missing goes where the node sends it', () => {
    const of = (missingLeft: boolean) =>
      explain(
        buildEnsemble({
          featureCount: 1,
          aggregate: 'sum',
          trees: [{ ...stump, missingLeft: [missingLeft, false, false] }],
        }),
        [[nan]],
      ).contributions[0];
    expect(of(true)).toBe(-2.5);
    expect(of(false)).toBe(7.5);
  });

  it('categories: a set, what is unknown, what is missing', () => {
    const tree: PlainTree = { ...stump, threshold: [0, 0, 0], categories: [[1, 3], undefined, undefined] };
    const ensemble = buildEnsemble({ featureCount: 1, categoryCounts: [4], aggregate: 'sum', trees: [tree] });
    const { contributions } = explain(ensemble, [[1], [3], [0], [7], [nan]]);
    expect([...contributions]).toEqual([-2.5, -2.5, 7.5, 7.5, 7.5]);
  });

  it('compares float32 with float32, as prediction does', () => {
    const ensemble = buildEnsemble({
      featureCount: 1,
      aggregate: 'sum',
      trees: [{ ...stump, threshold: [Math.fround(0.1), 0, 0] }],
    });
    // As a double it is more than the float32 nearest to 0.1; as a float32 it is that.
    expect(0.100000002).toBeGreaterThan(Math.fround(0.1));
    expect(explain(ensemble, [[0.100000002]]).contributions[0]).toBe(-2.5);
  });

  it('distributions: each class has its own contributions, and they cancel over the classes', () => {
    const tree: PlainTree = { ...stump, value: [0, 0, 0, 1, 0, 0, 0.25, 0.25, 0.5] };
    const ensemble = buildEnsemble({ featureCount: 1, outputs: 3, aggregate: 'mean', trees: [tree] });
    const { base, contributions } = explain(ensemble, [[0]]);
    expect([...base]).toEqual([0.8125, 0.0625, 0.125]);
    expect([...contributions]).toEqual([0.1875, -0.0625, -0.125]);
  });

  it('trees of a sum add to their own outputs', () => {
    const trees = [
      { ...stump, output: 0 },
      { ...stump, value: [0, 1, 2], output: 2 },
    ];
    const ensemble = buildEnsemble({ featureCount: 1, outputs: 3, aggregate: 'sum', base: [1, 2, 3], trees });
    const { base, contributions } = explain(ensemble, [[2]]);
    expect([...base]).toEqual([13.5, 2, 4.25]);
    expect([...contributions]).toEqual([7.5, 0, 0.75]);
  });
});

describe('at the edges', () => {
  it('a lone leaf explains nothing', () => {
    const leaf: PlainTree = { feature: [-1], threshold: [0], left: [0], right: [0], value: [7], cover: [3] };
    const { base, contributions } = explain(
      buildEnsemble({ featureCount: 2, aggregate: 'sum', trees: [leaf] }),
      [[1, 2]],
    );
    expect([...base, ...contributions]).toEqual([7, 0, 0]);
  });

  it('equal leaves below a split give its feature nothing', () => {
    const tree = { ...stump, value: [0, 10, 10] };
    const { base, contributions } = explain(
      buildEnsemble({ featureCount: 1, aggregate: 'sum', trees: [tree] }),
      [[0]],
    );
    expect([base[0], contributions[0]]).toEqual([10, 0]);
  });

  it('no rows and no trees', () => {
    const none = buildEnsemble({ featureCount: 2, aggregate: 'sum', base: [5], trees: [] });
    expect([...explain(none, [[1, 2]]).contributions]).toEqual([0, 0]);
    expect(explain(none, [[1, 2]]).base[0]).toBe(5);
    expect(explain(none, []).contributions).toHaveLength(0);
  });

  it('without covers both ways are equally likely', () => {
    const { cover: _, ...bare } = stump;
    const { base, contributions } = explain(
      buildEnsemble({ featureCount: 1, aggregate: 'sum', trees: [bare] }),
      [[0]],
    );
    expect([base[0], contributions[0]]).toEqual([15, -5]);
  });

  it('a way that no training row took still answers the row that takes it', () => {
    const tree = { ...stump, cover: [4, 4, 0] };
    const { base, contributions } = explain(
      buildEnsemble({ featureCount: 1, aggregate: 'sum', trees: [tree] }),
      [[2]],
    );
    expect([base[0], contributions[0]]).toEqual([10, 10]);
  });

  it('a chain of 20,000 nodes overflows no stack, and sums up', () => {
    const levels = 20_000;
    const chain = {
      feature: [] as number[],
      threshold: [] as number[],
      left: [] as number[],
      right: [] as number[],
      value: [] as number[],
      cover: [] as number[],
    };
    for (let level = 0; level < levels; level++) {
      chain.feature.push(level % 3, -1);
      chain.threshold.push(level + 0.5, 0);
      chain.left.push(2 * level + 1, 0);
      chain.right.push(2 * level + 2, 0);
      chain.value.push(0, (level % 7) - 3);
      chain.cover.push(levels + 1 - level, 1);
    }
    chain.feature.push(-1);
    chain.threshold.push(0);
    chain.left.push(0);
    chain.right.push(0);
    chain.value.push(4);
    chain.cover.push(1);
    const ensemble = buildEnsemble({ featureCount: 3, aggregate: 'sum', trees: [chain] });
    const row = [17_000, 18_000, 19_000];
    const { base, contributions } = explain(ensemble, [row]);
    // The first node that lets the row go left is the first of feature 0 from 17,000 on.
    const first = Array.from({ length: levels }, (_, level) => level).find(
      (level) => row[level % 3]! <= level + 0.5,
    )!;
    const sum = base[0]! + contributions[0]! + contributions[1]! + contributions[2]!;
    expect(sum).toBeCloseTo((first % 7) - 3, 9);
  });

  it('paths of 200 different features, more than have bits of their own', () => {
    const features = 200;
    const path = {
      feature: [] as number[],
      threshold: [] as number[],
      left: [] as number[],
      right: [] as number[],
      value: [] as number[],
      cover: [] as number[],
    };
    for (let level = 0; level < features; level++) {
      path.feature.push(level, -1);
      path.threshold.push(0, 0);
      path.left.push(2 * level + 1, 0);
      path.right.push(2 * level + 2, 0);
      path.value.push(0, 0);
      path.cover.push(2 ** ((features - level) / 8), 2 ** ((features - level) / 8) * (1 - 2 ** (-1 / 8)));
    }
    path.feature.push(-1);
    path.threshold.push(0);
    path.left.push(0);
    path.right.push(0);
    path.value.push(1);
    path.cover.push(1);
    const ensemble = buildEnsemble({ featureCount: features, aggregate: 'sum', trees: [path] });
    const { base, contributions } = explain(ensemble, [new Array(features).fill(1)]);
    expect(base[0]).toBeCloseTo(2 ** -25, 10);
    // All features are alike but for float32 covers: each has a 200th of what is to share.
    for (const value of contributions) expect(value).toBeCloseTo((1 - base[0]!) / features, 6);
    expect(base[0]! + contributions.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 10);
  });

  it('300 classes, some at a time', () => {
    const ensemble = randomEnsemble({
      seed: 5,
      features: 4,
      outputs: 300,
      trees: 3,
      depth: 4,
      aggregate: 'mean',
      leaves: 'distribution',
      categories: true,
    });
    const next = uniform(3);
    const row = randomRow(ensemble, next);
    const { base, contributions } = explain(ensemble, [row]);
    expect(farthest(contributions, shapleyByDefinition(ensemble, row))).toBeLessThan(1e-13);
    const sum = base.map(
      (value, k) => value + [0, 1, 2, 3].reduce((s, j) => s + contributions[j * 300 + k]!, 0),
    );
    expect(farthest(sum, rawScore(ensemble, row))).toBeLessThan(1e-12);
  });

  it('leaves the columns as they were', () => {
    const ensemble = buildEnsemble({ featureCount: 2, aggregate: 'sum', trees: [and] });
    const columns = columnsOf([[0.5, nan]], 2);
    treeShap(ensemble, { rowCount: 1, columns });
    expect(columns.map((column) => column[0])).toEqual([0.5, nan]);
  });
});

describe('treeUnpacker', () => {
  it('unpacks shares, means, levels, and which features matter below', () => {
    const ensemble = buildEnsemble({ featureCount: 2, aggregate: 'sum', trees: [and] });
    const tree = treeUnpacker(ensemble, 1)(0, 0, 1);
    expect(tree.levels).toBe(3);
    expect(tree.mostOnPath).toBe(2);
    expect(tree.leftShare[0]).toBe(0.5);
    expect(tree.means[0]).toBe(20);
    expect(tree.below[0]).toBe(tree.bitOf[0]! | tree.bitOf[1]!);
    expect(tree.feature[0]).toBe(0);
    expect([...tree.feature.subarray(0, 5)].filter((feature) => feature < 0)).toHaveLength(3);
  });

  it('serves one tree after the other, the features asked most with bits of their own', () => {
    const ensemble = randomEnsemble({
      seed: 11,
      features: 60,
      outputs: 1,
      trees: 2,
      depth: 8,
      aggregate: 'sum',
      leaves: 'value',
      categories: false,
    });
    const unpack = treeUnpacker(ensemble, 1);
    for (const t of [0, 1, 0]) {
      const tree = unpack(t, 0, 1);
      const count = ensemble.roots[t + 1]! - ensemble.roots[t]!;
      const asked = new Map<number, number>();
      for (const f of tree.feature.subarray(0, count)) if (f >= 0) asked.set(f, (asked.get(f) ?? 0) + 1);
      const own = [...asked.keys()].filter((f) => tree.bitOf[f]! !== 2 ** 31);
      expect(new Set(own.map((f) => tree.bitOf[f])).size).toBe(own.length);
      expect(own.length).toBe(Math.min(31, asked.size));
      const least = Math.min(...own.map((f) => asked.get(f)!));
      for (const [f, times] of asked) if (!own.includes(f)) expect(times).toBeLessThanOrEqual(least);
    }
  });
});
