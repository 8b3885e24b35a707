import { exponentOf, powerOfTwo } from '../../exponent.ts';
import type { BoostingProblem } from '../engine.ts';
import { exp, ROUND } from '../math.ts';

/** First and second derivatives of the loss, a float32 each: output k of row i is entry k * rows + i. */
export interface Gradients {
  gradients: Float32Array;
  hessians: Float32Array;
}

/**
 * Of a squared loss (half of it) s - y and 1; of a logistic one p - y and p (1 - p); of a softmax one p_k - y_k and
 * K / (K - 1) p_k (1 - p_k), as LightGBM has it (Friedman 2001).
 */
export function gradientsOf({ loss, outputs, target }: BoostingProblem, scores: Float64Array): Gradients {
  const rows = target.length;
  const gradients = new Float32Array(rows * outputs);
  const hessians = new Float32Array(rows * outputs);
  const shares = new Float64Array(outputs);
  const factor = outputs / (outputs - 1);
  for (let i = 0; i < rows; i++) {
    if (loss === 'squared') {
      gradients[i] = scores[i]! - target[i]!;
      hessians[i] = 1;
    } else if (loss === 'logistic') {
      const p = 1 / (1 + exp(-scores[i]!));
      gradients[i] = p - target[i]!;
      hessians[i] = p * (1 - p);
    } else {
      let top = scores[i]!;
      for (let k = 1; k < outputs; k++) top = Math.max(top, scores[k * rows + i]!);
      let total = 0;
      for (let k = 0; k < outputs; k++) {
        shares[k] = exp(scores[k * rows + i]! - top);
        total += shares[k]!;
      }
      for (let k = 0; k < outputs; k++) {
        const p = shares[k]! / total;
        gradients[k * rows + i] = p - Number(target[i] === k);
        hessians[k * rows + i] = factor * (p * (1 - p));
      }
    }
  }
  return { gradients, hessians };
}

/** Gradients and hessians as integers, and what 1 of them is worth in units of true weights. */
export interface Grid {
  gradients: Float64Array;
  hessians: Float64Array;
  gradientUnit: number;
  hessianUnit: number;
}

/** Bits that the sum over all rows may take: a cell of the kernel has 40 for gradients without hessians, else 51. */
const NARROW_BITS = 38;
const WIDE_BITS = 50;
const HESSIAN_BITS = 38;

/**
 * Puts output k on a grid of a power of two, as fine as exact sums allow. Sums are then the same in any order. The step
 * is below the largest gradient x rows / 2^37 (2^49 with hessians or weights): of 100,000 rows 2^-20 of it (2^-32).
 */
export function gridOf(problem: BoostingProblem, { gradients, hessians }: Gradients, k: number): Grid {
  const { weights, weightScale, loss, target } = problem;
  const rows = target.length;
  const total = weights === undefined ? rows : weights.reduce((sum, weight) => sum + weight, 0);
  const bits = loss === 'squared' && weights === undefined ? NARROW_BITS : WIDE_BITS;
  const own = gradients.subarray(k * rows, (k + 1) * rows);
  const ownHessians = hessians.subarray(k * rows, (k + 1) * rows);
  const gradientScale = gridScale(own, total, bits);
  const hessianScale = loss === 'squared' ? 1 : gridScale(ownHessians, total, HESSIAN_BITS);
  const onGrid = (value: number, scale: number, i: number): number =>
    (value * scale + ROUND - ROUND) * (weights?.[i] ?? 1);
  return {
    gradients: Float64Array.from(own, (value, i) => onGrid(value, gradientScale, i)),
    hessians: Float64Array.from(ownHessians, (value, i) => onGrid(value, hessianScale, i)),
    gradientUnit: gradientScale > 0 ? 1 / gradientScale / weightScale : 0,
    hessianUnit: hessianScale > 0 ? 1 / hessianScale / weightScale : 0,
  };
}

/** The power of two by which a weight of `total` of these numbers still sums to less than 2^bits. */
function gridScale(values: Float32Array, total: number, bits: number): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const bound = largest * total;
  return bound < 1e-290 ? 0 : powerOfTwo(bits - exponentOf(bound));
}
