import { useMemo, useState } from 'preact/hooks';
import { counted } from '../../../lib/table/counted.ts';
import { base } from '../../app/settings.ts';
import { percent } from '../../lib/format.ts';
import type { Loaded } from '../../lib/load.ts';
import { Badge, type Column, Empty, LineChart, Link, Load, Skeleton, Table } from '../../parts/index.ts';
import {
  errorLines,
  headline,
  latencyLines,
  metricLines,
  metricsOf,
  type rangeOf,
  requestLines,
  totals,
  type VersionTotals,
  WIDTH_WORDS,
} from './traffic.ts';
import type { Bucket } from './types.ts';

type Range = ReturnType<typeof rangeOf>;

interface Props {
  model: string;
  /** The version that holds `production`, if one does. */
  production: string | undefined;
}

export function Traffic({ of, ...props }: Props & { of: Loaded<{ range: Range; buckets: Bucket[] }> }) {
  return (
    <Load of={of} skeleton={<Skeleton rows={8} label="Loading the traffic" />}>
      {({ range, buckets }) =>
        buckets.length === 0 ? (
          <NoTraffic {...props} />
        ) : (
          <Charts {...props} range={range} buckets={buckets} />
        )
      }
    </Load>
  );
}

function NoTraffic({ model, production }: Props) {
  return (
    <section class="no-traffic" aria-label="Traffic">
      <Empty title="No predictions in this time">
        {production === undefined ? (
          <p>
            No version of {model} holds <code>production</code>, so nothing answers:{' '}
            <Link to={{ view: 'model', name: model }}>promote one</Link>.
          </p>
        ) : (
          <p>
            <Link to={{ view: 'try', model }}>Try it</Link> here, or ask{' '}
            <code>
              POST {base}/models/{model}/predict
            </code>
            . What was asked shows after a few minutes; “Check now” counts at once all but the last 40
            seconds.
          </p>
        )}
      </Empty>
    </section>
  );
}

