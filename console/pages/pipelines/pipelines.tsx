import { useState } from 'preact/hooks';
import type { CollectorReport, PipelineSummary } from '../../../lib/http/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLive } from '../../lib/load.ts';
import { now } from '../../lib/now.ts';
import { go } from '../../lib/router.ts';
import { Button, type Column, Empty, Link, Load, Progress, Status, Table, Time } from '../../parts/index.ts';
import { RunDialog } from './run-dialog.tsx';
import { pollWords, scheduleWords, until } from './words.ts';

interface Row extends PipelineSummary {
  collector?: CollectorReport | undefined;
}

/** Every pipeline of the deployment: when it ran, when it runs next, how far its collector is. */
export function Pipelines() {
  const api = useApi();
  const [starting, setStarting] = useState<string>();
  const list = useLive(
    async (signal): Promise<Row[]> => {
      const { pipelines } = await api.get<{ pipelines: PipelineSummary[] }>('/pipelines', {}, signal);
      return Promise.all(
        pipelines.map(async (one) => ({
          ...one,
          collector: one.collects
            ? await api.get<CollectorReport>(path`/pipelines/${one.name}/collector`, {}, signal)
            : undefined,
        })),
      );
    },
    [api],
    (rows) => rows.some(({ lastRun }) => lastRun?.status === 'RUNNING' || lastRun?.status === 'SCHEDULED'),
  );
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Pipelines</h1>
        <span class="space" />
        <Button onClick={list.refresh}>Refresh</Button>
      </div>
      <Load of={list}>
        {(rows) => (
          <Table
            caption="Pipelines by name"
            columns={columns(setStarting)}
            rows={rows}
            rowKey={({ name }) => name}
            onOpen={({ name }) => go({ view: 'pipeline', name })}
            empty={
              <Empty title="No pipelines in this deployment">
                Write <code>data/NAME/pipeline.ts</code>, then deploy it: <code>npx arboleda deploy</code>
              </Empty>
            }
          />
        )}
      </Load>
      {starting === undefined ? null : (
        <RunDialog pipeline={starting} onClose={() => setStarting(undefined)} onStarted={list.refresh} />
      )}
    </>
  );
}

const columns = (start: (pipeline: string) => void): Column<Row>[] => [
  {
    id: 'name',
    title: 'Pipeline',
    cell: ({ name, description }) => (
      <div class="pipeline-name">
        <Link to={{ view: 'pipeline', name }}>{name}</Link>
        {description === undefined ? null : <span class="quiet clamped">{description}</span>}
      </div>
    ),
  },
  {
    id: 'learns',
    title: 'Learns',
    cell: ({ task, target }) => (
      <>
        {target} <span class="quiet">{task}</span>
      </>
    ),
  },
  {
    id: 'last',
    title: 'Last run',
    cell: ({ lastRun }) =>
      lastRun === undefined ? (
        <span class="quiet">never</span>
      ) : (
        <div class="line">
          <Status of={lastRun.status} />
          <Link to={{ view: 'run', id: lastRun.runId }}>
            <Time at={lastRun.startTime} />
          </Link>
        </div>
      ),
  },
  { id: 'next', title: 'Next run', cell: (row) => <Next {...row} /> },
  {
    id: 'model',
    title: 'Model',
    cell: ({ model }) => <Link to={{ view: 'model', name: model }}>{model}</Link>,
  },
  {
    id: 'run',
    title: <span class="unseen">Run</span>,
    cell: ({ name }) => (
      <Button needs="operate" onClick={() => start(name)}>
        Run<span class="unseen"> {name}</span>
      </Button>
    ),
  },
];

/** When the schedule or the collector starts the next run. */
function Next({ schedule, nextRun, noNextRun, collector }: Row) {
  if (schedule === undefined && collector === undefined)
    return <span class="quiet">when someone starts it</span>;
  const { stored = 0, round = 1 } = collector?.open ?? {};
  const subsets = collector?.settings.subsets ?? 1;
  return (
    <div class="next-run">
      {schedule === undefined ? null : (
        <div>
          {nextRun === undefined ? null : (
            <time dateTime={nextRun} title={nextRun}>
              {until(nextRun, now.value)}
            </time>
          )}{' '}
          <span class="quiet">{nextRun === undefined ? noNextRun : scheduleWords(schedule)}</span>
        </div>
      )}
      {collector === undefined ? null : (
        <>
          <Progress label={`${stored} of ${subsets} subsets of round ${round}`} share={stored / subsets} />
          <span class="quiet">
            {collector.nextPoll === undefined ? 'no next poll: ' : 'next poll '}
            {pollWords(collector, now.value).text}
          </span>
        </>
      )}
    </div>
  );
}
