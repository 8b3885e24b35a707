import { useState } from 'preact/hooks';
import type { DagNode, PipelineDag } from '../../../lib/http/types.ts';
import { duration } from '../../lib/format.ts';
import { Button, Graph, Link, Status, Time } from '../../parts/index.ts';

import { type RunSummary, statusOfStage } from './history.ts';
import { STAGES, type Stage } from './run-options.ts';
import { nodeWords } from './words.ts';

/** The pipeline's graph, coloured by what the newest run did; a node that is chosen tells more, and runs from there. */
export function PipelineGraph({
  dag: { pipeline, nodes, edges },
  run,
  onRunFrom,
}: {
  dag: PipelineDag;
  run: RunSummary | undefined;
  onRunFrom: (stage: Stage) => void;
}) {
  const [chosen, setChosen] = useState<string>();
  const node = nodes.find(({ id }) => id === chosen);
  return (
    <>
      <Graph
        label={`Stages of ${pipeline}`}
        nodes={nodes.map(({ id, label, stage }) => ({
          id,
          ...nodeWords(label),
          status: statusOfStage(run, stage)?.status,
        }))}
        edges={edges}
        chosen={chosen}
        onChoose={(id) => setChosen(id === chosen ? undefined : id)}
      />
      <div class="graph-more" aria-live="polite">
        {node === undefined ? (
          <p class="quiet">
            {run === undefined ? 'No run has been here yet.' : <Shown run={run} />} Choose a stage to see more
            of it, and to run from there.
          </p>
        ) : (
          <About node={node} run={run} onRunFrom={onRunFrom} />
        )}
      </div>
    </>
  );
}

const Shown = ({ run: { runId, startTime } }: { run: RunSummary }) => (
  <>
    Shown is{' '}
    <Link to={{ view: 'run', id: runId }}>
      run {runId.slice(0, 8)}, <Time at={startTime} />
    </Link>
    .
  </>
);

function About({
  node: { label, stage },
  run,
  onRunFrom,
}: {
  node: DagNode;
  run: RunSummary | undefined;
  onRunFrom: (stage: Stage) => void;
}) {
  const { title, detail } = nodeWords(label);
  const done = statusOfStage(run, stage);
  const from = STAGES.find((one) => one === stage);
  return (
    <div class="about-node">
      <div>
        <strong>{title}</strong> {detail}
        <div class="line">
          {done === undefined ? null : <Status of={done.status} />}
          {done?.milliseconds === undefined ? null : <span>{duration(done.milliseconds)}</span>}
          {done?.items !== undefined && done.items > 1 ? <span class="quiet">{done.items} items</span> : null}
          {done?.note === undefined ? null : <span class="quiet">{done.note}</span>}
          {run !== undefined && done === undefined && stage !== undefined ? (
            <span class="quiet">the newest run did not come here</span>
          ) : null}
        </div>
        {run?.error !== undefined && run.error.stage === stage ? (
          <p class="error">
            {run.error.message} {run.error.remedy}
          </p>
        ) : null}
      </div>
      {from === undefined ? null : (
        <Button needs="operate" onClick={() => onRunFrom(from)}>
          Run from {from}
        </Button>
      )}
    </div>
  );
}
