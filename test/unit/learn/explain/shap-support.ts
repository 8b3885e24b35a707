import { buildEnsemble, type PlainEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import type { Ensemble } from '../../../../lib/learn/ensemble/ensemble.ts';
import { goesLeft, leafVector, nodeAt } from '../../../../lib/learn/ensemble/views.ts';
import { uniform } from '../support.ts';

/** Rows of numbers as columns; NaN is missing. */
export const columnsOf = (rows: readonly (readonly number[])[], width: number): Float64Array[] =>
  Array.from({ length: width }, (_, j) => Float64Array.from(rows, (row) => row[j]!));

/** One row's raw score by following its nodes: what prediction does, in the plainest way. */
export function rawScore(ensemble: Ensemble, row: readonly number[]): Float64Array {
  return expectedScore(ensemble, row, new Set(row.keys()));
}

/**
 * The game that path-dependent SHAP values are the Shapley values of (Lundberg et al. 2018, algorithm 1): what the trees
 * answer where only the features in `known` are, averaging by cover over both ways where another one is asked.
 */
export function expectedScore(
  ensemble: Ensemble,
  row: readonly number[],
  known: ReadonlySet<number>,
): Float64Array {
  const trees = ensemble.roots.length - 1;
  const sum = new Float64Array(ensemble.outputs);
  for (let t = 0; t < trees; t++) {
    const walk = (place: number, weight: number): void => {
      const node = nodeAt(ensemble, t, place);
      if (node.leaf) {
        const values = leafVector(ensemble, t, place);
        for (let k = 0; k < sum.length; k++) sum[k]! += weight * values[k]!;
        return;
      }
      const left = goesLeft(node, row[node.feature]!, ensemble.categoryCounts[node.feature]);
      if (known.has(node.feature)) {
        walk(left ? node.left : node.right, weight);
        return;
      }
      const [a, b] = [node.left, node.right].map((child) => ensemble.cover[ensemble.roots[t]! + child]!);
      const share = a! + b! > 0 ? a! / (a! + b!) : 0.5;
      walk(node.left, weight * share);
      walk(node.right, weight * (1 - share));
    };
    walk(0, 1);
  }
  return ensemble.aggregate === 'mean'
    ? sum.map((value) => value / trees)
    : sum.map((value, k) => value + ensemble.base[k]!);
}

/** Shapley values by their definition, over all subsets: features × outputs. For few features. */
export function shapleyByDefinition(ensemble: Ensemble, row: readonly number[]): Float64Array {
  const { featureCount: p, outputs } = ensemble;
  const games = Array.from({ length: 2 ** p }, (_, bits) =>
    expectedScore(ensemble, row, new Set([...row.keys()].filter((j) => (bits >> j) & 1))),
  );
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const out = new Float64Array(p * outputs);
  for (let bits = 0; bits < 2 ** p; bits++) {
    const size = bits.toString(2).replaceAll('0', '').length;
    for (let j = 0; j < p; j++) {
      if ((bits >> j) & 1) continue;
      const weight = (factorial(size) * factorial(p - size - 1)) / factorial(p);
      for (let k = 0; k < outputs; k++) {
        out[j * outputs + k]! += weight * (games[bits | (1 << j)]![k]! - games[bits]![k]!);
      }
    }
  }
  return out;
}

export interface RandomShape {
  seed: number;
  features: number;
  outputs: number;
  trees: number;
  /** Most levels of splits. */
  depth: number;
  aggregate: 'mean' | 'sum';
  leaves: 'value' | 'distribution';
  /** Every third feature has 5 categories. */
  categories: boolean;
}

/**
 * Random trees: features come again on a path, some covers are 0, missing goes either way. Values are few, so that leaves
 * are alike at times, and thresholds lie on the values of `randomRow`.
 */
export function randomEnsemble(shape: RandomShape): Ensemble {
  const next = uniform(shape.seed);
  const below = (n: number): number => Math.floor(next() * n);
  const categoryCounts = Array.from({ length: shape.features }, (_, j) =>
    shape.categories && j % 3 === 0 ? 5 : 0,
  );
  const width = shape.leaves === 'value' ? 1 : shape.outputs;
  const trees = Array.from({ length: shape.trees }, (): PlainTree => {
    const tree = {
      feature: [] as number[],
      threshold: [] as number[],
      left: [] as number[],
      right: [] as number[],
      missingLeft: [] as boolean[],
      categories: [] as (number[] | undefined)[],
      value: [] as number[],
      cover: [] as number[],
      output: below(shape.outputs),
    };
    const add = (level: number, cover: number): number => {
      const at = tree.feature.length;
      const leaf = level === shape.depth || (level > 0 && next() < 0.2);
      const feature = leaf ? -1 : below(shape.features);
      tree.feature.push(feature);
      tree.threshold.push(below(7) - 3);
      tree.left.push(0);
      tree.right.push(0);
      tree.missingLeft.push(next() < 0.5);
      tree.categories.push(
        !leaf && categoryCounts[feature]! > 0
          ? [0, 1, 2, 3, 4].filter((code) => next() < 0.5 || code === level)
          : undefined,
      );
      tree.value.push(...leafValue(shape, width, below, next));
      tree.cover.push(cover);
      if (leaf) return at;
      const share = next() < 0.1 ? 0 : next();
      tree.left[at] = add(level + 1, cover * share);
      tree.right[at] = add(level + 1, cover * (1 - share));
      return at;
    };
    add(0, 1000);
    return tree;
  });
  const plain: PlainEnsemble = {
    featureCount: shape.features,
    outputs: shape.outputs,
    categoryCounts,
    aggregate: shape.aggregate,
    trees,
    ...(shape.aggregate === 'sum' ? { base: Array.from({ length: shape.outputs }, () => below(9) - 4) } : {}),
  };
  return buildEnsemble(plain);
}

function leafValue(
  shape: RandomShape,
  width: number,
  below: (n: number) => number,
  next: () => number,
): number[] {
  if (shape.leaves === 'value') return [(below(17) - 8) / 4];
  const only = below(width);
  if (next() < 0.5) return Array.from({ length: width }, (_, k) => Number(k === only));
  const parts = Array.from({ length: width }, () => 1 + below(4));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}

/** A row for such trees: whole numbers from -4 to 4, codes with unknown ones among them, and missing values. */
export function randomRow(ensemble: Ensemble, next: () => number): number[] {
  return Array.from({ length: ensemble.featureCount }, (_, j) => {
    if (next() < 0.15) return Number.NaN;
    return ensemble.categoryCounts[j]! > 0 ? Math.floor(next() * 7) : Math.floor(next() * 9) - 4;
  });
}

/** Largest |a - b|. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  // A NaN must not hide: it is as far as can be.
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!) + 0);
  return Number.isNaN(most) ? Number.POSITIVE_INFINITY : most;
}
