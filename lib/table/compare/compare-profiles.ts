import type { CategoryProfile, NumericProfile, TableProfile } from '../profile.ts';
import type { ColumnKind } from '../types.ts';
import { type BinnedShares, categoryShares, numericShares } from './shares.ts';

/** The same figure on either side; null where that side has none. */
export interface Pair {
  a: number | null;
  b: number | null;
}

/** How far a column's distribution moved. */
export interface ColumnShift {
  name: string;
  kind: ColumnKind;
  /** Population stability index of the present values; null where a side has none. */
  psi: number | null;
  /** `none` below 0.1, `moderate` below 0.25, `large` from there. */
  shift: 'none' | 'moderate' | 'large' | null;
  /** Share of rows without a value. */
  missing: Pair;
  distinct: Pair;
  /** Numbers, dates (epoch ms) and booleans only. */
  mean?: Pair;
  std?: Pair;
  min?: Pair;
  max?: Pair;
  quantiles?: (Pair & { p: number })[];
  /** Categories and texts only: shares of the present values, the most changed first, 20 at most. */
  categories?: (Pair & { value: string })[];
}

export interface ProfileDiff {
  rows: { a: number; b: number };
  schema: {
    added: { name: string; kind: ColumnKind }[];
    removed: { name: string; kind: ColumnKind }[];
    changed: { name: string; a: ColumnKind; b: ColumnKind }[];
  };
  /** Columns that both have, of kinds that compare; in the order of the first. */
  columns: ColumnShift[];
}

type ColumnProfile = NumericProfile | CategoryProfile;
const SHOWN_CATEGORIES = 20;
/** An empty bin counts as this share: the logarithm of nothing is no number. */
const FLOOR = 1e-4;

/**
 * What differs between two tables by their profiles alone: columns, kinds, and how each common column's values moved.
 *
 * @example
 * compareProfiles(before, after).columns.filter(({ shift }) => shift === 'large').map(({ name }) => name);
 */
export function compareProfiles(a: TableProfile, b: TableProfile): ProfileDiff {
  const before = new Map(a.columns.map((column) => [column.name, column]));
  const after = new Map(b.columns.map((column) => [column.name, column]));
  const common = a.columns.flatMap((column): [ColumnProfile, ColumnProfile][] => {
    const other = after.get(column.name);
    return other === undefined ? [] : [[column, other]];
  });
  const brief = ({ name, kind }: ColumnProfile) => ({ name, kind });
  return {
    rows: { a: a.rows, b: b.rows },
    schema: {
      added: b.columns.filter(({ name }) => !before.has(name)).map(brief),
      removed: a.columns.filter(({ name }) => !after.has(name)).map(brief),
      changed: common
        .filter(([one, other]) => one.kind !== other.kind)
        .map(([one, other]) => ({ name: one.name, a: one.kind, b: other.kind })),
    },
    columns: common.flatMap(([one, other]) => shiftOf(one, other) ?? []),
  };
}

/**
 * Population stability index: the sum over bins of (b - a) ln(b / a) for the shares a and b of rows in each. 0 where the
 * distributions are equal; below 0.1 no change that matters, from 0.25 on a large one (N. Siddiqi, Credit Risk Scorecards,
 * 2006, chapter on monitoring).
 */
export function populationStability({ a, b }: BinnedShares): number {
  return a.reduce((sum, share, i) => {
    const [before, after] = [Math.max(share, FLOOR), Math.max(b[i] as number, FLOOR)];
    return sum + (after - before) * Math.log(after / before);
  }, 0);
}

function shiftOf(a: ColumnProfile, b: ColumnProfile): ColumnShift | undefined {
  if (isNumbers(a) && isNumbers(b)) {
    return {
      ...baseOf(a, b, numericShares(a, b)),
      mean: { a: a.mean, b: b.mean },
      std: { a: a.std, b: b.std },
      min: { a: a.min, b: b.min },
      max: { a: a.max, b: b.max },
      quantiles: quantilesOf(a, b),
    };
  }
  if (isNumbers(a) || isNumbers(b)) return undefined;
  return { ...baseOf(a, b, categoryShares(a, b)), categories: categoriesOf(a, b) };
}

const isNumbers = (column: ColumnProfile): column is NumericProfile => 'histogram' in column;

function baseOf(a: ColumnProfile, b: ColumnProfile, shares: BinnedShares | undefined) {
  const psi = shares === undefined ? null : populationStability(shares);
  const absent = ({ count, missing }: ColumnProfile) =>
    count + missing === 0 ? null : missing / (count + missing);
  return {
    name: a.name,
    kind: b.kind,
    psi,
    shift: psi === null ? null : wordFor(psi),
    missing: { a: absent(a), b: absent(b) },
    distinct: { a: a.distinct, b: b.distinct },
  };
}

const wordFor = (psi: number): 'none' | 'moderate' | 'large' =>
  psi < 0.1 ? 'none' : psi < 0.25 ? 'moderate' : 'large';

function quantilesOf(a: NumericProfile, b: NumericProfile): (Pair & { p: number })[] {
  const points = [...new Set([...a.quantiles, ...b.quantiles].map(({ p }) => p))].sort((x, y) => x - y);
  const at = ({ quantiles }: NumericProfile, p: number) =>
    quantiles.find((one) => one.p === p)?.value ?? null;
  return points.map((p) => ({ p, a: at(a, p), b: at(b, p) }));
}

/** A category that a profile does not list has no share where the profile sums some up: it is not known. */
function categoriesOf(a: CategoryProfile, b: CategoryProfile): (Pair & { value: string })[] {
  const shareIn = ({ categories, count, other }: CategoryProfile, value: string) => {
    const found = categories.find((one) => one.value === value);
    if (found !== undefined) return found.count / count;
    return other > 0 ? null : 0;
  };
  const values = [...new Set([...a.categories, ...b.categories].map(({ value }) => value))];
  const change = (one: Pair) => Math.abs((one.a ?? 0) - (one.b ?? 0));
  return values
    .map((value) => ({ value, a: shareIn(a, value), b: shareIn(b, value) }))
    .sort((x, y) => change(y) - change(x) || (x.value < y.value ? -1 : 1))
    .slice(0, SHOWN_CATEGORIES);
}
