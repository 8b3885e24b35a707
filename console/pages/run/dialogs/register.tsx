import { useState } from 'preact/hooks';
import type { RunReport } from '../../../../lib/pipeline/run-reports/index.ts';
import { useApi } from '../../../app/session.ts';
import { path } from '../../../lib/api.ts';
import { figure } from '../../../lib/format.ts';
import { useLoad } from '../../../lib/load.ts';
import { go } from '../../../lib/router.ts';
import { Confirm, Field, toast } from '../../../parts/index.ts';
import type { Detail } from '../types.ts';

interface Made {
  model: string;
  version: string;
  created: boolean;
}

/** Makes the selected model, or another candidate's, a version. */
export function RegisterDialog({
  run,
  onClose,
  onDone,
}: {
  run: Detail;
  onClose: () => void;
  onDone: () => Promise<void>;
}) {
  const api = useApi();
  const report = useLoad(
    (signal) => api.get<RunReport>(path`/runs/${run.runId}/report`, {}, signal),
    [run.runId],
  );
  const [model, setModel] = useState(run.tags['model.name'] ?? '');
  const [candidate, setCandidate] = useState('');
  const [description, setDescription] = useState('');
  const register = async () => {
    const made = await api.post<Made>(path`/runs/${run.runId}/register`, {
      ...(model === '' ? {} : { model }),
      ...(candidate === '' ? {} : { candidate: Number(candidate) }),
      ...(description === '' ? {} : { description }),
    });
    toast(
      made.created
        ? `${made.model} has version ${made.version}`
        : `It is version ${made.version} of ${made.model} already`,
    );
    await onDone();
    go({ view: 'model', name: made.model, version: made.version });
  };
  const shown = (metrics: Readonly<Record<string, number>>) =>
    Object.entries(metrics)
      .slice(0, 1)
      .map(([name, value]) => `, ${name} ${figure(value)}`)
      .join('');
  return (
    <Confirm
      title="Register a model of this run"
      action="Register"
      needs="operate"
      run={register}
      onClose={onClose}
    >
      <p>It becomes a version, and serves nothing until it is promoted.</p>
      <Field label="Model" help="Left empty it is the pipeline's own. A name that is not there is made.">
        <input value={model} maxLength={250} onInput={(event) => setModel(event.currentTarget.value)} />
      </Field>
      <Field label="Which of its models">
        <select value={candidate} onChange={(event) => setCandidate(event.currentTarget.value)}>
          <option value="">the one that was selected</option>
          {(report.data?.candidates ?? []).map(({ item, algorithm, validation }) => (
            <option key={item} value={item}>
              {item}: {algorithm}
              {shown(validation)}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Description">
        <textarea rows={2} maxLength={1000} onInput={(event) => setDescription(event.currentTarget.value)} />
      </Field>
    </Confirm>
  );
}
