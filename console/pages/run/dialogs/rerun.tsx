import { useState } from 'preact/hooks';
import type { Stage } from '../../../../lib/tracking/types.ts';
import { useApi } from '../../../app/session.ts';
import { newKey, path } from '../../../lib/api.ts';
import { go } from '../../../lib/router.ts';
import { Confirm, Field, toast } from '../../../parts/index.ts';
import { timeline } from '../timeline.ts';
import type { Detail } from '../types.ts';

/** Starts a new run at a stage, on what this run's earlier stages made. */
export function RerunDialog({ run, from, onClose }: { run: Detail; from: Stage; onClose: () => void }) {
  const api = useApi();
  const [stage, setStage] = useState(from);
  const [force, setForce] = useState(false);
  // The same dialog is one start, however often its button is pressed.
  const [key] = useState(newKey);
  const stages = timeline(run, Date.now()).filter(({ canStart }) => canStart);
  const start = async () => {
    const body = { from: stage, ...(force ? { force } : {}) };
    const own = `${key}-${stage}${force ? '-force' : ''}`;
    const started = await api.postOnce<{ runId: string }>(path`/runs/${run.runId}/rerun`, body, own);
    toast(`A run from ${stage} has started`);
    go({ view: 'run', id: started.runId });
  };
  return (
    <Confirm title="Run again" action="Start the run" needs="operate" run={start} onClose={onClose}>
      <p>
        A new run of {run.pipeline}. What the stages before made in run {run.runId.slice(0, 8)} is taken as it
        is; this run stays unchanged.
      </p>
      <Field label="Begin at">
        <select value={stage} onChange={(event) => setStage(event.currentTarget.value as Stage)}>
          {stages.map(({ stage: name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <label class="tick-line">
        <input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
        Work again even where inputs, parameters and code are unchanged
      </label>
    </Confirm>
  );
}
