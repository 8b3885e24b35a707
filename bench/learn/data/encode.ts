/** Columns of text as numbers: codes for those who take categories, 0/1 columns for those who do not. */
import type { PartData } from './store.ts';

/** A column as read: numbers, or codes into sorted names (NaN is missing in both). */
export interface RawColumn {
  name: string;
  values: Float64Array;
  categories?: readonly string[];
}

/** A loop, because `Float32Array.from` with a function is several times slower on millions of cells. */
function mapped(values: ArrayLike<number>, change: (value: number) => number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = change(values[i]!);
  return out;
}

export interface Encoded {
  features: { name: string; categories?: readonly string[] }[];
  columns: Float32Array[];
}

/** A number of each cell; NaN where it is one of `missing` or no number. */
export function numberColumn(name: string, cells: readonly string[], missing: readonly string[]): RawColumn {
  const values = Float64Array.from(cells, (cell) =>
    missing.includes(cell) || cell.trim() === '' ? Number.NaN : Number(cell),
  );
  return { name, values };
}

/** Codes through the sorted different values; NaN where the cell is one of `missing`. */
export function categoryColumn(
  name: string,
  cells: readonly string[],
  missing: readonly string[],
): RawColumn {
  const used = new Set(cells);
  for (const marker of missing) used.delete(marker);
  const categories = [...used].sort();
  const codeOf = new Map(categories.map((category, code) => [category, code]));
  return { name, categories, values: Float64Array.from(cells, (cell) => codeOf.get(cell) ?? Number.NaN) };
}

/** Columns as they are: codes stay codes. */
export function native(columns: readonly RawColumn[]): Encoded {
  return {
    features: columns.map(({ name, categories }) => (categories ? { name, categories } : { name })),
    columns: columns.map(({ values }) => Float32Array.from(values)),
  };
}

/**
 * Every category a 0/1 column of its own, "missing" too where it occurs; columns with more than `most` categories
 * keep their codes as numbers (of sorted names), as one does where one-hot would make thousands of columns.
 *
 * @param unused names of columns to add that are 0 in every row: categories known to exist that no row has
 */
export function oneHot(columns: readonly RawColumn[], most: number, unused: readonly string[] = []): Encoded {
  const out: Encoded = { features: [], columns: [] };
  const add = (name: string, values: Float32Array): void => {
    out.features.push({ name });
    out.columns.push(values);
  };
  for (const { name, values, categories } of columns) {
    if (categories === undefined || categories.length > most) {
      add(name, Float32Array.from(values));
      continue;
    }
    for (const [code, category] of categories.entries()) {
      add(
        `${name}=${category}`,
        mapped(values, (value) => (value === code ? 1 : 0)),
      );
    }
    if (values.some(Number.isNaN)) {
      add(
        `${name} missing`,
        mapped(values, (value) => (Number.isNaN(value) ? 1 : 0)),
      );
    }
  }
  for (const name of unused) add(name, new Float32Array(columns[0]!.values.length));
  return out;
}

/** The rows at those places, in that order. */
export function pickRows(
  columns: readonly Float32Array[],
  target: Float64Array,
  rows: Uint32Array,
): PartData {
  return {
    columns: columns.map((column) => mapped(rows, (row) => column[row]!)),
    target: Float64Array.from(rows, (row) => target[row]!),
  };
}
