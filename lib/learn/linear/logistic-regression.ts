import { BadDataError } from '../../errors/index.ts';
import { BadTargetError, TrainingTooLargeError } from '../errors.ts';
import { normalise, requireFitInput } from '../params.ts';
import type { Target, Trainer } from '../types.ts';
import { trueWeights } from '../weights.ts';
import { columnStarts } from './design.ts';
import { effectDeviations, effectMeans, requireCompleteNumbers } from './effects.ts';
import {
  algorithm,
  type LogisticRegressionParams,
  logisticAlgorithm,
  logisticModel,
  tasks,
} from './logistic-algorithm.ts';
import { fitLogistic } from './logistic-fit.ts';

/** rows × columns: held twice as doubles, 4 GB. */
const MOST_CELLS = 2.5e8;
/** rows × columns × iterations, about ten minutes for three classes. */
const MOST_WORK = 1e11;

/**
 * Multinomial logistic regression with an L2 penalty, as scikit-learn's LogisticRegression (lbfgs); two classes share
 * one score. Where it does not converge it says so in its facts and in the model's notes. Importance is the mean
 * |coefficient| over the outputs × the column's standard deviation.
 */
export const logisticRegression: Trainer<LogisticRegressionParams> = {
  ...logisticAlgorithm,
  checkSize(rows, columns, { maxIterations }) {
    if (rows * columns <= MOST_CELLS && rows * columns * maxIterations <= MOST_WORK) return;
    throw new TrainingTooLargeError(
      `${algorithm} on ${rows} rows x ${columns} columns x ${maxIterations} iterations is too much for one function`,
      {
        details: { rows, columns, maxIterations },
        remedy: 'Train on a sample of the rows, encode fewer columns, or lower `maxIterations`.',
      },
    );
  },
  fit(x, y, params, options) {
    requireFitInput(algorithm, tasks, y, { rows: x.rowCount, columns: x.columns.length });
    const width = columnStarts(x.columns.length, x.categories)[x.columns.length]!;
    logisticRegression.checkSize(x.rowCount, width, params);
    requireCompleteNumbers(x, algorithm);
    const target = y as Extract<Target, { task: 'classification' }>;
    const { seen, positions } = seenClasses(target);
    const classWeight = params.classWeight === 'none' ? undefined : params.classWeight;
    const weights =
      trueWeights(algorithm, target, options.weights, classWeight) ?? new Float64Array(x.rowCount).fill(1);
    const fitted = fitLogistic({
      ...params,
      x,
      classes: target.values.map((value) => positions[value]!),
      classCount: seen.length,
      weights,
      onIteration: reporter(params.tolerance, options.onProgress),
    });
    const { converged, iterations, gradientNorm, coefficients, intercepts } = fitted;
    if (!coefficients.every(Number.isFinite) || !intercepts.every(Number.isFinite)) {
      throw new BadDataError(`${algorithm}: the numbers are too large to fit`, {
        remedy: "Add `standardScale('numeric')` to the clean steps.",
      });
    }
    const effects = new Float64Array(x.columns.length);
    for (let k = 0; k < intercepts.length; k++) {
      const ofOutput = effectDeviations(x, coefficients, k * width, weights);
      for (let f = 0; f < effects.length; f++) effects[f]! += ofOutput[f]!;
    }
    const facts = { seen, converged, iterations, gradientNorm };
    const means = effectMeans(x, coefficients, intercepts.length, options.weights);
    const arrays = { coefficients, intercepts, importance: normalise(effects), means };
    return logisticModel(x.names, x.categories, target.classes, facts, arrays);
  },
};

/**
 * The share of the work done: the gradient falls about a constant factor an iteration, so its logarithm tells how far the
 * search is; the iterations allowed bound it from below.
 */
function reporter(tolerance: number, onProgress?: (share: number) => void) {
  let reached = 0;
  let first: number | undefined;
  return (_: number, gradientNorm: number): void => {
    first ??= Math.max(gradientNorm, 2 * tolerance);
    const share = Math.log(first / Math.max(gradientNorm, tolerance)) / Math.log(first / tolerance);
    reached = Math.max(reached, Math.min(1, share));
    onProgress?.(reached);
  };
}

/** The classes with rows, and where each stands among them. A class without rows has no finite best intercept. */
function seenClasses(target: Extract<Target, { task: 'classification' }>) {
  const counts = new Int32Array(target.classes.length);
  for (const value of target.values) counts[value]!++;
  const seen = [...counts.keys()].filter((k) => counts[k]! > 0);
  if (seen.length < 2) {
    throw new BadTargetError(
      `${algorithm} needs two classes or more, and the training rows hold ${seen.length}`,
      {
        remedy:
          'Train on rows of at least two classes; `stratify: true` keeps every class in the training split.',
      },
    );
  }
  const positions = new Int32Array(target.classes.length).fill(-1);
  for (const [position, k] of seen.entries()) positions[k] = position;
  return { seen, positions };
}
