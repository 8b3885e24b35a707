import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { isDark } from '../../app/theme.ts';
import { figure } from '../../lib/format.ts';
import { seriesColour } from './colours.ts';
import { aligned, type Series } from './series.ts';

export interface LineChartProps {
  /** What it shows, for who cannot see it. */
  label: string;
  series: readonly Series[];
  /** What x counts; times are milliseconds since 1970. */
  x?: 'number' | 'time';
  xLabel?: string;
  yLabel?: string;
  height?: number;
  /** What x goes from and to, so that charts beside each other agree; absent: from the first point to the last. */
  range?: readonly [number, number];
  /** Horizontal lines, such as the threshold of an alarm. */
  marks?: readonly { at: number; label: string }[];
}

/** Lines over steps or time; drag to zoom, double click to see all. Wide as its parent. */
export function LineChart({
  label,
  series,
  x = 'number',
  xLabel,
  yLabel,
  height = 220,
  range,
  marks = [],
}: LineChartProps) {
  const room = useRef<HTMLDivElement>(null);
  const dark = isDark.value;
  useEffect(() => {
    const element = room.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const [ink, line] = [style.getPropertyValue('--soft'), style.getPropertyValue('--line')];
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const font = '12px system-ui, sans-serif';
    const options: uPlot.Options = {
      width: Math.max(160, element.clientWidth),
      height,
      ms: 1,
      scales: { x: { time: x === 'time', ...(range && { range: [range[0], range[1]] }) } },
      legend: { live: true },
      cursor: { points: { size: 7 } },
      axes: [
        { ...axis, font, labelFont: font, ...(xLabel && { label: xLabel, labelSize: 20 }) },
        {
          ...axis,
          font,
          labelFont: font,
          size: 62,
          values: (_, ticks) => ticks.map(figure),
          ...(yLabel && { label: yLabel, labelSize: 20 }),
        },
      ],
      series: [
        x === 'time' ? {} : { label: xLabel ?? 'step' },
        ...series.map(({ name, points, dashed }, i) => ({
          label: name,
          stroke: seriesColour(style, i),
          width: 2,
          spanGaps: true,
          ...(dashed ? { dash: [6, 4] } : {}),
          points: { show: points.length <= 60, size: 5 },
          value: (_: uPlot, value: number | null) => (value === null ? '–' : figure(value)),
        })),
        ...marks.map(({ label: name, at }) => ({
          label: name,
          stroke: style.getPropertyValue('--bad'),
          width: 1,
          dash: [4, 4],
          points: { show: false },
          value: () => figure(at),
        })),
      ],
    };
    const [xs, ...ys] = aligned(series);
    const data = [xs, ...ys, ...marks.map(({ at }) => xs.map(() => at))] as uPlot.AlignedData;
    const chart = new uPlot(options, data, element);
    const watch = new ResizeObserver(() => {
      const width = Math.max(160, element.clientWidth);
      if (width !== chart.width) chart.setSize({ width, height });
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.destroy();
    };
  }, [series, marks, dark, x, xLabel, yLabel, height, range?.[0], range?.[1]]);
  return (
    <figure class="chart">
      <div ref={room} role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
    </figure>
  );
}
