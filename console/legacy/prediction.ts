import { figure, percent } from '../lib/format.ts';
import { h } from './dom.ts';
import { bar } from './parts.ts';

/** The API's answer to one row. */
export interface Answer {
  model: string;
  version: string;
  requestId: string;
  predictions: { prediction: string | number; probabilities?: Record<string, number> }[];
  warnings: { field: string; message: string }[];
}

export const answerText = (value: string | number): string =>
  typeof value === 'number' ? figure(value) : value;

/** A prediction, its probabilities as bars (the likeliest first), what was odd about the row, and who answered. */
export function predictionBox(target: string, answer: Answer): HTMLElement {
  const first = answer.predictions[0];
  if (first === undefined) return h('p', {}, 'The answer holds no prediction.');
  const classes = Object.entries(first.probabilities ?? {}).sort(([, a], [, b]) => b - a);
  return h(
    'div',
    { class: 'prediction' },
    h('p', { class: 'quiet' }, target),
    h('p', { class: 'big' }, answerText(first.prediction)),
    classes.length === 0
      ? null
      : h(
          'ol',
          { class: 'bars', 'aria-label': 'Probabilities' },
          classes.map(([name, share]) =>
            h(
              'li',
              { class: name === String(first.prediction) ? 'chosen' : '' },
              h('span', { class: 'name' }, name),
              bar(share),
              h('span', { class: 'share' }, percent(share)),
            ),
          ),
        ),
    answer.warnings.length === 0
      ? null
      : h(
          'ul',
          { class: 'warnings', 'aria-label': 'Warnings' },
          answer.warnings.map(({ message }) => h('li', {}, message)),
        ),
    h(
      'p',
      { class: 'quiet' },
      `Answered by ${answer.model} version ${answer.version}; kept as `,
      h('span', { class: 'mono' }, answer.requestId),
    ),
  );
}