function Charts({ model, production, range, buckets }: Props & { range: Range; buckets: readonly Bucket[] }) {
  const versions = useMemo(() => totals(buckets), [buckets]);
  const metrics = useMemo(() => metricsOf(buckets), [buckets]);
  const answering = versions.filter(({ shadow }) => !shadow).map(({ version }) => version);
  const [asked, setAsked] = useState<string>();
  const version =
    [asked, production, answering[0]].find((one) => one !== undefined && answering.includes(one)) ?? '';
  const [wanted, setWanted] = useState<string>();
  const metric = [wanted, metrics[0]].find((one) => one !== undefined && metrics.includes(one));
  const lines = useMemo(
    () => ({
      requests: requestLines(buckets, range),
      errors: errorLines(buckets),
      latency: latencyLines(buckets, version),
    }),
    [buckets, range, version],
  );
  const quality = useMemo(
    () => (metric === undefined ? [] : metricLines(buckets, metric)),
    [buckets, metric],
  );
  const width = WIDTH_WORDS[range.by];
  const shown = [Date.parse(range.from), Date.parse(range.to)] as const;
  return (
    <>
      <Headline
        buckets={buckets}
        p95={versions.find((one) => one.version === version && !one.shadow)?.p95}
        version={version}
      />
      <div class="charts">
        <section class="card" aria-labelledby="requests-title">
          <h2 id="requests-title">Requests, {width}</h2>
          <LineChart x="time" range={shown} label={`Requests ${width}, by version`} series={lines.requests} />
        </section>
        <section class="card" aria-labelledby="latency-title">
          <div class="section-head">
            <h2 id="latency-title">Latency, ms</h2>
            <span class="space" />
            <select
              aria-label="Version of the latency"
              value={version}
              onChange={(event) => setAsked(event.currentTarget.value)}
            >
              {answering.map((one) => (
                <option key={one} value={one}>
                  version {one}
                </option>
              ))}
            </select>
          </div>
          <LineChart
            x="time"
            range={shown}
            label={`Latency of version ${version}: 50th, 95th and 99th percentile`}
            series={lines.latency}
          />
        </section>
        <section class="card" aria-labelledby="errors-title">
          <h2 id="errors-title">Errors, % of requests</h2>
          <LineChart
            x="time"
            range={shown}
            label="Percent of requests that failed, by version"
            series={lines.errors}
          />
        </section>
        <section class="card" aria-labelledby="quality-title">
          <div class="section-head">
            <h2 id="quality-title">{metric ?? 'Accuracy'}, where labels came</h2>
            <span class="space" />
            {metrics.length < 2 ? null : (
              <select
                aria-label="Metric"
                value={metric}
                onChange={(event) => setWanted(event.currentTarget.value)}
              >
                {metrics.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            )}
          </div>
          {metric === undefined ? (
            <Empty title="No labels yet">
              <p>
                Send what turned out to be true with the id that a prediction was answered with:
                <br />
                <code>npx arboleda feedback {model} labels.csv</code>
              </p>
            </Empty>
          ) : (
            <LineChart x="time" range={shown} label={`${metric} over time, by version`} series={quality} />
          )}
        </section>
      </div>
      <section class="card" aria-labelledby="versions-title">
        <h2 id="versions-title">Versions</h2>
        <Table
          caption="What each version answered in this time"
          columns={columns(model, production)}
          rows={versions}
          rowKey={({ version: one, shadow }) => `${one} ${shadow}`}
        />
      </section>
    </>
  );
}

function Headline({
  buckets,
  p95,
  version,
}: {
  buckets: readonly Bucket[];
  p95: number | undefined;
  version: string;
}) {
  const { requests, rows, errors, labels } = headline(buckets);
  const share = requests === 0 ? 0 : errors / requests;
  return (
    <dl class="health-figures card" aria-label="In this time">
      <Figure name="Requests" value={requests.toLocaleString('en')} more={counted(rows, 'row')} />
      <Figure
        name="Errors"
        value={percent(share)}
        more={`${errors.toLocaleString('en')} of them`}
        bad={errors > 0}
      />
      <Figure
        name="95 of 100 within"
        value={p95 === undefined ? '–' : `${Math.round(p95).toLocaleString('en')} ms`}
        more={`version ${version}`}
      />
      <Figure name="Labels" value={labels.toLocaleString('en')} more="came in for these" />
    </dl>
  );
}

const Figure = ({
  name,
  value,
  more,
  bad = false,
}: {
  name: string;
  value: string;
  more: string;
  bad?: boolean;
}) => (
  <div>
    <dt>{name}</dt>
    <dd class={bad ? 'bad-text' : ''}>
      {value} <small>{more}</small>
    </dd>
  </div>
);

const columns = (model: string, production: string | undefined): Column<VersionTotals>[] => [
  {
    id: 'version',
    title: 'Version',
    cell: ({ version, shadow }) => (
      <span class="line">
        <Link to={{ view: 'model', name: model, version }}>version {version}</Link>
        {shadow ? <Badge title="Computed beside the answer, given to nobody">shadow</Badge> : null}
        {version === production && !shadow ? <Badge tone="good">production</Badge> : null}
      </span>
    ),
  },
  { id: 'requests', title: 'Requests', numeric: true, cell: ({ requests }) => requests.toLocaleString('en') },
  { id: 'rows', title: 'Rows', numeric: true, cell: ({ rows }) => rows.toLocaleString('en') },
  {
    id: 'errors',
    title: 'Errors',
    numeric: true,
    cell: ({ errors, requests }) => (
      <span class={errors > 0 ? 'bad-text' : ''}>
        {errors.toLocaleString('en')} <small>{percent(requests === 0 ? 0 : errors / requests)}</small>
      </span>
    ),
  },
  {
    id: 'p95',
    title: 'p95',
    numeric: true,
    cell: ({ p95 }) => (p95 === undefined ? '–' : `${Math.round(p95)} ms`),
  },
  { id: 'labels', title: 'Labels', numeric: true, cell: ({ labels }) => labels.toLocaleString('en') },
];
