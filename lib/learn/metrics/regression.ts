/** Figures of a regression, in the target's own units (r2 has none). */
export interface RegressionScores {
  /** 1 - residual over total sum of squares; undefined for fewer than two rows. */
  r2: number | undefined;
  rmse: number;
  mae: number;
}

/**
 * R², root mean squared error and mean absolute error, as scikit-learn's r2_score, root_mean_squared_error and
 * mean_absolute_error: a constant target answered exactly has R² 1, one missed has R² 0.
 */
export function regressionScores(truth: Float64Array, predicted: Float64Array): RegressionScores {
  const rows = truth.length;
  let mean = 0;
  for (const value of truth) mean += value / rows;
  let squares = 0;
  let absolutes = 0;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const error = truth[i]! - predicted[i]!;
    squares += error * error;
    absolutes += Math.abs(error);
    total += (truth[i]! - mean) ** 2;
  }
  return { r2: r2Of(rows, squares, total), rmse: Math.sqrt(squares / rows), mae: absolutes / rows };
}

function r2Of(rows: number, squares: number, total: number): number | undefined {
  if (rows < 2) return undefined;
  if (total === 0) return squares === 0 ? 1 : 0;
  return 1 - squares / total;
}
