import type { Bins } from '../bins/index.ts';

/** What is to be boosted, with every rule worked out. The kernel and its twin take the same. */
export interface BoostingProblem {
  bins: Bins;
  loss: 'squared' | 'logistic' | 'softmax';
  /** K: trees a round. 1, or for a softmax the number of classes. */
  outputs: number;
  /** Numbers, or class indices. */
  target: Float64Array | Int32Array;
  /** Integer weights with a total below 2^25, and what 1 of a true weight is among them, a power of two. */
  weights: Int32Array | undefined;
  weightScale: number;
  /** Raw scores before the first tree, K of them. */
  base: Float64Array;
  learningRate: number;
  maxLeaves: number;
  maxDepth: number;
  minLeaf: number;
  l2: number;
  /** Rows to follow without learning from them: codes as in the bins, 256 for a missing value where training had none. */
  heldOut: { rows: number; codes: Uint16Array } | undefined;
}

/** What a round may look at. */
export interface RoundSample {
  /** All rows: first those of the round in ascending order, then the others. */
  rows: Int32Array;
  /** How many of them are of the round. */
  count: number;
  /** 1 for each feature that may be asked. */
  features: Uint8Array;
}

/** A tree over codes, one entry a node, the root first, a right child behind its left one. */
export interface GrownTree {
  /** -1 at a leaf. */
  feature: Int32Array;
  /** Numeric node: the last code that goes left. */
  code: Int32Array;
  left: Int32Array;
  missingLeft: Uint8Array;
  /** Nine words a node: bit c is 1 where code c goes left, bit 256 for missing where training had none. */
  sets: Uint32Array;
  /** What a split took off twice the loss. */
  gain: Float64Array;
  /** Weight of the training rows of the round that came by, in units of true weights. */
  cover: Float64Array;
  /** What a leaf adds to the score, a float32. */
  value: Float64Array;
}

/** Grows trees, round after round. Two engines give the same bits. */
export interface BoostingEngine {
  /** One tree for each output; all scores move on. */
  round(sample: RoundSample | undefined): GrownTree[];
  /** Scores of the rows held out: output k of row i is entry k * rows + i. */
  heldOutScores(): Float64Array;
  /** Pieces of work that each thread did. */
  pieces(): number[];
}

/** Words of a node's set of codes. */
export const SET_WORDS = 9;
/** Code of a missing value where the training rows had none. */
export const UNSEEN_MISSING = 256;
