import { exponentOf, powerOfTwo } from '../exponent.ts';

/** Weights as integers, so that sums are exact in any order. */
export interface IntegerWeights {
  weights: Int32Array;
  /** What a true weight of 1 is among them: a power of two. */
  scale: number;
}

/** Bits that the total may take. */
const TOTAL_BITS = 25;

/**
 * Weights on a grid of a power of two, so fine as a total below 2^25 allows: of 100,000 rows a weight of 1 is 256, off
 * by at most 0.2 %. Integers stay as they are, so that a weight of 2 is the row twice. Nothing becomes 0.
 */
export function integerWeights(weights: Float64Array): IntegerWeights {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total < 2 ** TOTAL_BITS && weights.every(Number.isInteger))
    return { weights: Int32Array.from(weights), scale: 1 };
  const scale = powerOfTwo(TOTAL_BITS - 1 - exponentOf(total));
  return { weights: Int32Array.from(weights, (weight) => Math.max(1, Math.round(weight * scale))), scale };
}
