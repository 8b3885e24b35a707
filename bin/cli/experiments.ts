import type { PipelineDescription } from '../../lib/http/types.ts';
import { metricDirection, metricNames } from '../../lib/learn/metrics/names.ts';
import type { Run } from '../../lib/tracking/types.ts';
import type { RunList } from './api-types.ts';
import { type ApiClient, path } from './client.ts';
import { withKnownName } from './names.ts';
import { figure, table } from './output.ts';
import { dataText } from './run-text.ts';

/** A run with the models that it trained. */
export type Experiment = Run & { children: Child[] };
/** A child run: one candidate, or one batch of one. */
export type Child = Run & {
  /** What it was trained on, or which candidate it is: `batch 3`, `all rows`, `random-forest trees=200`. */
  model: string;
  /** The best of its run by the pipeline's metric, among those that may become the final model. */
  best: boolean;
};

export interface Experiments {
  pipeline: string;
  /** What the pipeline's models are selected by. */
  select: { metric: string; on: string; among?: string };
  /** Newest first; the children of each best first. */
  runs: Experiment[];
}

/** A pipeline names at most 200 items. */
export const MOST_CHILDREN = 200;

/** A pipeline's runs, each with its child runs. @throws UnknownNameError naming the pipeline that was probably meant */
export async function experimentsOf(
  client: ApiClient,
  pipeline: string,
  limit: number,
): Promise<Experiments & { task: string }> {
  const { definition, task } = await withKnownName(client, 'pipeline', pipeline, () =>
    client.get<PipelineDescription>(path`/pipelines/${pipeline}`),
  );
  const { select } = definition as unknown as Pick<Experiments, 'select'>;
  const { runs } = await client.get<RunList>('/runs', { pipeline, limit });
  const found: Experiment[] = [];
  // One after the other: a table is not worth a burst of requests.
  for (const run of runs) {
    const answer = await client.get<RunList>('/runs', { parent: run.runId, limit: MOST_CHILDREN });
    found.push({ ...run, children: ranked(answer.runs, select) });
  }
  return { pipeline, select, task, runs: found };
}

/** What a child is judged by: its mean over the folds, or its figure on the validation rows. */
export const scoreOf = ({ metrics }: Pick<Run, 'metrics'>, name: string): number | undefined =>
  metrics[`cv_${name}`] ?? metrics[`validation_${name}`];

/** Best first by the metric, in its direction; those without a figure last, in their order. */
export function ranked(children: readonly Run[], select: Experiments['select']): Child[] {
  const { metric, on, among = 'batches' } = select;
  const sign = metricNames.includes(metric) && metricDirection(metric) === 'minimize' ? 1 : -1;
  const score = (run: Run) => (on === 'test' ? run.metrics[metric] : undefined) ?? scoreOf(run, metric);
  const place = (run: Run) => sign * (score(run) ?? Number.NaN);
  const sorted = [...children].sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    if (Number.isNaN(first) || Number.isNaN(second))
      return Number(Number.isNaN(first)) - Number(Number.isNaN(second));
    return first - second || itemOf(a) - itemOf(b);
  });
  const batched = sorted.some((run) => run.tags['data.part'] === 'batch');
  const mayWin = ({ tags }: Run) =>
    tags['data.part'] !== 'row-split' && (!batched || among === 'all' || tags['data.part'] === 'batch');
  const best = sorted.find((run) => mayWin(run) && score(run) !== undefined);
  const told = differing(sorted);
  return sorted.map((run) => ({ ...run, model: modelText(run, told), best: run === best }));
}

const itemOf = ({ tags }: Run): number => Number(tags['arboleda.item'] ?? 0);

/** Parameters that are not the same in all children; the others say nothing. */
function differing(children: readonly Run[]): string[] {
  const names = new Set(children.flatMap(({ params }) => Object.keys(params)));
  names.delete('batch_id');
  return [...names].filter((name) => new Set(children.map(({ params }) => params[name])).size > 1);
}

const PARTS: Readonly<Record<string, string>> = {
  whole: 'all rows',
  merged: 'merged',
  'row-split': 'row split',
};

function modelText({ tags, params, name }: Run, told: readonly string[]): string {
  const { batch_id: batch, 'data.part': part } = tags;
  const trained = batch === undefined ? PARTS[part ?? ''] : `batch ${batch}`;
  const values = told
    .filter((key) => key !== 'algorithm' && params[key] !== undefined)
    .map((key) => `${key}=${params[key]}`);
  const algorithm = trained === undefined || told.includes('algorithm') ? [params.algorithm ?? name] : [];
  // What the pipeline says that the candidate is there for (`tagged` in its definition).
  const kind = tags['candidate.kind'] === undefined ? [] : [`(${tags['candidate.kind']})`];
  return [...(trained === undefined ? [] : [trained]), ...algorithm, ...values, ...kind].join(' ');
}

const COLUMNS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  classification: {
    accuracy: 'accuracy',
    precision_weighted: 'precision',
    recall_weighted: 'recall',
    f1_weighted: 'F1',
    f1_macro: 'macro F1',
    roc_auc: 'AUC',
  },
  regression: { r2: 'R2', rmse: 'RMSE', mae: 'MAE' },
};

/** The experiments table: a line a run with its figures on test rows, and under it one a model with those it is selected by. */
export function experimentsText({ task, select, runs }: Experiments & { task: string }): string {
  if (runs.length === 0) return 'no run yet';
  const columns = COLUMNS[task] ?? {};
  const names = [...Object.keys(columns), ...(select.metric in columns ? [] : [select.metric])];
  const tested = runs.some(({ children }) => children.some(({ metrics }) => select.metric in metrics));
  const cell = (value: number | undefined) => (value === undefined ? '' : figure(value));
  const rows = runs.flatMap((run) => [
    [
      run.runId,
      run.tags['model.algorithm'] ?? '',
      [run.tags['data.rows'], dataText(run)].filter(Boolean).join(' '),
      run.status,
      run.startTime,
      Object.keys(run.metrics).length > 0 ? 'test' : '',
      ...names.map((name) => cell(run.metrics[name])),
      ...(tested ? [cell(run.metrics[select.metric])] : []),
    ],
    ...run.children.map((child) => [
      child.runId,
      `${child.best ? '*' : ' '} ${child.model}`,
      child.tags['data.trainRows'] ?? '',
      child.status,
      '',
      judgedOn(child),
      ...names.map((name) => cell(scoreOf(child, name))),
      ...(tested ? [cell(child.metrics[select.metric])] : []),
    ]),
  ]);
  const head = [
    'run',
    'model',
    'rows',
    'status',
    'started',
    'judged on',
    ...names.map((name) => columns[name] ?? name),
  ];
  const drawn = table(
    [...head, ...(tested ? [`test ${columns[select.metric] ?? select.metric}`] : [])],
    rows,
  );
  return `${drawn}* best by ${select.metric} on ${select.on}, of those that may become the final model\n`;
}

function judgedOn({ metrics }: Run): string {
  const names = Object.keys(metrics);
  if (names.some((name) => name.startsWith('cv_'))) return 'folds';
  return names.some((name) => name.startsWith('validation_')) ? 'validation' : '';
}
