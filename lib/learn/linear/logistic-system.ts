import type { Design } from './design.ts';

/** What the loss and the preconditioner share. */
export interface LogisticSystem {
  design: Design;
  classes: Int32Array;
  /** 1 where there are two classes. */
  outputs: number;
  /** Row weights that sum to 1. */
  weights: Float64Array;
  /** Weight of each class, summing to 1. */
  shares: Float64Array;
  /** Of ½ coefficient², in the columns' own units. */
  penalty: number;
  fitIntercept: boolean;
}
