import { BadDataError } from '../../errors/index.ts';
import type { Evaluation } from '../evaluate.ts';
import { ACCENT, drawSvg, heading, INK, MUTED, RULE } from './chart.ts';
import { figure } from './figure.ts';
import { axisUnit } from './unit.ts';

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
  const across = axisUnit(predicted);
  const up = axisUnit(predicted.map((value, i) => actual[i]! - value));
  const points = predicted.map((value, i) => [value / across, (actual[i]! - value) / up]);
  const sampled =
    points.length < of ? `${figure(points.length)} of ${figure(of)} rows` : `${figure(of)} rows`;
  const figures = Object.entries(metrics).map(([name, value]) => `${name.toUpperCase()} ${figure(value)}`);
  const axisIn = (unit: number) => ({
    type: 'value' as const,
    scale: true,
    nameLocation: 'middle' as const,
    nameTextStyle: { fontSize: 14, color: MUTED },
    axisLabel: {
      color: INK,
      fontSize: 13,
      formatter: (value: number) => figure(value * unit),
      hideOverlap: true,
    },
    splitLine: { lineStyle: { color: RULE } },
    axisLine: { show: false },
    axisTick: { show: false },
  });
  const [low, high] = bounds(predicted);
  return drawSvg(
    {
      title: heading('Residuals', [sampled, ...figures].join('   ')),
      grid: { left: 110, top: 92, ...PLOT },
      xAxis: { ...axisIn(across), name: 'predicted', nameGap: 40, splitNumber: 6 },
      yAxis: { ...axisIn(up), name: 'actual - predicted', nameGap: 84 },
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
            [low / across, 0],
            [high / across, 0],
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
