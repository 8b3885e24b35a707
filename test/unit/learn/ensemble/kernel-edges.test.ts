import { describe, expect, it } from 'vitest';
import { buildEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import type { Ensemble } from '../../../../lib/learn/ensemble/ensemble.ts';
import { kernelLayout } from '../../../../lib/learn/ensemble/kernel-layout.ts';
import { kernelScores } from '../../../../lib/learn/ensemble/kernel-score.ts';
import { plainScorer } from '../../../../lib/learn/ensemble/score.ts';
import type { FeatureMatrix } from '../../../../lib/learn/index.ts';
import { randomEnsemble, randomRows, slowScores, type Wish } from './random-ensemble.ts';

const rowsOf = (columns: Float64Array[]): FeatureMatrix => ({
  rowCount: columns[0]!.length,
  names: columns.map((_, f) => `f${f}`),
  columns,
});

/** One question; the row that goes left is worth 1, the other 2. */
const stump = (feature: number, more: Partial<PlainTree>): PlainTree => ({
  ...{
    feature: [feature, -1, -1],
    threshold: [0, 0, 0],
    left: [1, 0, 0],
    right: [2, 0, 0],
    value: [0, 1, 2],
  },
  ...more,
});

/** All questions of `depth` levels about feature 0, as a binary search: the leaf of x in (k - 1, k] is worth k. */
function searchTree(depth: number): PlainTree {
  const inner = 2 ** depth - 1;
  const nodes = Array.from({ length: 2 * inner + 1 }, (_, node) => node);
  const isLeaf = (node: number) => node >= inner;
  const threshold = nodes.map((node) => {
    if (isLeaf(node)) return 0;
    // Level by level, so that a child lies as many nodes ahead as its level has before it.
    const level = 31 - Math.clz32(node + 1);
    return ((node + 1 - 2 ** level) * 2 + 1) * 2 ** (depth - level - 1) - 1;
  });
  return {
    feature: nodes.map((node) => (isLeaf(node) ? -1 : 0)),
    threshold,
    left: nodes.map((node) => (isLeaf(node) ? 0 : 2 * node + 1)),
    right: nodes.map((node) => (isLeaf(node) ? 0 : 2 * node + 2)),
    value: nodes.map((node) => (isLeaf(node) ? node - inner : 0)),
  };
}

describe('a balanced tree whose children lie up to 65,536 nodes ahead', () => {
  const depth = 16;
  const asked = [0, 1, 2, 255, 256, 32_767, 32_768, 40_000, 65_534, 65_535];
  const numbers = Float64Array.from(asked.flatMap((value) => [value, value - 0.5]));
  const worth = Float64Array.from(asked.flatMap((value) => [value, value]));

  it('of numbers ends at the leaf that the value says', () => {
    const ensemble = buildEnsemble({ featureCount: 1, aggregate: 'sum', trees: [searchTree(depth)] });
    expect(kernelLayout(ensemble).wide).toBe(true);
    const { nodes, slotBits } = ensemble;
    const ahead = Array.from({ length: nodes.length / 2 }, (_, i) => (nodes[2 * i + 1]! >>> slotBits) - i);
    expect(Math.max(...ahead.slice(0, 70_000))).toBeGreaterThan(0xffff - 1);
    expect(kernelScores(ensemble, rowsOf([numbers]))).toEqual(worth);
    expect(plainScorer(ensemble)(rowsOf([numbers]))).toEqual(worth);
    for (const [i, value] of numbers.entries()) {
      expect(kernelScores(ensemble, rowsOf([Float64Array.of(value)]))[0]).toBe(worth[i]);
    }
  });

  it('of numbers beside a category does too', () => {
    const trees = [searchTree(depth), stump(1, { categories: [[2], undefined, undefined] })];
    const ensemble = buildEnsemble({ featureCount: 2, categoryCounts: [0, 3], aggregate: 'sum', trees });
    expect(kernelLayout(ensemble)).toMatchObject({ wide: true, categorical: true });
    const codes = numbers.map((_, i) => i % 4);
    const wanted = worth.map((value, i) => value + (codes[i] === 2 ? 1 : 2));
    expect(kernelScores(ensemble, rowsOf([numbers, codes]))).toEqual(wanted);
    expect(plainScorer(ensemble)(rowsOf([numbers, codes]))).toEqual(wanted);
  });
});

describe('a block of rows at the limit of 65,535 bytes', () => {
  // Entries are of 32 bytes, two a number; beside categories of 64, one a category, and one goes before all.
  const kinds: [string, number, (features: number) => number[] | undefined][] = [
    ['numbers alone', 1_023, () => undefined],
    ['categories alone', 1_022, (features) => Array(features).fill(40)],
    ['both in turns', 681, (features) => Array.from({ length: features }, (_, f) => (f % 2) * 40)],
  ];

  it.each(kinds)(
    'of %s: %i features are narrow, one more is wide, and the last is asked rightly',
    (_, most, kind) => {
      for (const features of [most, most + 1]) {
        const counts = kind(features);
        const last = features - 1;
        const categorical = (counts?.[last] ?? 0) > 0;
        const ask = (missingLeft: boolean) =>
          categorical
            ? stump(last, {
                categories: [[0, 33], undefined, undefined],
                missingLeft: [missingLeft, false, false],
              })
            : stump(last, { threshold: [0.5, 0, 0], missingLeft: [missingLeft, false, false] });
        const ensemble = buildEnsemble({
          featureCount: features,
          ...(counts && { categoryCounts: counts }),
          aggregate: 'sum',
          trees: [ask(false), ask(true)],
        });
        const layout = kernelLayout(ensemble);
        expect(layout.wide).toBe(features > most);
        expect(layout.blockBytes > 65_535).toBe(layout.wide);
        const values = Float64Array.from(
          categorical ? [0, 33, 1, 32, 39, Number.NaN] : [0, 0.5, 1, 2, 3, Number.NaN],
        );
        const columns = Array.from({ length: features }, () => new Float64Array(6).fill(1));
        columns[last] = values;
        expect([...kernelScores(ensemble, rowsOf(columns))]).toEqual([2, 2, 4, 4, 4, 3]);
        const twice = rowsOf(columns.map((column) => Float64Array.of(...column, ...column)));
        expect([...kernelScores(ensemble, twice)]).toEqual([2, 2, 4, 4, 4, 3, 2, 2, 4, 4, 4, 3]);
      }
    },
  );
});

describe('each bit of a set', () => {
  it.each([1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 254, 255])(
    'of %i categories is the one that is asked',
    (count) => {
      const trees = Array.from({ length: count }, (_, c) =>
        stump(0, { categories: [[c], undefined, undefined] }),
      );
      const missing = stump(0, { categories: [[], undefined, undefined], missingLeft: [true, false, false] });
      const all = Array.from({ length: count }, (_, c) => c);
      const whole = stump(0, { categories: [all, undefined, undefined] });
      const outputs = count + 2;
      const ensemble = buildEnsemble({
        ...{ featureCount: 1, categoryCounts: [count], outputs, aggregate: 'sum' },
        trees: [...trees, missing, whole].map((tree, output) => ({ ...tree, output })),
      });
      // Codes that are known, then what is none of them: missing, unknown, below zero.
      const codes = Float64Array.of(...all, Number.NaN, count, count + 300, -1);
      const scores = kernelScores(ensemble, rowsOf([codes]));
      for (const [i, code] of codes.entries()) {
        const known = code >= 0 && code < count;
        const wanted = Array.from({ length: outputs }, (_, k) => {
          if (k === count) return known ? 2 : 1;
          if (k === count + 1) return known ? 1 : 2;
          return k === code ? 1 : 2;
        });
        expect([...scores.subarray(i * outputs, (i + 1) * outputs)]).toEqual(wanted);
      }
    },
  );
});

describe('a few rows, and blocks that are not full', () => {
  const wish: Wish = {
    ...{ seed: 8, features: 5, trees: 17, splits: 25, outputs: 3, leaves: 'distribution', aggregate: 'mean' },
  };
  const many = { features: 1_100, splits: 25 };
  const some = (features: number) => Array.from({ length: features }, (_, f) => (f % 2 ? (f % 70) + 1 : 0));
  const ensembles: [string, Ensemble][] = [
    ['narrow, numbers', randomEnsemble(wish)],
    ['narrow, any', randomEnsemble({ ...wish, categoryCounts: some(5) })],
    ['wide, numbers', randomEnsemble({ ...wish, ...many })],
    ['wide, any', randomEnsemble({ ...wish, ...many, categoryCounts: some(1_100) })],
    ['narrow, values', randomEnsemble({ ...wish, leaves: 'value', aggregate: 'sum' })],
    ['wide, values', randomEnsemble({ ...wish, ...many, leaves: 'value', aggregate: 'sum' })],
  ];

  it.each(ensembles)(
    '%s: 1 to 9, 15, 16 and 17 rows are answered as by the decoded nodes',
    (name, ensemble) => {
      expect(kernelLayout(ensemble).wide).toBe(name.startsWith('wide'));
      for (const rows of [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17]) {
        const x = randomRows(ensemble, rows, rows);
        expect(kernelScores(ensemble, x)).toEqual(slowScores(ensemble, x));
      }
    },
  );

  it.each([1, 2, 7, 8, 9, 15, 16, 17])(
    '%i trees: no more and no fewer are added, for one row and for many',
    (trees) => {
      const ensemble = randomEnsemble({ ...wish, trees, leaves: 'value', aggregate: 'sum' });
      for (const rows of [1, 20]) {
        const x = randomRows(ensemble, rows, trees);
        expect(kernelScores(ensemble, x)).toEqual(slowScores(ensemble, x));
      }
    },
  );
});
