import { metricDirection, metricNames } from '../../learn/index.ts';
import { partText } from '../training/jobs.ts';
import type { DatasetManifest, TrainOutputs } from './types.ts';

type Result = TrainOutputs & { item: number };

/** What models of other parts than the selected one show: metrics of the run, and texts for its reports. */
export interface PartsCompared {
  /** `whole_f1_weighted`, `merged_...`, `row_split_...`, `row_split_optimism_...`: all on test rows. */
  metrics: Record<string, number>;
  /** By file name. */
  texts: Record<string, string>;
}

/** Results that may become the final model: with batches the best of them, or any, as the definition says. */
export function eligible(results: readonly Result[], among: 'batches' | 'all' = 'batches'): Result[] {
  const own = results.filter(({ part }) => part !== 'row-split');
  const batches = own.filter(({ part }) => part === 'batch');
  return among === 'batches' && batches.length > 0 ? batches : own;
}

/**
 * What batching costs, and how much a split by rows flatters; both of the selected model's candidate.
 *
 * @param selected the model that was selected
 * @param metric the metric that it was selected by
 */
export function compareParts(
  results: readonly Result[],
  selected: Result,
  { metric, dataset, groupBy }: { metric: string; dataset: DatasetManifest; groupBy?: string | undefined },
): PartsCompared {
  const own = results.filter(({ candidate }) => candidate === selected.candidate);
  const of = (part: Result['part']) => own.find((result) => result.part === part)?.test;
  const [whole, merged, rowSplit] = [of('whole'), of('merged'), of('row-split')];
  const flattered = rowSplit && whole && optimism(rowSplit, whole);
  const batched = own.some(({ part }) => part === 'batch');
  return {
    metrics: {
      ...(batched ? { ...named(whole, 'whole'), ...named(merged, 'merged') } : {}),
      ...named(rowSplit, 'row_split'),
      ...named(flattered, 'row_split_optimism'),
    },
    texts: {
      ...(batched ? { 'reports/batches.txt': batchesText(own, selected, metric) } : {}),
      ...(rowSplit && whole
        ? { 'reports/row_split.txt': rowSplitText(rowSplit, whole, metric, dataset, groupBy ?? 'group') }
        : {}),
    },
  };
}

const named = (figures: Record<string, number> | undefined, part: string): Record<string, number> =>
  Object.fromEntries(Object.entries(figures ?? {}).map(([name, value]) => [`${part}_${name}`, value]));

/** By how much better a figure looks: positive where the split by rows flatters, whatever the metric's direction. */
function optimism(rowSplit: Record<string, number>, whole: Record<string, number>): Record<string, number> {
  const shared = Object.entries(rowSplit).filter(([name]) => name in whole && metricNames.includes(name));
  return Object.fromEntries(
    shared.map(([name, value]) => {
      const better = value - whole[name]!;
      return [name, metricDirection(name) === 'maximize' ? better : -better];
    }),
  );
}

/** A line a model: rows, and its figures on validation and test, the best of each first by the metric. */
function batchesText(results: readonly Result[], selected: Result, metric: string): string {
  const sign = metricDirection(metric) === 'maximize' ? -1 : 1;
  const models = results
    .filter(({ part }) => part !== 'row-split')
    .sort((a, b) => sign * ((a.validation[metric] ?? Number.NaN) - (b.validation[metric] ?? Number.NaN)));
  const names = shownMetrics(models);
  const rows = [
    [
      '',
      'model',
      'rows',
      ...names.map((name) => `validation ${name}`),
      ...names.map((name) => `test ${name}`),
    ],
    ...models.map((model) => [
      model === selected ? '*' : '',
      partText(model),
      String(model.rows),
      ...names.map((name) => fixed(model.validation[name])),
      ...names.map((name) => fixed(model.test?.[name])),
    ]),
  ];
  const all = models.find(({ part }) => part === 'whole');
  return `${aligned(rows)}\n* the final model, selected by ${metric} on validation rows.\n${costText(selected, all, metric)}`;
}

function costText(selected: Result, whole: Result | undefined, metric: string): string {
  const [own, all] = [selected.test?.[metric], whole?.test?.[metric]];
  if (whole === undefined || whole === selected || own === undefined || all === undefined) return '';
  const lost = metricDirection(metric) === 'maximize' ? all - own : own - all;
  const share = Math.round((100 * selected.rows) / whole.rows);
  return `It saw ${share} % of the training rows. On the test rows that ${lost >= 0 ? 'costs' : 'gains'} ${fixed(Math.abs(lost))} of ${metric} against the model on all rows (${fixed(own)} against ${fixed(all)}).\n`;
}

function rowSplitText(
  rowSplit: Record<string, number>,
  whole: Record<string, number>,
  metric: string,
  dataset: DatasetManifest,
  groupBy: string,
): string {
  const better = optimism(rowSplit, whole);
  const names = shownMetrics([{ validation: better }]);
  const rows = [
    ['test figure', `split by ${groupBy}`, 'split by row', 'optimism'],
    ...names.map((name) => [name, fixed(whole[name]), fixed(rowSplit[name]), fixed(better[name])]),
  ];
  const { groupsShared = 0, test } = dataset.rowSplit ?? {};
  const shared = `${groupsShared} of ${test?.rows ?? 0} test rows`;
  const amount = better[metric] ?? 0;
  const verdict = amount > 0 ? `better by ${fixed(amount)}` : `no better (${fixed(amount)})`;
  return `${aligned(rows)}\nThe same algorithm on all training rows. Parted by row, ${shared} have a ${groupBy} that stands in training too, and ${metric} looks ${verdict}.\nThe figures of this run are those of the split by ${groupBy}.\n`;
}

/** The figures of the experiments table, of those that there are. */
const SHOWN = [
  'accuracy',
  'precision_weighted',
  'recall_weighted',
  'f1_weighted',
  'f1_macro',
  'roc_auc',
  'r2',
  'rmse',
  'mae',
];
const shownMetrics = (results: readonly Pick<Result, 'validation'>[]): string[] =>
  SHOWN.filter((name) => results.some(({ validation }) => name in validation));

const fixed = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(4));

/** Columns as wide as their widest cell; the first lines up left, figures right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          /^[\d.-]+$/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
