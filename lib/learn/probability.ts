/** The index of the largest of each row's `width` numbers; the first where several are equal. */
export function largestOfEachRow(rows: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width === 0 ? 0 : rows.length / width);
  for (let i = 0; i < out.length; i++) {
    let best = 0;
    for (let k = 1; k < width; k++) if (rows[i * width + k]! > rows[i * width + best]!) best = k;
    out[i] = best;
  }
  return out;
}

/** Scores to probabilities in place, without overflow: exp(s - max) over their sum. */
export function softmaxInPlace(scores: Float64Array, from: number, to: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = from; k < to; k++) largest = Math.max(largest, scores[k]!);
  let total = 0;
  for (let k = from; k < to; k++) {
    scores[k] = Math.exp(scores[k]! - largest);
    total += scores[k]!;
  }
  for (let k = from; k < to; k++) scores[k]! /= total;
}

/** log(1 + exp(z)) without overflow. */
export function softplus(z: number): number {
  return z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z));
}
