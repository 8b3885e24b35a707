/** The classes with most rows, in the order of the classes: a matrix of hundreds tells a reader nothing. */
export function largestClasses(confusion: readonly (readonly number[])[], most: number): number[] {
  const rows = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  return [...rows.keys()]
    .sort((a, b) => rows[b]! - rows[a]! || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

export interface Scatter {
  points: { x: number; y: number }[];
  x: [low: number, high: number];
  /** As far up as down, so that the line of no error stands in the middle. */
  y: [low: number, high: number];
}

/** Residuals (actual - predicted) over predictions. */
export function scatterOf(actual: readonly number[], predicted: readonly number[]): Scatter {
  const points = predicted
    .map((x, i) => ({ x, y: (actual[i] ?? Number.NaN) - x }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  let [low, high, far] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const { x, y } of points) {
    low = Math.min(low, x);
    high = Math.max(high, x);
    far = Math.max(far, Math.abs(y));
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const reach = far === 0 ? 1 : far;
  return { points, x: [low, high], y: [-reach, reach] };
}

export interface Spread {
  label: string;
  value: number;
}

/** How the residuals are spread: rows in `bins` equal steps from the least to the greatest. */
export function residualBins(points: readonly { y: number }[], reach: number, bins = 21): Spread[] {
  const width = (2 * reach) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const { y } of points) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((y + reach) / width)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts.map((value, i) => ({
    label: String(Number((-reach + (i + 0.5) * width).toPrecision(3))),
    value,
  }));
}
