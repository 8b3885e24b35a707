import type { Ensemble } from './ensemble.ts';

/** One node as people think of it. Children are places in the tree, 0 its root. */
export interface NodeView {
  leaf: boolean;
  /** The feature that is asked; -1 at a leaf. */
  feature: number;
  /** Numeric: a row goes left where its value, as a float32, is at most this. NaN at leaves and categorical nodes. */
  threshold: number;
  /** Where what is missing (and an unknown category) goes. */
  missingLeft: boolean;
  /** True where the node asks for a category. */
  categorical: boolean;
  /** The set of a categorical node: eight words, bit c is 1 where category c goes left. */
  set: Uint32Array | undefined;
  /** The node's own place at a leaf. */
  left: number;
  /** The node's own place at a leaf. */
  right: number;
}

/** The threshold words of `nodes` read as numbers: node i's is at 2i. A view, not a copy. */
export function thresholdsOf({ nodes }: Ensemble): Float32Array {
  return new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
}

/** How many trees there are. */
export const treeCount = ({ roots }: Ensemble): number => roots.length - 1;

/**
 * Decodes node `place` of tree `tree`.
 *
 * @example
 * const { feature, threshold, left } = nodeAt(ensemble, 0, 0); // the first tree's root
 */
export function nodeAt(ensemble: Ensemble, tree: number, place: number): NodeView {
  const { roots, nodes, slotBits, featureCount, categoryCounts, sets } = ensemble;
  const at = 2 * (roots[tree]! + place);
  const [first, second] = [nodes[at]!, nodes[at + 1]!];
  const left = second >>> slotBits;
  const none = { threshold: Number.NaN, missingLeft: false, categorical: false, set: undefined };
  if (left === place) return { ...none, leaf: true, feature: -1, left: place, right: place };
  const slot = slotOf(second, slotBits);
  const inner = { leaf: false, left, right: left + 1 };
  if (slot < 2 * featureCount) {
    const threshold = thresholdsOf(ensemble)[at]!;
    return { ...none, ...inner, feature: slot >>> 1, threshold, missingLeft: (slot & 1) === 0 };
  }
  const feature = slot - 2 * featureCount;
  const set = sets.subarray(8 * first, 8 * first + 8);
  const missingLeft = setHas(set, categoryCounts[feature]!);
  return { ...none, ...inner, feature, missingLeft, categorical: true, set };
}

/** The slot in a node's second word. `slotBits` may be 32 minus nothing but small, so a shift of 32 cannot occur. */
const slotOf = (word: number, slotBits: number): number => word & (2 ** slotBits - 1);

/** Whether category `code` is in the set (goes left). */
function setHas(set: Uint32Array, code: number): boolean {
  return ((set[code >>> 5]! >>> (code & 31)) & 1) === 1;
}

/** The codes in a set, missing left out. */
export function codesInSet(set: Uint32Array, categories: number): number[] {
  return Array.from({ length: categories }, (_, code) => code).filter((code) => setHas(set, code));
}

/** Whether a row goes left at an inner node: `value` is its number, or its code; NaN is missing. */
export function goesLeft(node: NodeView, value: number, categories = 0): boolean {
  if (node.set === undefined) {
    return Number.isNaN(value) ? node.missingLeft : Math.fround(value) <= node.threshold;
  }
  return value >= 0 && value < categories ? setHas(node.set, value) : node.missingLeft;
}

/** The nodes of a tree in the order of the array, each with its place. */
export function* treeNodes(ensemble: Ensemble, tree: number): Generator<[place: number, node: NodeView]> {
  const size = ensemble.roots[tree + 1]! - ensemble.roots[tree]!;
  for (let place = 0; place < size; place++) yield [place, nodeAt(ensemble, tree, place)];
}

/**
 * What the leaf adds to each of the K outputs, written to `out` (made where it is not given): its number at the
 * tree's output and 0 elsewhere, or its distribution.
 */
export function leafVector(
  { leaves, outputs, roots }: Ensemble,
  tree: number,
  place: number,
  out: Float64Array = new Float64Array(outputs),
): Float64Array {
  const node = roots[tree]! + place;
  out.fill(0);
  if (leaves.kind === 'value') {
    out[leaves.treeOutputs[tree]!] = leaves.values[node]!;
    return out;
  }
  const row = leaves.rows[node]!;
  if (row < 0) out[-1 - row] = 1;
  else {
    const from = (leaves.tableStarts[tree]! + row) * outputs;
    for (let k = 0; k < outputs; k++) out[k] = leaves.table[from + k]!;
  }
  return out;
}
