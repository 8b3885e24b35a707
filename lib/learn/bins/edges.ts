/**
 * Rows that edges are found on; of more rows every k-th is taken. LightGBM and scikit-learn's histogram boosting take
 * 200,000: at 255 bins a sample of 65,536 puts 257 rows in each, so an edge is off by about 6 % of a bin.
 */
export const EDGE_SAMPLE = 65_536;

/** Row of the whole that is row i of the sample. */
export function sampledRow(i: number, rows: number): number {
  return rows <= EDGE_SAMPLE ? i : Math.floor((i * rows) / EDGE_SAMPLE);
}

/**
 * Upper edges of at most `maxBins` bins for values in ascending order. Each distinct value has a bin where they are
 * few enough. Otherwise bins of about equal weight, cut between distinct values: a value heavier than its share has a
 * bin of its own, and the rest is shared out anew (as LightGBM's greedy bin finder does).
 *
 * @param values distinct, ascending, no NaN
 * @param weights of the same length: how often each value stands in the sample, or the sum of its rows' weights
 * @returns edges, one fewer than bins
 */
export function findEdges(values: Float32Array, weights: Float64Array, maxBins: number): Float32Array {
  const distinct = values.length;
  const edges: number[] = [];
  let rest = 0;
  for (const weight of weights) rest += weight;
  let bins = distinct <= maxBins ? distinct : maxBins;
  let inside = 0;
  for (let i = 0; i + 1 < distinct && bins > 1; i++) {
    inside += weights[i]!;
    const share = rest / bins;
    if (distinct > maxBins && inside < share && weights[i + 1]! < share) continue;
    edges.push(between(values[i]!, values[i + 1]!));
    rest -= inside;
    inside = 0;
    bins--;
  }
  return Float32Array.from(edges);
}

/** The middle of a < b as float32, kept below b, so that `x <= edge` parts them. */
export function between(a: number, b: number): number {
  const middle = Math.fround((a + b) / 2);
  return middle < b ? middle : a;
}

/** The code of a value: how many edges lie below it. `top` is the largest power of two not above the number of edges. */
export function codeOf(value: number, edges: Float32Array, top: number): number {
  let code = 0;
  for (let step = top; step > 0; step >>= 1) {
    const next = code + step;
    if (next <= edges.length && value > edges[next - 1]!) code = next;
  }
  return code;
}

/** Largest power of two that is at most n; 0 for 0. */
export function largestPower(n: number): number {
  return n === 0 ? 0 : 2 ** (31 - Math.clz32(n));
}
