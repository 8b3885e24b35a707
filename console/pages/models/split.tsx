import { useState } from 'preact/hooks';
import type { Split } from '../../../lib/tracking/splits/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { figure, percent } from '../../lib/format.ts';
import { seriesClass } from '../../parts/charts/colours.ts';
import { Badge, Button, Confirm, Time, toast } from '../../parts/index.ts';
import { Reason } from './change.tsx';

interface Props {
  name: string;
  champion: string | undefined;
  split: Split | null;
  /** Opens the form of the split. */
  onEdit: () => void;
  /** Opens the confirmation that one of its versions takes over. */
  onPromote: (version: string) => void;
  onDone: () => unknown;
}

const KIND = { ab: 'A/B', 'blue-green': 'blue-green' } as const;

/** How a model's traffic is divided, and what can be done about it. */
export function SplitCard({ name, champion, split, onEdit, onPromote, onDone }: Props) {
  const [isStopping, setStopping] = useState(false);
  const isRunning = split?.state === 'running';
  return (
    <>
      {split === null ? (
        <p class="quiet">
          {champion === undefined
            ? 'No version is in production, so nothing is answered.'
            : `Version ${champion} answers everything.`}
        </p>
      ) : (
        <Divided split={split} champion={champion} />
      )}
      <div class="line">
        <Button
          needs="operate"
          disabled={champion === undefined ? 'A version must be in production first' : undefined}
          onClick={onEdit}
        >
          {isRunning ? 'Change…' : 'Split traffic…'}
        </Button>
        {isRunning
          ? split.arms
              .filter(({ version }) => version !== champion)
              .map(({ version }) => (
                <Button key={version} needs="operate" onClick={() => onPromote(version)}>
                  Promote version {version}…
                </Button>
              ))
          : null}
        {split === null ? null : (
          <Button needs="operate" onClick={() => setStopping(true)}>
            {isRunning ? 'Stop…' : 'Clear…'}
          </Button>
        )}
      </div>
      {isStopping && split !== null ? (
        <Stop name={name} split={split} onDone={onDone} onClose={() => setStopping(false)} />
      ) : null}
    </>
  );
}

function Divided({ split, champion }: { split: Split; champion: string | undefined }) {
  const { arms, shadows, guard, state, kind, createdAt, createdBy } = split;
  const text = arms.map(({ version, weight }) => `version ${version} ${weight} %`).join(', ');
  return (
    <>
      {state === 'reverted' ? (
        <div class="problem" role="status">
          <strong>The split went back by itself: version {champion} answers everything.</strong>
          <p>{split.revertedReason}</p>
          {split.revertedAt === undefined ? null : <Time at={split.revertedAt} />}
        </div>
      ) : null}
      <div class={state === 'reverted' ? 'shares over' : 'shares'} role="img" aria-label={text}>
        {arms
          .filter(({ weight }) => weight > 0)
          .map(({ version, weight }) => (
            <span
              key={version}
              class={seriesClass(arms.findIndex((arm) => arm.version === version))}
              style={{ width: `${weight}%` }}
            />
          ))}
      </div>
      <ul class="arm-list">
        {arms.map(({ version, weight }, i) => (
          <li key={version}>
            <span class={`key ${seriesClass(i)}`} />
            version {version} <strong>{weight} %</strong>
            {version === champion ? <span class="quiet"> in production</span> : null}
          </li>
        ))}
        {shadows.map((version) => (
          <li key={version}>
            version {version}{' '}
            <Badge title="It computes what another answered, for the log alone">shadow</Badge>
          </li>
        ))}
      </ul>
      <p class="quiet">
        {KIND[kind]}, by {createdBy}, <Time at={createdAt} />
        {guard === undefined
          ? null
          : `; goes back above ${percent(guard.maxErrorRate)} errors or ${figure(guard.maxLatencyMs)} ms (95th percentile), from ${figure(guard.minRequests)} requests in ${guard.windowMinutes} min`}
      </p>
    </>
  );
}

function Stop({
  name,
  split,
  onDone,
  onClose,
}: {
  name: string;
  split: Split;
  onDone: () => unknown;
  onClose: () => void;
}) {
  const api = useApi();
  const [reason, setReason] = useState('');
  const run = async () => {
    const because = reason.trim() || 'stopped in the console';
    await api.delete(path`/models/${name}/split`, { revision: split.revision, reason: because });
    toast(`The traffic of ${name} is not split any more`);
    await onDone();
  };
  const isRunning = split.state === 'running';
  return (
    <Confirm
      title={isRunning ? 'Stop the split' : 'Clear the split'}
      action={isRunning ? 'Stop' : 'Clear'}
      needs="operate"
      run={run}
      onClose={onClose}
      onRefused={onDone}
    >
      <p>
        {isRunning
          ? 'The version in production answers everything from then on. The history keeps what was divided how.'
          : 'The note of what went wrong goes; the history keeps it.'}
      </p>
      <Reason value={reason} onChange={setReason} />
    </Confirm>
  );
}
