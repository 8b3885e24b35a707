import type { Loaded } from '../../lib/load.ts';
import { Link, Load, Skeleton, Stand, Time } from '../../parts/index.ts';
import type { Alarm } from './types.ts';

/** The model's alarms, those that ring first: why, and what to do. */
export function Alarms({ of, model }: { of: Loaded<{ alarms: Alarm[] }>; model: string }) {
  return (
    <section class="card" aria-labelledby="alarms-title">
      <h2 id="alarms-title">Alarms</h2>
      <Load of={of} skeleton={<Skeleton rows={2} />}>
        {({ alarms }) =>
          alarms.length === 0 ? (
            <p class="quiet">
              None yet: the monitor looks at {model} once it has answered something. What else it watches
              stands in the pipeline's definition:{' '}
              <code>
                alert: whenBelow({'{'} metric: 'accuracy', threshold: 0.8 {'}'})
              </code>
              .
            </p>
          ) : (
            <ul class="alarms">
              {alarms
                .toSorted((a, b) => Number(b.state === 'alarm') - Number(a.state === 'alarm'))
                .map((alarm) => (
                  <One key={alarm.name} of={alarm} />
                ))}
            </ul>
          )
        }
      </Load>
    </section>
  );
}

/** Commands in a text of the API stand between backticks. */
const spans = (text: string) =>
  text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part));

function One({ of: { name, state, since, reason, remedy, version, runId } }: { of: Alarm }) {
  const rings = state === 'alarm';
  return (
    <li class={rings ? 'rings' : ''}>
      <Stand tone={rings ? 'bad' : 'good'} sign={rings ? '!' : '✓'}>
        {rings ? 'alarm' : 'ok'}
      </Stand>
      <div>
        <strong>{name}</strong> {version === undefined ? null : <span class="quiet">version {version} </span>}
        {since === undefined ? null : (
          <span class="quiet">
            since <Time at={since} />
          </span>
        )}
        <div>{reason}</div>
        {rings ? <div>{spans(remedy)}</div> : null}
        {runId === undefined ? null : (
          <div>
            It started <Link to={{ view: 'run', id: runId }}>run {runId.slice(0, 8)}</Link>.
          </div>
        )}
      </div>
    </li>
  );
}
