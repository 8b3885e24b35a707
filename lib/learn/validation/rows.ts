import type { FeatureMatrix, Target } from '../types.ts';

/** Some rows of a matrix, in the order given. */
export function rowsOfMatrix(x: FeatureMatrix, rows: Int32Array): FeatureMatrix {
  return { ...x, rowCount: rows.length, columns: x.columns.map((column) => pick(column, rows)) };
}

/** Some rows of a target; it keeps all its classes. */
export function rowsOfTarget(y: Target, rows: Int32Array): Target {
  if (y.task === 'regression') return { ...y, values: pick(y.values, rows) };
  const values = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = y.values[rows[i]!]!;
  return { ...y, values };
}

/** Some entries, in the order given. */
export function pick(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}
