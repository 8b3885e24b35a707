import type { PipelineDescription } from '../../lib/http/types.ts';
import type { Progress } from '../../lib/tracking/progress.ts';
import type { Artifact, Run, StageRecord } from '../../lib/tracking/types.ts';
import { hashOf } from '../address.ts';
import { path } from '../lib/api.ts';
import { bytes, duration, figure, isOpen, ran } from '../lib/format.ts';
import { bestFirst, type Selection, selectedBy, standsFor } from '../lib/metrics.ts';
import { button, type Child, facts, h, table } from './dom.ts';
import {
  type Aliases,
  aliasesOf,
  dataBadge,
  metricList,
  progressBar,
  status,
  time,
  versionLink,
} from './parts.ts';
import { poll, type View, type ViewContext } from './view.ts';

type Detail = Run & { stages: StageRecord[]; artifacts: Artifact[]; progress?: Progress };

const EVERY = 2_000;
/** The tag of a child run that names its parent. */
const PARENT = 'mlflow.parentRunId';

/** One run: stages, figures, parameters, files, and the runs of its candidates. */
export async function runView(context: ViewContext, id: string): Promise<View> {
  const { api, signal } = context;
  const read = () => api.get<Detail>(path`/runs/${id}`, {}, signal);
  const run = await read();
  const body = h('div', { class: 'stack' });
  const draw = async (detail: Detail) => {
    const [below, aliases] = await Promise.all([children(context, detail), aliasesOf(context)]);
    body.replaceChildren(...sections(context, detail, below, aliases));
  };
  await draw(run);
  if (isOpen(run)) {
    poll(signal, EVERY, async () => {
      try {
        const now = await read();
        await draw(now);
        return !isOpen(now);
      } catch (error) {
        if (!signal.aborted) context.fail(error);
        return true;
      }
    });
  }
  return { title: run.pipeline ? `Run of ${run.pipeline}` : run.name, content: [body] };
}

function sections(context: ViewContext, run: Detail, below: Child, aliases: Aliases): HTMLElement[] {
  const now = context.now();
  const parent = run.tags[PARENT];
  const head = h(
    'section',
    { class: 'card' },
    h(
      'p',
      { class: 'line' },
      status(run.status),
      dataBadge(run.tags),
      run.tags['data.rows'] ? `${run.tags['data.rows']} rows` : null,
      h('span', { class: 'quiet mono' }, run.runId),
    ),
    facts([
      ['Version', versionLink(run.tags, aliases)],
      ['Started', time(run.startTime, now)],
      ['Took', ran(run, now)],
      ...(run.trigger ? [['Started by', run.trigger] as const] : []),
      ...(parent
        ? [['Part of', h('a', { href: hashOf({ view: 'run', id: parent }) }, parent.slice(0, 8))] as const]
        : []),
    ]),
    run.progress !== undefined && isOpen(run)
      ? progressBar(`training, ${run.progress.done} of ${run.progress.total} done`, run.progress.share)
      : null,
    run.error === undefined
      ? null
      : h(
          'div',
          { class: 'problem' },
          h('strong', {}, `${run.error.stage}: ${run.error.message}`),
          h('p', {}, run.error.remedy),
          h('p', { class: 'quiet' }, run.error.code),
        ),
  );
  return [
    head,
    ...section('Stages', run.stages.length > 0 && stages(run.stages, now)),
    ...section('Metrics', metrics(run.metrics)),
    ...section('Candidates', below),
    ...section('Artifacts', run.artifacts.length > 0 && artifacts(context, run)),
    ...section('Parameters', entries(Object.entries(run.params))),
    ...section('Tags', folded('All tags', Object.entries(run.tags))),
  ];
}

const section = (title: string, content: Child): HTMLElement[] =>
  content ? [h('section', { class: 'card wide' }, h('h2', {}, title), content)] : [];

const entries = (pairs: [string, string][]): Child =>
  pairs.length > 0 && facts(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));

