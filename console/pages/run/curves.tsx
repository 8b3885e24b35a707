import { useState } from 'preact/hooks';
import type { Run } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { isOpen } from '../../lib/format.ts';
import { useLive } from '../../lib/load.ts';
import { LineChart } from '../../parts/index.ts';
import { curveNames, type MlflowPoint, seriesOf, steppedMetrics } from './curve-data.ts';

/** Points of one run that a chart draws. */
const MOST_POINTS = 1_000;

type Latest = { run: { data: { metrics?: MlflowPoint[] } } };

/** The metrics that were logged by step, as lines: one chart for the one that is chosen, a line a run. */
export function Curves({ runs }: { runs: readonly Pick<Run, 'runId' | 'name' | 'status'>[] }) {
  const api = useApi();
  const ids = runs.map(({ runId }) => runId);
  const isLive = runs.some(isOpen);
  const [chosen, setChosen] = useState<string>();
  const latest = useLive(
    (signal) =>
      Promise.all(ids.map((run_id) => api.get<Latest>('/api/2.0/mlflow/runs/get', { run_id }, signal))),
    [api, ids.join(), isLive],
    () => isLive,
  );
  const names = curveNames((latest.data ?? []).map(({ run }) => steppedMetrics(run.data.metrics ?? [])));
  const name = chosen !== undefined && names.includes(chosen) ? chosen : names[0];
  if (name === undefined) return null;
  return (
    <section class="card">
      <div class="tools">
        <h2 class="in-line">By step</h2>
        <span class="space" />
        <label class="in-line" for="curve">
          Metric
        </label>
        <select id="curve" value={name} onChange={(event) => setChosen(event.currentTarget.value)}>
          {names.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </div>
      <Curve runs={runs} name={name} isLive={isLive} />
    </section>
  );
}

function Curve({
  runs,
  name,
  isLive,
}: {
  runs: readonly Pick<Run, 'runId' | 'name'>[];
  name: string;
  isLive: boolean;
}) {
  const api = useApi();
  const ids = runs.map(({ runId }) => runId);
  const points = useLive(
    async (signal) => {
      const asked = new URLSearchParams([
        ...ids.map((id) => ['run_ids', id]),
        ['metric_key', name],
        ['max_results', String(MOST_POINTS)],
      ]);
      const { metrics = [] } = await api.get<{ metrics?: MlflowPoint[] }>(
        `/api/2.0/mlflow/metrics/get-history-bulk-interval?${asked}`,
        {},
        signal,
      );
      return seriesOf(runs, metrics);
    },
    [api, ids.join(), name],
    () => isLive,
  );
  // The chart keeps its room while its points come.
  if (points.data === undefined) return <div class="chart-room" />;
  return (
    <LineChart
      label={`${name} by step`}
      series={points.data}
      xLabel={name.startsWith('candidate_') ? 'candidate' : 'step'}
    />
  );
}
