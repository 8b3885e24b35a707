import { describe, expect, it } from 'vitest';
import { buildEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import { treeNodes } from '../../../../lib/learn/ensemble/views.ts';
import { coverFromRows, estimateCover, importanceFromLeaves } from '../../../../lib/learn/exchange/covers.ts';
import type { FeatureMatrix } from '../../../../lib/learn/index.ts';
import { getTrainer } from '../../../../lib/learn/index.ts';
import { largestDifference } from './support/cases.ts';

/** x0 <= 0 ? (kind in {b} ? 10 : 20) : 40 */
const tree = (over: Partial<PlainTree> = {}): PlainTree => ({
  feature: [0, 1, -1, -1, -1],
  threshold: [0, 0, 0, 0, 0],
  left: [1, 3, 0, 0, 0],
  right: [2, 4, 0, 0, 0],
  categories: [undefined, [1], undefined, undefined, undefined],
  value: [0, 0, 40, 10, 20],
  ...over,
});
const ensembleOf = (trees: PlainTree[], aggregate: 'mean' | 'sum' = 'sum') =>
  buildEnsemble({ featureCount: 2, categoryCounts: [0, 2], aggregate, trees });

/** Covers by what the node is: the root, the inner one, and the leaves by their values. */
function coversOf(ensemble: ReturnType<typeof ensembleOf>, t = 0): Record<string, number> {
  const out: Record<string, number> = {};
  const start = ensemble.roots[t]!;
  for (const [place, { leaf, feature }] of treeNodes(ensemble, t)) {
    const { leaves } = ensemble;
    const value = leaves.kind === 'value' ? leaves.values[start + place] : 0;
    out[leaf ? `leaf ${value}` : `asks ${feature}`] = ensemble.cover[start + place]!;
  }
  return out;
}

describe('covers', () => {
  it('that a file lacks: one a leaf, and sums of them', () => {
    const ensemble = ensembleOf([tree(), tree({ value: [0, 0, 1, 2, 3] })]);
    estimateCover(ensemble);
    expect(coversOf(ensemble)).toEqual({
      'asks 0': 3,
      'asks 1': 2,
      'leaf 40': 1,
      'leaf 10': 1,
      'leaf 20': 1,
    });
    expect(coversOf(ensemble, 1)).toEqual({
      'asks 0': 3,
      'asks 1': 2,
      'leaf 1': 1,
      'leaf 2': 1,
      'leaf 3': 1,
    });
  });

  it('from rows: how many come by, and a third of one more at each of three leaves', () => {
    const x: FeatureMatrix = {
      rowCount: 6,
      names: ['size', 'kind'],
      // Right; left and b; left and a; missing goes right; left and unknown goes right of the set; left and b.
      columns: [Float64Array.of(1, -1, 0, Number.NaN, -2, -3), Float64Array.of(0, 1, 0, 1, Number.NaN, 1)],
      categories: [undefined, ['a', 'b']],
    };
    const ensemble = ensembleOf([tree()]);
    coverFromRows(ensemble, x);
    const third = Math.fround(1 / 3);
    const found = coversOf(ensemble);
    expect(found['asks 0']).toBeCloseTo(7, 5);
    expect(found['leaf 40']).toBeCloseTo(2 + third, 5);
    expect(found['asks 1']).toBeCloseTo(4 + 2 * third, 5);
    expect(found['leaf 10']).toBeCloseTo(2 + third, 5);
    expect(found['leaf 20']).toBeCloseTo(2 + third, 5);
  });

  it('a leaf that no row comes to has some weight all the same', () => {
    const x = { rowCount: 1, names: ['size', 'kind'], columns: [Float64Array.of(5), Float64Array.of(0)] };
    const ensemble = ensembleOf([tree()]);
    coverFromRows(ensemble, x);
    expect(ensemble.cover.every((cover) => cover > 0)).toBe(true);
  });

  it('a tree that is one leaf has one row', () => {
    const leaf = { feature: [-1], threshold: [0], left: [0], right: [0], value: [3] };
    const ensemble = ensembleOf([leaf]);
    estimateCover(ensemble);
    expect(Array.from(ensemble.cover)).toEqual([1]);
  });
});

describe('importance from leaves', () => {
  it('is what each question takes off the squared error: by hand', () => {
    const ensemble = ensembleOf([tree({ cover: [10, 6, 4, 2, 4] })]);
    // The inner node: mean 100/6, 2 rows 10 and 4 rows 20: 2·(6.67)² + 4·(3.33)² = 133.33.
    // The root: means 16.67 and 40, together 26; 6·9.33² + 4·14² = 1306.67.
    const [size, kind] = importanceFromLeaves(ensemble);
    expect(size).toBeCloseTo(1306.6667 / 1440, 6);
    expect(kind).toBeCloseTo(133.3333 / 1440, 6);
  });

  it('each tree of a mean counts alike; of a sum by how much it parts', () => {
    const cover = [10, 6, 4, 2, 4];
    const first = { feature: [0, -1, -1], threshold: [0, 0, 0], left: [1, 0, 0], right: [2, 0, 0] };
    const small = { ...first, value: [0, 0, 1], cover: [2, 1, 1] };
    const trees = [tree({ cover, categories: [undefined, [1], undefined, undefined, undefined] }), small];
    const alone = importanceFromLeaves(ensembleOf([trees[0]!]))[0]!;
    expect(importanceFromLeaves(ensembleOf(trees, 'mean'))[0]).toBeCloseTo((alone + 1) / 2, 10);
    // The second tree parts by 2 · 0.25 = 0.5 beside 1440.
    expect(importanceFromLeaves(ensembleOf(trees, 'sum'))[0]).toBeCloseTo((1306.66667 + 0.5) / 1440.5, 6);
  });

  it('is zero where nothing is parted', () => {
    const ensemble = ensembleOf([tree({ value: [0, 0, 7, 7, 7], cover: [3, 2, 1, 1, 1] })]);
    expect(Array.from(importanceFromLeaves(ensemble))).toEqual([0, 0]);
  });

  it('is what a forest of ours counted while it grew', () => {
    const columns = [37, 71, 13].map((step) =>
      Float64Array.from({ length: 300 }, (_, i) => (i * step) % 101),
    );
    const x = { rowCount: 300, names: ['a', 'b', 'c'], columns };
    const values = columns[0]!.map((a, i) => (a > 50 ? 3 : 0) + columns[1]![i]! / 50);
    const forest = getTrainer('random-forest');
    const params = forest.parseParams({ trees: 10, bootstrap: false, maxFeatures: 1 });
    const model = forest.fit(x, { task: 'regression', values }, params, { seed: 1 });
    const found = importanceFromLeaves(model.ensemble!);
    expect(largestDifference(found, Array.from(model.importance()))).toBeLessThan(1e-3);
  });
});
