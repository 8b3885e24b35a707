import type { CategoryProfile, NumericProfile } from '../profile.ts';

/** A bin holds at least this share of the first profile's rows: thinner ones tell of chance more than of a change. */
const LEAST_SHARE = 0.05;

/** The shares of rows of two profiles in the same bins, in order; each list sums to 1. */
export interface BinnedShares {
  a: number[];
  b: number[];
}

/**
 * Puts two numeric columns into the same bins: those of the first one's histogram, joined until each holds 5 % of its
 * rows, open at both ends. Exact for the first; the second's histogram has edges of its own, between which its rows count
 * as spread evenly, over whole numbers where the column holds such.
 */
export function numericShares(a: NumericProfile, b: NumericProfile): BinnedShares | undefined {
  if (a.count === 0 || b.count === 0) return undefined;
  const cuts = cutsOf(a);
  const whole = a.kind !== 'number' && b.kind !== 'number';
  return { a: between(cuts, a, whole), b: between(cuts, b, whole) };
}

/** The inner edges of the bins. */
function cutsOf({ histogram: { edges, counts }, count }: NumericProfile): number[] {
  const low = edges[0] as number;
  // All rows hold one value: below it, at it, above it.
  if (counts.length === 1) return [low, low + Math.max(Math.abs(low), 1) * 1e-9];
  const cuts: number[] = [];
  let held = 0;
  let left = count;
  for (let i = 0; i < counts.length - 1; i++) {
    held += counts[i] as number;
    left -= counts[i] as number;
    if (held < LEAST_SHARE * count || left < LEAST_SHARE * count) continue;
    cuts.push(edges[i + 1] as number);
    held = 0;
  }
  return cuts;
}

function between(cuts: readonly number[], profile: NumericProfile, whole: boolean): number[] {
  const below = [0, ...cuts.map((cut) => shareBelow(profile, cut, whole)), 1];
  return below.slice(1).map((share, i) => share - (below[i] as number));
}

/** The share of a column's rows that lie below `cut`, by its histogram. */
function shareBelow({ histogram: { edges, counts }, count }: NumericProfile, cut: number, whole: boolean) {
  let rows = 0;
  for (const [i, held] of counts.entries()) {
    const low = edges[i] as number;
    const high = edges[i + 1] as number;
    const last = i === counts.length - 1;
    if (cut > high || (cut === high && !last)) rows += held;
    else if (cut > low) rows += held * partOf(low, high, cut, whole, last);
  }
  return rows / count;
}

/** How much of a bin lies below a cut inside it. */
function partOf(low: number, high: number, cut: number, whole: boolean, last: boolean): number {
  if (!whole) return (cut - low) / (high - low);
  const first = Math.ceil(low);
  const end = last ? Math.floor(high) + 1 : Math.ceil(high);
  return end > first ? (Math.ceil(cut) - first) / (end - first) : (cut - low) / (high - low);
}

/** The shares of each category that both profiles list, and of all others as one. */
export function categoryShares(a: CategoryProfile, b: CategoryProfile): BinnedShares | undefined {
  if (a.count === 0 || b.count === 0) return undefined;
  const values = namedInBoth(a, b);
  const shares = ({ categories, count }: CategoryProfile): number[] => {
    const held = new Map(categories.map((one) => [one.value, one.count]));
    const named = values.map((value) => (held.get(value) ?? 0) / count);
    const rest = 1 - named.reduce((sum, share) => sum + share, 0);
    return [...named, Math.max(0, rest)];
  };
  return { a: shares(a), b: shares(b) };
}

/** A profile lists so many categories: one that only the other lists may still be among those it sums up. */
function namedInBoth(a: CategoryProfile, b: CategoryProfile): string[] {
  const [inA, inB] = [a, b].map(({ categories }) => new Set(categories.map(({ value }) => value)));
  const all = [...new Set([...(inA ?? []), ...(inB ?? [])])].sort();
  return all.filter((value) => (inA?.has(value) || a.other === 0) && (inB?.has(value) || b.other === 0));
}
