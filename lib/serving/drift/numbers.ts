import { type NumericProfile, POINTS } from '../../table/profile.ts';
import { ksTail } from './kolmogorov.ts';
import type { TestResult } from './tests.ts';

/** Quantile bins of the population stability index. */
const BINS = 10;

/** A place where the reference knows how many of its rows lie below it. */
interface Cut {
  value: number;
  /** Whether rows that hold the value itself count as below. */
  inclusive: boolean;
  /** Rows of the reference below. */
  below: number;
  /** So many at most, where it is not known exactly: `below` is the least then. */
  atMost?: number;
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
  const cuts = points === undefined ? cutsOfHistogram(profile) : cutsOfPoints(profile, points);
  // Few values are bins by themselves, and what lies between and outside of them further ones.
  const few = points !== undefined && points.values.length <= BINS;
  const exact = cuts.filter(({ atMost }) => atMost === undefined);
  const bounds = few || profile.distinct === 1 ? exact : quantileBounds(exact, count);
  return { count, cuts, bounds, from: points === undefined ? 'histogram' : 'points' };
}

/**
 * Two cuts a point: below its value and up to it. Where every value is a point, both are known; else there may be rows between
 * a point and the next one's value, fewer than would have been a point themselves.
 */
function cutsOfPoints(
  { count, distinct }: NumericProfile,
  { values, upTo }: NonNullable<NumericProfile['points']>,
): Cut[] {
  return values.flatMap((value, i): Cut[] => {
    const [below, held] = [i === 0 ? 0 : (upTo[i - 1] as number), upTo[i] as number];
    // The first point past each hundredth of the rows is kept: what lies between has not reached the next one.
    const hundredth = Math.floor((below * POINTS) / count) + 1;
    const atMost = Math.min(held - 1, Math.ceil((hundredth * count) / POINTS) - 1);
    const isKnown = distinct === values.length || atMost <= below;
    return [
      { value, inclusive: false, below, ...(!isKnown && { atMost }) },
      { value, inclusive: true, below: held },
    ];
  });
}

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
    const share = rowsBelow(sorted, cut) / sorted.length;
    return Math.max(most, cut.below / count - share, share - (cut.atMost ?? cut.below) / count);
  }, 0);
  return { statistic, pValue: ksTail(statistic, count, sorted.length) };
}

/** Shares of the reference and of the values in the reference's quantile bins; of what lies between few values, where anything does. */
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
  const bins = ends.map(([reference, current], i) => {
    const [before, beforeCurrent] = ends[i - 1] ?? [0, 0];
    return {
      label: labelOf(bounds[i - 1], bounds[i], show),
      reference: reference - before,
      current: current - beforeCurrent,
    };
  });
  const outer = [0, bins.length - 1];
  return bins.filter(({ reference, current }, i) => outer.includes(i) || reference > 0 || current > 0);
}

function labelOf(from: Cut | undefined, to: Cut | undefined, show: (value: number) => string): string {
  if (from === undefined && to === undefined) return 'all';
  if (to === undefined) return `${from?.inclusive ? '>' : '≥'} ${show((from as Cut).value)}`;
  const end = `${to.inclusive ? '≤' : '<'} ${show(to.value)}`;
  if (from === undefined) return end;
  if (!from.inclusive && to.inclusive && from.value === to.value) return show(to.value);
  return `${from.inclusive ? '>' : '≥'} ${show(from.value)}, ${end}`;
}
