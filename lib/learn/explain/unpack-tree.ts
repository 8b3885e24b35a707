import type { Ensemble } from '../ensemble/ensemble.ts';

/** Features that have a bit of their own in a node's set of features; all others of the tree share the last bit. */
const OWN_BITS = 31;
export const SHARED_BIT = 2 ** 31;

/**
 * One tree, unpacked for TreeSHAP, in arrays that serve one tree after the other. Of K outputs it holds `width`: many
 * classes are explained some at a time, so that the arrays stay small.
 */
export interface UnpackedTree {
  /** Where in `nodes` the tree begins, in nodes. */
  start: number;
  /** Outputs that `means` holds. */
  width: number;
  /** The feature that a node asks; -1 in a leaf. */
  feature: Int32Array;
  left: Uint32Array;
  slot: Uint32Array;
  /** Share of the node's cover that went left in training. */
  leftShare: Float64Array;
  /** Mean of the node's leaves by cover, node × width: what is expected of a row of which nothing more is known. */
  means: Float64Array;
  /** Features that matter below a node, one bit each (`bitOf`); 0 in a leaf, and where all leaves below are equal. */
  below: Uint32Array;
  /** The bit of each feature of this tree. */
  bitOf: Uint32Array;
  /** Levels of the tree: 1 for a lone leaf. */
  levels: number;
  /** At least the number of different features on any path. */
  mostOnPath: number;
}

/** Scratch for `unpackTree`: per node the level, the features above as bits, and how many more share the last bit. */
interface Above {
  level: Uint32Array;
  bits: Uint32Array;
  more: Uint32Array;
}

/** The arrays for the trees of an ensemble, and a function that fills them from one tree and the outputs from `firstOutput` on. */
export function treeUnpacker(
  ensemble: Ensemble,
  mostOutputs: number,
): (tree: number, firstOutput: number, width: number) => UnpackedTree {
  const { roots, featureCount } = ensemble;
  let largest = 1;
  for (let t = 0; t + 1 < roots.length; t++) largest = Math.max(largest, roots[t + 1]! - roots[t]!);
  const unpacked: UnpackedTree = {
    start: 0,
    width: 1,
    feature: new Int32Array(largest),
    left: new Uint32Array(largest),
    slot: new Uint32Array(largest),
    leftShare: new Float64Array(largest),
    means: new Float64Array(largest * mostOutputs),
    below: new Uint32Array(largest),
    bitOf: new Uint32Array(featureCount),
    levels: 1,
    mostOnPath: 0,
  };
  const above = {
    level: new Uint32Array(largest),
    bits: new Uint32Array(largest),
    more: new Uint32Array(largest),
  };
  const asked = new Uint32Array(featureCount);
  return (tree, firstOutput, width) => {
    unpacked.width = width;
    readNodes(ensemble, tree, unpacked, asked);
    measurePaths(ensemble, tree, unpacked, above);
    gatherUpwards(ensemble, tree, unpacked, firstOutput);
    return unpacked;
  };
}

/** Fills feature, left, slot and leftShare, and gives bits to the features, first to those asked most. */
function readNodes(ensemble: Ensemble, tree: number, unpacked: UnpackedTree, asked: Uint32Array): void {
  const { nodes, cover, roots, slotBits, featureCount } = ensemble;
  const { feature, left, slot, leftShare, bitOf } = unpacked;
  const start = roots[tree]!;
  const count = roots[tree + 1]! - start;
  const slotMask = 2 ** slotBits - 1;
  const used: number[] = [];
  unpacked.start = start;
  for (let i = 0; i < count; i++) {
    const word = nodes[2 * (start + i) + 1]!;
    const child = word >>> slotBits;
    left[i] = child;
    if (child === i) {
      feature[i] = -1;
      continue;
    }
    const asks = word & slotMask;
    const f = asks < 2 * featureCount ? asks >>> 1 : asks - 2 * featureCount;
    slot[i] = asks;
    feature[i] = f;
    const coverLeft = cover[start + child]!;
    const coverRight = cover[start + child + 1]!;
    // Where no training row came by (or the model does not tell), both ways are taken as equally likely.
    leftShare[i] = coverLeft + coverRight > 0 ? coverLeft / (coverLeft + coverRight) : 0.5;
    if (asked[f] === 0) used.push(f);
    asked[f]!++;
  }
  if (used.length > OWN_BITS) used.sort((a, b) => asked[b]! - asked[a]! || a - b);
  for (const [place, f] of used.entries()) {
    bitOf[f] = place < OWN_BITS ? 2 ** place : SHARED_BIT;
    asked[f] = 0;
  }
}

/** Levels of the tree and the most features on one path, from the root down: children stand behind their parents. */
function measurePaths(ensemble: Ensemble, tree: number, unpacked: UnpackedTree, above: Above): void {
  const { feature, left, bitOf, start } = unpacked;
  const { level, bits, more } = above;
  const count = ensemble.roots[tree + 1]! - start;
  let [levels, most] = [1, 0];
  level[0] = 1;
  bits[0] = 0;
  more[0] = 0;
  for (let i = 0; i < count; i++) {
    const f = feature[i]!;
    if (f < 0) {
      levels = Math.max(levels, level[i]!);
      most = Math.max(most, bitCount(bits[i]!) + more[i]!);
      continue;
    }
    const bit = bitOf[f]!;
    for (let child = left[i]!; child <= left[i]! + 1; child++) {
      level[child] = level[i]! + 1;
      bits[child] = bit === SHARED_BIT ? bits[i]! : bits[i]! | bit;
      more[child] = more[i]! + (bit === SHARED_BIT ? 1 : 0);
    }
  }
  unpacked.levels = levels;
  unpacked.mostOnPath = most;
}

/** Fills means and below, from the leaves up. */
function gatherUpwards(ensemble: Ensemble, tree: number, unpacked: UnpackedTree, firstOutput: number): void {
  const { feature, left, leftShare, means, below, bitOf, start, width } = unpacked;
  for (let i = ensemble.roots[tree + 1]! - start - 1; i >= 0; i--) {
    if (feature[i]! < 0) {
      below[i] = 0;
      leafValues(ensemble, tree, start + i, firstOutput, means, i * width, width);
      continue;
    }
    const child = left[i]!;
    const share = leftShare[i]!;
    let same = below[child] === 0 && below[child + 1] === 0;
    for (let k = 0; k < width; k++) {
      const a = means[child * width + k]!;
      const b = means[(child + 1) * width + k]!;
      same &&= a === b;
      means[i * width + k] = a === b ? a : share * a + (1 - share) * b;
    }
    below[i] = same ? 0 : below[child]! | below[child + 1]! | bitOf[feature[i]!]!;
  }
}

/** What a leaf answers, for `width` outputs from `first` on. */
function leafValues(
  { leaves, outputs }: Ensemble,
  tree: number,
  node: number,
  first: number,
  out: Float64Array,
  at: number,
  width: number,
): void {
  if (leaves.kind === 'value') {
    out[at] = leaves.values[node]!;
    return;
  }
  const row = leaves.rows[node]!;
  for (let k = 0; k < width; k++) {
    const output = first + k;
    out[at + k] =
      row < 0
        ? Number(output === -1 - row)
        : leaves.table[(leaves.tableStarts[tree]! + row) * outputs + output]!;
  }
}

function bitCount(bits: number): number {
  let left = bits;
  let count = 0;
  for (; left !== 0; left &= left - 1) count++;
  return count;
}
