import type { ProfiledColumn } from '../../../lib/pipeline/run-reports/index.ts';
import type { Bin } from '../../parts/index.ts';
import { figure } from '../../lib/format.ts';

/** Categories that are drawn of a column. */
const MOST_CATEGORIES = 12;

type Profile = ProfiledColumn['profile'];

/** The bins of a column beside those of the run before. Pure, so that tests need no page. */
export function binsOf({ profile, previous }: ProfiledColumn): Bin[] {
  if ('histogram' in profile) {
    const { edges, counts } = profile.histogram;
    const before = previous && 'histogram' in previous ? previous : undefined;
    return counts.map((value, i) => {
      const [low, high] = [edges[i] as number, edges[i + 1] as number];
      const isLast = i === counts.length - 1;
      return {
        label: low === high ? valueText(profile, low) : `${valueText(profile, low)} to ${valueText(profile, high)}`,
        value,
        // What lies outside the bins of this run is counted at its ends, so that nothing of before is lost.
        ...(before && {
          reference: rowsBetween(
            before.histogram,
            i === 0 ? Number.NEGATIVE_INFINITY : low,
            isLast ? Number.POSITIVE_INFINITY : high,
          ),
        }),
      };
    });
  }
  const before = previous && 'categories' in previous ? previous : undefined;
  const held = new Map(before?.categories.map(({ value, count }) => [value, count]));
  const shown = profile.categories.slice(0, MOST_CATEGORIES);
  const bins = shown.map(({ value, count }): Bin => ({
    label: value,
    value: count,
    ...(before && { reference: held.get(value) ?? 0 }),
  }));
  const rest = profile.count - shown.reduce((sum, { count }) => sum + count, 0);
  const restBefore = before && before.count - bins.reduce((sum, { reference = 0 }) => sum + reference, 0);
  if (rest > 0 || (restBefore ?? 0) > 0) {
    const label = `${Math.max(0, profile.distinct - shown.length)} others`;
    bins.push({ label, value: rest, ...(restBefore !== undefined && { reference: restBefore }) });
  }
  return bins;
}

/** Rows of a histogram between two values, those of a bin counted as spread evenly. */
export function rowsBetween(
  { edges, counts }: { edges: readonly number[]; counts: readonly number[] },
  from: number,
  to: number,
): number {
  return counts.reduce((sum, count, i) => {
    const [low, high] = [edges[i] as number, edges[i + 1] as number];
    if (low === high) return sum + (low >= from && (low < to || to === Number.POSITIVE_INFINITY) ? count : 0);
    const inside = Math.max(0, Math.min(high, to) - Math.max(low, from));
    return sum + count * Math.min(1, inside / (high - low));
  }, 0);
}

/** A value of a column: dates are kept as milliseconds, booleans as 0 and 1. */
export function valueText({ kind }: Pick<Profile, 'kind'>, value: number | null): string {
  if (value === null) return '–';
  if (kind === 'date') return new Date(value).toISOString().slice(0, 10);
  if (kind === 'boolean') return value >= 0.5 ? 'true' : 'false';
  return figure(value);
}

export type Sorting = 'table' | 'drift' | 'missing' | 'name';

/** The columns that a reader looks for, in the order asked for. */
export function sorted(columns: readonly ProfiledColumn[], filter: string, by: Sorting): ProfiledColumn[] {
  const wanted = filter.trim().toLowerCase();
  const found = columns.filter(({ profile }) => profile.name.toLowerCase().includes(wanted));
  const missing = ({ profile: { missing: absent, count } }: ProfiledColumn) => absent / Math.max(1, absent + count);
  if (by === 'drift') found.sort((a, b) => (b.shift?.psi ?? -1) - (a.shift?.psi ?? -1));
  if (by === 'missing') found.sort((a, b) => missing(b) - missing(a));
  if (by === 'name') found.sort((a, b) => (a.profile.name < b.profile.name ? -1 : 1));
  return found;
}
