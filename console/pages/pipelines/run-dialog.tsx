import { useState } from 'preact/hooks';
import type { StartedRun } from '../../../lib/http/types.ts';
import { useApi } from '../../app/session.ts';
import { newKey, path } from '../../lib/api.ts';
import { go } from '../../lib/router.ts';
import { Confirm, Field, toast } from '../../parts/index.ts';
import {
  bodyOf,
  commandOf,
  planWords,
  type RunOptions,
  STAGES,
  type Stage,
  WHOLE,
  withFrom,
} from './run-options.ts';

/** Asks from which stage to which a run goes, and starts it. */
export function RunDialog({
  pipeline,
  from = WHOLE.from,
  onClose,
  onStarted,
}: {
  pipeline: string;
  from?: Stage;
  onClose: () => void;
  onStarted?: () => unknown;
}) {
  const api = useApi();
  const [options, setOptions] = useState<RunOptions>(() => withFrom(WHOLE, from));
  // One key while the dialog stands: a start whose answer was lost is not done twice.
  const [key] = useState(newKey);
  const run = async () => {
    const started = await api.postOnce<StartedRun>(path`/pipelines/${pipeline}/runs`, bodyOf(options), key);
    toast(`A run of ${pipeline} began`, started.runId.slice(0, 8));
    onStarted?.();
    go({ view: 'run', id: started.runId });
  };
  const ends = STAGES.slice(STAGES.indexOf(options.from));
  return (
    <Confirm title={`Run ${pipeline}`} action="Start the run" needs="operate" run={run} onClose={onClose}>
      <div class="run-options">
        <Field label="First stage">
          <select
            value={options.from}
            onChange={(event) => setOptions(withFrom(options, event.currentTarget.value as Stage))}
          >
            {STAGES.map((stage) => (
              <option key={stage}>{stage}</option>
            ))}
          </select>
        </Field>
        <Field label="Last stage">
          <select
            value={options.to}
            onChange={(event) => setOptions({ ...options, to: event.currentTarget.value as Stage })}
          >
            {ends.map((stage) => (
              <option key={stage}>{stage}</option>
            ))}
          </select>
        </Field>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={options.force}
          onChange={(event) => setOptions({ ...options, force: event.currentTarget.checked })}
        />
        Do unchanged stages again, too
      </label>
      <p class="quiet" aria-live="polite">
        {planWords(options)}
      </p>
      <p class="quiet">
        The same from the command line: <code>npx {commandOf(pipeline, options)}</code>
      </p>
    </Confirm>
  );
}
