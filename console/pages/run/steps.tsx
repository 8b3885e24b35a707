import { counted, grouped } from '../../../lib/table/counted.ts';
import { duration } from '../../lib/format.ts';
import { Badge, Button, Status } from '../../parts/index.ts';
import type { Step } from './timeline.ts';

/** Words for states that no status badge has. */
const WORDS: Partial<Record<Step['state'], [word: string, title: string]>> = {
  TAKEN: ['taken over', 'The result of an earlier run stands in for it'],
  LEFT_OUT: ['left out', 'This run was not to do it'],
  NOT_REACHED: ['not reached', 'The run ended before it'],
};

const TITLES: Record<Step['stage'], string> = {
  plan: 'Plan',
  ingest: 'Ingest',
  clean: 'Clean',
  train: 'Train',
  evaluate: 'Evaluate',
  register: 'Register',
  promote: 'Promote',
  predict: 'Predict',
  join: 'Join',
};

/** The stages of a run down the page, each with its time as a bar, what it found, and where to begin again. */
export function Steps({
  steps,
  onStart,
}: {
  steps: readonly Step[];
  /** Absent where no new run can begin from this one. */
  onStart?: ((stage: Step['stage']) => void) | undefined;
}) {
  return (
    <ol class="steps" aria-label="Stages">
      {steps.map((step) => (
        <li key={step.stage} class={`step ${step.state.toLowerCase()}`}>
          <span class="step-name">{TITLES[step.stage]}</span>
          <span class="step-state">
            <State step={step} />
          </span>
          <span class="step-took numeric">{step.took === undefined ? '' : duration(step.took)}</span>
          <span class="step-bar" aria-hidden="true">
            {step.took === undefined ? null : (
              <span style={{ left: `${step.from * 100}%`, width: `max(3px, ${step.length * 100}%)` }} />
            )}
          </span>
          <div class="step-note">
            {step.items === undefined || isWhole(step) ? null : <Items of={step.items} />}
            {step.note === undefined ? null : <span>{step.note}</span>}
            {step.remedy === undefined ? null : <p class="remedy">{step.remedy}</p>}
          </div>
          <span class="step-act">
            {onStart !== undefined && step.canStart ? (
              <Button kind="quiet" needs="operate" onClick={() => onStart(step.stage)}>
                Run from here<span class="unseen"> {step.stage}</span>
              </Button>
            ) : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Whether its note says the same of its models already. */
const isWhole = ({ state, note }: Step): boolean =>
  note !== undefined && (state === 'DONE' || state === 'SKIPPED' || state === 'TAKEN');

function State({ step: { state } }: { step: Step }) {
  const word = WORDS[state];
  return word === undefined ? <Status of={state} /> : <Badge title={word[1]}>{word[0]}</Badge>;
}

function Items({ of: { total, done, unchanged, failed } }: { of: NonNullable<Step['items']> }) {
  const words = [
    `${grouped(done)} of ${counted(total, 'model')}`,
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return <span class="quiet">{words.join(', ')}. </span>;
}
