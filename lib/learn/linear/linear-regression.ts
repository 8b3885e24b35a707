import { BadDataError } from '../../errors/index.ts';
import { TrainingTooLargeError } from '../errors.ts';
import { normalise, requireFitInput } from '../params.ts';
import type { FeatureMatrix, Trainer } from '../types.ts';
import { requireWeights } from '../weights.ts';
import { columnStarts } from './design.ts';
import { columnNames, effectDeviations, effectMeans, requireCompleteNumbers } from './effects.ts';
import { type LeastSquares, leastSquares } from './least-squares.ts';
import {
  algorithm,
  type LinearRegressionParams,
  linearAlgorithm,
  linearModel,
  tasks,
} from './linear-algorithm.ts';

/** rows × columns² of 3e11 took QR about ten minutes here; beyond it a function would be cut off at fifteen. */
const MOST_WORK = 3e11;
/** rows × columns held twice as doubles: 4 GB. */
const MOST_CELLS = 2.5e8;

/**
 * Ordinary least squares, or ridge with `alpha`, as scikit-learn's LinearRegression and Ridge; see least-squares.ts for
 * what rank-deficient input is answered with. Categories are taken natively, as one 0/1 column each; one that training
 * did not see counts as none of them. Importance is the standard deviation of the feature's part in the prediction, for
 * a number |coefficient| × deviation.
 */
export const linearRegression: Trainer<LinearRegressionParams> = {
  ...linearAlgorithm,
  checkSize(rows, columns) {
    if (rows * columns ** 2 <= MOST_WORK && columns ** 3 <= MOST_WORK && rows * columns <= MOST_CELLS) return;
    throw new TrainingTooLargeError(
      `${algorithm} on ${rows} rows x ${columns} columns is too much for one function`,
      {
        details: { rows, columns },
        remedy: 'Train on a sample of the rows, or encode fewer columns (ordinal instead of one-hot).',
      },
    );
  },
  fit(x, y, params, { weights, onProgress }) {
    requireFitInput(algorithm, tasks, y, { rows: x.rowCount, columns: x.columns.length });
    const width = columnStarts(x.columns.length, x.categories)[x.columns.length]!;
    linearRegression.checkSize(x.rowCount, width, params);
    requireCompleteNumbers(x, algorithm);
    requireWeights(algorithm, weights, x.rowCount);
    const fitted = leastSquares(x, y.values as Float64Array, { ...params, weights, onProgress });
    const { intercept, coefficients, rank } = fitted;
    if (!Number.isFinite(intercept) || !coefficients.every(Number.isFinite)) {
      throw new BadDataError(`${algorithm}: the numbers are too large to fit`, {
        remedy: "Add `standardScale('numeric')` to the clean steps, or express the columns in larger units.",
      });
    }
    const importance = normalise(effectDeviations(x, coefficients, 0, weights));
    const facts = { intercept, rank, dependent: surprising(x, fitted, params.fitIntercept) };
    const means = effectMeans(x, coefficients, 1, weights);
    return linearModel(x.names, x.categories, facts, { coefficients, importance, means });
  },
};

/** The dependent columns' names, but for the one of each category column that its others and the intercept always give. */
function surprising(x: FeatureMatrix, { dependent }: LeastSquares, fitIntercept: boolean): string[] {
  const starts = columnStarts(x.columns.length, x.categories);
  const expected = new Set<number>();
  let given = fitIntercept;
  for (const [f, categories] of (x.categories ?? []).entries()) {
    if (categories === undefined || !x.columns[f]!.every((code) => code < categories.length)) continue;
    const own = dependent.find((j) => j >= starts[f]! && j < starts[f + 1]!);
    if (given && own !== undefined) expected.add(own);
    // Without an intercept the first whole column of categories stands for it.
    given = true;
  }
  const names = columnNames(x);
  return dependent.filter((j) => !expected.has(j)).map((j) => names[j]!);
}
