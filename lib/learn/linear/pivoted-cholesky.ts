import type { Columns } from './householder.ts';

/** A pivot below this (of a unit diagonal) squares away too many digits: then only QR will do. */
const SAFE = 1e-6;
/** What rounding leaves of a pivot that is zero. */
const ZERO = 1e-11;

export interface PivotedCholesky {
  /** Columns that are independent; undefined where a pivot is neither safely large nor zero. */
  rank: number | undefined;
  order: Uint32Array;
  /** By pivot: R's columns, A = Rᵀ R. */
  r: Columns;
}

/**
 * Cholesky with diagonal pivoting of a positive semidefinite matrix with unit diagonal, width × width. Its R is the one
 * of pivoted QR, at a fraction of the cost; where it cannot be trusted it says so.
 */
export function pivotedCholesky(a: Float64Array, width: number): PivotedCholesky {
  const rows: Columns = Array.from({ length: width }, () => new Float64Array(width));
  const left = Float64Array.from({ length: width }, (_, j) => a[j * width + j]!);
  const order = Uint32Array.from({ length: width }, (_, j) => j);
  let rank: number | undefined = 0;
  for (let k = 0; k < width; k++) {
    let best = k;
    for (let j = k + 1; j < width; j++) {
      if (left[order[j]!]! > left[order[best]!]! * (1 + 1e-12)) best = j;
    }
    const place = order[best]!;
    const pivot = left[place]!;
    if (pivot <= SAFE) {
      // All that remain are smaller yet; each must be zero to rounding, or it stands between.
      if (pivot > ZERO) rank = undefined;
      break;
    }
    order.copyWithin(k + 1, k, best);
    order[k] = place;
    eliminate(a, width, rows, left, order, k, Math.sqrt(pivot));
    rank = k + 1;
  }
  return { rank, order, r: Array.from(order, (j) => rows[j]!) };
}

/** Row k of R, for the columns that are still to come. */
function eliminate(
  a: Float64Array,
  width: number,
  rows: Columns,
  left: Float64Array,
  order: Uint32Array,
  k: number,
  root: number,
): void {
  const place = order[k]!;
  const own = rows[place]!;
  own[k] = root;
  for (let n = k + 1; n < width; n++) {
    const j = order[n]!;
    const other = rows[j]!;
    let sum = a[place * width + j]!;
    for (let i = 0; i < k; i++) sum -= own[i]! * other[i]!;
    const entry = sum / root;
    other[k] = entry;
    left[j]! -= entry * entry;
  }
}
