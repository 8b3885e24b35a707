import type { Quarantine } from '../../../lib/pipeline/run-reports/index.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { isOpen } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { type Column, Load, Table } from '../../parts/index.ts';
import type { Detail } from './types.ts';

type Row = Quarantine['rows'][number];

/** Rows that one page shows. */
const SHOWN = 200;

const COLUMNS: Column<Row>[] = [
  { id: 'line', title: 'Line', width: 5, numeric: true, cell: ({ line }) => line.toLocaleString('en') },
  { id: 'reason', title: 'Reason', width: 24, cell: ({ reason }) => <span title={reason}>{reason}</span> },
  {
    id: 'values',
    title: 'As delivered',
    width: 40,
    cell: ({ values }) => {
      const text = Object.entries(values)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ');
      return (
        <span class="mono" title={text}>
          {text}
        </span>
      );
    },
  },
];

/** The rows that ingest set aside, each with its line and reason. */
export function QuarantineCard({ run }: { run: Detail }) {
  const api = useApi();
  const found = useLoad(
    (signal) => api.get<Quarantine>(path`/runs/${run.runId}/quarantine`, { limit: SHOWN }, signal),
    [api, run.runId, run.status],
  );
  return (
    <section class="card">
      <h2>Rows set aside</h2>
      <Load of={found} skeleton={<p class="quiet">Reading them…</p>}>
        {({ count, kept, rows, reasons }) =>
          count === 0 ? (
            <p class="quiet">
              {isOpen(run) ? 'None so far.' : 'None: every row of the source was as the schema says.'}
            </p>
          ) : (
            <>
              <p>
                {count.toLocaleString('en')} {count === 1 ? 'row was' : 'rows were'} not as the schema says.
                {rows.length < count ? (
                  <span class="quiet">
                    {' '}
                    The first {rows.length} are shown; <code>quarantine.jsonl</code> of the files has {kept}.
                  </span>
                ) : null}
              </p>
              <ul class="reasons">
                {reasons.map(({ reason, rows: many }) => (
                  <li key={reason}>
                    <span class="numeric">{many.toLocaleString('en')}</span> {reason}
                  </li>
                ))}
              </ul>
              <details>
                <summary>The rows</summary>
                <Table
                  caption="Rows set aside"
                  columns={COLUMNS}
                  rows={rows}
                  rowKey={({ line }) => String(line)}
                />
              </details>
            </>
          )
        }
      </Load>
    </section>
  );
}
