import type { PipelineSummary } from '../../lib/http/types.ts';
import type { Progress } from '../../lib/tracking/progress.ts';
import type { Run, StageRecord } from '../../lib/tracking/types.ts';
import { hashOf } from '../address.ts';
import { path } from '../api.ts';
import { button, type Child, h, listen, table } from '../dom.ts';
import { isOpen, ran } from '../format.ts';
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

interface RunPage {
  runs: Run[];
  cursor?: string;
}
type Detail = Run & { stages: StageRecord[]; progress?: Progress };

const PAGE = 25;
const EVERY = 2_500;
/** So many runs at work show how far they are. */
const WATCHED = 4;

/** Runs, newest first; followed while one is at work. */
export async function runsView(context: ViewContext, pipeline?: string): Promise<View> {
  const { api, signal } = context;
  const read = (cursor?: string) => api.get<RunPage>('/runs', { pipeline, limit: PAGE, cursor }, signal);
  const [first, names, held] = await Promise.all([read(), pipelineNames(context), aliasesOf(context)]);
  let aliases = held;
  const runs = new Map(first.runs.map((run) => [run.runId, run]));
  let cursor = first.cursor;
  let progress = await watched(context, first.runs);
  const place = h('div', { class: 'card wide' });

  const draw = () => {
    const older = button('Older runs', () => void more());
    place.replaceChildren(
      runs.size === 0 ? nothing(pipeline) : runTable([...runs.values()], progress, aliases, context.now()),
      ...(cursor === undefined ? [] : [older]),
    );
  };
  const refresh = async (): Promise<boolean> => {
    try {
      const page = await read();
      const before = [...runs.values()];
      runs.clear();
      for (const run of [...page.runs, ...before]) if (!runs.has(run.runId)) runs.set(run.runId, run);
      [progress, aliases] = await Promise.all([watched(context, page.runs), aliasesOf(context)]);
      draw();
      return !page.runs.some(isOpen);
    } catch (error) {
      if (signal.aborted) return true;
      context.fail(error);
      return true;
    }
  };
  const more = async () => {
    try {
      const page = await read(cursor);
      for (const run of page.runs) if (!runs.has(run.runId)) runs.set(run.runId, run);
      cursor = page.cursor;
      draw();
    } catch (error) {
      if (!signal.aborted) context.fail(error);
    }
  };

  draw();
  const follow = () => poll(signal, EVERY, refresh);
  if (first.runs.some(isOpen)) follow();
  const again = button('Refresh', async () => {
    if (!(await refresh())) follow();
  });
  return {
    title: 'Runs',
    content: [h('div', { class: 'tools' }, chooser(context, names, pipeline), again), place],
  };
}

const runTable = (
  runs: readonly Run[],
  progress: ReadonlyMap<string, Child>,
  aliases: Aliases,
  now: number,
): HTMLElement =>
  table(
    'Runs, newest first',
    ['Run', 'Status', 'Data', 'Metrics', 'Version', 'Started', 'Took'],
    runs.map((run) => [
      h(
        'a',
        { href: hashOf({ view: 'run', id: run.runId }) },
        run.pipeline ?? run.name,
        ' ',
        h('span', { class: 'quiet mono' }, run.runId.slice(0, 8)),
      ),
      [status(run.status), progress.get(run.runId) ?? null],
      dataBadge(run.tags),
      metricList(run.metrics),
      versionLink(run.tags, aliases),
      time(run.startTime, now),
      ran(run, now),
    ]),
  );

const nothing = (pipeline: string | undefined): HTMLElement =>
  h(
    'p',
    { class: 'empty' },
    'No runs yet. Start one: ',
    h('code', {}, `npx arboleda run ${pipeline ?? 'PIPELINE'} --wait`),
  );

/** How far the runs at work are: the stage that works, and of the training the share that is done. */
async function watched({ api, signal }: ViewContext, runs: readonly Run[]): Promise<Map<string, Child>> {
  const open = runs.filter((run) => run.status === 'RUNNING').slice(0, WATCHED);
  const details = await Promise.all(open.map((run) => api.get<Detail>(path`/runs/${run.runId}`, {}, signal)));
  return new Map(details.map((detail) => [detail.runId, progressOf(detail)]));
}

export function progressOf({ stages, progress }: Pick<Detail, 'stages' | 'progress'>): Child {
  const at = stages.filter((one) => one.status === 'RUNNING').at(-1)?.stage ?? stages.at(-1)?.stage;
  if (at === 'train' && progress !== undefined) {
    return progressBar(`train ${progress.done} of ${progress.total}`, progress.share);
  }
  return at === undefined ? null : h('span', { class: 'quiet' }, ` ${at}`);
}

/** The pipelines there are; a caller who may not ask sees no choice. */
const pipelineNames = ({ api, signal }: ViewContext): Promise<string[]> =>
  api.get<{ pipelines: PipelineSummary[] }>('/pipelines', {}, signal).then(
    ({ pipelines }) => pipelines.map(({ name }) => name),
    () => [],
  );

function chooser(context: ViewContext, names: readonly string[], chosen: string | undefined): HTMLElement {
  const select = h(
    'select',
    { id: 'pipeline' },
    h('option', { value: '' }, 'all pipelines'),
    names.map((name) => h('option', { value: name, selected: name === chosen }, name)),
  );
  listen(select, 'change', () =>
    context.go({ view: 'runs', ...(select.value === '' ? {} : { pipeline: select.value }) }),
  );
  return h('div', { class: 'choice' }, h('label', { for: 'pipeline' }, 'Pipeline'), select);
}
