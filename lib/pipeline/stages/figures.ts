/** Metrics in one line of a log or a note: `r2 0.7098, rmse 43791.7403`; empty where there are none. */
export const figures = (metrics: Record<string, number>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join(', ');
