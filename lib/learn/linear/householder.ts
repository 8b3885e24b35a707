/** A matrix by columns. */
export type Columns = Float64Array[];

/**
 * R of a tall matrix that arrives in blocks of rows: each block is rotated into the triangle by Householder reflections
 * (Golub and Van Loan, Matrix Computations, 5.2; the block form is Demmel et al.'s TSQR as a chain). Memory is one
 * triangle, and the numbers are those of one QR to rounding.
 */
export class StreamedQr {
  readonly width: number;
  /** Column k holds R's entries 0 to k; below the diagonal zeros. */
  readonly r: Columns;

  constructor(width: number) {
    this.width = width;
    this.r = Array.from({ length: width }, () => new Float64Array(width));
  }

  /** Takes rows in, as `width` columns of equal length; they are overwritten. */
  add(block: Columns): void {
    for (let k = 0; k < this.width; k++) {
      const column = block[k]!;
      const own = this.r[k]!;
      const below = norm(column);
      if (below === 0) continue;
      const length = Math.hypot(own[k]!, below);
      const head = own[k]! > 0 ? own[k]! + length : own[k]! - length;
      // v = (head, column), H = I − 2 v vᵀ / ‖v‖²; both parts are divided by the head, so that nothing overflows.
      for (let i = 0; i < column.length; i++) column[i]! /= head;
      const tau = -head / (own[k]! > 0 ? -length : length);
      for (let j = k + 1; j < this.width; j++) reflect(column, block[j]!, this.r[j]!, k, tau);
      own[k] = own[k]! > 0 ? -length : length;
    }
  }
}

/** Applies I − tau (1, v)(1, v)ᵀ to (top[k], rest). */
function reflect(v: Float64Array, rest: Float64Array, top: Float64Array, k: number, tau: number): void {
  let sum = top[k]!;
  for (let i = 0; i < v.length; i++) sum += v[i]! * rest[i]!;
  sum *= tau;
  top[k]! -= sum;
  for (let i = 0; i < v.length; i++) rest[i]! -= sum * v[i]!;
}

export interface PivotedQr {
  rank: number;
  /** Columns by pivot: the first `rank` are independent, the others depend on them. */
  order: Uint32Array;
  /** By pivot, R's columns of at least `rank` entries; the last one is Qᵀ b. */
  r: Columns;
  rhs: Float64Array;
}

/**
 * Householder QR with column pivoting (Businger and Golub 1965) of `columns`, applied to `rhs` too; all are overwritten.
 * The rank is the number of pivots above `tolerance` × the first; of equally long columns the earlier is taken.
 */
export function pivotedQr(columns: Columns, rhs: Float64Array, tolerance: number): PivotedQr {
  const [height, width] = [rhs.length, columns.length];
  const r = [...columns];
  const order = Uint32Array.from(r, (_, j) => j);
  const most = Math.min(height, width);
  let first = 0;
  let rank = 0;
  for (; rank < most; rank++) {
    // Norms anew each step: downdated ones lose their digits just where rank is decided.
    let [best, length] = [rank, -1];
    for (let j = rank; j < width; j++) {
      const found = norm(r[j]!.subarray(rank));
      // A column must be longer by more than rounding to be taken before an earlier one.
      if (found > length * (1 + 1e-12)) [best, length] = [j, found];
    }
    if (rank === 0) first = length;
    if (!(length > tolerance * first)) break;
    const moved = r[best]!;
    r.copyWithin(rank + 1, rank, best);
    r[rank] = moved;
    const place = order[best]!;
    order.copyWithin(rank + 1, rank, best);
    order[rank] = place;
    const column = moved.subarray(rank);
    const diagonal = column[0]! > 0 ? -length : length;
    const head = column[0]! - diagonal;
    const v = column.map((value) => value / head);
    v[0] = 1;
    const tau = -head / diagonal;
    for (let j = rank + 1; j < width; j++) reflectWhole(v, r[j]!.subarray(rank), tau);
    reflectWhole(v, rhs.subarray(rank), tau);
    column.fill(0);
    column[0] = diagonal;
  }
  return { rank, order, r, rhs };
}

function reflectWhole(v: Float64Array, target: Float64Array, tau: number): void {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * target[i]!;
  sum *= tau;
  for (let i = 0; i < v.length; i++) target[i]! -= sum * v[i]!;
}

/**
 * The x of least norm among those that minimise ‖R x − Qᵀb‖, from a pivoted QR: a complete orthogonal decomposition
 * (Golub and Van Loan, 5.5.2). In the columns' first order.
 */
export function leastNormSolution({ rank, order, r, rhs }: PivotedQr): Float64Array {
  const width = r.length;
  const x = new Float64Array(width);
  const pivoted = rank === width ? backSubstitute(r, rhs, rank) : throughTranspose(r, rhs, rank);
  for (let k = 0; k < width; k++) x[order[k]!] = pivoted[k]!;
  return x;
}

function backSubstitute(r: Columns, rhs: Float64Array, size: number): Float64Array {
  const x = rhs.slice(0, size);
  for (let k = size - 1; k >= 0; k--) {
    x[k]! /= r[k]![k]!;
    for (let i = 0; i < k; i++) x[i]! -= x[k]! * r[k]![i]!;
  }
  return x;
}

/** T = [R11 R12], Tᵀ = Q S: the least-norm x of T x = c is Q u with Sᵀ u = c. */
function throughTranspose(r: Columns, rhs: Float64Array, rank: number): Float64Array {
  const width = r.length;
  const rows: Columns = Array.from({ length: rank }, (_, i) => Float64Array.from(r, (column) => column[i]!));
  const reflections: { v: Float64Array; tau: number }[] = [];
  for (let k = 0; k < rank; k++) {
    const column = rows[k]!.subarray(k);
    const length = norm(column);
    const diagonal = column[0]! > 0 ? -length : length;
    const head = column[0]! - diagonal;
    const v = column.map((value) => value / head);
    v[0] = 1;
    const tau = -head / diagonal;
    for (let j = k + 1; j < rank; j++) reflectWhole(v, rows[j]!.subarray(k), tau);
    column[0] = diagonal;
    reflections.push({ v, tau });
  }
  const x = new Float64Array(width);
  for (let k = 0; k < rank; k++) {
    let sum = rhs[k]!;
    for (let i = 0; i < k; i++) sum -= rows[k]![i]! * x[i]!;
    x[k] = sum / rows[k]![k]!;
  }
  for (let k = rank - 1; k >= 0; k--) reflectWhole(reflections[k]!.v, x.subarray(k), reflections[k]!.tau);
  return x;
}

/** Euclidean length, by the largest entry first where squares could overflow or vanish. */
export function norm(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  if (sum > 1e-200 && sum < 1e200) return Math.sqrt(sum);
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let scaled = 0;
  for (let i = 0; i < values.length; i++) scaled += (values[i]! / largest) ** 2;
  return largest * Math.sqrt(scaled);
}
