import type { Run } from '../../../lib/tracking/types.ts';
import type { PlaceOf } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { isOpen, ran } from '../../lib/format.ts';
import { useLive } from '../../lib/load.ts';
import { chief } from '../../lib/metrics.ts';
import { now } from '../../lib/now.ts';
import { go } from '../../lib/router.ts';
import { Button, type Column, DataBadge, Empty, Link, Load, Status, Table, Time } from '../../parts/index.ts';

/** Runs, newest first. */
export function Runs({ place: { pipeline } }: { place: PlaceOf<'runs'> }) {
  const api = useApi();
  const page = useLive(
    (signal) => api.get<{ runs: Run[] }>('/runs', { pipeline, limit: 100 }, signal),
    [api, pipeline],
    ({ runs }) => runs.some(isOpen),
  );
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Runs</h1>
        <span class="space" />
        <Button onClick={page.refresh}>Refresh</Button>
      </div>
      <Load of={page}>
        {({ runs }) => (
          <Table
            caption="Runs, newest first"
            columns={COLUMNS}
            rows={runs}
            rowKey={({ runId }) => runId}
            onOpen={({ runId }) => go({ view: 'run', id: runId })}
            virtual
            empty={
              <Empty title="No runs yet">
                Start one: <code>npx arboleda run {pipeline ?? 'PIPELINE'} --wait</code>
              </Empty>
            }
          />
        )}
      </Load>
    </>
  );
}

const COLUMNS: Column<Run>[] = [
  {
    id: 'run',
    title: 'Run',
    width: 18,
    cell: ({ runId, pipeline, name }) => (
      <Link to={{ view: 'run', id: runId }}>
        {pipeline ?? name} <span class="quiet mono">{runId.slice(0, 8)}</span>
      </Link>
    ),
  },
  { id: 'status', title: 'Status', width: 8, cell: ({ status }) => <Status of={status} /> },
  { id: 'data', title: 'Data', width: 9, cell: ({ tags }) => <DataBadge tags={tags} /> },
  {
    id: 'metrics',
    title: 'Metrics',
    width: 20,
    cell: ({ metrics }) =>
      chief(metrics, 2)
        .map((pair) => pair.join(' '))
        .join(' · '),
  },
  {
    id: 'started',
    title: 'Started',
    width: 8,
    numeric: true,
    cell: ({ startTime }) => <Time at={startTime} />,
  },
  { id: 'took', title: 'Took', width: 7, numeric: true, cell: (run) => ran(run, now.value) },
];
