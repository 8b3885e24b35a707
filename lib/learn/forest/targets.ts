import { BadDataError } from '../../errors/index.ts';
import { exponentAbove } from '../exponent.ts';
import type { Target } from '../types.ts';
import { trueWeights } from '../weights.ts';
import { algorithm, type ForestParams } from './params.ts';

/** Sums of products stay below 2 to this, so that float64 adds them without rounding, in any order. */
const EXACT_BITS = 52;
/** Whole weights of all rows add up to less than this... */
const MOST_WEIGHT = 2 ** 27;
/** ... and a row that was drawn oftener counts so often: 15 x 2^27 is below 2^31. (Oftener has odds below 1e-13.) */
export const MOST_OFTEN = 15;

/** What a forest learns from, all in whole numbers: sums that steer a split are exact, so their order is free. */
export type ForestTarget =
  | { kind: 'classes'; classes: number; labels: Uint16Array; weights: Int32Array | undefined }
  | {
      kind: 'numbers';
      /** Whole numbers: the target is `middle + value * step`. */
      values: Float64Array;
      middle: number;
      step: number;
      /** Step of the values that trees give rows out of the bag: sums over 10,000 trees are exact. */
      judgeStep: number;
      range: [number, number];
      weights: Int32Array | undefined;
    };

/** Weights as whole numbers: themselves where they are whole already, else times a power of two; undefined if all are equal. */
function wholeWeights(weights: Float64Array | undefined): Int32Array | undefined {
  if (weights === undefined || weights.every((weight) => weight === weights[0])) return undefined;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.every(Number.isInteger) && total < MOST_WEIGHT) return Int32Array.from(weights);
  // A row more in the sum for each rounding up to 1.
  const scale = 2 ** -exponentAbove(total / (MOST_WEIGHT - weights.length));
  return Int32Array.from(weights, (weight) => Math.max(1, Math.floor(weight * scale)));
}

/**
 * The target in whole numbers.
 *
 * @param drawn rows that a tree draws; undefined where each sees every row once
 * @throws BadDefinitionError where weights are not as they should be (weights.ts)
 * @throws BadDataError where numbers are not finite, or too far apart to be one target
 */
export function forestTarget(
  y: Target,
  rowWeights: Float64Array | undefined,
  params: ForestParams,
  drawn: number | undefined,
): ForestTarget {
  const weights = wholeWeights(trueWeights(algorithm, y, rowWeights, params.classWeight));
  if (y.task === 'classification') {
    return { kind: 'classes', classes: y.classes.length, labels: Uint16Array.from(y.values), weights };
  }
  return { kind: 'numbers', weights, ...onGrid(y.values, mostWeight(y.values.length, weights, drawn)) };
}

/** The most that the weights of a bag add up to. */
function mostWeight(rows: number, weights: Int32Array | undefined, drawn: number | undefined): number {
  if (weights === undefined) return drawn ?? rows;
  let [total, most] = [0, 0];
  for (const weight of weights) {
    total += weight;
    most = Math.max(most, weight);
  }
  return drawn === undefined ? total : Math.min(MOST_OFTEN * total, drawn * most);
}

/** Targets as multiples of a power of two above or below their middle, as fine as sums of them can be exact. */
function onGrid(values: Float64Array, weight: number) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const middle = low + (high - low) / 2;
  const reach = Math.max(high - middle, middle - low);
  if (!Number.isFinite(reach) || !Number.isFinite(Math.fround(low)) || !Number.isFinite(Math.fround(high))) {
    throw new BadDataError(`${algorithm}: the target's numbers are too large or too far apart`, {
      remedy: 'Express the target in larger units, or take its logarithm.',
    });
  }
  // Where all are equal any step will do; the smallest keeps clear of numbers that lose bits (2^-1000).
  const exponent =
    reach === 0 ? 0 : Math.max(-1000, exponentAbove(reach) + exponentAbove(weight) - EXACT_BITS);
  const step = 2 ** exponent;
  const judgeStep = reach === 0 ? 1 : 2 ** Math.max(-1000, exponentAbove(reach) - 36);
  return {
    values: Float64Array.from(values, (value) => Math.round((value - middle) / step)),
    middle,
    step,
    judgeStep,
    range: [low, high] as [number, number],
  };
}
