/** One line: x against y; gaps are left out of `points`. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  dashed?: boolean;
}

/** The lines over one common row of x, ascending; `null` where a line has no point. Of two points at one x the last counts. */
export function aligned(series: readonly Series[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const lines = series.map(({ points }) => {
    const at = new Map(points);
    return xs.map((x) => at.get(x) ?? null);
  });
  return [xs, ...lines];
}
