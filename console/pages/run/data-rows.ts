import type { ProfiledColumn } from '../../../lib/pipeline/run-reports/index.ts';
import { figure } from '../../lib/format.ts';

/** A bin as the histogram draws it: rows of this run, and of the run before. */
export interface Bin {
  label: string;
  value: number;
  reference?: number;
}

/** Categories that are drawn of a column. */
const MOST_CATEGORIES = 12;
/** Bins over two ranges. */
const BINS = 20;

type Profile = ProfiledColumn['profile'];

/** The bins of a column beside those of the run before. Pure, so that tests need no page. */
export function binsOf({ profile, previous }: ProfiledColumn): Bin[] {
  if ('histogram' in profile) {
    const before = previous && 'histogram' in previous && previous.count > 0 ? previous : undefined;
    const edges = commonEdges(profile.histogram.edges, before?.histogram.edges);
    const bins = edges.length > 1 ? edges.slice(1) : [];
    return bins.map((high, i): Bin => {
      const low = edges[i] as number;
      // The greatest value belongs to the last bin.
      const end = i === bins.length - 1 ? Number.POSITIVE_INFINITY : high;
      const text =
        low === high ? valueText(profile, low) : `${valueText(profile, low)} to ${valueText(profile, high)}`;
      return {
        label: text,
        value: rowsBetween(profile.histogram, low, end),
        ...(before && { reference: rowsBetween(before.histogram, low, end) }),
      };
    });
  }
  const before = previous && 'categories' in previous ? previous : undefined;
  const held = new Map(before?.categories.map(({ value, count }) => [value, count]));
  const shown = profile.categories.slice(0, MOST_CATEGORIES);
  const bins = shown.map(
    ({ value, count }): Bin => ({
      label: value,
      value: count,
      ...(before && { reference: held.get(value) ?? 0 }),
    }),
  );
  const rest = profile.count - shown.reduce((sum, { count }) => sum + count, 0);
  const restBefore = before && before.count - bins.reduce((sum, { reference = 0 }) => sum + reference, 0);
  if (rest > 0 || (restBefore ?? 0) > 0) {
    const label = `${Math.max(0, profile.distinct - shown.length)} others`;
    bins.push({ label, value: rest, ...(restBefore !== undefined && { reference: restBefore }) });
  }
  return bins;
}

/** The column's own bins where they hold all of the run before; else as many equal ones over both. */
export function commonEdges(own: readonly number[], before: readonly number[] = []): readonly number[] {
  const [low, high] = [own[0], own.at(-1)];
  const [lowBefore, highBefore] = [before[0], before.at(-1)];
  if (low === undefined || high === undefined || lowBefore === undefined || highBefore === undefined)
    return own;
  if (lowBefore >= low && highBefore <= high) return own;
  const [from, to] = [Math.min(low, lowBefore), Math.max(high, highBefore)];
  return Array.from({ length: BINS + 1 }, (_, i) => (i === BINS ? to : from + ((to - from) * i) / BINS));
}

/** The least and the greatest value that the bins show. */
export function rangeOf({ profile, previous }: ProfiledColumn): [low: number, high: number] | undefined {
  if (!('histogram' in profile)) return undefined;
  const edges = commonEdges(
    profile.histogram.edges,
    previous && 'histogram' in previous ? previous.histogram.edges : undefined,
  );
  return edges.length === 0 ? undefined : [edges[0] as number, edges.at(-1) as number];
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
  const missing = ({ profile: { missing: absent, count } }: ProfiledColumn) =>
    absent / Math.max(1, absent + count);
  if (by === 'drift') found.sort((a, b) => (b.shift?.psi ?? -1) - (a.shift?.psi ?? -1));
  if (by === 'missing') found.sort((a, b) => missing(b) - missing(a));
  if (by === 'name') found.sort((a, b) => (a.profile.name < b.profile.name ? -1 : 1));
  return found;
}
