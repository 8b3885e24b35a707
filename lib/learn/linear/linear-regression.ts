import { z } from 'zod';
import { BadDataError, BadDefinitionError } from '../../errors/index.ts';
import { TrainingTooLargeError } from '../errors.ts';
import { requireComplete, requireFeatures } from '../matrix.ts';
import { float64Section, normalise, parseFacts, parseWith, requireFitInput } from '../params.ts';
import type { FeatureMatrix, Model, ModelParts, Task, Trainer } from '../types.ts';
import { leastSquares } from './least-squares.ts';

const algorithm = 'linear-regression';
const tasks: readonly Task[] = ['regression'];

const paramsSchema = z.strictObject({
  /** Strength of the ridge penalty on the coefficients (not the intercept); 0 is ordinary least squares. */
  alpha: z.number().min(0).max(1e12).default(0),
  fitIntercept: z.boolean().default(true),
});
export type LinearRegressionParams = z.output<typeof paramsSchema>;

const factsSchema = z.strictObject({ intercept: z.number(), rank: z.int().min(0) });

/** rows × columns² of 3e11 took about ten minutes here; beyond it a function would be cut off at fifteen. */
const MOST_WORK = 3e11;
/** rows × columns held twice as doubles: 4 GB. */
const MOST_CELLS = 2.5e8;

/**
 * Ordinary least squares, or ridge with `alpha`, as scikit-learn's LinearRegression and Ridge; see least-squares.ts for
 * what rank-deficient input is answered with. Importance is |coefficient| × the column's standard deviation.
 */
export const linearRegression: Trainer<LinearRegressionParams> = {
  algorithm,
  tasks,
  parseParams: (input) => parseWith(paramsSchema, algorithm, input),
  checkSize(rows, columns) {
    if (rows * columns ** 2 <= MOST_WORK && rows * columns <= MOST_CELLS) return;
    throw new TrainingTooLargeError(
      `${algorithm} on ${rows} rows x ${columns} columns is too much for one function`,
      {
        details: { rows, columns },
        remedy: 'Train on a sample of the rows, or encode fewer columns (ordinal instead of one-hot).',
      },
    );
  },
  fit(x, y, params) {
    requireFitInput(algorithm, tasks, y, { rows: x.rowCount, columns: x.columns.length });
    linearRegression.checkSize(x.rowCount, x.columns.length, params);
    requireComplete(x, algorithm);
    const fitted = leastSquares(x.columns, y.values as Float64Array, params);
    const weights = normalise(fitted.coefficients.map((c, j) => Math.abs(c) * fitted.deviations[j]!));
    if (!Number.isFinite(fitted.intercept) || !fitted.coefficients.every(Number.isFinite)) {
      throw new BadDataError(`${algorithm}: the numbers are too large to fit`, {
        remedy: "Add `standardScale('numeric')` to the clean steps, or express the columns in larger units.",
      });
    }
    return linearModel(x.names, fitted.intercept, fitted.coefficients, fitted.rank, weights);
  },
  fromFile(parts, { features }) {
    const { intercept, rank } = parseFacts(factsSchema, parts);
    const coefficients = float64Section(parts, 'coefficients', features.length);
    return linearModel(
      features,
      intercept,
      coefficients,
      rank,
      float64Section(parts, 'importance', features.length),
    );
  },
};

function linearModel(
  features: readonly string[],
  intercept: number,
  coefficients: Float64Array,
  rank: number,
  weights: Float64Array,
): Model {
  const deficient = rank < features.length;
  return {
    algorithm,
    task: 'regression',
    features,
    classes: [],
    notes: deficient
      ? [
          `${features.length - rank} of ${features.length} features are constant or sums of others; the answer of least norm was taken`,
        ]
      : [],
    predict(x: FeatureMatrix) {
      requireFeatures(x, features);
      requireComplete(x, algorithm);
      const out = new Float64Array(x.rowCount).fill(intercept);
      for (let j = 0; j < features.length; j++) {
        const [column, weight] = [x.columns[j]!, coefficients[j]!];
        for (let i = 0; i < out.length; i++) out[i]! += weight * column[i]!;
      }
      return out;
    },
    predictProbability() {
      throw new BadDefinitionError('a regression has no probabilities', {
        remedy: 'Ask for predict instead.',
      });
    },
    importance: () => weights.slice(),
    toFile: (): ModelParts => ({
      facts: { intercept, rank },
      sections: { coefficients, importance: weights },
    }),
  };
}
