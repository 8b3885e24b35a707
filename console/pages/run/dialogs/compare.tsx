import { useState } from 'preact/hooks';
import type { Run } from '../../../../lib/tracking/types.ts';
import { useApi } from '../../../app/session.ts';
import { useLoad } from '../../../lib/load.ts';
import { chief } from '../../../lib/metrics.ts';
import { go } from '../../../lib/router.ts';
import { Button, type Column, Dialog, Empty, Load, Status, Table, Time } from '../../../parts/index.ts';
import { MOST_RUNS } from '../../compare/rows.ts';
import { type Detail, PARENT } from '../types.ts';

const COLUMNS: Column<Run>[] = [
  { id: 'run', title: 'Run', cell: ({ runId }) => <span class="mono">{runId.slice(0, 8)}</span> },
  { id: 'status', title: 'Status', cell: ({ status }) => <Status of={status} /> },
  {
    id: 'metrics',
    title: 'Metrics',
    cell: ({ metrics }) =>
      chief(metrics, 2)
        .map((pair) => pair.join(' '))
        .join(' · '),
  },
  { id: 'started', title: 'Started', numeric: true, cell: ({ startTime }) => <Time at={startTime} /> },
];

/** Which runs to put beside this one: of the same pipeline, or of the same parent. */
export function CompareDialog({ run, onClose }: { run: Detail; onClose: () => void }) {
  const api = useApi();
  const parent = run.tags[PARENT];
  const query = parent === undefined ? { pipeline: run.pipeline, limit: 50 } : { parent, limit: 50 };
  const runs = useLoad((signal) => api.get<{ runs: Run[] }>('/runs', query, signal), [run.runId]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on && next.size < MOST_RUNS - 1) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Dialog title="Compare with" onClose={onClose} wide>
      <div class="dialog-body">
        <Load of={runs}>
          {({ runs: found }) => (
            <Table
              caption="Runs to compare with"
              columns={COLUMNS}
              rows={found.filter(({ runId }) => runId !== run.runId)}
              rowKey={({ runId }) => runId}
              selected={chosen}
              onSelect={choose}
              selectLabel={({ runId }) => `Compare with ${runId.slice(0, 8)}`}
              onOpen={({ runId }) => choose(runId, !chosen.has(runId))}
              empty={<Empty title="There is no other run to compare with" />}
            />
          )}
        </Load>
      </div>
      <div class="dialog-actions">
        <Button onClick={onClose}>Close</Button>
        <Button
          kind="primary"
          disabled={chosen.size === 0 ? 'Choose one run at least' : undefined}
          onClick={() => {
            onClose();
            go({ view: 'compare', ids: [run.runId, ...chosen] });
          }}
        >
          Compare {chosen.size === 0 ? '' : `${chosen.size + 1} runs`}
        </Button>
      </div>
    </Dialog>
  );
}
