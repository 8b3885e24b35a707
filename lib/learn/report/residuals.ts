import { BadDataError } from '../../errors/index.ts';
import type { Evaluation } from '../evaluate.ts';
import { ACCENT, drawSvg, heading, INK, MUTED, RULE } from './chart.ts';

const PLOT = { width: 760, height: 480 };

/**
 * Residuals (actual - predicted) over predictions as SVG text, with the line of no error. At most 2,000 points, as the
 * evaluation sampled them.
 *
 * @throws BadDataError for a classification
 */
export function residualPlotSvg(evaluation: Evaluation): string {
  const { residuals, metrics } = evaluation;
  if (residuals === undefined) {
    throw new BadDataError('a classification has no residuals', {
      remedy: 'Draw its confusion matrix instead.',
    });
  }
  const { actual, predicted, of } = residuals;
  const points = predicted.map((value, i) => [value, actual[i]! - value]);
  const sampled =
    points.length < of ? `${format(points.length)} of ${format(of)} rows` : `${format(of)} rows`;
  const figures = Object.entries(metrics).map(([name, value]) => `${name.toUpperCase()} ${format(value)}`);
  const axis = {
    type: 'value' as const,
    scale: true,
    nameLocation: 'middle' as const,
    nameTextStyle: { fontSize: 14, color: MUTED },
    axisLabel: { color: INK, fontSize: 13, formatter: (value: number) => format(value), hideOverlap: true },
    splitLine: { lineStyle: { color: RULE } },
    axisLine: { show: false },
    axisTick: { show: false },
  };
  const [low, high] = bounds(predicted);
  return drawSvg(
    {
      title: heading('Residuals', [sampled, ...figures].join('   ')),
      grid: { left: 110, top: 92, ...PLOT },
      xAxis: { ...axis, name: 'predicted', nameGap: 40, splitNumber: 6 },
      yAxis: { ...axis, name: 'actual - predicted', nameGap: 84 },
      series: [
        {
          type: 'scatter',
          data: points,
          symbolSize: points.length > 800 ? 5 : 7,
          itemStyle: { color: ACCENT, opacity: points.length > 800 ? 0.35 : 0.55 },
        },
        {
          type: 'line',
          data: [
            [low, 0],
            [high, 0],
          ],
          symbol: 'none',
          lineStyle: { color: '#b45309', width: 1.5, type: 'dashed' },
        },
      ],
    },
    { width: PLOT.width + 150, height: PLOT.height + 160 },
  );
}

function bounds(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 0];
}

/** Four digits that count, thousands parted: the figures of a report, not of a file. */
function format(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size >= 1e9 || size < 1e-4) return value.toExponential(2);
  return value.toLocaleString(
    'en-US',
    size >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 },
  );
}
