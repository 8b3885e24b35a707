import { useState } from 'preact/hooks';
import type { History as Answer } from '../../../lib/http/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { cx } from '../../lib/class.ts';
import { duration } from '../../lib/format.ts';
import { type Loaded, useLive } from '../../lib/load.ts';
import { chief } from '../../lib/metrics.ts';
import { now } from '../../lib/now.ts';
import { go } from '../../lib/router.ts';
import { Button, type Column, Empty, Link, Load, Status, Table, Time } from '../../parts/index.ts';
import { longestMs, type RunSummary, segments, tookMs, triggerWords } from './history.ts';
import { STAGES } from './run-options.ts';

const PAGE = 10;

export interface HistoryState {
  first: Loaded<Answer>;
  /** Of all pages that were asked for, newest first. */
  runs: readonly RunSummary[];
  /** Asks for the next page; absent where there is none. */
  more: (() => Promise<void>) | undefined;
  refresh: () => Promise<void>;
}

/** The pipeline's runs; followed while one is at work. Older pages stay as they were read. */
export function useHistory(pipeline: string): HistoryState {
  const api = useApi();
  const [older, setOlder] = useState<{ of: string; runs: readonly RunSummary[]; cursor?: string }>();
  const ask = (cursor: string | undefined, signal?: AbortSignal) =>
    api.get<Answer>(path`/pipelines/${pipeline}/history`, { limit: PAGE, cursor }, signal);
  const first = useLive(
    (signal) => ask(undefined, signal),
    [api, pipeline],
    ({ runs }) => runs.some(isOpen),
  );
  const own = older?.of === pipeline ? older : undefined;
  const newest = first.data?.runs ?? [];
  const known = new Set(newest.map(({ runId }) => runId));
  const runs = [...newest, ...(own?.runs ?? []).filter(({ runId }) => !known.has(runId))];
  const cursor = own === undefined ? first.data?.cursor : own.cursor;
  const more = async () => {
    const page = await ask(cursor);
    // A run that began meanwhile pushes one from the first page: what was shown stays.
    const shown = own?.runs ?? newest;
    setOlder({
      of: pipeline,
      runs: [...shown, ...page.runs],
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    });
  };
  return { first, runs, more: cursor === undefined ? undefined : more, refresh: first.refresh };
}

const isOpen = ({ status }: RunSummary): boolean => status === 'RUNNING' || status === 'SCHEDULED';

export function History({ of: { first, runs, more }, onStart }: { of: HistoryState; onStart: () => void }) {
  return (
    <Load of={first}>
      {() =>
        runs.length === 0 ? (
          <Empty title="No runs yet">
            <Button kind="primary" needs="operate" onClick={onStart}>
              Start the first
            </Button>
          </Empty>
        ) : (
          <>
            <Legend />
            <Table
              caption="Runs of this pipeline, newest first"
              columns={columns(longestMs(runs, now.value))}
              rows={runs}
              rowKey={({ runId }) => runId}
              onOpen={({ runId }) => go({ view: 'run', id: runId })}
            />
            {more === undefined ? null : (
              <div class="more-rows">
                <Button onClick={more} busyText="Reading">
                  Older runs
                </Button>
              </div>
            )}
          </>
        )
      }
    </Load>
  );
}

/** What the colours of the bars stand for. */
const Legend = () => (
  <ul class="legend" aria-label="Stages by colour">
    {STAGES.map((stage) => (
      <li key={stage}>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <rect class={`stage stage-${stage}`} width="12" height="12" rx="3" />
        </svg>
        {stage}
      </li>
    ))}
  </ul>
);

const columns = (longest: number): Column<RunSummary>[] => [
  {
    id: 'run',
    title: 'Run',
    cell: ({ runId, attempt }) => (
      <Link to={{ view: 'run', id: runId }}>
        <span class="mono">{runId.slice(0, 8)}</span>
        {attempt > 1 ? <span class="quiet"> attempt {attempt}</span> : null}
      </Link>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    cell: ({ status, error }) => (
      <span title={error === undefined ? undefined : `${error.stage}: ${error.message}`}>
        <Status of={status} />
      </span>
    ),
  },
  { id: 'started', title: 'Started', cell: ({ startTime }) => <Time at={startTime} /> },
  {
    id: 'by',
    title: 'By',
    cell: ({ trigger, from, to, force }) => (
      <>
        {triggerWords(trigger)}
        {from === undefined && to === undefined ? null : (
          <span class="quiet">
            {' '}
            {from ?? 'ingest'} to {to ?? 'promote'}
          </span>
        )}
        {force ? <span class="quiet"> forced</span> : null}
      </>
    ),
  },
  { id: 'stages', title: 'Stages', cell: (run) => <Bar run={run} longest={longest} /> },
  { id: 'took', title: 'Took', numeric: true, cell: (run) => duration(tookMs(run, now.value)) },
  {
    id: 'result',
    title: 'Result',
    cell: ({ metrics, model }) => (
      <>
        {chief(metrics, 1)
          .map((pair) => pair.join(' '))
          .join('')}
        {model === undefined ? null : (
          <>
            {' '}
            <Link to={{ view: 'model', name: model.name, version: model.version }}>
              version {model.version}
            </Link>
          </>
        )}
      </>
    ),
  },
];

/** How long each stage took, drawn against the longest run. */
function Bar({ run, longest }: { run: RunSummary; longest: number }) {
  const parts = segments(run, longest, now.value);
  const words = parts.map(({ stage, status, milliseconds }) =>
    status === 'SKIPPED' ? `${stage} unchanged` : `${stage} ${duration(milliseconds)}`,
  );
  return (
    <svg
      class="stage-bar"
      viewBox="0 0 100 12"
      preserveAspectRatio="none"
      role="img"
      aria-label={words.join(', ') || 'no stage yet'}
    >
      <rect class="stage-room" width="100" height="12" />
      {parts.map(({ stage, status, start, share }, i) => (
        <rect
          key={stage}
          class={cx('stage', `stage-${stage}`, status.toLowerCase())}
          x={start * 100}
          width={Math.max(0.6, share * 100)}
          height="12"
        >
          <title>{words[i]}</title>
        </rect>
      ))}
    </svg>
  );
}
