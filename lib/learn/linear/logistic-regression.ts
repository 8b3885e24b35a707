import { z } from 'zod';
import { BadDataError, IntegrityError } from '../../errors/index.ts';
import { BadTargetError, TrainingTooLargeError } from '../errors.ts';
import { requireFeatures } from '../matrix.ts';
import { float64Section, normalise, parseFacts, parseWith, requireFitInput } from '../params.ts';
import { largestOfEachRow, softmaxInPlace } from '../probability.ts';
import type { FeatureCategories, FeatureMatrix, Model, ModelParts, Target, Task, Trainer } from '../types.ts';
import { trueWeights } from '../weights.ts';
import { columnStarts } from './design.ts';
import { addEffects, effectDeviations, effectMeans, requireCompleteNumbers } from './effects.ts';
import { fitLogistic } from './logistic-fit.ts';

const algorithm = 'logistic-regression';
const tasks: readonly Task[] = ['classification'];

const paramsSchema = z.strictObject({
  /** Inverse strength of the L2 penalty on the coefficients, as in scikit-learn. */
  C: z.number().positive().max(1e12).default(1),
  fitIntercept: z.boolean().default(true),
  /** `balanced` weighs each class by rows / (classes × its rows), where rows have weights by their sums; or a weight by class name, 1 where none is given. */
  classWeight: z
    .union([z.enum(['none', 'balanced']), z.record(z.string(), z.number().positive())])
    .default('none'),
  maxIterations: z.int().min(1).max(100_000).default(500),
  /** The fit has converged where no entry of the gradient of the mean loss (in preconditioned units) is larger. */
  tolerance: z.number().positive().max(0.1).default(1e-7),
});
export type LogisticRegressionParams = z.output<typeof paramsSchema>;

const factsSchema = z.strictObject({
  /** The classes that training saw, as indices into the model's classes; the others get probability 0. */
  seen: z.array(z.int().min(0)).min(2),
  converged: z.boolean(),
  iterations: z.int().min(0),
  gradientNorm: z.number(),
});
type Facts = z.output<typeof factsSchema>;

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
  algorithm,
  tasks,
  nativeCategories: true,
  parseParams: (input) => parseWith(paramsSchema, algorithm, input),
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
  fromFile(parts, { features, classes, categories }) {
    const facts = parseFacts(factsSchema, parts);
    if (facts.seen.some((k, i) => k >= classes.length || (i > 0 && k <= facts.seen[i - 1]!))) {
      throw new IntegrityError('the model names a class that it does not have');
    }
    const outputs = facts.seen.length === 2 ? 1 : facts.seen.length;
    const width = columnStarts(features.length, categories)[features.length]!;
    // Files of before models were explained lack the means.
    const means = parts.sections.means && float64Section(parts, 'means', outputs * features.length);
    return logisticModel(features, categories, classes, facts, {
      coefficients: float64Section(parts, 'coefficients', outputs * width),
      intercepts: float64Section(parts, 'intercepts', outputs),
      importance: float64Section(parts, 'importance', features.length),
      ...(means && { means }),
    });
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

function logisticModel(
  features: readonly string[],
  categories: FeatureCategories | undefined,
  classes: readonly string[],
  facts: Facts,
  arrays: {
    coefficients: Float64Array;
    intercepts: Float64Array;
    importance: Float64Array;
    means?: Float64Array;
  },
): Model {
  const { coefficients, intercepts } = arrays;
  const width = columnStarts(features.length, categories)[features.length]!;
  const outputs = facts.seen.length;
  // With two classes the first one's score is 0 and softmax is the logistic function.
  const base = outputs - intercepts.length;
  const predictProbability = (x: FeatureMatrix): Float64Array => {
    requireFeatures(x, features);
    const known = { ...x, ...(categories && { categories }) };
    requireCompleteNumbers(known, algorithm);
    const scores = new Float64Array(x.rowCount * outputs);
    for (const [k, intercept] of intercepts.entries()) {
      for (let o = base + k; o < scores.length; o += outputs) scores[o] = intercept;
      addEffects(known, coefficients, { out: scores, stride: outputs, place: base + k, at: k * width });
    }
    for (let from = 0; from < scores.length; from += outputs) softmaxInPlace(scores, from, from + outputs);
    if (outputs === classes.length) return scores;
    const out = new Float64Array(x.rowCount * classes.length);
    for (const [k, index] of facts.seen.entries()) {
      for (let i = 0; i < x.rowCount; i++) out[i * classes.length + index] = scores[i * outputs + k]!;
    }
    return out;
  };
  return {
    algorithm,
    task: 'classification',
    features,
    ...(categories && { categories }),
    classes,
    linear: {
      coefficients,
      intercepts,
      ...(arrays.means && { means: arrays.means }),
      outputClasses: outputs === 2 ? facts.seen.slice(1) : facts.seen,
    },
    notes: facts.converged
      ? []
      : [
          `the fit did not converge in ${facts.iterations} iterations (gradient ${facts.gradientNorm.toExponential(1)}): scale the columns or raise maxIterations`,
        ],
    predict: (x) => largestOfEachRow(predictProbability(x), classes.length),
    predictProbability,
    importance: () => arrays.importance.slice(),
    toFile: (): ModelParts => ({ facts: { ...facts }, sections: { ...arrays } }),
  };
}
