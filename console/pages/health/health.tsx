import { useMemo, useState } from 'preact/hooks';
import type { PlaceOf } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { go } from '../../lib/router.ts';
import { Button, Empty, Link, Load, toast } from '../../parts/index.ts';
import { Alarms } from './alarms.tsx';
import { Drift } from './drift.tsx';
import { rangeOf, SPANS, type Span } from './traffic.ts';
import { Traffic } from './traffic.tsx';
import type { Alarm, Bucket, DriftSummary } from './types.ts';

interface Model {
  name: string;
  aliases: Record<string, string>;
}

/** How the models in use do: traffic, errors, latency, drift, accuracy where labels came, alarms. */
export function Health({ place: { model } }: { place: PlaceOf<'health'> }) {
  const api = useApi();
  const models = useLoad((signal) => api.get<{ models: Model[] }>('/models', { limit: 1000 }, signal), [api]);
  return (
    <Load of={models}>
      {({ models: all }) => {
        const chosen = model ?? serving(all)?.name;
        if (chosen !== undefined) return <OfModel key={chosen} model={chosen} models={all} />;
        return (
          <>
            <h1 tabIndex={-1}>Health</h1>
            <Empty title="No models yet">
              <p>
                A model is registered when a pipeline runs: see{' '}
                <Link to={{ view: 'pipelines' }}>the pipelines</Link>.
              </p>
            </Empty>
          </>
        );
      }}
    </Load>
  );
}

/** The first that answers requests; without one, the first. */
const serving = (models: readonly Model[]): Model | undefined =>
  models.find(({ aliases }) => aliases.production !== undefined) ?? models[0];

/** Traffic comes to the tables every five minutes. */
const EVERY_MS = 60_000;

function OfModel({ model, models }: { model: string; models: readonly Model[] }) {
  const api = useApi();
  const [span, setSpan] = useState<Span>('day');
  const at = path`/models/${model}`;
  const traffic = useLoad(
    async (signal) => {
      const range = rangeOf(span, Date.now());
      const { buckets } = await api.get<{ buckets: Bucket[] }>(`${at}/traffic`, { ...range }, signal);
      return { range, buckets };
    },
    [api, at, span],
    { every: EVERY_MS },
  );
  const alarms = useLoad((signal) => api.get<{ alarms: Alarm[] }>(`${at}/alarms`, {}, signal), [api, at], {
    every: EVERY_MS,
  });
  const reports = useLoad(
    (signal) => api.get<{ reports: DriftSummary[] }>(`${at}/drift`, {}, signal),
    [api, at],
    {
      every: EVERY_MS,
    },
  );
  const check = async () => {
    await api.post(`${at}/monitor`, undefined);
    await Promise.all([traffic.refresh(), alarms.refresh(), reports.refresh()]);
    // The monitor leaves them for its next look: a record may come into the log as long after its time.
    toast(`${model} was looked at just now`, 'Requests of the last 40 seconds are counted by the next look.');
  };
  const names = useMemo(
    () => [...new Set([...models.map(({ name }) => name), model])].sort(),
    [models, model],
  );
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Health of {model}</h1>
        <span class="space" />
        <select
          aria-label="Model"
          value={model}
          onChange={(event) => go({ view: 'health', model: event.currentTarget.value })}
        >
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <fieldset class="segments" aria-label="Time shown">
          {(Object.keys(SPANS) as Span[]).map((one) => (
            <Button key={one} aria-pressed={one === span} onClick={() => setSpan(one)}>
              {SPANS[one].label}
            </Button>
          ))}
        </fieldset>
        <Button needs="operate" onClick={check} busyText="Checking">
          Check now
        </Button>
      </div>
      <Alarms of={alarms} model={model} />
      <Traffic
        of={traffic}
        model={model}
        production={models.find(({ name }) => name === model)?.aliases.production}
      />
      <Drift of={reports} model={model} onCheck={check} />
    </>
  );
}
