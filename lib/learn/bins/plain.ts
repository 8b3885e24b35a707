import { codeOf, EDGE_SAMPLE, findEdges, largestPower, sampledRow } from './edges.ts';

/** One numeric feature as codes. */
export interface BinnedColumn {
  edges: Float32Array;
  hasMissing: boolean;
  /** True where a code may stand for several numbers. */
  coarse: boolean;
  /** The numbers as float32. */
  values: Float32Array;
  /** Their address in the kernels' memory, where they lie there. */
  valuesAt?: number;
}

/**
 * Bins one numeric column in plain TypeScript: the reference that assembly/index.ts equals bit for bit, and what runs
 * where the kernel cannot.
 *
 * @param codes receives a code a row
 */
export function binColumn(
  column: ArrayLike<number>,
  rows: number,
  maxBins: number,
  weights: Float64Array | undefined,
  codes: Uint8Array,
): BinnedColumn {
  let hasMissing = false;
  for (let i = 0; i < rows; i++) hasMissing ||= Number.isNaN(column[i]!);
  const sample: { value: number; weight: number }[] = [];
  for (let i = 0; i < Math.min(rows, EDGE_SAMPLE); i++) {
    const row = sampledRow(i, rows);
    // Adding 0 makes one of the two zeros.
    const value = Math.fround(column[row]!) + 0;
    if (!Number.isNaN(value)) sample.push({ value, weight: weights?.[row] ?? 1 });
  }
  // Stable, so that equal values' weights are added in the order of rows, as the kernel's radix sort leaves them.
  sample.sort((a, b) => (a.value < b.value ? -1 : Number(a.value > b.value)));
  const values: number[] = [];
  const sums: number[] = [];
  for (const { value, weight } of sample) {
    if (values.length > 0 && values[values.length - 1] === value) sums[sums.length - 1]! += weight;
    else {
      values.push(value);
      sums.push(weight);
    }
  }
  const most = maxBins - Number(hasMissing);
  const edges = findEdges(Float32Array.from(values), Float64Array.from(sums), most);
  const top = largestPower(edges.length);
  for (let i = 0; i < rows; i++) {
    const value = Math.fround(column[i]!);
    codes[i] = Number.isNaN(value) ? edges.length + 1 : codeOf(value, edges, top);
  }
  const coarse = values.length > most || rows > EDGE_SAMPLE;
  return { edges, hasMissing, coarse, values: Float32Array.from(column) };
}
