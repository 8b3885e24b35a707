import { populationStability } from '../../table/compare/compare-profiles.ts';
import type { CategoryProfile, NumericProfile } from '../../table/profile.ts';
import type { Column } from '../../table/types.ts';
import { categoryCells } from './categories.ts';
import { kolmogorovSmirnov, numericBins, numericReference } from './numbers.ts';
import { chiSquare, fisherExact, joinThinCells, type TestResult } from './tests.ts';
import type { FeatureDrift } from './types.ts';

/** How many new categories a report names. */
const NAMED = 20;

/** A feature's figures before any is judged. */
export interface FeatureFigures {
  feature: FeatureDrift;
  /** One for each question that was asked of the feature; what could not be asked is not there. */
  pValues: { distribution?: number; missing?: number; newCategories?: number };
  /** Share of the present values that training never saw. */
  newShare: number;
  /** The reference is an old model's histogram. */
  coarse: boolean;
}

type Profile = NumericProfile | CategoryProfile;
type Bins = FeatureDrift['bins'];

/**
 * Recent values of a column beside its profile of training.
 *
 * @param column of the same kind as the profile: numbers for numbers
 */
export function featureFigures(profile: Profile, column: Column): FeatureFigures {
  if ('histogram' in profile && 'values' in column) return ofNumbers(profile, column.values);
  if ('categories' in profile && 'codes' in column) return ofCategories(profile, column);
  throw new TypeError(`column ${column.name} is not of the kind of its profile`);
}

function ofNumbers(profile: NumericProfile, values: Float64Array): FeatureFigures {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const reference = numericReference(profile);
  const comparable = reference !== undefined && sorted.length > 0;
  const test = comparable ? kolmogorovSmirnov(reference, sorted) : undefined;
  const bins = comparable ? numericBins(reference, sorted, shownBy(profile.kind)) : [];
  const figures = base(profile, values.length, sorted.length, 'ks', test, bins);
  return { ...figures, newShare: 0, coarse: reference?.from === 'histogram' && profile.distinct > 1 };
}

function ofCategories(
  profile: CategoryProfile,
  { codes, categories }: { codes: Int32Array; categories: readonly string[] },
): FeatureFigures {
  const counts = new Map<string, number>();
  let present = 0;
  for (const code of codes) {
    if (code === -1) continue;
    const value = categories[code] as string;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    present++;
  }
  const cells = categoryCells(profile, counts);
  const comparable = profile.count > 0 && present > 0;
  const test = comparable ? chiSquare(...joinThinCells(cells.reference, cells.current)) : undefined;
  const bins = comparable
    ? cells.labels.map((label, i) => ({
        label,
        reference: (cells.reference[i] as number) / profile.count,
        current: (cells.current[i] as number) / present,
      }))
    : [];
  const figures = base(profile, codes.length, present, 'chi2', test, bins);
  const unseen = cells.unseen.reduce((total, { count }) => total + count, 0);
  figures.feature.newCategories = cells.unseen.slice(0, NAMED);
  if (comparable && unseen > 0) {
    figures.pValues.newCategories = fisherExact(0, profile.count, unseen, present);
  }
  return { ...figures, newShare: present === 0 ? 0 : unseen / present, coarse: false };
}

function base(
  profile: Profile,
  rows: number,
  present: number,
  test: 'ks' | 'chi2',
  result: TestResult | undefined,
  bins: Bins,
): Pick<FeatureFigures, 'feature' | 'pValues'> {
  const referenceRows = profile.count + profile.missing;
  const missing = rows - present;
  const feature: FeatureDrift = {
    name: profile.name,
    kind: profile.kind,
    psi: bins.length === 0 ? null : populationStability(sharesOf(bins)),
    test,
    statistic: result?.statistic ?? null,
    pValue: result?.pValue ?? null,
    adjustedPValue: null,
    drifted: false,
    reasons: [],
    missing: {
      reference: referenceRows === 0 ? null : profile.missing / referenceRows,
      current: rows === 0 ? null : missing / rows,
      adjustedPValue: 1,
    },
    newCategories: [],
    bins,
  };
  const either = missing + profile.missing > 0 && rows > 0 && referenceRows > 0;
  return {
    feature,
    pValues: {
      ...(result && { distribution: result.pValue }),
      ...(either && { missing: fisherExact(profile.missing, referenceRows, missing, rows) }),
    },
  };
}

const sharesOf = (bins: Bins) => ({
  a: bins.map(({ reference }) => reference),
  b: bins.map(({ current }) => current),
});

/** Four digits are enough for a label; dates are days. */
const shownBy =
  (kind: string) =>
  (value: number): string =>
    kind === 'date' ? new Date(value).toISOString().slice(0, 10) : String(Number(value.toPrecision(4)));
