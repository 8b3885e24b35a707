import type { RunCost } from '../../../lib/pipeline/run-reports/index.ts';

type Line = RunCost['lines'][number];

/** Sums are small: as many digits as tell one run from another. */
export const dollars = (sum: number): string => {
  if (sum === 0) return '$0';
  if (sum < 0.000001) return 'below $0.000001';
  if (sum < 0.01) return `$${Number(sum.toPrecision(2)).toFixed(7).replace(/0+$/, '')}`;
  return `$${sum.toFixed(2)}`;
};

/** One sum a service, the largest first. */
export function byService(lines: readonly Line[]): { service: Line['service']; cost: number }[] {
  const sums = new Map<Line['service'], number>();
  for (const { service, cost } of lines) sums.set(service, (sums.get(service) ?? 0) + cost);
  return [...sums].map(([service, cost]) => ({ service, cost })).sort((a, b) => b.cost - a.cost);
}
