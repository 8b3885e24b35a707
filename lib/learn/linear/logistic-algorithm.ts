import * as z from 'zod';
import { IntegrityError } from '../../errors/index.ts';
import { requireFeatures } from '../matrix.ts';
import { float64Section, parseFacts, parseWith } from '../params.ts';
import { largestOfEachRow, softmaxInPlace } from '../probability.ts';
import type { Algorithm, FeatureCategories, FeatureMatrix, Model, ModelParts, Task } from '../types.ts';
import { columnStarts } from './design.ts';
import { addEffects, requireCompleteNumbers } from './effects.ts';

export const algorithm = 'logistic-regression';
export const tasks: readonly Task[] = ['classification'];

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
export type Facts = z.output<typeof factsSchema>;

/** Logistic regression but for fitting it. */
export const logisticAlgorithm: Algorithm<LogisticRegressionParams> = {
  algorithm,
  tasks,
  nativeCategories: true,
  parseParams: (input) => parseWith(paramsSchema, algorithm, input),
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

/** A fitted model, or one that was read. */
export function logisticModel(
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
