/** What a column is measured by. */
export interface Moments {
  /** Weighted mean over all rows. */
  mean: number;
  /** Weighted population standard deviation; it does not overflow where the values do not. */
  deviation: number;
  /** What rounding alone may leave as the deviation of a constant column. */
  noise: number;
}

/**
 * Mean and spread in two passes, so that large offsets keep their digits. A sparse column gives its values other than
 * zero and their rows; the rows between count as zeros.
 */
export function moments(
  values: Float64Array,
  given: { rows?: Uint32Array | undefined; rowCount: number; weights?: Float64Array | undefined },
): Moments {
  const { rows, rowCount, weights } = given;
  const weightOf = (i: number): number =>
    weights === undefined ? 1 : weights[rows === undefined ? i : rows[i]!]!;
  let all = rowCount;
  if (weights !== undefined) {
    all = 0;
    for (let i = 0; i < rowCount; i++) all += weights[i]!;
  }
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  if (largest === 0) return { mean: 0, deviation: 0, noise: 0 };
  if (!Number.isFinite(largest)) return { mean: values[0]!, deviation: largest, noise: 0 };
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const w = weightOf(i);
    weight += w;
    sum += w * (values[i]! / largest);
  }
  const first = sum / all;
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += weightOf(i) * (values[i]! / largest - first);
  const zeros = rows === undefined ? 0 : Math.max(0, all - weight);
  const mean = first + (rest - zeros * first) / all;
  let square = zeros * mean * mean;
  for (let i = 0; i < values.length; i++) square += weightOf(i) * (values[i]! / largest - mean) ** 2;
  return {
    mean: mean * largest,
    deviation: Math.sqrt(square / all) * largest,
    noise: 8 * Number.EPSILON * Math.abs(mean) * largest,
  };
}
