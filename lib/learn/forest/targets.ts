import { BadDataError } from '../../errors/index.ts';
import { exponentAbove } from '../exponent.ts';
import type { Target } from '../types.ts';
import { trueWeights } from '../weights.ts';
import { algorithm, type ForestParams } from './params.ts';

/** Sums of products stay below 2 to this, so that float64 adds them without rounding, in any order. */
const EXACT_BITS = 52;
/** Whole weights of all rows add up to less than this. */
const MOST_WEIGHT = 2 ** 27;

/** How rows of different weight count, in whole numbers. */
export interface RowWeights {
  /** Without bootstrap: the weight of each row in every tree. */
  weights: Int32Array | undefined;
  /**
   * With bootstrap: the sum of weights up to each row. A tree draws rows by their weights, and a row drawn counts 1, as
   * in scikit-learn from 1.9 on: to draw evenly and weigh what was drawn is noisier where weights differ much.
   */
  ends: Int32Array | undefined;
}

/** What a forest learns from, all in whole numbers: sums that steer a split are exact, so their order is free. */
export type ForestTarget = RowWeights & TargetNumbers;

type TargetNumbers =
  | { kind: 'classes'; classes: number; labels: Uint16Array }
  | {
      kind: 'numbers';
      /** Whole numbers: the target is `middle + value * step`. */
      values: Float64Array;
      middle: number;
      step: number;
      /** Step of the values that trees give rows out of the bag: sums over 10,000 trees are exact. */
      judgeStep: number;
      range: [number, number];
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
  const whole = wholeWeights(trueWeights(algorithm, y, rowWeights, params.classWeight));
  const sums = whole && sumsOf(whole);
  const rows = drawn === undefined ? { weights: whole, ends: undefined } : { weights: undefined, ends: sums };
  if (y.task === 'classification') {
    return { kind: 'classes', classes: y.classes.length, labels: Uint16Array.from(y.values), ...rows };
  }
  const most = drawn ?? sums?.at(-1) ?? y.values.length;
  return { kind: 'numbers', ...rows, ...onGrid(y.values, most) };
}

/** Sums of all up to each. */
function sumsOf(weights: Int32Array): Int32Array {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

/**
 * Targets as multiples of a power of two above or below their middle, as fine as sums of them can be exact.
 *
 * @param weight the most that the weights of a tree's rows add up to
 */
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
