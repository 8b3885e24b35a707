import { isNumeric } from './table.ts';
import type { CategoryColumn, Column, ColumnKind, NumericColumn, Table } from './types.ts';

const BINS = 20;
/** So many of the most frequent categories are listed; the rest are summed up. */
const LISTED_CATEGORIES = 50;
/** A numeric column keeps its distribution at so many points at most. */
export const POINTS = 100;
const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

interface ProfileBase {
  name: string;
  kind: ColumnKind;
  /** Rows with a value. */
  count: number;
  missing: number;
  distinct: number;
}

/** Dates are epoch milliseconds, booleans 0 and 1. The numbers are null where no row has a value. */
export interface NumericProfile extends ProfileBase {
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Of the population (divided by count). */
  std: number | null;
  /** By linear interpolation, as numpy's default. */
  quantiles: { p: number; value: number }[];
  /** `counts[i]` rows lie from `edges[i]` to `edges[i + 1]`; the last edge is included. */
  histogram: { edges: number[]; counts: number[] };
  /**
   * The distribution at its percentiles: `upTo[i]` rows hold at most `values[i]`, both rising. A column of at most 100
   * distinct values has every one of them, so that nothing is lost. Absent in profiles of before, and where no row has a value.
   */
  points?: { values: number[]; upTo: number[] };
}

export interface CategoryProfile extends ProfileBase {
  /** The most frequent first, equally frequent ones by name. */
  categories: { value: string; count: number }[];
  /** Rows of the categories that are not listed. */
  other: number;
}

/** The profile of the rows that a model was trained on, and of what it answers to rows that it was not: for drift. */
export interface TrainingProfile extends TableProfile {
  /** Of its predictions for the validation rows. Absent in files of before, and where there were no such rows. */
  predictions?: NumericProfile | CategoryProfile;
}

/** What a table's columns hold, as JSON: for the dataset's manifest, the model and drift. */
export interface TableProfile {
  rows: number;
  columns: (NumericProfile | CategoryProfile)[];
}

/**
 * Describes each column: counts, range, moments, quantiles and a histogram of 20 equal bins, or the counts of its
 * categories. The same table gives the same JSON.
 */
export function profileTable(table: Table): TableProfile {
  return { rows: table.rowCount, columns: table.columns.map(profileColumn) };
}

/** One column of `profileTable`. */
export function profileColumn(column: Column): NumericProfile | CategoryProfile {
  return isNumeric(column) ? profileNumbers(column) : profileCategories(column);
}

function profileNumbers({ name, kind, values }: NumericColumn): NumericProfile {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const count = sorted.length;
  let distinct = 0;
  let mean = 0;
  let squares = 0;
  sorted.forEach((value, i) => {
    if (i === 0 || value !== sorted[i - 1]) distinct++;
    // Welford: stable, and one pass.
    const difference = value - mean;
    mean += difference / (i + 1);
    squares += difference * (value - mean);
  });
  const base = { name, kind, count, missing: values.length - count, distinct };
  if (count === 0) {
    return {
      ...base,
      min: null,
      max: null,
      mean: null,
      std: null,
      quantiles: [],
      histogram: { edges: [], counts: [] },
    };
  }
  return {
    ...base,
    min: jsonNumber(sorted[0] as number),
    max: jsonNumber(sorted[count - 1] as number),
    mean: jsonNumber(mean),
    std: jsonNumber(Math.sqrt(squares / count)),
    quantiles: QUANTILES.map((p) => ({ p, value: quantile(sorted, p) })),
    histogram: histogram(sorted),
    points: points(sorted, distinct),
  };
}

/** Every distinct value, or those at the percentiles, each with the number of rows up to it: exact at each point. */
function points(sorted: Float64Array, distinct: number): { values: number[]; upTo: number[] } {
  const result: { values: number[]; upTo: number[] } = { values: [], upTo: [] };
  const { length } = sorted;
  let wanted = 1;
  sorted.forEach((value, i) => {
    // The last row of its value.
    if (value === sorted[i + 1]) return;
    if (distinct > POINTS && (i + 1) * POINTS < wanted * length) return;
    result.values.push(value + 0);
    result.upTo.push(i + 1);
    wanted = Math.floor(((i + 1) * POINTS) / length) + 1;
  });
  return result;
}

/** JSON has no infinity and no -0; sums of numbers near 1e308 may have no other value. */
const jsonNumber = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

/** Between the two values next to the place, as NumPy's default; no overflow between the largest doubles. */
export function quantile(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  const share = at - Math.floor(at);
  return low * (1 - share) + high * share + 0;
}

/** The end of step `i` of so many equal `steps` from low to high. */
export function stepBetween(low: number, high: number, i: number, steps: number): number {
  // The plain form is exact for round numbers; near the largest numbers it would overflow.
  return Number.isFinite((high - low) * steps)
    ? low + ((high - low) * i) / steps
    : low * (1 - i / steps) + high * (i / steps);
}

function histogram(sorted: Float64Array): NumericProfile['histogram'] {
  const low = sorted[0] as number;
  const high = sorted[sorted.length - 1] as number;
  if (low === high) return { edges: [low + 0, high + 0], counts: [sorted.length] };
  const edges = Array.from(
    { length: BINS + 1 },
    (_, i) => (i === BINS ? high : stepBetween(low, high, i, BINS)) + 0,
  );
  const counts = new Array<number>(BINS).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < BINS - 1 && value >= (edges[bin + 1] as number)) bin++;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { edges, counts };
}

function profileCategories({ name, kind, codes, categories }: CategoryColumn): CategoryProfile {
  const counts = new Int32Array(categories.length);
  let missing = 0;
  for (const code of codes) {
    if (code === -1) missing++;
    else counts[code] = (counts[code] as number) + 1;
  }
  const seen = categories
    .map((value, code) => ({ value, count: counts[code] as number }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const listed = seen.slice(0, LISTED_CATEGORIES);
  const count = codes.length - missing;
  const other = count - listed.reduce((sum, one) => sum + one.count, 0);
  return { name, kind, count, missing, distinct: seen.length, categories: listed, other };
}
