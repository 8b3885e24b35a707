import { useState } from 'preact/hooks';
import type { ModelVersion, RegisteredModel } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { Confirm, Field, Load, toast } from '../../parts/index.ts';
import { metricDifferences, verdictOf } from './difference.ts';
import { MetricChange } from './metric-table.tsx';

/** A version that is to hold `production`: by promotion, or as the one that held it before. */
export interface Change {
  kind: 'promote' | 'rollback';
  to: string;
  /** The revision of the split whose version it is: the promotion ends that split, and no other. */
  ofSplit?: number;
}

interface Props {
  model: RegisteredModel;
  change: Change;
  /** A running split ends with it. */
  splits: boolean;
  onDone: () => unknown;
  onClose: () => void;
}

/** Asks before `production` moves, with what it changes of the metrics. */
export function ChangeDialog({ model, change, splits, onDone, onClose }: Props) {
  const api = useApi();
  const { name, aliases, policy } = model;
  const held = aliases.production;
  const [reason, setReason] = useState('');
  const versions = useLoad(
    (signal) => {
      const version = (number: string) =>
        api.get<ModelVersion>(path`/models/${name}/versions/${number}`, {}, signal);
      return Promise.all([version(change.to), held === undefined ? undefined : version(held)]);
    },
    [name, change.to, held],
  );
  const [to, before] = versions.data ?? [];
  const isPromotion = change.kind === 'promote';
  const refused =
    isPromotion && policy.requireStaging && to !== undefined && to.stage !== 'Staging'
      ? 'This model takes only a version in Staging'
      : undefined;
  const isWorse =
    to !== undefined && verdictOf(metricDifferences(before?.metrics, to.metrics)).tone === 'worse';
  const run = async () => {
    const because = {
      reason: reason.trim() || `${isPromotion ? 'promoted' : 'rolled back'} in the console`,
    };
    if (change.ofSplit !== undefined) {
      const body = { version: change.to, revision: change.ofSplit, ...because };
      await api.post(path`/models/${name}/split/promote`, body);
    } else if (isPromotion) {
      const body = { version: change.to, expectedVersion: held ?? null, ...because };
      await api.put(path`/models/${name}/aliases/production`, body);
    } else {
      await api.post(path`/models/${name}/rollback`, { expectedVersion: held, ...because });
    }
    toast(`Version ${change.to} of ${name} is in production`);
    await onDone();
  };
  return (
    <Confirm
      title={isPromotion ? `Promote version ${change.to}` : `Roll back to version ${change.to}`}
      action={isPromotion ? 'Promote' : 'Roll back'}
      needs="operate"
      danger={isPromotion && isWorse}
      disabled={refused ?? to === undefined}
      run={run}
      onClose={onClose}
      onRefused={onDone}
    >
      <p>
        {held === undefined
          ? `Version ${change.to} will answer what is asked of ${name}.`
          : `Version ${change.to} will answer what is asked of ${name}, in place of version ${held}.`}
        {splits ? ' The traffic split ends with it.' : ''}
      </p>
      {refused === undefined ? null : (
        <p class="verdict worse">
          {refused}; version {change.to} is in {to?.stage}.
        </p>
      )}
      <Load of={versions}>
        {([after, current]) => <MetricChange before={current} after={after as ModelVersion} />}
      </Load>
      <Reason value={reason} onChange={setReason} />
    </Confirm>
  );
}

/** Why something is done: it stands in the history beside who did it. */
export function Reason({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label="Reason" help="Kept in the history">
      <input
        value={value}
        maxLength={1000}
        autocomplete="off"
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </Field>
  );
}
