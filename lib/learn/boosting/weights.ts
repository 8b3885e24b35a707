import { InvalidInputError } from '../../errors/index.ts';
import { exponentOf, powerOfTwo } from '../exponent.ts';
import type { Target } from '../types.ts';
import type { BoostingParams } from './params.ts';

/** Weights as integers, so that sums are exact in any order. */
export interface IntegerWeights {
  weights: Int32Array;
  /** What a true weight of 1 is among them: a power of two. */
  scale: number;
}

/** Bits that the total may take. */
const TOTAL_BITS = 25;

/**
 * Each row's weight times its class's. Undefined where all are 1.
 *
 * @throws InvalidInputError where a weight is not a positive finite number
 */
export function trueWeights(
  y: Target,
  given: Float64Array | undefined,
  classWeight: BoostingParams['classWeight'],
): Float64Array | undefined {
  const rows = y.values.length;
  const weights = given === undefined ? new Float64Array(rows).fill(1) : given.slice();
  if (weights.length !== rows || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new InvalidInputError(`there must be ${rows} weights, each a positive number`, {
      field: 'weights',
      remedy: 'Leave out the rows that should not count.',
    });
  }
  if (y.task === 'classification' && classWeight !== undefined) {
    const { classes, values } = y;
    const sums = new Float64Array(classes.length);
    for (let i = 0; i < rows; i++) sums[values[i]!]! += weights[i]!;
    const seen = sums.reduce((count, sum) => count + Number(sum > 0), 0);
    const total = sums.reduce((sum, weight) => sum + weight, 0);
    const factors = sums.map((sum, k) =>
      classWeight === 'balanced' ? total / (seen * sum) : (classWeight[classes[k]!] ?? 1),
    );
    for (let i = 0; i < rows; i++) weights[i]! *= factors[values[i]!]!;
  }
  return weights.every((weight) => weight === 1) ? undefined : weights;
}

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
