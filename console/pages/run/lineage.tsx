import { useState } from 'preact/hooks';
import type { LineageGraph, LineageNode } from '../../../lib/pipeline/run-reports/index.ts';
import type { Place } from '../../address.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { Graph } from '../../parts/graph.tsx';
import { Link, Load } from '../../parts/index.ts';
import { Copied } from './dialogs/reproduce.tsx';
import { commandOf, placeOfNode } from './lineage-places.ts';
import type { Detail } from './types.ts';

/** Where the run's model comes from and what became of it. */
export function Lineage({ run }: { run: Detail }) {
  const api = useApi();
  const [chosen, setChosen] = useState('run');
  const graph = useLoad(
    (signal) => api.get<LineageGraph>(path`/runs/${run.runId}/lineage`, {}, signal),
    [api, run.runId, run.status],
  );
  return (
    <Load of={graph}>
      {({ nodes, edges, omitted }) => {
        const node = nodes.find(({ id }) => id === chosen);
        return (
          <div class="stack">
            <section class="card">
              <Graph
                label="Where the model comes from"
                nodes={nodes.map(({ id, label, detail, kind }) => ({
                  id,
                  title: label,
                  detail: detail ?? KINDS[kind],
                }))}
                edges={edges}
                chosen={chosen}
                onChoose={setChosen}
              />
              {omitted > 0 ? <p class="help">{omitted} more candidates are not drawn.</p> : null}
            </section>
            {node === undefined ? null : (
              <NodeCard
                node={node}
                joined={edges
                  .filter(({ from, to }) => from === node.id || to === node.id)
                  .map(({ from, to, label }) => ({
                    other: nodes.find(({ id }) => id === (from === node.id ? to : from))?.label ?? '',
                    isFrom: to === node.id,
                    label,
                  }))}
                place={placeOfNode(node, run.runId)}
              />
            )}
          </div>
        );
      }}
    </Load>
  );
}

const KINDS: Record<LineageNode['kind'], string> = {
  source: 'delivered data',
  dataset: 'clean dataset',
  definition: 'definition of the pipeline',
  run: 'run',
  candidate: "candidate's run",
  model: 'model file',
  version: 'model version',
  alias: 'alias',
};

interface Joined {
  other: string;
  isFrom: boolean;
  label: string | undefined;
}

function NodeCard({
  node,
  joined,
  place,
}: {
  node: LineageNode;
  joined: readonly Joined[];
  place: Place | undefined;
}) {
  const command = commandOf(node);
  return (
    <section class="card" aria-live="polite">
      <h2>
        {node.label} <span class="quiet">{KINDS[node.kind]}</span>
      </h2>
      <dl class="facts one-column">
        {node.ref === undefined ? null : (
          <div>
            <dt>{/^[0-9a-f]{64}$/.test(node.ref) ? 'SHA-256' : 'Named'}</dt>
            <dd class="mono">{node.ref}</dd>
          </div>
        )}
        {joined.length === 0 ? null : (
          <div>
            <dt>Joined with</dt>
            <dd>
              {joined
                .map(
                  ({ other, isFrom, label }) =>
                    `${isFrom ? 'from' : 'to'} ${other}${label ? ` (${label})` : ''}`,
                )
                .join(', ')}
            </dd>
          </div>
        )}
      </dl>
      {place === undefined ? null : (
        <p>
          <Link to={place}>Open it</Link>
        </p>
      )}
      {command === undefined ? null : <Copied text={command} />}
    </section>
  );
}
