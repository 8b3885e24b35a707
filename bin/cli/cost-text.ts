import type { RunCost } from '../../lib/pipeline/run-reports/index.ts';
import { table } from './output.ts';

/** Sums are small: as many digits as tell one run from another. */
export const dollars = (sum: number): string =>
  sum === 0 ? '$0' : sum < 0.01 ? `$${sum.toPrecision(2)}` : `$${sum.toFixed(2)}`;

/** What a run cost, as a person reads it. */
export function costText(cost: RunCost): string {
  const { lines, total, storage, region, pricesAt, final, assumptions, notIncluded } = cost;
  return [
    table(
      ['service', 'what', 'quantity', 'unit', 'cost'],
      lines.map(({ service, what, quantity, unit, cost: sum }) => [
        service,
        what,
        quantity.toLocaleString('en-US', { maximumFractionDigits: 2 }),
        unit,
        dollars(sum),
      ]),
    ),
    `about ${dollars(total)}${final ? '' : ' so far'}, and ${dollars(storage.perMonth)} a month while its files are kept`,
    `prices of ${region} as of ${pricesAt}`,
    ...assumptions.map((text) => `assumed: ${text}`),
    ...notIncluded.map((text) => `not in it: ${text}`),
  ].join('\n');
}
