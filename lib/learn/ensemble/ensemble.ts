/**
 * Trees of any kind (a forest, boosting, an imported model), laid flat for prediction: what training writes, the
 * model file keeps and the kernels walk are the same arrays, so loading converts nothing.
 *
 * A node is 8 bytes, two words of `nodes`:
 * - word 2i: the threshold as the bits of a float32; of a categorical node the number of its set.
 * - word 2i + 1: `left << slotBits | slot`. `left` is the left child's place in the tree (0 is the root); the right
 *   child is the one behind it. A leaf is a node that is its own left child, with the threshold +Infinity and slot 0.
 *
 * A row goes left where `slots[slot] <= threshold`. What is asked is not the row but its slots, so that missing
 * values cost nothing on the way: slot 2f is feature f with NaN as -Infinity (missing goes left), slot 2f + 1 is
 * feature f with NaN as +Infinity (missing goes right). Slots from 2p on (p features) are categorical: slot 2p + f
 * is the code of feature f, and the row goes left where that bit of the node's set is 1. The code of what is missing
 * or unknown is the number of the feature's categories.
 */
export interface Ensemble {
  /** p: features that a row has. */
  featureCount: number;
  /** K: numbers that one row's raw score has. Classes of a forest; 1 for regression and binary boosting. */
  outputs: number;
  /** Bits of the second word that hold the slot. */
  slotBits: number;
  /** Tree t is the nodes roots[t] to roots[t + 1] - 1; one entry more than there are trees. */
  roots: Uint32Array;
  nodes: Uint32Array;
  /** Sum of training weights that came by, one a node: what path-dependent TreeSHAP needs. */
  cover: Float32Array;
  /** Eight words a set: bit c is 1 where category c goes left. Bit `categories` is for missing and unknown. */
  sets: Uint32Array;
  /** Categories of each feature: 0 where it is numeric, else 1 to 255. One entry a feature. */
  categoryCounts: Uint16Array;
  leaves: Leaves;
  /** How the trees' leaves become a raw score: their mean, or their sum onto `base`. */
  aggregate: 'mean' | 'sum';
  /** Added to a sum; K numbers. */
  base: Float64Array;
}

/** What the leaves hold, one entry a node (0 at inner nodes). */
export type Leaves =
  /** A number: tree t adds it to output `treeOutputs[t]`. */
  | { kind: 'value'; values: Float32Array; treeOutputs: Uint16Array }
  /**
   * K numbers: `-1 - c` stands for "all of class c", another number for a row of `table` (rows × K), counted from
   * `tableStarts[t]` (T + 1 entries) so that trees can be put behind one another unchanged.
   */
  | { kind: 'distribution'; rows: Int32Array; table: Float32Array; tableStarts: Uint32Array };

/** Bits that the slots of p features need: 2p for numbers, p more where some feature is categorical. */
export function slotBitsFor(featureCount: number, categorical: boolean): number {
  const slots = featureCount * (categorical ? 3 : 2);
  return Math.max(1, 32 - Math.clz32(slots - 1));
}

/** Most nodes a tree may have: what is left of the word after the slot. */
export function maxTreeNodes(slotBits: number): number {
  return 2 ** (32 - slotBits);
}
