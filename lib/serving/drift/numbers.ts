import type { NumericProfile } from '../../table/profile.ts';
import { ksTail } from './kolmogorov.ts';
import type { TestResult } from './tests.ts';

/** Quantile bins of the population stability index. */
const BINS = 10;

/** A place where the reference knows how many of its rows lie below it, exactly. */
interface Cut {
  value: number;
  /** Whether rows that hold the value itself count as below. */
  inclusive: boolean;
  /** Rows of the reference below. */
  below: number;
}

/** What a profile tells of a column of numbers. */
export interface NumericReference {
  count: number;
  /** Rising. */
  cuts: Cut[];
  /** Those among them that bound the bins. */
  bounds: Cut[];
  /** `points`: the column's percentiles, or all of its values; `histogram`: its 20 bins, in models of before. */
  from: 'points' | 'histogram';
}

/** @returns undefined where no training row had a value */
export function numericReference(profile: NumericProfile): NumericReference | undefined {
  const { count, points } = profile;
  if (count === 0) return undefined;
  const cuts = points === undefined ? cutsOfHistogram(profile) : cutsOfPoints(points);
  // Few values are bins by themselves, and what lies outside of them two more.
  const few = points !== undefined && points.values.length <= BINS;
  const bounds = few || profile.distinct === 1 ? cuts : quantileBounds(cuts, count);
  return { count, cuts, bounds, from: points === undefined ? 'histogram' : 'points' };
}

const cutsOfPoints = ({ values, upTo }: NonNullable<NumericProfile['points']>): Cut[] => [
  { value: values[0] as number, inclusive: false, below: 0 },
  ...values.map((value, i) => ({ value, inclusive: true, below: upTo[i] as number })),
];

function cutsOfHistogram({ histogram: { edges, counts }, count }: NumericProfile): Cut[] {
  let below = 0;
  const cuts = counts.map((held, i) => {
    const cut = { value: edges[i] as number, inclusive: false, below };
    below += held;
    return cut;
  });
  return [...cuts, { value: edges.at(-1) as number, inclusive: true, below: count }];
}

/** The first cut at or past each tenth of the reference's rows; the outer bins are open. */
function quantileBounds(cuts: readonly Cut[], count: number): Cut[] {
  const bounds = new Set<Cut>();
  for (let k = 1; k < BINS; k++) {
    const found = cuts.find(({ below }) => below * BINS >= k * count);
    if (found !== undefined && found.below > 0 && found.below < count) bounds.add(found);
  }
  return [...bounds];
}

/** Rows of `sorted` that lie below the cut. */
function rowsBelow(sorted: Float64Array, { value, inclusive }: Cut): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = sorted[middle] as number;
    if (at < value || (inclusive && at === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The two-sample Kolmogorov-Smirnov test, its distance taken at the places that the reference knows: the distance itself where
 * the column has at most 100 distinct values, else never more than it and at most 0.01 less (0.05 and more by a histogram). So
 * what is kept of the reference can hide a small shift, and never make one up.
 */
export function kolmogorovSmirnov({ cuts, count }: NumericReference, sorted: Float64Array): TestResult {
  const statistic = cuts.reduce((most, cut) => {
    const distance = Math.abs(cut.below / count - rowsBelow(sorted, cut) / sorted.length);
    return Math.max(most, distance);
  }, 0);
  return { statistic, pValue: ksTail(statistic, count, sorted.length) };
}

/** Shares of the reference and of the values in the reference's quantile bins. */
export function numericBins(
  { bounds, count }: NumericReference,
  sorted: Float64Array,
  show: (value: number) => string,
): { label: string; reference: number; current: number }[] {
  const total = sorted.length;
  const ends = [
    ...bounds.map((cut) => [cut.below / count, rowsBelow(sorted, cut) / total] as const),
    [1, 1] as const,
  ];
  return ends.map(([reference, current], i) => {
    const [before, beforeCurrent] = ends[i - 1] ?? [0, 0];
    return {
      label: labelOf(bounds[i - 1], bounds[i], show),
      reference: reference - before,
      current: current - beforeCurrent,
    };
  });
}

function labelOf(from: Cut | undefined, to: Cut | undefined, show: (value: number) => string): string {
  if (from === undefined && to === undefined) return 'all';
  if (to === undefined) return `${from?.inclusive ? '>' : '≥'} ${show((from as Cut).value)}`;
  const end = `${to.inclusive ? '≤' : '<'} ${show(to.value)}`;
  if (from === undefined) return end;
  if (!from.inclusive && to.inclusive && from.value === to.value) return show(to.value);
  return `${from.inclusive ? '>' : '≥'} ${show(from.value)}, ${end}`;
}
