import type { Bins } from '../bins/index.ts';
import { slotBitsFor } from '../ensemble/ensemble.ts';
import type { GrowSettings } from './params.ts';
import type { ForestTarget } from './targets.ts';

/** All that trees are grown from: the same for the kernel and for its twin. */
export interface GrowTask {
  bins: Bins;
  target: ForestTarget;
  settings: GrowSettings;
  /** 32 bits; tree t draws from the stream (seed, t). */
  seed: number;
  /** Judge the rows that a tree did not draw. */
  outOfBag: boolean;
}

/** A tree in the layout of an Ensemble, all numbers counted from the tree's own beginning. */
export interface GrownTree {
  nodes: Uint32Array;
  cover: Float32Array;
  /** Classes: rows of the table, or -1 - class. Numbers: the bits of the float32 value. One entry a node. */
  leaves: Int32Array;
  /** Rows of shares, one number a class each; empty for numbers. */
  table: Float32Array;
  sets: Uint32Array;
  /** Decrease of impurity by each feature. */
  importance: Float64Array;
  /** True where the tree reached the most nodes that the layout can number. */
  full: boolean;
}

export interface Grown {
  trees: GrownTree[];
  /**
   * What the trees say of rows that they did not draw. Classes: rows x classes, 65,536 for a whole vote. Numbers: rows x
   * (how many trees, sum of their values in judge steps above the middle). Whole numbers, so that sums are exact.
   */
  votes: Int32Array | Float64Array | undefined;
  /** Trees by thread. */
  pieces: number[];
}

/** What a vote of a leaf of one class counts. */
export const WHOLE_VOTE = 65_536;

/** The greatest float32: a threshold that only missing values are beyond. */
export const MOST_FLOAT = (2 - 2 ** -23) * 2 ** 127;

/** Above so many features the histograms of all of them take more memory than their speed is worth. */
const MOST_WHOLE = 512;

/**
 * True where every split of numbers tries all features. Subtrees of few rows then tell all values apart, also those that
 * share a code.
 */
export function triesAll({ bins, target, settings }: GrowTask): boolean {
  return target.kind === 'numbers' && settings.tried === bins.featureCount && bins.featureCount <= MOST_WHOLE;
}

/** Most rows of such a subtree. */
export const EXACT_ROWS = 256;

export function slotBitsOf(bins: Bins): number {
  return slotBitsFor(bins.featureCount, bins.categorical.includes(1));
}
