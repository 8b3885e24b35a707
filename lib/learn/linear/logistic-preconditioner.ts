import { factorCholesky, solveCholesky } from './cholesky.ts';
import type { LogisticSystem } from './logistic-fit.ts';
import { gram } from './products.ts';

/** Multiply-adds that the curvature may cost: a fraction of the search it shortens. */
const GRAM_WORK = 4e9;
const FACTOR_WORK = 4e9;
/** Numbers that the factors may hold: 400 MB. */
const FACTOR_CELLS = 5e7;

/**
 * The objective's curvature where no column counts yet: of output k it is p(1 − p) of the class's share times the
 * covariance of the columns, and the penalty. Its inverse is where L-BFGS starts from. On many rows the covariance is
 * that of every nth block of them; with very many columns only its diagonal is taken. Neither moves the minimum.
 *
 * @returns a function that multiplies by the inverse, in place
 */
export function curvature(system: LogisticSystem): (vector: Float64Array) => void {
  const { design, outputs, shares, penalty, fitIntercept } = system;
  const { width, scales, rows } = design;
  const stride = width + 1;
  const curvatures = Float64Array.from({ length: outputs }, (_, k) => shares[k]! * (1 - shares[k]!));
  const whole = outputs * width ** 3 <= 3 * FACTOR_WORK && outputs * width ** 2 <= FACTOR_CELLS;
  const covariance = whole
    ? gram(design, system.weights, Math.max(1, Math.ceil((rows * width ** 2) / 2 / GRAM_WORK)))
    : undefined;
  const factors = Array.from(curvatures, (share) => {
    if (covariance === undefined) return undefined;
    const factor = covariance.map((value) => share * value);
    for (let j = 0; j < width; j++) factor[j * (width + 1)]! += penalty / scales[j]! ** 2;
    return factorCholesky(factor, width) > 0 ? factor : undefined;
  });
  return (vector) => {
    for (let k = 0; k < outputs; k++) {
      const at = k * stride;
      const factor = factors[k];
      if (factor !== undefined) solveCholesky(factor, width, vector, at);
      else {
        // A scaled column has variance 4 − 4·penalty/scale².
        for (let j = 0; j < width; j++) {
          const share = penalty / scales[j]! ** 2;
          vector[at + j]! /= curvatures[k]! * 4 * (1 - share) + share;
        }
      }
      if (fitIntercept) vector[at + width]! /= curvatures[k]!;
    }
  };
}
