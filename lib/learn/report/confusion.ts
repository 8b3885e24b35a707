import { BadDataError } from '../../errors/index.ts';
import type { Evaluation } from '../evaluate.ts';
import { drawSvg, heading, INK, MUTED, shorten } from './chart.ts';

/** Most classes that are drawn one by one; the rest would be smaller than their figures. */
const MOST_CLASSES = 40;

/**
 * The confusion matrix as SVG text: true classes downwards, predicted ones across, each cell with its count and its
 * share of the row, coloured by that share. Of more than 40 classes the 40 with most rows are drawn.
 *
 * @throws BadDataError for a regression
 */
export function confusionMatrixSvg(evaluation: Evaluation): string {
  const { classes, confusion, rows, metrics } = evaluation;
  if (classes === undefined || confusion === undefined) {
    throw new BadDataError('a regression has no confusion matrix', { remedy: 'Draw its residuals instead.' });
  }
  const totals = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const shown = [...classes.keys()]
    .sort((a, b) => totals[b]! - totals[a]! || a - b)
    .slice(0, MOST_CLASSES)
    .sort((a, b) => a - b);
  const cell = Math.max(30, Math.min(92, Math.round(720 / shown.length)));
  const plot = Math.max(cell * shown.length, 300);
  const names = shown.map((k) => shorten(classes[k]!));
  const nameWidth = Math.max(...names.map((name) => [...name].length)) * 7.2;
  // Names stand upright under their column where they fit, aslant where they do not.
  const aslant = nameWidth > cell - 8;
  const left = Math.max(70, nameWidth + 56);
  const bottom = aslant ? 60 + nameWidth * 0.72 : 66;
  const cells = shown.flatMap((truth, y) =>
    shown.map((predicted, x) => {
      const count = confusion[truth]![predicted]!;
      return { value: [x, y, totals[truth]! === 0 ? 0 : count / totals[truth]!], count };
    }),
  );
  const axis = {
    type: 'category' as const,
    data: names,
    axisTick: { show: false },
    axisLine: { show: false },
  };
  const axisName = { nameLocation: 'middle' as const, nameTextStyle: { fontSize: 14, color: MUTED } };
  const hidden = classes.length - shown.length;
  const subtitle = `${rows.toLocaleString('en-US')} rows, accuracy ${metrics.accuracy!.toFixed(3)}${hidden > 0 ? `, ${hidden} smaller classes not shown` : ''}`;
  return drawSvg(
    {
      title: heading('Confusion matrix', subtitle),
      grid: { left, top: 82, width: plot, height: plot },
      xAxis: {
        ...axis,
        ...axisName,
        name: 'predicted class',
        nameGap: bottom - 30,
        axisLabel: { interval: 0, rotate: aslant ? 45 : 0, color: INK, fontSize: 13, margin: 10 },
      },
      yAxis: {
        ...axis,
        ...axisName,
        name: 'true class',
        nameGap: left - 26,
        inverse: true,
        axisLabel: { interval: 0, color: INK, fontSize: 13, margin: 10 },
      },
      visualMap: {
        show: false,
        min: 0,
        max: 1,
        inRange: { color: ['#f4f7fb', '#9cc3e6', '#1d6fb8', '#0b3d6e'] },
      },
      series: [
        {
          type: 'heatmap',
          itemStyle: { borderColor: '#ffffff', borderWidth: 2 },
          data: cells.map(({ value, count }) => ({
            value,
            label: label(count, value[2]!, cell),
          })),
        },
      ],
    },
    { width: Math.round(left + plot + 40), height: Math.round(82 + plot + bottom) },
  );
}

/** The count, and below it the share of its row where the cell is large enough. White on dark cells. */
function label(count: number, share: number, cell: number) {
  const percent = `${Math.round(share * 100)}%`;
  const roomy = cell >= 56;
  const text = roomy ? count.toLocaleString('en-US') : String(count);
  const digits = text.length;
  return {
    // In a large matrix most cells are empty: their zeros would hide the rest.
    show: roomy || count > 0,
    color: share > 0.45 ? '#ffffff' : INK,
    formatter: roomy ? `{count|${text}}\n{share|${percent}}` : text,
    fontSize: Math.min(13, Math.floor((cell - 6) / Math.max(2, digits * 0.6))),
    rich: {
      count: { fontSize: digits > 7 ? 12 : 16, lineHeight: 21, color: share > 0.45 ? '#ffffff' : INK },
      share: { fontSize: 12, lineHeight: 16, color: share > 0.45 ? '#dbeafe' : MUTED },
    },
  };
}
