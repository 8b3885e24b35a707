import { useState } from 'preact/hooks';
import type { Api } from '../../lib/api.ts';
import { Confirm, Field, toast } from '../../parts/index.ts';

/** Puts one tag on the chosen runs. */
export function TagDialog({
  api,
  runs,
  onDone,
  onClose,
}: {
  api: Api;
  runs: readonly string[];
  onDone: () => Promise<unknown>;
  onClose: () => void;
}) {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const count = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
  const run = async () => {
    for (const run_id of runs) await api.post('/api/2.0/mlflow/runs/set-tag', { run_id, key, value });
    await onDone();
    toast(`${count} tagged ${key}`);
  };
  return (
    <Confirm
      title={`Tag ${count}`}
      action="Set the tag"
      needs="log"
      disabled={key.trim() === ''}
      run={run}
      onClose={onClose}
    >
      <div class="stacked">
        <Field label="Name" help="A tag of that name is overwritten.">
          <input value={key} maxLength={250} onInput={(event: InputEvent) => setKey(textOf(event))} />
        </Field>
        <Field label="Value">
          <input value={value} maxLength={5000} onInput={(event: InputEvent) => setValue(textOf(event))} />
        </Field>
      </div>
    </Confirm>
  );
}

const textOf = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
