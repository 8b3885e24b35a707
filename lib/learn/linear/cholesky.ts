/**
 * Factors a symmetric positive definite matrix in place: L in the lower triangle of row-major `a`, A = L Lᵀ. Stops where
 * a pivot is at most `smallest`.
 *
 * @returns the smallest pivot; at most `smallest` where the matrix is not definite enough and `a` is of no use
 */
export function factorCholesky(a: Float64Array, size: number, smallest = 0): number {
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < size; j++) {
    const row = j * size;
    const pivot = a[row + j]! - square(a, row, j);
    least = Math.min(least, pivot);
    if (!(pivot > smallest)) return pivot;
    const root = Math.sqrt(pivot);
    a[row + j] = root;
    for (let i = j + 1; i < size; i++) {
      const other = i * size;
      let sum = a[other + j]!;
      for (let k = 0; k < j; k++) sum -= a[other + k]! * a[row + k]!;
      a[other + j] = sum / root;
    }
  }
  return least;
}

function square(a: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let k = from; k < from + count; k++) sum += a[k]! * a[k]!;
  return sum;
}

/** Solves L Lᵀ x = b in place, for `size` numbers from `at` on. */
export function solveCholesky(l: Float64Array, size: number, b: Float64Array, at = 0): void {
  for (let i = 0; i < size; i++) {
    let sum = b[at + i]!;
    for (let k = 0; k < i; k++) sum -= l[i * size + k]! * b[at + k]!;
    b[at + i] = sum / l[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    const value = b[at + i]! / l[i * size + i]!;
    b[at + i] = value;
    for (let k = 0; k < i; k++) b[at + k]! -= value * l[i * size + k]!;
  }
}
