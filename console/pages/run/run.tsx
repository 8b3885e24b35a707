import { useState } from 'preact/hooks';
import type { Stage } from '../../../lib/tracking/types.ts';
import type { PlaceOf } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { isOpen } from '../../lib/format.ts';
import { useLive } from '../../lib/load.ts';
import { go } from '../../lib/router.ts';
import { Load, Skeleton, Tabs } from '../../parts/index.ts';
import { CostTab } from './cost.tsx';
import { DataTab } from './data.tsx';
import { RerunDialog } from './dialogs/rerun.tsx';
import { Evaluation } from './evaluation.tsx';
import { Files } from './files.tsx';
import { Head } from './head.tsx';
import { Lineage } from './lineage.tsx';
import { Logs } from './logs.tsx';
import { Overview } from './overview.tsx';
import { type Detail, PARENT, TABS, type TabId } from './types.ts';

const TITLES: Record<TabId, string> = {
  overview: 'Overview',
  evaluation: 'Evaluation',
  data: 'Data',
  lineage: 'Lineage',
  logs: 'Logs',
  files: 'Files',
  cost: 'Cost',
};

/** One run: what it does and did, what it found, what it was made of, and what can be done with it. */
export function RunPage({ place: { id, tab } }: { place: PlaceOf<'run'> }) {
  const api = useApi();
  const detail = useLive((signal) => api.get<Detail>(path`/runs/${id}`, {}, signal), [api, id], isOpen);
  const chosen = TABS.find((one) => one === tab) ?? 'overview';
  return (
    <>
      {detail.data === undefined ? (
        <div class="page-head">
          <h1 tabIndex={-1}>Run {id.slice(0, 8)}</h1>
        </div>
      ) : null}
      <Load of={detail} skeleton={<Skeleton rows={10} label="Loading the run" />}>
        {(run) => <Shown run={run} tab={chosen} refresh={detail.refresh} />}
      </Load>
    </>
  );
}

function Shown({ run, tab, refresh }: { run: Detail; tab: TabId; refresh: () => Promise<void> }) {
  const [from, setFrom] = useState<Stage>();
  const isOfPipeline = run.pipeline !== undefined && run.tags[PARENT] === undefined;
  // What only a pipeline's run has is not offered of others; what a function of ours did has a log and a cost.
  const lacks: readonly TabId[] = [
    ...(isOfPipeline ? [] : (['data', 'evaluation'] as const)),
    ...(isOfPipeline || run.stages.length > 0 ? [] : (['cost', 'logs'] as const)),
  ];
  const tabs = TABS.filter((one) => !lacks.includes(one));
  const shown = tabs.includes(tab) ? tab : 'overview';
  const start = isOfPipeline && !isOpen(run) ? setFrom : undefined;
  return (
    <>
      <Head run={run} refresh={refresh} onRerun={start} />
      <Tabs
        label="Parts of this run"
        tabs={tabs.map((one) => ({ id: one, title: TITLES[one] }))}
        chosen={shown}
        onChoose={(one) =>
          go({ view: 'run', id: run.runId, ...(one === 'overview' ? {} : { tab: one }) }, { replace: true })
        }
      >
        {shown === 'overview' ? <Overview run={run} onStart={start} /> : null}
        {shown === 'evaluation' ? <Evaluation run={run} /> : null}
        {shown === 'data' ? <DataTab run={run} /> : null}
        {shown === 'lineage' ? <Lineage run={run} /> : null}
        {shown === 'logs' ? <Logs run={run} /> : null}
        {shown === 'files' ? <Files run={run} /> : null}
        {shown === 'cost' ? <CostTab run={run} /> : null}
      </Tabs>
      {from === undefined ? null : <RerunDialog run={run} from={from} onClose={() => setFrom(undefined)} />}
    </>
  );
}
