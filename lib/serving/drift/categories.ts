import type { CategoryProfile } from '../../table/profile.ts';

/** So many of the most frequent categories are bins of their own. */
const SHOWN = 20;
const OTHERS = 'others';
const NEW = 'not in training';

/** Counts of the same cells on both sides. */
export interface Cells {
  labels: string[];
  reference: number[];
  current: number[];
  /** Values that no training row had, most frequent first. */
  unseen: { value: string; count: number }[];
}

/**
 * Puts the values' counts beside those of training. A profile lists 50 categories and sums up the rest: where there is a rest, a
 * value that is not listed may be of it, so that none counts as new.
 */
export function categoryCells(profile: CategoryProfile, counts: ReadonlyMap<string, number>): Cells {
  const shown = profile.categories.slice(0, SHOWN);
  const rest = profile.categories.slice(SHOWN);
  const listed = new Set(profile.categories.map(({ value }) => value));
  const unlisted = [...counts]
    .filter(([value]) => !listed.has(value))
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const unseen = profile.other === 0 ? unlisted : [];
  const sum = (all: readonly { count: number }[]) => all.reduce((total, { count }) => total + count, 0);
  const now = (all: readonly { value: string }[]) =>
    all.reduce((total, { value }) => total + (counts.get(value) ?? 0), 0);
  const cells: [string, number, number][] = shown.map(({ value, count }) => [
    value,
    count,
    counts.get(value) ?? 0,
  ]);
  const others = sum(rest) + profile.other;
  if (others > 0) cells.push([OTHERS, others, now(rest) + (profile.other > 0 ? sum(unlisted) : 0)]);
  if (unseen.length > 0) cells.push([NEW, 0, sum(unseen)]);
  return {
    labels: cells.map(([label]) => label),
    reference: cells.map(([, count]) => count),
    current: cells.map(([, , count]) => count),
    unseen,
  };
}
