import { z } from 'zod';
import { BadDataError, IntegrityError } from '../../errors/index.ts';
import { BadTargetError, TrainingTooLargeError } from '../errors.ts';
import { requireComplete, requireFeatures } from '../matrix.ts';
import { float64Section, normalise, parseFacts, parseWith, requireFitInput } from '../params.ts';
import { largestOfEachRow, softmaxInPlace } from '../probability.ts';
import type { FeatureMatrix, Model, ModelParts, Target, Task, Trainer } from '../types.ts';
import { fitLogistic } from './logistic-fit.ts';

const algorithm = 'logistic-regression';
const tasks: readonly Task[] = ['classification'];

const paramsSchema = z.strictObject({
  /** Inverse strength of the L2 penalty on the coefficients, as in scikit-learn. */
  C: z.number().positive().max(1e12).default(1),
  fitIntercept: z.boolean().default(true),
  /** `balanced` weighs each class by rows / (classes × its rows). */
  classWeight: z.enum(['none', 'balanced']).default('none'),
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
    logisticRegression.checkSize(x.rowCount, x.columns.length, params);
    requireComplete(x, algorithm);
    const target = y as Extract<Target, { task: 'classification' }>;
    const { seen, positions, counts } = seenClasses(target);
    const fitted = fitLogistic({
      ...params,
      columns: x.columns,
      classes: target.values.map((value) => positions[value]!),
      classCount: seen.length,
      weights: Float64Array.from(target.values, (value) =>
        params.classWeight === 'balanced' ? x.rowCount / (seen.length * counts[value]!) : 1,
      ),
      onIteration: (done) => options.onProgress?.(Math.min(1, done / params.maxIterations)),
    });
    if (!fitted.coefficients.every(Number.isFinite) || !fitted.intercepts.every(Number.isFinite)) {
      throw new BadDataError(`${algorithm}: the numbers are too large to fit`, {
        remedy: "Add `standardScale('numeric')` to the clean steps.",
      });
    }
    const { converged, iterations, gradientNorm, coefficients, intercepts, deviations } = fitted;
    const width = x.columns.length;
    const weights = normalise(
      deviations.map((deviation, j) => {
        let sum = 0;
        for (let k = 0; k < intercepts.length; k++) sum += Math.abs(coefficients[k * width + j]!);
        return sum * deviation;
      }),
    );
    const facts = { seen, converged, iterations, gradientNorm };
    return logisticModel(x.names, target.classes, facts, { coefficients, intercepts, importance: weights });
  },
  fromFile(parts, { features, classes }) {
    const facts = parseFacts(factsSchema, parts);
    if (facts.seen.some((k, i) => k >= classes.length || (i > 0 && k <= facts.seen[i - 1]!))) {
      throw new IntegrityError('the model names a class that it does not have');
    }
    const outputs = facts.seen.length === 2 ? 1 : facts.seen.length;
    return logisticModel(features, classes, facts, {
      coefficients: float64Section(parts, 'coefficients', outputs * features.length),
      intercepts: float64Section(parts, 'intercepts', outputs),
      importance: float64Section(parts, 'importance', features.length),
    });
  },
};

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
  return { seen, positions, counts };
}

function logisticModel(
  features: readonly string[],
  classes: readonly string[],
  facts: Facts,
  arrays: { coefficients: Float64Array; intercepts: Float64Array; importance: Float64Array },
): Model {
  const { coefficients, intercepts } = arrays;
  const width = features.length;
  const predictProbability = (x: FeatureMatrix): Float64Array => {
    requireFeatures(x, features);
    requireComplete(x, algorithm);
    const out = new Float64Array(x.rowCount * classes.length);
    const scores = new Float64Array(facts.seen.length);
    const base = facts.seen.length - intercepts.length;
    for (let i = 0; i < x.rowCount; i++) {
      // With two classes the first one's score is 0 and softmax is the logistic function.
      scores.fill(0);
      for (let k = 0; k < intercepts.length; k++) {
        let score = intercepts[k]!;
        for (let j = 0; j < width; j++) score += coefficients[k * width + j]! * x.columns[j]![i]!;
        scores[base + k] = score;
      }
      softmaxInPlace(scores, 0, scores.length);
      for (const [k, index] of facts.seen.entries()) out[i * classes.length + index] = scores[k]!;
    }
    return out;
  };
  return {
    algorithm,
    task: 'classification',
    features,
    classes,
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
