import { buildEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import type { Ensemble } from '../../../../lib/learn/ensemble/ensemble.ts';
import { goesLeft, leafVector, nodeAt, treeCount } from '../../../../lib/learn/ensemble/views.ts';
import type { FeatureMatrix } from '../../../../lib/learn/index.ts';
import { uniform } from '../support.ts';

/** What a made-up ensemble shall be like. */
export interface Wish {
  seed: number;
  features: number;
  trees: number;
  /** Inner nodes of each tree at most. */
  splits: number;
  outputs: number;
  leaves: 'value' | 'distribution';
  aggregate: 'mean' | 'sum';
  /** Categories of each feature; absent: all are numeric. */
  categoryCounts?: number[];
}

/** Trees of no training: any shape, thresholds among the values that `randomRows` makes. */
export function randomEnsemble(wish: Wish): Ensemble {
  const random = uniform(wish.seed);
  return buildEnsemble({
    featureCount: wish.features,
    outputs: wish.outputs,
    aggregate: wish.aggregate,
    ...(wish.categoryCounts === undefined ? {} : { categoryCounts: wish.categoryCounts }),
    ...(wish.aggregate === 'sum' ? { base: Array.from({ length: wish.outputs }, (_, k) => k / 3) } : {}),
    trees: Array.from({ length: wish.trees }, () => randomTree(wish, random)),
  });
}

function randomTree(wish: Wish, random: () => number): PlainTree {
  const below = (bound: number) => Math.floor(random() * bound);
  const splits = below(wish.splits + 1);
  const size = 2 * splits + 1;
  const feature: number[] = Array(size).fill(-1);
  const threshold: number[] = Array(size).fill(0);
  const left: number[] = Array(size).fill(0);
  const right: number[] = Array(size).fill(0);
  const categories: (number[] | undefined)[] = Array(size).fill(undefined);
  const leaves = [0];
  for (let next = 1; next < size; next += 2) {
    const [node] = leaves.splice(below(leaves.length), 1) as [number];
    feature[node] = below(wish.features);
    threshold[node] = below(9) - 4;
    left[node] = next;
    right[node] = next + 1;
    const count = wish.categoryCounts?.[feature[node]!] ?? 0;
    if (count > 0) categories[node] = Array.from({ length: count }, (_, c) => c).filter(() => random() < 0.5);
    leaves.push(next, next + 1);
  }
  const width = wish.leaves === 'value' ? 1 : wish.outputs;
  const value = Array.from({ length: size }, () => randomLeaf(wish, random, width)).flat();
  const missingLeft = Array.from({ length: size }, () => random() < 0.5);
  const cover = Array.from({ length: size }, () => below(100));
  const output = below(wish.outputs);
  return { feature, threshold, left, right, categories, value, missingLeft, cover, output };
}

function randomLeaf(wish: Wish, random: () => number, width: number): number[] {
  if (wish.leaves === 'value') return [random() * 10 - 5];
  if (random() < 0.5) {
    const pure = Math.floor(random() * width);
    return Array.from({ length: width }, (_, k) => Number(k === pure));
  }
  const shares = Array.from({ length: width }, () => random() + 0.01);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** Rows with missing values, infinities and unknown categories among them. */
export function randomRows(ensemble: Ensemble, rows: number, seed: number, holes = true): FeatureMatrix {
  const random = uniform(seed);
  const { featureCount, categoryCounts } = ensemble;
  const cell = (f: number): number => {
    const kind = random();
    if (holes && kind < 0.15) return Number.NaN;
    if (categoryCounts[f]! > 0) return Math.floor(random() * (categoryCounts[f]! + (holes ? 2 : 0)));
    if (holes && kind < 0.2) return kind < 0.175 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    return kind < 0.5 ? Math.floor(random() * 9) - 4 : random() * 9 - 4.5;
  };
  return {
    rowCount: rows,
    names: Array.from({ length: featureCount }, (_, f) => `f${f}`),
    columns: Array.from({ length: featureCount }, (_, f) =>
      Float64Array.from({ length: rows }, () => cell(f)),
    ),
  };
}

/** The score of each row by the decoded nodes, one after the other: slow and plain. */
export function slowScores(ensemble: Ensemble, x: FeatureMatrix): Float64Array {
  const { outputs, base, aggregate, categoryCounts } = ensemble;
  const out = new Float64Array(x.rowCount * outputs);
  for (let i = 0; i < x.rowCount; i++) {
    const row = out.subarray(i * outputs, (i + 1) * outputs);
    row.set(base);
    for (let t = 0; t < treeCount(ensemble); t++) {
      let place = 0;
      for (let node = nodeAt(ensemble, t, 0); !node.leaf; node = nodeAt(ensemble, t, place)) {
        const value = x.columns[node.feature]![i]!;
        place = goesLeft(node, value, categoryCounts[node.feature]) ? node.left : node.right;
      }
      const leaf = leafVector(ensemble, t, place);
      for (let k = 0; k < outputs; k++) row[k]! += leaf[k]!;
    }
    if (aggregate === 'mean') for (let k = 0; k < outputs; k++) row[k]! /= treeCount(ensemble);
  }
  return out;
}

/** Ensembles of every kind there is. */
export const wishes: [string, Omit<Wish, 'seed'>][] = [
  [
    'numbers, one value',
    { features: 5, trees: 7, splits: 30, outputs: 1, leaves: 'value', aggregate: 'mean' },
  ],
  ['a sum onto a base', { features: 3, trees: 9, splits: 15, outputs: 1, leaves: 'value', aggregate: 'sum' }],
  [
    'trees of three outputs',
    { features: 4, trees: 12, splits: 10, outputs: 3, leaves: 'value', aggregate: 'sum' },
  ],
  [
    'two classes',
    { features: 6, trees: 4, splits: 40, outputs: 2, leaves: 'distribution', aggregate: 'mean' },
  ],
  [
    '300 classes',
    { features: 2, trees: 3, splits: 20, outputs: 300, leaves: 'distribution', aggregate: 'mean' },
  ],
  [
    'categories',
    {
      ...{ features: 4, trees: 6, splits: 30, outputs: 3, leaves: 'distribution', aggregate: 'mean' },
      categoryCounts: [0, 3, 255, 0],
    },
  ],
  [
    'categories alone',
    {
      ...{ features: 2, trees: 5, splits: 30, outputs: 1, leaves: 'value', aggregate: 'sum' },
      categoryCounts: [33, 64],
    },
  ],
  ['one leaf', { features: 1, trees: 1, splits: 0, outputs: 1, leaves: 'value', aggregate: 'mean' }],
  ['no tree', { features: 1, trees: 0, splits: 0, outputs: 2, leaves: 'value', aggregate: 'sum' }],
];
