import type { Bins } from '../../bins/index.ts';
import {
  type BoostingProblem,
  type GrownTree,
  type RoundSample,
  SET_WORDS,
  UNSEEN_MISSING,
} from '../engine.ts';
import type { Grid } from './gradients.ts';
import { type Histogram, histogramOf, subtract } from './histogram.ts';
import { bestSplit, type Judge, minus, type Split, type Sums, setBit } from './split.ts';

interface Leaf {
  node: number;
  depth: number;
  rows: Int32Array;
  sums: Sums;
  /** Of its rows, in true weights. */
  weight: number;
  histogram: Histogram;
  best: Split | undefined;
}

/** A node while its tree grows. */
interface Growing {
  split: Split | undefined;
  left: number;
  cover: number;
  value: number;
}

/**
 * One tree, leaf-wise: always the leaf whose best split gains most (the oldest of equals) is parted next.
 *
 * @param sample rows and features of the round
 */
export function growTree(problem: BoostingProblem, grid: Grid, sample: RoundSample): GrownTree {
  const { bins, maxLeaves, maxDepth, minLeaf, l2 } = problem;
  const judge: Judge = {
    gradientUnit: grid.gradientUnit,
    hessianUnit: grid.hessianUnit,
    l2,
    minLeaf,
    byHessian: problem.loss !== 'squared',
  };
  const features = askedFeatures(bins, sample.features);
  const search = (leaf: Leaf): void => {
    if (leaf.depth >= maxDepth || leaf.rows.length < 2 * minLeaf) return;
    leaf.best = bestSplit(leaf.histogram, leaf.sums, leaf.weight, judge, features);
  };
  const rows = sample.rows.slice(0, sample.count);
  const root: Leaf = {
    ...{
      node: 0,
      depth: 0,
      rows,
      sums: sumsOf(grid, rows),
      weight: weightOf(problem, rows),
      best: undefined,
    },
    histogram: histogramOf(bins, grid, rows),
  };
  search(root);
  const leaves = [root];
  const nodes: Growing[] = [newNode()];
  while (leaves.length < maxLeaves) {
    const leaf = mostGain(leaves);
    if (leaf === undefined) break;
    const split = leaf.best!;
    nodes[leaf.node]!.split = split;
    nodes[leaf.node]!.left = nodes.length;
    const [left, right] = part(leaf, split, problem, grid, nodes.length);
    nodes.push(newNode(), newNode());
    leaves[leaves.indexOf(leaf)] = left;
    leaves.push(right);
    search(left);
    search(right);
  }
  for (const leaf of leaves) finishLeaf(nodes[leaf.node]!, leaf, problem, grid);
  return finish(nodes, bins);
}

function askedFeatures(bins: Bins, asked: Uint8Array) {
  return Array.from(bins.valueBins, (values, feature) => ({
    feature,
    values,
    codes: values + bins.hasMissing[feature]!,
    categorical: bins.categorical[feature] === 1,
  })).filter(({ feature }) => asked[feature] === 1);
}

const newNode = (): Growing => ({ split: undefined, left: 0, cover: 0, value: 0 });

function sumsOf(grid: Grid, rows: Int32Array): Sums {
  const sums = { gradient: 0, hessian: 0, rows: rows.length };
  for (const row of rows) {
    sums.gradient += grid.gradients[row]!;
    sums.hessian += grid.hessians[row]!;
  }
  return sums;
}

function mostGain(leaves: readonly Leaf[]): Leaf | undefined {
  let chosen: Leaf | undefined;
  for (const leaf of leaves) {
    if (leaf.best !== undefined && leaf.best.gain > (chosen?.best?.gain ?? 0)) chosen = leaf;
  }
  return chosen;
}

/** The two leaves of a split. Only the smaller one's rows are counted. */
function part(
  leaf: Leaf,
  split: Split,
  problem: BoostingProblem,
  grid: Grid,
  firstNode: number,
): [left: Leaf, right: Leaf] {
  const { bins } = problem;
  const goesLeft = (row: number): boolean => hasBit(split.set, bins.codes[split.feature * bins.rows + row]!);
  const leftRows = leaf.rows.filter(goesLeft);
  const rightRows = leaf.rows.filter((row) => !goesLeft(row));
  const leftSmall = leftRows.length <= rightRows.length;
  const small = histogramOf(bins, grid, leftSmall ? leftRows : rightRows);
  const large = subtract(leaf.histogram, small);
  const depth = leaf.depth + 1;
  return [
    {
      ...{
        node: firstNode,
        depth,
        rows: leftRows,
        sums: split.left,
        weight: weightOf(problem, leftRows),
        best: undefined,
      },
      histogram: leftSmall ? small : large,
    },
    {
      ...{
        node: firstNode + 1,
        depth,
        rows: rightRows,
        sums: minus(leaf.sums, split.left),
        weight: weightOf(problem, rightRows),
        best: undefined,
      },
      histogram: leftSmall ? large : small,
    },
  ];
}

export function hasBit(set: Uint32Array, code: number): boolean {
  return ((set[code >>> 5]! >>> (code & 31)) & 1) === 1;
}

/** Newton's step -G / (H + l2), times the learning rate. */
function finishLeaf(node: Growing, leaf: Leaf, problem: BoostingProblem, grid: Grid): void {
  const { learningRate, l2 } = problem;
  const H = leaf.sums.hessian * grid.hessianUnit + l2;
  node.value = H > 0 ? Math.fround((-learningRate * (leaf.sums.gradient * grid.gradientUnit)) / H) : 0;
  node.cover = leaf.weight;
}

function weightOf({ weights, weightScale }: BoostingProblem, rows: Int32Array): number {
  if (weights === undefined) return rows.length;
  let sum = 0;
  for (const row of rows) sum += weights[row]!;
  return sum / weightScale;
}

/** Covers of inner nodes, and the way of what no row of a node has: to the heavier child, left of equals. */
function finish(nodes: readonly Growing[], bins: Bins): GrownTree {
  const sets = new Uint32Array(SET_WORDS * nodes.length);
  const missingLeft = new Uint8Array(nodes.length);
  for (let n = nodes.length - 1; n >= 0; n--) {
    const { split, left } = nodes[n]!;
    if (split === undefined) continue;
    const [a, b] = [nodes[left]!.cover, nodes[left + 1]!.cover];
    nodes[n]!.cover = a + b;
    const set = sets.subarray(SET_WORDS * n, SET_WORDS * (n + 1));
    set.set(split.set);
    if (a >= b) for (let w = 0; w < 8; w++) set[w]! |= ~split.present[w]!;
    const missing = bins.valueBins[split.feature]!;
    const goesLeft = bins.hasMissing[split.feature] === 1 ? hasBit(set, missing) : a >= b;
    if (goesLeft) setBit(set, UNSEEN_MISSING);
    missingLeft[n] = Number(goesLeft);
  }
  return {
    feature: Int32Array.from(nodes, ({ split }) => split?.feature ?? -1),
    code: Int32Array.from(nodes, ({ split }) => split?.code ?? 0),
    left: Int32Array.from(nodes, ({ left }) => left),
    missingLeft,
    sets,
    gain: Float64Array.from(nodes, ({ split }) => split?.gain ?? 0),
    cover: Float64Array.from(nodes, ({ cover }) => cover),
    value: Float64Array.from(nodes, ({ value }) => value),
  };
}
