/** One value of a row as JSON knows it. */
export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

/** What a column holds. `category` has a closed set of values, `text` an open one; `date` is epoch milliseconds. */
export type ColumnKind = 'number' | 'integer' | 'boolean' | 'category' | 'text' | 'date';

/** One column as the row schema declares it: JSON, so that it travels with datasets and models. */
export interface ColumnSpec {
  name: string;
  kind: ColumnKind;
  /** The values that the schema allows, for `category`. */
  categories?: readonly string[];
  /** True where the schema's values are numbers (`z.literal([0, 1, 2])`): kept as text here, numbers for zod and JSON. */
  numericCategories?: boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  /** What a missing value stands for, where the schema has a default. */
  default?: Cell;
  /** True where the schema lets the value be absent (optional or nullable). */
  nullable: boolean;
  description?: string;
}

/** The columns of a pipeline's rows, in the order of the zod object that declares them. */
export interface RowSchema {
  columns: readonly ColumnSpec[];
}

/** Numbers, booleans (0 and 1) and dates (epoch ms): one Float64 a row, NaN where missing. */
export interface NumericColumn {
  name: string;
  kind: 'number' | 'integer' | 'boolean' | 'date';
  values: Float64Array;
}

/** Dictionary-encoded strings: `categories[codes[i]]` is row i's value, code -1 where missing. */
export interface CategoryColumn {
  name: string;
  kind: 'category' | 'text';
  codes: Int32Array;
  categories: readonly string[];
}

export type Column = NumericColumn | CategoryColumn;

/** Typed columns of equal length. Treated as immutable: every operation returns a new table. */
export interface Table {
  rowCount: number;
  columns: readonly Column[];
}
