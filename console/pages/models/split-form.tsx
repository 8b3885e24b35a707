import { useState } from 'preact/hooks';
import type { Split, SplitKind } from '../../../lib/tracking/splits/types.ts';
import type { ModelVersion } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { Button, Confirm, Field, toast } from '../../parts/index.ts';
import { Reason } from './change.tsx';
import { MetricChange } from './metric-table.tsx';
import {
  assign,
  draftOf,
  evenly,
  GUARD,
  type GuardField,
  type Role,
  type SplitDraft,
  splitOf,
  sumOf,
  withRole,
} from './split-draft.ts';

interface Props {
  name: string;
  champion: string;
  versions: readonly ModelVersion[];
  split: Split | null;
  onDone: () => unknown;
  onClose: () => void;
}

const KINDS: Record<SplitKind, string> = {
  ab: 'A/B: several versions are compared',
  'blue-green': 'Blue-green: one version is to take over, and goes back by itself where it fails',
};

/** Divides a model's traffic: who answers how much, who computes in the shadow, and when to go back. */
export function SplitForm({ name, champion, versions, split, onDone, onClose }: Props) {
  const api = useApi();
  const own = versions.filter(({ modelKey }) => modelKey !== undefined);
  const newest = own.find(({ version }) => version !== champion)?.version;
  const running = split?.state === 'running' ? split : null;
  const [draft, setDraft] = useState<SplitDraft>(() => draftOf(running, champion, newest));
  const [reason, setReason] = useState('');
  const { split: asked, problems } = splitOf(draft, champion);
  const metricsOf = (version: string) => own.find((one) => one.version === version)?.metrics ?? {};
  const challengers = [...withRole(draft, 'answers'), ...withRole(draft, 'shadow')].filter(
    (version) => version !== champion,
  );
  const run = async () => {
    const body = {
      ...asked,
      revision: split?.revision ?? null,
      reason: reason.trim() || 'split in the console',
    };
    await api.put(path`/models/${name}/split`, body);
    toast(`The traffic of ${name} is split`);
    await onDone();
  };
  return (
    <Confirm
      title={running === null ? 'Split the traffic' : 'Change the split'}
      action={running === null ? 'Split' : 'Change'}
      needs="operate"
      disabled={[...problems.values()][0]}
      run={run}
      onClose={onClose}
      onRefused={onDone}
    >
      <fieldset class="plain">
        <legend class="unseen">Kind</legend>
        {(Object.keys(KINDS) as SplitKind[]).map((kind) => (
          <label key={kind} class="choice">
            <input
              type="radio"
              name="split-kind"
              checked={draft.kind === kind}
              onChange={() => setDraft({ ...draft, kind })}
            />
            {KINDS[kind]}
          </label>
        ))}
      </fieldset>
      <Arms draft={draft} champion={champion} versions={own} onChange={setDraft} />
      {problems.has('arms') || problems.has('shadows') ? (
        <p class="error" role="status">
          {problems.get('arms') ?? problems.get('shadows')}
        </p>
      ) : null}
      <Guard draft={draft} problems={problems} onChange={setDraft} />
      {challengers.map((version, i) => (
        <details key={version} open={i === 0}>
          <summary>
            Version {version} beside version {champion}
          </summary>
          <MetricChange
            before={{ version: champion, metrics: metricsOf(champion) }}
            after={{ version, metrics: metricsOf(version) }}
          />
        </details>
      ))}
      <Reason value={reason} onChange={setReason} />
    </Confirm>
  );
}

const ROLES: Record<Role, string> = { none: 'gets nothing', answers: 'answers', shadow: 'shadows' };

function Arms({
  draft,
  champion,
  versions,
  onChange,
}: {
  draft: SplitDraft;
  champion: string;
  versions: readonly ModelVersion[];
  onChange: (draft: SplitDraft) => void;
}) {
  const sum = sumOf(draft);
  return (
    <table class="arms">
      <caption class="unseen">What each version does</caption>
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Does</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {versions.map(({ version }) => {
          const role = draft.roles[version] ?? 'none';
          return (
            <tr key={version}>
              <th scope="row">
                {version}
                {version === champion ? <span class="quiet"> in production</span> : null}
              </th>
              <td>
                <select
                  aria-label={`What version ${version} does`}
                  value={role}
                  disabled={version === champion}
                  onChange={(event) => onChange(assign(draft, version, event.currentTarget.value as Role))}
                >
                  {(Object.keys(ROLES) as Role[]).map((one) => (
                    <option key={one} value={one}>
                      {ROLES[one]}
                    </option>
                  ))}
                </select>
              </td>
              <td>
                {role === 'answers' ? (
                  <span class="percent">
                    <input
                      type="number"
                      min="0"
                      max="100"
                      step="1"
                      aria-label={`Share of version ${version} in percent`}
                      value={draft.weights[version] ?? ''}
                      onInput={(event) =>
                        onChange({
                          ...draft,
                          weights: { ...draft.weights, [version]: event.currentTarget.value },
                        })
                      }
                    />
                    %
                  </span>
                ) : null}
              </td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <td />
          <td>
            <Button kind="link" onClick={() => onChange(evenly(draft))}>
              Share evenly
            </Button>
          </td>
          <td class={sum === 100 ? 'quiet' : 'bad'}>{Number.isNaN(sum) ? '' : `${sum} % in all`}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function Guard({
  draft,
  problems,
  onChange,
}: {
  draft: SplitDraft;
  problems: ReadonlyMap<string, string>;
  onChange: (draft: SplitDraft) => void;
}) {
  const isNeeded = draft.kind === 'blue-green';
  const isOn = isNeeded || draft.isGuarded;
  return (
    <fieldset class="guard">
      <legend>
        <label class="choice">
          <input
            type="checkbox"
            checked={isOn}
            disabled={isNeeded}
            onChange={(event) => onChange({ ...draft, isGuarded: event.currentTarget.checked })}
          />
          Go back by itself when a new version passes a bound
        </label>
      </legend>
      {isOn
        ? (Object.keys(GUARD) as GuardField[]).map((name) => (
            <Field key={name} label={GUARD[name].label} error={problems.get(name)}>
              <input
                inputMode="decimal"
                autocomplete="off"
                value={draft.guard[name]}
                onInput={(event) =>
                  onChange({ ...draft, guard: { ...draft.guard, [name]: event.currentTarget.value } })
                }
              />
            </Field>
          ))
        : null}
    </fieldset>
  );
}
