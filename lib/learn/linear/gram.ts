import type { Design } from './design.ts';
import { addGradient, blockOf } from './products.ts';

/**
 * Σ wᵢ xᵢ xᵢᵀ over blocks of rows, for the columns of a design. Dense pairs cost rows, pairs with a sparse column only
 * its entries.
 */
export class Gram {
  readonly #design: Design;
  readonly #pairs: Float64Array;
  readonly #sums: Float64Array;
  readonly #weighted: Float64Array;
  #total = 0;

  constructor(design: Design) {
    this.#design = design;
    this.#pairs = new Float64Array(design.width ** 2);
    this.#sums = new Float64Array(design.width);
    this.#weighted = new Float64Array(design.blockRows);
  }

  /** Adds a block; `weights[i]` is of its row i. */
  add(b: number, weights: Float64Array): void {
    const design = this.#design;
    const { width, dense, sparse } = design;
    const weighted = this.#weighted;
    const [from, count] = blockOf(design, b);
    for (let i = 0; i < count; i++) this.#total += weights[i]!;
    addGradient(design, b, weights, 0, this.#sums, 0);
    for (let j = 0; j < dense.length; j++) {
      const { at, values } = dense[j]!;
      for (let i = 0; i < count; i++) weighted[i] = weights[i]! * values[from + i]!;
      const only = { dense: j + 1, sparse: sparse.length };
      addGradient(design, b, weighted, 0, this.#pairs, at * width, only);
    }
    weighted.fill(0);
    for (let s = 0; s < sparse.length; s++) {
      const { at, rows, values, starts } = sparse[s]!;
      const [first, end] = [starts[b]!, starts[b + 1]!];
      if (first === end) continue;
      for (let n = first; n < end; n++) weighted[rows[n]!] = weights[rows[n]!]! * values[n]!;
      addGradient(design, b, weighted, 0, this.#pairs, at * width, { dense: 0, sparse: s + 1 });
      for (let n = first; n < end; n++) weighted[rows[n]!] = 0;
    }
  }

  /**
   * The sums divided by `divisor`, row-major and symmetric; with `intercept` a last row and column for a column of ones.
   */
  finish(divisor: number, intercept = false): Float64Array {
    const { width, sparse } = this.#design;
    const [pairs, sums, total] = [this.#pairs, this.#sums, this.#total];
    const size = intercept ? width + 1 : width;
    const out = new Float64Array(size * size);
    const shifts = new Float64Array(width);
    for (const { at, shift } of sparse) shifts[at] = shift;
    for (let j = 0; j < width; j++) {
      for (let k = 0; k <= j; k++) {
        // Each pair was summed in one of the two places, the diagonal in its own.
        const sum = pairs[j * width + k]! + (j === k ? 0 : pairs[k * width + j]!);
        const centred = sum - shifts[j]! * sums[k]! - shifts[k]! * sums[j]! + shifts[j]! * shifts[k]! * total;
        out[j * size + k] = centred / divisor;
        out[k * size + j] = centred / divisor;
      }
      if (!intercept) continue;
      const sum = (sums[j]! - shifts[j]! * total) / divisor;
      out[j * size + width] = sum;
      out[width * size + j] = sum;
    }
    if (intercept) out[size * size - 1] = total / divisor;
    return out;
  }

  get total(): number {
    return this.#total;
  }
}

/** The weighted mean of xᵢ xᵢᵀ over all rows. */
export function meanGram(design: Design, weights?: Float64Array): Float64Array {
  const sums = new Gram(design);
  const ones = new Float64Array(design.blockRows).fill(1);
  for (let b = 0; b < design.blocks; b++) {
    const [from, count] = blockOf(design, b);
    sums.add(b, weights === undefined ? ones : weights.subarray(from, from + count));
  }
  return sums.finish(sums.total);
}
