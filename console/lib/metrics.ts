import { metricDirection, metricNames } from '../../lib/learn/metrics/names.ts';
import { figure } from './format.ts';

/** The metrics that come first where there is little room. */
const CHIEF = ['r2', 'rmse', 'mae', 'accuracy', 'f1_weighted', 'f1_macro', 'roc_auc', 'roc_auc_weighted'];

/** A candidate's figures are named by the rows that they come from: folds, or the validation rows. */
const PREFIXES = ['', 'cv_', 'validation_'];

/** What a run has of a metric, and under which name. */
export function measured(metrics: Record<string, number>, metric: string): [string, number] | undefined {
  const name = PREFIXES.map((prefix) => prefix + metric).find((one) => one in metrics);
  return name === undefined ? undefined : [name, metrics[name] as number];
}

/** At most `most` metrics, the chief ones first; a run without any of them shows what it has. */
export function chief(metrics: Record<string, number>, most = 3): [string, string][] {
  const known = CHIEF.map((name) => measured(metrics, name)).filter((found) => found !== undefined);
  const found = known.length > 0 ? known : Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  return found.slice(0, most).map(([name, value]) => [name, figure(value)]);
}

/** Where the figure stands that a candidate is selected by: its mean over the folds, or that on the validation rows. */
const SELECTED_BY = ['cv_', 'validation_', ''];

/** The figure that a candidate is selected by; where the pipeline selects on the test rows, the one on those. */
export function selectedBy(metrics: Record<string, number>, { metric, on }: Selection): number | undefined {
  const prefixes = on === 'test' ? SELECTED_BY.toReversed() : SELECTED_BY;
  return prefixes.map((prefix) => metrics[prefix + metric]).find((value) => value !== undefined);
}

/** What a pipeline's definition selects its model by. */
export interface Selection {
  metric: string;
  on?: string | undefined;
}

/** Best first by what they are selected by; those without it last. Another metric than the platform's own counts upward. */
export function bestFirst<T extends { metrics: Record<string, number> }>(
  runs: readonly T[],
  selection: Selection,
): T[] {
  const { metric } = selection;
  const sign = metricNames.includes(metric) && metricDirection(metric) === 'minimize' ? 1 : -1;
  const rank = (run: T) => {
    const value = selectedBy(run.metrics, selection) ?? Number.NaN;
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign * value;
  };
  return [...runs].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

/** What a candidate's model was trained on, or is there for: `batch 3`, `row split`, `tuning`; empty where it is plain. */
export function standsFor(tags: Record<string, string>): string {
  const { batch_id: batch, 'data.part': part, 'candidate.kind': kind } = tags;
  const trained =
    batch !== undefined ? `batch ${batch}` : part === 'whole' ? 'all rows' : part?.replace('-', ' ');
  return [trained, kind].filter((text) => text !== undefined).join(', ');
}
