/** Each bin's end is a tenth above its beginning, so that its middle is within 5 % of all that lies in it. */
const GROWTH = 1.1;
/** Milliseconds: the first bin's end. */
const FIRST = 0.1;
const LN = Math.log(GROWTH);

/** The bin of a latency: bins of any two sets of requests add up, which percentiles do not. */
export const latencyBin = (milliseconds: number): string =>
  String(milliseconds <= FIRST ? 0 : Math.ceil(Math.log(milliseconds / FIRST) / LN));

/** The latency that a share `p` of the requests did not pass, within 5 %; null where there are none. */
export function latencyAt(bins: Readonly<Record<string, number>>, p: number): number | null {
  const ordered = Object.entries(bins)
    .map(([bin, count]) => [Number(bin), count] as const)
    .sort(([a], [b]) => a - b);
  const total = ordered.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  let held = 0;
  for (const [bin, count] of ordered) {
    held += count;
    if (held >= p * total) return round(bin === 0 ? FIRST : FIRST * GROWTH ** (bin - 0.5));
  }
  return null;
}

const round = (value: number): number => Number(value.toPrecision(4));
