import { figure, percent } from '../../lib/format.ts';
import { Bars } from '../../parts/index.ts';
import { type Answer, explained, likeliestFirst } from './answer.ts';

const SPACES: Record<string, string> = {
  value: 'in the unit of the prediction',
  probability: 'in probability',
  'log-odds': 'in log-odds',
  score: 'as scores before softmax: only differences between classes count',
};
/** So many classes are shown at once. */
const CLASSES = 12;

export const answerText = (value: string | number): string =>
  typeof value === 'number' ? figure(value) : value;

/** A prediction, its probabilities as bars (the likeliest first), what drove it, and who answered. */
export function Prediction({ target, answer, stale }: { target: string; answer: Answer; stale: boolean }) {
  const [first] = answer.predictions;
  if (first === undefined) return <p>The answer holds no prediction.</p>;
  const classes = likeliestFirst(first);
  return (
    <div class={stale ? 'prediction stale' : 'prediction'}>
      <p class="quiet">{target}</p>
      <p class="big">{answerText(first.prediction)}</p>
      {classes.length === 0 ? null : (
        <Bars
          label="Probabilities"
          most={1}
          items={classes.slice(0, CLASSES).map(([name, share]) => ({
            name,
            value: share,
            text: percent(share),
            strong: name === String(first.prediction),
          }))}
        />
      )}
      {classes.length > CLASSES ? <p class="quiet">and {classes.length - CLASSES} less likely</p> : null}
      {answer.warnings.length === 0 ? null : (
        <ul class="warnings" aria-label="Warnings">
          {answer.warnings.map(({ message }) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
      <Why answer={answer} />
      <p class="quiet foot">
        Answered by {answer.model} version {answer.version}; kept as{' '}
        <span class="mono">{answer.requestId}</span>
      </p>
    </div>
  );
}

/** The columns that drove the answer most, from the average of the training rows to this row's. */
function Why({ answer }: { answer: Answer }) {
  if (answer.unexplained !== undefined) return <p class="quiet">No explanation: {answer.unexplained}</p>;
  const found = explained(answer);
  if (found === undefined) return null;
  const { label, base, output, space, top, rest } = found;
  const signed = (value: number) => `${value > 0 ? '+' : ''}${figure(value)}`;
  return (
    <section class="why" aria-label="Why">
      <h3>{label === undefined ? 'Why' : `Why ${label}`}</h3>
      <p class="quiet">
        From {figure(base)}, the average over the training rows, to {figure(output)}, {SPACES[space] ?? space}
        .
      </p>
      <Bars
        label="Contributions"
        items={[
          ...top.map(({ feature, value }) => ({ name: feature, value, text: signed(value) })),
          ...(rest.count === 0
            ? []
            : [{ name: `${rest.count} others together`, value: rest.value, text: signed(rest.value) }]),
        ]}
      />
    </section>
  );
}
