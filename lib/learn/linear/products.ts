import type { Design } from './design.ts';

/** Rows of block b: the first and how many. */
export function blockOf({ rows, blockRows }: Design, b: number): [from: number, count: number] {
  const from = b * blockRows;
  return [from, Math.min(blockRows, rows - from)];
}

/**
 * out[outAt + i] += row i of the block × point[at ...], but for the centring of sparse columns: add `-shiftOf(...)`.
 * Four columns a pass: a sum in a register costs less than one in memory, and V8 has no SIMD for it.
 */
export function addScores(
  design: Design,
  b: number,
  point: Float64Array,
  at: number,
  out: Float64Array,
  outAt: number,
): void {
  const [from, count] = blockOf(design, b);
  const { dense, sparse } = design;
  let j = 0;
  for (; j + 3 < dense.length; j += 4) {
    const [c0, c1, c2, c3] = [dense[j]!, dense[j + 1]!, dense[j + 2]!, dense[j + 3]!];
    add4(
      out,
      outAt,
      from,
      count,
      c0.values,
      c1.values,
      c2.values,
      c3.values,
      point[at + c0.at]!,
      point[at + c1.at]!,
      point[at + c2.at]!,
      point[at + c3.at]!,
    );
  }
  for (; j < dense.length; j++) {
    const { values, at: place } = dense[j]!;
    const weight = point[at + place]!;
    for (let i = 0; i < count; i++) out[outAt + i]! += weight * values[from + i]!;
  }
  for (let s = 0; s < sparse.length; s++) {
    const { rows, values, starts, at: place } = sparse[s]!;
    const weight = point[at + place]!;
    for (let n = starts[b]!, end = starts[b + 1]!; n < end; n++)
      out[outAt + rows[n]!]! += weight * values[n]!;
  }
}

function add4(
  out: Float64Array,
  outAt: number,
  from: number,
  count: number,
  v0: Float64Array,
  v1: Float64Array,
  v2: Float64Array,
  v3: Float64Array,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  for (let i = 0; i < count; i++) {
    const r = from + i;
    out[outAt + i]! += w0 * v0[r]! + w1 * v1[r]! + (w2 * v2[r]! + w3 * v3[r]!);
  }
}

/** What the centring of sparse columns takes off every row's score. */
export function shiftOf({ sparse }: Design, point: Float64Array, at: number): number {
  let sum = 0;
  for (const column of sparse) sum += point[at + column.at]! * column.shift;
  return sum;
}

const four = new Float64Array(4);

/**
 * into[at + j] += Σ residuals[i] × column j over the block's rows, but for sparse centring: see `centreSums`. `only` takes
 * the first so many columns of each kind.
 */
export function addGradient(
  design: Design,
  b: number,
  residuals: Float64Array,
  residualsAt: number,
  into: Float64Array,
  at: number,
  only: { dense: number; sparse: number } = { dense: design.dense.length, sparse: design.sparse.length },
): void {
  const [from, count] = blockOf(design, b);
  const { dense, sparse } = design;
  let j = 0;
  for (; j + 3 < only.dense; j += 4) {
    const [c0, c1, c2, c3] = [dense[j]!, dense[j + 1]!, dense[j + 2]!, dense[j + 3]!];
    dot4(residuals, residualsAt, from, count, c0.values, c1.values, c2.values, c3.values);
    into[at + c0.at]! += four[0]!;
    into[at + c1.at]! += four[1]!;
    into[at + c2.at]! += four[2]!;
    into[at + c3.at]! += four[3]!;
  }
  for (; j < only.dense; j++) {
    const { values, at: place } = dense[j]!;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += residuals[residualsAt + i]! * values[from + i]!;
    into[at + place]! += sum;
  }
  for (let s = 0; s < only.sparse; s++) {
    const { rows, values, starts, at: place } = sparse[s]!;
    let sum = 0;
    for (let n = starts[b]!, end = starts[b + 1]!; n < end; n++)
      sum += residuals[residualsAt + rows[n]!]! * values[n]!;
    into[at + place]! += sum;
  }
}

function dot4(
  residuals: Float64Array,
  residualsAt: number,
  from: number,
  count: number,
  v0: Float64Array,
  v1: Float64Array,
  v2: Float64Array,
  v3: Float64Array,
): void {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const residual = residuals[residualsAt + i]!;
    const r = from + i;
    s0 += residual * v0[r]!;
    s1 += residual * v1[r]!;
    s2 += residual * v2[r]!;
    s3 += residual * v3[r]!;
  }
  four[0] = s0;
  four[1] = s1;
  four[2] = s2;
  four[3] = s3;
}

/** Takes from sums over all rows what the centring of sparse columns takes: its shift times the sum of residuals. */
export function centreSums({ sparse }: Design, into: Float64Array, at: number, residualSum: number): void {
  for (const column of sparse) into[at + column.at]! -= column.shift * residualSum;
}
