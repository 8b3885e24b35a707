import { Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix';

export interface LeastSquares {
  /** One a column, in the columns' own units. */
  coefficients: Float64Array;
  intercept: number;
  /** How many columns were linearly independent, to working precision. */
  rank: number;
  /** Standard deviation of each column (population), for comparing coefficients. */
  deviations: Float64Array;
}

/**
 * min ‖y − Xw − b‖² + alpha ‖w‖², by Householder QR of the centred, unit-scaled columns and an SVD of the small R
 * (Golub and Van Loan, Matrix Computations, 5.5). The penalty is added as rows √alpha·I, so that one path serves both.
 *
 * Rank-deficient input (duplicate or constant columns, fewer rows than columns) is answered by the coefficients of
 * least norm after scaling each column to unit length: scaling first keeps a column of epoch milliseconds from
 * drowning a 0/1 column. Predictions on data of the same span do not depend on that choice.
 */
export function leastSquares(
  columns: readonly Float64Array[],
  y: Float64Array,
  options: { alpha: number; fitIntercept: boolean },
): LeastSquares {
  const rows = y.length;
  const width = columns.length;
  const penaltyRows = options.alpha > 0 ? width : 0;
  const system = new Matrix(rows + penaltyRows, width + 1);
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  const deviations = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    const column = columns[j]!;
    means[j] = options.fitIntercept ? mean(column) : 0;
    const norm = norm2(column, means[j]!);
    deviations[j] = options.fitIntercept
      ? norm / Math.sqrt(rows)
      : norm2(column, mean(column)) / Math.sqrt(rows);
    // What is left of a constant column after centring is rounding: its coefficient is zero.
    const noise = 8 * Number.EPSILON * Math.sqrt(rows) * Math.abs(means[j]!);
    if (norm <= noise) continue;
    const scale = options.alpha > 0 ? Math.hypot(norm, Math.sqrt(options.alpha)) : norm;
    scales[j] = scale;
    for (let i = 0; i < rows; i++) system.set(i, j, (column[i]! - means[j]!) / scale);
    if (options.alpha > 0) system.set(rows + j, j, Math.sqrt(options.alpha) / scale);
  }
  const centre = options.fitIntercept ? mean(y) : 0;
  for (let i = 0; i < rows; i++) system.set(i, width, y[i]! - centre);

  const { solution, rank } = solve(system, width);
  const coefficients = new Float64Array(width);
  let intercept = centre;
  for (let j = 0; j < width; j++) {
    coefficients[j] = scales[j]! > 0 ? solution[j]! / scales[j]! : 0;
    intercept -= coefficients[j]! * means[j]!;
  }
  return { coefficients, intercept, rank, deviations };
}

/** The least-norm answer of the system whose last column is its right side. */
function solve(system: Matrix, width: number): { solution: Float64Array; rank: number } {
  const tall = system.rows > width + 1;
  // R of [X | y] holds R of X and, in its last column, Qᵀy.
  const reduced = tall ? new QrDecomposition(system).upperTriangularMatrix : system;
  const height = Math.min(reduced.rows, tall ? width : reduced.rows);
  const left = reduced.subMatrix(0, height - 1, 0, width - 1);
  const right = reduced.subMatrix(0, height - 1, width, width);
  const svd = new SingularValueDecomposition(left, { autoTranspose: true });
  const singular = svd.diagonal;
  const cutoff = Number.EPSILON * Math.max(system.rows, width) * (singular[0] ?? 0);
  const projected = svd.leftSingularVectors.transpose().mmul(right);
  const solution = new Float64Array(width);
  let rank = 0;
  for (let k = 0; k < singular.length; k++) {
    if (!(singular[k]! > cutoff)) continue;
    rank++;
    const weight = projected.get(k, 0) / singular[k]!;
    for (let j = 0; j < width; j++) solution[j]! += weight * svd.rightSingularVectors.get(j, k);
  }
  return { solution, rank };
}

/** Mean in two passes, so that large offsets keep their digits. */
function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const first = sum / values.length;
  let rest = 0;
  for (const value of values) rest += value - first;
  return first + rest / values.length;
}

/** ‖values − centre‖, scaled by the largest so that squares do not overflow. */
function norm2(values: Float64Array, centre: number): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value - centre));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of values) sum += ((value - centre) / largest) ** 2;
  return largest * Math.sqrt(sum);
}
