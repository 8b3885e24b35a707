import { useState } from 'preact/hooks';
import type { PipelineDag, PipelineDescription } from '../../../lib/http/types.ts';
import type { PlaceOf } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLive, useLoad } from '../../lib/load.ts';
import { now } from '../../lib/now.ts';
import { Button, Confirm, Link, Load, Status, Time, toast } from '../../parts/index.ts';
import { Collector } from './collector.tsx';
import { PipelineGraph } from './graph.tsx';
import { History, useHistory } from './history-table.tsx';
import { RunDialog } from './run-dialog.tsx';
import type { Stage } from './run-options.ts';
import { scheduleWords, until, type WatchRules, watchWords } from './words.ts';

/** One pipeline: its graph with what the newest run did, its schedule, its collector, its history. */
export function Pipeline({ place: { name } }: { place: PlaceOf<'pipeline'> }) {
  const api = useApi();
  const [starting, setStarting] = useState<Stage>();
  const history = useHistory(name);
  const newest = history.runs[0];
  const isOpen = newest?.status === 'RUNNING' || newest?.status === 'SCHEDULED';
  const pipeline = useLive(
    (signal) => api.get<PipelineDescription>(path`/pipelines/${name}`, {}, signal),
    [api, name],
    () => isOpen,
  );
  const dag = useLoad(
    (signal) => api.get<PipelineDag>(path`/pipelines/${name}/dag`, {}, signal),
    [api, name],
  );
  const refresh = () => Promise.all([pipeline.refresh(), history.refresh()]);
  const crumb = (
    <p class="crumb">
      <Link to={{ view: 'pipelines' }}>Pipelines</Link> / {name}
    </p>
  );
  const title = <h1 tabIndex={-1}>{name}</h1>;
  // Of what cannot be read it is said once, and nothing is offered that would be refused.
  if (pipeline.error !== undefined && pipeline.data === undefined) {
    return (
      <>
        {crumb}
        {title}
        <Load of={pipeline}>{() => null}</Load>
      </>
    );
  }
  return (
    <>
      {crumb}
      <div class="page-head">
        {title}
        <span class="space" />
        <Button onClick={refresh}>Refresh</Button>
        <Button kind="primary" needs="operate" onClick={() => setStarting('ingest')}>
          Run now
        </Button>
      </div>
      <Load of={pipeline}>
        {(found) => (
          <>
            {found.description === undefined ? null : <p class="quiet lead">{found.description}</p>}
            <Facts pipeline={found} onChange={pipeline.refresh} />
          </>
        )}
      </Load>
      <section class="card" aria-labelledby="graph-title">
        <h2 id="graph-title">Stages</h2>
        <Load of={dag}>{(graph) => <PipelineGraph dag={graph} run={newest} onRunFrom={setStarting} />}</Load>
      </section>
      {pipeline.data?.collects ? <Collector pipeline={name} /> : null}
      <section class="card" aria-labelledby="history-title">
        <h2 id="history-title">History</h2>
        <History of={history} onStart={() => setStarting('ingest')} />
      </section>
      {starting === undefined ? null : (
        <RunDialog
          pipeline={name}
          from={starting}
          onClose={() => setStarting(undefined)}
          onStarted={refresh}
        />
      )}
    </>
  );
}

function Facts({ pipeline, onChange }: { pipeline: PipelineDescription; onChange: () => Promise<unknown> }) {
  const { target, task, model, schedule, lastRun, source } = pipeline;
  const watched = watchWords(pipeline.definition as WatchRules);
  const isAtWork = lastRun?.status === 'RUNNING' || lastRun?.status === 'SCHEDULED';
  return (
    <dl class="facts card">
      <div>
        <dt>Learns</dt>
        <dd>
          {target} <span class="quiet">{task}</span>
        </dd>
      </div>
      <div>
        <dt>Model</dt>
        <dd>
          <Link to={{ view: 'model', name: model }}>{model}</Link>
        </dd>
      </div>
      <div>
        <dt>Schedule</dt>
        <dd>
          {schedule === undefined ? (
            'none: runs when someone starts it'
          ) : (
            <Schedule of={pipeline} onChange={onChange} />
          )}
        </dd>
      </div>
      {watched.length === 0 ? null : (
        <div>
          <dt>Watched</dt>
          {watched.map((rule) => (
            <dd key={rule}>{rule}</dd>
          ))}
        </div>
      )}
      <div>
        <dt>{isAtWork ? 'At work' : 'Last run'}</dt>
        <dd class="line">
          {lastRun === undefined ? (
            <span class="quiet">never</span>
          ) : (
            <>
              <Status of={lastRun.status} />
              <Link to={{ view: 'run', id: lastRun.runId }}>
                <Time at={lastRun.startTime} />
              </Link>
            </>
          )}
        </dd>
      </div>
      {source === undefined ? null : (
        <div>
          <dt>Reads from the next run on</dt>
          <dd>
            {source.fileName}{' '}
            <span class="quiet">
              pushed <Time at={source.pushedAt} />
            </span>
          </dd>
        </div>
      )}
    </dl>
  );
}

/** What the schedule is, when it fires next, and the switch that pauses it. */
function Schedule({ of, onChange }: { of: PipelineDescription; onChange: () => Promise<unknown> }) {
  const api = useApi();
  const [asking, setAsking] = useState(false);
  const { name, schedule = '', scheduleState, nextRun, noNextRun } = of;
  const isPaused = scheduleState === 'paused';
  const set = async (state: 'paused' | 'active') => {
    await api.put(path`/pipelines/${name}/schedule`, { state });
    toast(state === 'paused' ? `The schedule of ${name} is paused` : `The schedule of ${name} runs again`);
    await onChange();
  };
  return (
    <>
      <div title={schedule}>{scheduleWords(schedule)}</div>
      <div class="line">
        {nextRun === undefined ? (
          <span class="quiet">no next run: {noNextRun}</span>
        ) : (
          <span>
            next{' '}
            <time dateTime={nextRun} title={nextRun}>
              {until(nextRun, now.value)}
            </time>
          </span>
        )}
        <Button kind="link" needs="operate" onClick={isPaused ? () => set('active') : () => setAsking(true)}>
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      </div>
      {asking ? (
        <Confirm
          title={`Pause the schedule of ${name}?`}
          action="Pause it"
          needs="operate"
          run={() => set('paused')}
          onClose={() => setAsking(false)}
        >
          <p>
            No run starts by the clock until the schedule is resumed. A run at work goes on, and anyone may
            start others.
          </p>
        </Confirm>
      ) : null}
    </>
  );
}