/** Those of the test rows; what the selection looked at, and folds, are a click away. */
function metrics(all: Record<string, number>): Child {
  const shown = Object.entries(all).map(([name, value]): [string, string] => [name, figure(value)]);
  const isOther = ([name]: [string, string]) => /^(validation|candidate|cv|fold)_/.test(name);
  const own = shown.filter((one) => !isOther(one));
  if (own.length === 0) return entries(shown);
  const others = shown.filter(isOther);
  return [entries(own), folded(`${others.length} more, of validation rows and folds`, others)];
}

const folded = (title: string, pairs: [string, string][]): Child =>
  pairs.length > 0 && h('details', { class: 'more' }, h('summary', {}, title), entries(pairs));

/** Map items of one stage are summed up: hundreds of shards tell a reader nothing. */
function stages(records: readonly StageRecord[], now: number): HTMLElement {
  const whole = records.filter((one) => one.item === undefined);
  const open = records.filter(
    (one) => one.item !== undefined && !whole.some(({ stage }) => stage === one.stage),
  );
  return table(
    'Stages of this run',
    ['Stage', 'Status', 'Took', 'Note'],
    [...whole, ...open].map((one) => [
      one.item === undefined ? one.stage : `${one.stage} ${one.item}`,
      [
        status(one.status),
        one.status === 'RUNNING' && one.progress !== undefined ? progressBar(one.stage, one.progress) : null,
      ],
      duration((one.endedAt === undefined ? now : Date.parse(one.endedAt)) - Date.parse(one.startedAt)),
      one.error?.message ?? one.note,
    ]),
  );
}

/** A script may not read where a redirection leads, so the address is asked for, and then followed by a plain link. */
function artifacts({ api, fail }: ViewContext, run: Detail): HTMLElement {
  const download = async (file: string) => {
    try {
      const at = path`/runs/${run.runId}/artifacts/` + file.split('/').map(encodeURIComponent).join('/');
      const { url } = await api.get<{ url: string }>(at, { redirect: 'false' });
      if (!/^https?:/.test(url)) throw new Error('the API gave no address of the file');
      h('a', { href: url, rel: 'noreferrer', download: true }).click();
    } catch (error) {
      fail(error);
    }
  };
  return h(
    'ul',
    { class: 'files' },
    run.artifacts.map((file) =>
      h(
        'li',
        {},
        button(file.path, () => void download(file.path), { class: 'link' }),
        h('span', { class: 'quiet' }, bytes(file.size)),
      ),
    ),
  );
}

/** The runs of its candidates, best first by the metric that the pipeline selects by. */
async function children({ api, signal }: ViewContext, run: Detail): Promise<Child> {
  if (run.pipeline === undefined || run.tags[PARENT] !== undefined) return null;
  const [{ runs }, described] = await Promise.all([
    api.get<{ runs: Run[] }>('/runs', { parent: run.runId, limit: 200 }, signal),
    api.get<PipelineDescription>(path`/pipelines/${run.pipeline}`, {}, signal).catch(() => undefined),
  ]);
  if (runs.length === 0) return null;
  const selection = (described?.definition.select ?? { metric: '' }) as Selection;
  const { metric } = selection;
  return [
    metric === ''
      ? null
      : h('p', { class: 'quiet' }, `Best first by ${metric} on the rows that the selection looks at.`),
    table(
      'Runs of the candidates',
      ['Run', 'Model', 'Status', ...(metric === '' ? [] : [metric]), 'Metrics'],
      bestFirst(runs, selection).map((child) => {
        const value = selectedBy(child.metrics, selection);
        return [
          h('a', { href: hashOf({ view: 'run', id: child.runId }) }, child.name),
          [child.params.algorithm, standsFor(child.tags)].filter(Boolean).join(', '),
          status(child.status),
          ...(metric === '' ? [] : [value === undefined ? '–' : h('strong', {}, figure(value))]),
          metricList(child.metrics, 4),
        ];
      }),
    ),
  ];
}
