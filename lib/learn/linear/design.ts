import type { FeatureCategories, FeatureMatrix } from '../types.ts';
import { moments } from './moments.ts';

/** Columns with at most this share of values other than zero are kept as a list of those. */
const SPARSE_SHARE = 0.25;
/** Bytes of dense columns that one block of rows takes: what a core's second-level cache holds beside the rest. */
const BLOCK_BYTES = 256 * 1024;

/** A column of which only the values other than zero are kept, by row, ascending. */
export interface SparseColumn {
  /** Row within its block. */
  rows: Uint16Array;
  values: Float64Array;
  /** Block b is the entries starts[b] to starts[b + 1] - 1. */
  starts: Uint32Array;
  /** What centring takes off each value, in units of the scale: mean / scale. */
  shift: number;
}

/**
 * The columns that a linear model works on: a numeric feature as one column, a native category as one 0/1 column each,
 * all centred and divided by a scale. Dense columns are stored so; sparse ones are stored uncentred and the centring is
 * done in the sums (their means are small beside their values, so no digit is lost). Rows are walked in blocks, so that
 * what one block needs stays in cache over all outputs.
 */
export interface Design {
  rows: number;
  /** Columns after the categories were laid out. */
  width: number;
  blockRows: number;
  blocks: number;
  dense: { at: number; values: Float64Array }[];
  sparse: ({ at: number } & SparseColumn)[];
  /** Weighted mean of each column, 0 where not centred. */
  centres: Float64Array;
  /** What each column was divided by; 0 where it is constant and was left out. */
  scales: Float64Array;
  /** Weighted standard deviation of each column. */
  deviations: Float64Array;
}

/** The first column of each feature, and the number of all columns at the end. */
export function columnStarts(featureCount: number, categories?: FeatureCategories): Uint32Array {
  const starts = new Uint32Array(featureCount + 1);
  for (let f = 0; f < featureCount; f++) starts[f + 1] = starts[f]! + (categories?.[f]?.length ?? 1);
  return starts;
}

export interface DesignOptions {
  weights?: Float64Array;
  centre: boolean;
  /** What to divide a column by, of its deviation and root mean square about the centre; 0 leaves it out. */
  scaleOf: (column: { deviation: number; rootMeanSquare: number; noise: number }) => number;
}

/** Lays out a matrix. Numeric columns must be finite; a category code that is NaN is all zeros. */
export function makeDesign(x: FeatureMatrix, options: DesignOptions): Design {
  const starts = columnStarts(x.columns.length, x.categories);
  const width = starts[x.columns.length]!;
  const rows = x.rowCount;
  const blockRows = Math.min(1024, Math.max(64, 2 ** Math.floor(Math.log2(BLOCK_BYTES / 8 / width))));
  const design: Design = {
    rows,
    width,
    blockRows,
    blocks: Math.ceil(rows / blockRows),
    dense: [],
    sparse: [],
    centres: new Float64Array(width),
    scales: new Float64Array(width),
    deviations: new Float64Array(width),
  };
  for (const [f, column] of x.columns.entries()) {
    const names = x.categories?.[f];
    if (names === undefined) addColumn(design, starts[f]!, column, options);
    else
      for (const [c, rowsOf] of rowsByCode(column, names.length).entries())
        addSparse(design, starts[f]! + c, rowsOf, undefined, options);
  }
  return design;
}

function addColumn(design: Design, at: number, column: Float64Array, options: DesignOptions): void {
  let filled = 0;
  for (let i = 0; i < column.length; i++) if (column[i] !== 0) filled++;
  if (filled <= SPARSE_SHARE * column.length) {
    const rows = new Uint32Array(filled);
    const values = new Float64Array(filled);
    for (let i = 0, n = 0; i < column.length; i++) {
      if (column[i] === 0) continue;
      rows[n] = i;
      values[n++] = column[i]!;
    }
    addSparse(design, at, rows, values, options);
    return;
  }
  const scale = measure(design, at, column, undefined, options);
  if (scale === 0) return;
  const centre = design.centres[at]!;
  design.dense.push({ at, values: column.map((value) => (value - centre) / scale) });
}

function addSparse(
  design: Design,
  at: number,
  rows: Uint32Array,
  given: Float64Array | undefined,
  options: DesignOptions,
): void {
  const values = given ?? new Float64Array(rows.length).fill(1);
  const scale = measure(design, at, values, rows, options);
  if (scale === 0) return;
  const { blockRows, blocks } = design;
  const starts = new Uint32Array(blocks + 1);
  for (let n = 0, b = 0; b < blocks; b++) {
    while (n < rows.length && rows[n]! < (b + 1) * blockRows) n++;
    starts[b + 1] = n;
  }
  const within = Uint16Array.from(rows, (row) => row % blockRows);
  const scaled = values.map((value) => value / scale);
  design.sparse.push({ at, rows: within, values: scaled, starts, shift: design.centres[at]! / scale });
}

/** Writes down centre, deviation and scale of a column; the scale is answered. */
function measure(
  design: Design,
  at: number,
  values: Float64Array,
  rows: Uint32Array | undefined,
  { weights, centre, scaleOf }: DesignOptions,
): number {
  const { mean, deviation, noise } = moments(values, { rows, rowCount: design.rows, weights });
  design.deviations[at] = deviation;
  design.centres[at] = centre ? mean : 0;
  const rootMeanSquare = centre ? deviation : Math.hypot(deviation, mean);
  const scale = scaleOf({ deviation, rootMeanSquare, noise: centre ? noise : 0 });
  design.scales[at] = scale;
  return scale;
}

/** The rows that hold each code, ascending. */
function rowsByCode(codes: Float64Array, count: number): Uint32Array[] {
  const counts = new Uint32Array(count);
  for (let i = 0; i < codes.length; i++) if (codes[i]! < count) counts[codes[i]!]!++;
  const found = Array.from(counts, (n) => new Uint32Array(n));
  counts.fill(0);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code < count) found[code]![counts[code]!++] = i;
  }
  return found;
}
