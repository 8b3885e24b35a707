import { ACCENT, drawSvg, heading, INK, MUTED, RULE, shorten } from './chart.ts';
import { figure } from './figure.ts';
import { axisUnit } from './unit.ts';

/** Most features that a chart shows. */
const MOST_BARS = 30;
const ROW = 24;
const PLOT_WIDTH = 520;

export interface Bar {
  name: string;
  value: number;
  /** Half the length of the whisker, such as a standard deviation. */
  spread?: number;
}

/**
 * Bars from the left, the first on top, each with its name and its figure, as SVG text. At most 30, and it says how many
 * are not shown.
 *
 * @param axis what the bars' length is
 */
export function barsSvg(
  bars: readonly Bar[],
  { title, subtitle, axis }: { title: string; subtitle: string; axis: string },
): string {
  const shown = bars.slice(0, MOST_BARS);
  const names = shown.map(({ name }) => shorten(name));
  const left = Math.max(70, Math.max(0, ...names.map((name) => [...name].length)) * 7.4 + 24);
  const height = Math.max(2, shown.length) * ROW;
  const hidden = bars.length - shown.length;
  const rest = hidden > 0 ? `, ${hidden} more features not shown` : '';
  const unit = axisUnit(shown.map(({ value }) => value));
  const label = (bar: Bar): string =>
    bar.spread === undefined ? figure(bar.value) : `${figure(bar.value)} ± ${figure(bar.spread)}`;
  return drawSvg(
    {
      title: heading(title, `${subtitle}${rest}`),
      grid: { left, top: 84, width: PLOT_WIDTH, height },
      xAxis: {
        type: 'value',
        name: axis,
        nameLocation: 'middle',
        nameGap: 34,
        nameTextStyle: { fontSize: 14, color: MUTED },
        axisLabel: {
          color: INK,
          fontSize: 12,
          formatter: (value: number) => figure(value * unit),
          hideOverlap: true,
        },
        splitLine: { lineStyle: { color: RULE } },
        splitNumber: 5,
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: names,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: MUTED } },
        axisLabel: { interval: 0, color: INK, fontSize: 13 },
      },
      series: [
        {
          type: 'bar',
          barWidth: 14,
          itemStyle: { color: ACCENT },
          data: shown.map((bar) => ({
            value: bar.value / unit,
            label: {
              show: true,
              // A bar to the left has its figure to the right of the axis.
              position: bar.value < 0 ? 'insideRight' : 'right',
              offset: bar.value < 0 ? [8, 0] : [0, 0],
              align: 'left',
              color: INK,
              fontSize: 12,
              formatter: label(bar),
            },
          })),
        },
      ],
    },
    { width: Math.round(left + PLOT_WIDTH + 150), height: 84 + height + 60 },
  );
}
