import type { DependenceOfFeature } from '../explain/report.ts';
import { drawSvg, heading, INK, MUTED, RULE, shorten } from './chart.ts';
import { figure } from './figure.ts';
import { axisUnit } from './unit.ts';

const ACROSS = 3;
const PANEL = { width: 240, height: 170, right: 46, below: 108 };
const LEFT = 84;
const TOP = 112;
/** Told apart without colour vision too (Okabe and Ito); more classes would be a tangle. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;
/** Names on the axis of a panel; of more, every second, third, ... */
const MOST_NAMES = 8;

/**
 * Partial dependence as SVG text: a panel a feature, all on one scale, so that how much each moves the answer shows. A
 * line a class of the first six; of two classes the second alone, as the first is what is left.
 */
export function dependenceSvg(features: readonly DependenceOfFeature[], subtitle: string): string {
  const classes = features[0]?.classes ?? [];
  const lines =
    classes.length === 0 ? [0] : classes.length === 2 ? [1] : [...classes.keys()].slice(0, COLOURS.length);
  const hidden = classes.length > 2 ? classes.length - lines.length : 0;
  const width = Math.max(1, classes.length);
  const up = axisUnit(features.flatMap(({ average }) => [...average]));
  const drawn = features.map(({ labels, average }) =>
    lines.map((k) => labels.map((_, point) => average[point * width + k]! / up)),
  );
  const across = features.map(({ labels }) => axisUnit(labels.filter((label) => typeof label === 'number')));
  const [low, high] = boundsOf(drawn.flat(2));
  const legend = classes.length === 0 ? '' : lines.map((k, i) => `{c${i}|${plain(classes[k]!)}}`).join('  ');
  const answer = classes.length === 0 ? 'mean prediction' : 'mean probability';
  const rest = hidden > 0 ? `, ${hidden} more classes not shown` : '';
  const title = heading(
    'Partial dependence',
    [`${answer}, ${subtitle}${rest}`, legend].filter(Boolean).join('\n'),
  );
  const panels = features.map((_, i) => ({
    left: LEFT + (i % ACROSS) * (PANEL.width + PANEL.right + LEFT - 30),
    top: TOP + Math.floor(i / ACROSS) * (PANEL.height + PANEL.below),
    width: PANEL.width,
    height: PANEL.height,
  }));
  const rows = Math.max(1, Math.ceil(features.length / ACROSS));
  return drawSvg(
    {
      title: {
        ...title,
        subtextStyle: {
          ...title.subtextStyle,
          lineHeight: 20,
          rich: Object.fromEntries(COLOURS.map((color, i) => [`c${i}`, { color, fontSize: 13 }])),
        },
      },
      grid: panels,
      xAxis: features.map(({ feature, kind, labels }, gridIndex) => ({
        gridIndex,
        ...(kind === 'number' ? numberAxis(across[gridIndex]!) : namesAxis(labels)),
        name: shorten(feature),
        nameLocation: 'middle',
        nameGap: kind === 'number' ? 32 : 62,
        nameTextStyle: { fontSize: 14, color: INK },
      })),
      yAxis: features.map((_, gridIndex) => ({
        gridIndex,
        type: 'value',
        min: low,
        max: high,
        splitNumber: 4,
        axisLabel: {
          color: INK,
          fontSize: 12,
          formatter: (value: number) => figure(value * up),
          showMinLabel: false,
          showMaxLabel: false,
        },
        splitLine: { lineStyle: { color: RULE } },
      })),
      series: features.flatMap(({ labels, kind }, i) =>
        drawn[i]!.map((values, line) => ({
          // Between categories there is nothing: their points stand alone.
          type: kind === 'number' ? 'line' : 'scatter',
          xAxisIndex: i,
          yAxisIndex: i,
          symbol: kind === 'number' ? 'none' : 'circle',
          symbolSize: 7,
          lineStyle: { width: 2, color: COLOURS[line] },
          itemStyle: { color: COLOURS[line] },
          data: values.map((value, point) =>
            kind === 'number' ? [Number(labels[point]) / across[i]!, value] : value,
          ),
        })),
      ),
    },
    {
      width: LEFT + Math.min(ACROSS, Math.max(1, features.length)) * (PANEL.width + PANEL.right + LEFT - 30),
      height: TOP + rows * (PANEL.height + PANEL.below),
    },
  );
}

const numberAxis = (unit: number) => ({
  type: 'value',
  scale: true,
  splitNumber: 3,
  splitLine: { show: false },
  axisLine: { onZero: false, lineStyle: { color: MUTED } },
  axisLabel: {
    color: INK,
    fontSize: 12,
    formatter: (value: number) => place(value * unit),
    hideOverlap: true,
  },
});

/** Small whole numbers as they are: a year has no comma. */
function place(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 10_000 ? String(value) : figure(value);
}

const namesAxis = (labels: readonly (number | string)[]) => ({
  type: 'category',
  data: labels.map((label) => short(typeof label === 'number' ? place(label) : label)),
  axisTick: { show: false },
  axisLine: { onZero: false, lineStyle: { color: MUTED } },
  axisLabel: {
    color: INK,
    fontSize: 11,
    rotate: 40,
    interval: Math.max(0, Math.ceil(labels.length / MOST_NAMES) - 1),
  },
});

/** Names below a panel have less room than those beside bars. */
function short(name: string): string {
  const whole = shorten(name);
  const points = [...whole];
  return points.length > 12 ? `${points.slice(0, 11).join('')}…` : whole;
}

/** A class's name without what ECharts reads as rich text. */
const plain = (name: string): string => shorten(name).replaceAll(/[{}|]/g, ' ');

/** The range of all lines with a little air; a flat one gets some too. */
function boundsOf(values: readonly number[]): [low: number, high: number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((least, value) => Math.min(least, value));
  const high = finite.reduce((most, value) => Math.max(most, value));
  const air = high > low ? (high - low) * 0.08 : Math.max(1e-9, Math.abs(high) * 0.1);
  return [low - air, high + air];
}
