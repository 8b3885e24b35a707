import type { Bins } from '../../bins/index.ts';
import type { Grid } from './gradients.ts';

/** Three exact sums a (feature, code): entry 256 * feature + code. */
export interface Histogram {
  gradients: Float64Array;
  hessians: Float64Array;
  rows: Float64Array;
}

export const CODES = 256;

export function histogramOf(bins: Bins, grid: Grid, rows: Int32Array): Histogram {
  const size = CODES * bins.featureCount;
  const out = {
    gradients: new Float64Array(size),
    hessians: new Float64Array(size),
    rows: new Float64Array(size),
  };
  for (let f = 0; f < bins.featureCount; f++) {
    for (const row of rows) {
      const cell = CODES * f + bins.codes[f * bins.rows + row]!;
      out.gradients[cell]! += grid.gradients[row]!;
      out.hessians[cell]! += grid.hessians[row]!;
      out.rows[cell]! += 1;
    }
  }
  return out;
}

/** The sibling's: sums are exact, so what is left is what counting would give. */
export function subtract(whole: Histogram, part: Histogram): Histogram {
  return {
    gradients: whole.gradients.map((sum, cell) => sum - part.gradients[cell]!),
    hessians: whole.hessians.map((sum, cell) => sum - part.hessians[cell]!),
    rows: whole.rows.map((sum, cell) => sum - part.rows[cell]!),
  };
}
