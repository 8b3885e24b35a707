import { useState } from 'preact/hooks';
import type { CollectorReport, Poll } from '../../../lib/http/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { now } from '../../lib/now.ts';
import { Badge, Button, type Column, Link, Load, Progress, Table, Time, toast } from '../../parts/index.ts';
import { SourceDialog } from './source-dialog.tsx';
import { everyWords, OUTCOMES, pollWords } from './words.ts';

const EVERY_MS = 5_000;

/** How far the collector of a pipeline is: subsets of the open round, the next poll, the rounds before. */
export function Collector({ pipeline }: { pipeline: string }) {
  const api = useApi();
  const at = path`/pipelines/${pipeline}/collector`;
  const report = useLoad((signal) => api.get<CollectorReport>(at, {}, signal), [api, at], {
    every: EVERY_MS,
    while: ({ nextPoll }) => nextPoll !== undefined,
  });
  const [isChanging, setChanging] = useState(false);
  const poll = async () => {
    const { outcome, detail } = await api.post<Poll>(`${at}/poll`, undefined);
    toast(`Asked the source: ${OUTCOMES[outcome] ?? outcome}`, detail);
    await report.refresh();
  };
  const set = async (state: 'active' | 'paused') => {
    report.set(await api.put<CollectorReport>(at, { state }));
    toast(state === 'paused' ? 'The collector is paused' : 'The collector goes on');
  };
  return (
    <section class="card" aria-labelledby="collector-title">
      <div class="section-head">
        <h2 id="collector-title">Collector</h2>
        {report.data === undefined ? null : <State of={report.data} />}
        <span class="space" />
        <Button needs="operate" disabled={report.data === undefined} onClick={() => setChanging(true)}>
          {report.data?.settings.url === undefined ? 'Set the source' : 'Change'}
        </Button>
        <Button needs="operate" onClick={poll} busyText="Asking">
          Poll now
        </Button>
        {report.data?.settings.state === 'paused' ? (
          <Button needs="operate" onClick={() => set('active')}>
            Resume
          </Button>
        ) : (
          <Button needs="operate" onClick={() => set('paused')}>
            Pause
          </Button>
        )}
      </div>
      <Load of={report}>{(found) => <Report of={found} />}</Load>
      {isChanging && report.data !== undefined ? (
        <SourceDialog
          settings={report.data.settings}
          onSave={async (change) => {
            report.set(await api.put<CollectorReport>(at, change));
            toast('The collector is changed', 'It holds from the next poll on.');
          }}
          onClose={() => setChanging(false)}
        />
      ) : null}
    </section>
  );
}

const State = ({ of: { settings, exhausted } }: { of: CollectorReport }) =>
  settings.state === 'paused' ? (
    <Badge tone="warn">paused</Badge>
  ) : settings.url === undefined ? (
    <Badge tone="warn">no URL</Badge>
  ) : exhausted ? (
    <Badge tone="note">source exhausted</Badge>
  ) : (
    <Badge tone="good">collecting</Badge>
  );

function Report({ of: report }: { of: CollectorReport }) {
  const { open, settings, counts } = report;
  const next = pollWords(report, now.value);
  return (
    <>
      <div class="collector-open">
        <Progress
          label={`${open.stored} of ${settings.subsets} subsets of round ${open.round}`}
          share={open.stored / settings.subsets}
        />
        <Dots stored={open.stored} of={settings.subsets} />
      </div>
      {settings.url === undefined ? (
        <p>
          No URL is set, so nothing is collected: <b>Set the source</b> above, or{' '}
          <code>npx arboleda collector {report.pipeline} --url ADDRESS</code>
        </p>
      ) : null}
      <dl class="facts">
        <div>
          <dt>Next poll</dt>
          <dd class={next.isLate ? 'bad-text' : ''}>{next.text}</dd>
        </div>
        <div>
          <dt>Last poll</dt>
          <dd>
            {counts.last === undefined ? (
              'none yet'
            ) : (
              <>
                <Time at={counts.last.at} />: {OUTCOMES[counts.last.outcome] ?? counts.last.outcome}
                {counts.last.detail === undefined ? null : <div class="quiet">{counts.last.detail}</div>}
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Rows so far</dt>
          <dd>{open.rows.toLocaleString('en')}</dd>
        </div>
        <div>
          <dt>Round began</dt>
          <dd>{open.openedAt === undefined ? 'not yet' : <Time at={open.openedAt} />}</dd>
        </div>
        <div>
          <dt>Source</dt>
          <dd>
            {settings.url ?? 'none'}{' '}
            <span class="quiet">
              group {settings.group}, a batch {everyWords(settings.every)}
            </span>
          </dd>
        </div>
      </dl>
      {report.rounds.length === 0 ? null : (
        <Table
          caption="Rounds that have ended, newest first"
          columns={ROUNDS}
          rows={report.rounds}
          rowKey={({ round }) => String(round)}
        />
      )}
    </>
  );
}

/** As many places as the round has subsets, in sight where they are few. */
function Dots({ stored, of }: { stored: number; of: number }) {
  if (of > 40) return null;
  return (
    <span class="dots" aria-hidden="true">
      {Array.from({ length: of }, (_, i) => (
        <span key={i} class={i < stored ? 'stored' : ''} />
      ))}
    </span>
  );
}

const ROUNDS: Column<CollectorReport['rounds'][number]>[] = [
  { id: 'round', title: 'Round', cell: ({ round }) => round },
  {
    id: 'state',
    title: 'State',
    cell: ({ state, reason }) => (
      <Badge tone={state === 'closed' ? 'good' : 'warn'} {...(reason === undefined ? {} : { title: reason })}>
        {state === 'closed' ? 'full' : 'incomplete'}
      </Badge>
    ),
  },
  { id: 'subsets', title: 'Subsets', numeric: true, cell: ({ subsets }) => subsets },
  { id: 'rows', title: 'Rows', numeric: true, cell: ({ rows }) => rows.toLocaleString('en') },
  { id: 'closed', title: 'Ended', cell: ({ closedAt }) => <Time at={closedAt} /> },
  {
    id: 'run',
    title: 'Run',
    cell: ({ runId, reason }) =>
      runId === undefined ? (
        <span class="quiet">{reason ?? 'none'}</span>
      ) : (
        <Link to={{ view: 'run', id: runId }}>
          <span class="mono">{runId.slice(0, 8)}</span>
        </Link>
      ),
  },
];
