import type { PipelineDescription } from '../../../lib/http/types.ts';
import type { Run, Stage } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { figure, isOpen } from '../../lib/format.ts';
import { useLive } from '../../lib/load.ts';
import { bestFirst, type Selection, selectedBy, standsFor } from '../../lib/metrics.ts';
import { now } from '../../lib/now.ts';
import { go } from '../../lib/router.ts';
import { type Column, Link, Load, Status, Table } from '../../parts/index.ts';
import { Curves } from './curves.tsx';
import { Steps } from './steps.tsx';
import { timeline } from './timeline.ts';
import { type Detail, PARENT } from './types.ts';

/** How it went, what it reached, with what. */
export function Overview({ run, onStart }: { run: Detail; onStart: ((stage: Stage) => void) | undefined }) {
  const steps = timeline(run, now.value);
  return (
    <div class="stack">
      {steps.length === 0 ? null : (
        <section class="card">
          <h2>Stages</h2>
          <Steps steps={steps} onStart={onStart} />
        </section>
      )}
      <Metrics run={run} />
      <Curves runs={[run]} />
      {run.pipeline !== undefined && run.tags[PARENT] === undefined ? <Candidates run={run} /> : null}
      <Pairs title="Parameters" pairs={Object.entries(run.params)} empty="No parameters were logged." />
      <Pairs title="Tags" pairs={Object.entries(run.tags)} folded />
    </div>
  );
}

/** Those of the validation rows, of folds and of candidates are a click away. */
const isOther = (name: string): boolean => /^(validation|candidate|cv|fold)_/.test(name);

function Metrics({ run }: { run: Detail }) {
  const all = Object.entries(run.metrics).map(([name, value]) => [name, figure(value)] as const);
  const own = all.filter(([name]) => !isOther(name));
  const others = all.filter(([name]) => isOther(name));
  const shown = own.length > 0 ? own : others;
  if (shown.length === 0) {
    const text = isOpen(run) ? 'They come with the evaluation.' : 'No metrics were logged.';
    return (
      <section class="card">
        <h2>Metrics</h2>
        <p class="quiet">{text}</p>
      </section>
    );
  }
  return (
    <section class="card">
      <h2>Metrics</h2>
      <dl class="facts metrics-facts">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {own.length > 0 && others.length > 0 ? (
        <details class="more">
          <summary>{others.length} more, of validation rows, folds and candidates</summary>
          <List pairs={others} />
        </details>
      ) : null}
    </section>
  );
}

const List = ({ pairs }: { pairs: readonly (readonly [string, string])[] }) => (
  <dl class="facts">
    {pairs.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

function Pairs({
  title,
  pairs,
  empty,
  folded = false,
}: {
  title: string;
  pairs: readonly [string, string][];
  empty?: string;
  folded?: boolean;
}) {
  if (pairs.length === 0 && empty === undefined) return null;
  const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <section class="card">
      {folded ? (
        <details>
          <summary>
            <h2 class="in-line">
              {title} ({pairs.length})
            </h2>
          </summary>
          <List pairs={sorted} />
        </details>
      ) : (
        <>
          <h2>{title}</h2>
          {sorted.length === 0 ? <p class="quiet">{empty}</p> : <List pairs={sorted} />}
        </>
      )}
    </section>
  );
}

/** The runs of its candidates, best first by the metric that the pipeline selects by. */
function Candidates({ run }: { run: Detail }) {
  const api = useApi();
  const found = useLive(
    async (signal) => {
      const [{ runs }, described] = await Promise.all([
        api.get<{ runs: Run[] }>('/runs', { parent: run.runId, limit: 200 }, signal),
        // A pipeline that is deployed no more has no description.
        api
          .get<PipelineDescription>(path`/pipelines/${run.pipeline ?? ''}`, {}, signal)
          .catch(() => undefined),
      ]);
      const selection = (described?.definition.select ?? { metric: '' }) as Selection;
      return { runs: bestFirst(runs, selection), selection };
    },
    [api, run.runId, run.status],
    ({ runs }) => runs.some(isOpen),
  );
  return (
    <Load of={found} skeleton={null}>
      {({ runs, selection }) =>
        runs.length === 0 ? null : (
          <section class="card">
            <h2>Candidates</h2>
            {selection.metric === '' ? null : (
              <p class="quiet">Best first by {selection.metric} on the rows that the selection looks at.</p>
            )}
            <Table
              caption="Runs of the candidates"
              columns={columnsFor(selection)}
              rows={runs}
              rowKey={({ runId }) => runId}
              onOpen={({ runId }) => go({ view: 'run', id: runId })}
            />
          </section>
        )
      }
    </Load>
  );
}

const columnsFor = (selection: Selection): Column<Run>[] => [
  {
    id: 'run',
    title: 'Run',
    cell: ({ runId, name }) => (
      <Link to={{ view: 'run', id: runId }} class="unbroken">
        {name}
      </Link>
    ),
  },
  {
    id: 'model',
    title: 'Model',
    cell: ({ params, tags }) => (
      <span class="unbroken">{[params.algorithm, standsFor(tags)].filter(Boolean).join(', ')}</span>
    ),
  },
  { id: 'status', title: 'Status', cell: ({ status }) => <Status of={status} /> },
  ...(selection.metric === ''
    ? []
    : [
        {
          id: 'metric',
          title: selection.metric,
          numeric: true,
          cell: ({ metrics }: Run) => {
            const value = selectedBy(metrics, selection);
            return value === undefined ? '–' : figure(value);
          },
        },
      ]),
  {
    id: 'params',
    title: 'Parameters',
    cell: ({ params }) => {
      const pairs = Object.entries(params).filter(([name]) => name !== 'algorithm');
      const text = pairs.map(([name, value]) => `${name} ${value}`).join(', ');
      return (
        <span class="quiet clipped" title={text}>
          {text}
        </span>
      );
    },
  },
];
