import type { Evaluation } from '../evaluate.ts';
import { macroAverage, presentClasses, weightedAverage } from '../metrics/classification.ts';

const HEADERS = ['precision', 'recall', 'f1-score', 'support'];
const FIGURES = ['precision', 'recall', 'f1'] as const;

/**
 * The text of scikit-learn's `classification_report(truth, predicted, digits=2, zero_division=0)`, to the character:
 * the classes among the true or the predicted, accuracy, macro and weighted averages. For a regression, its metrics.
 */
export function classificationReport(evaluation: Evaluation): string {
  const { perClass, metrics, rows } = evaluation;
  if (perClass === undefined) return regressionReport(metrics);
  const shown = presentClasses(perClass);
  const width = Math.max('weighted avg'.length, ...shown.map(({ name }) => [...name].length));
  const line = (name: string, cells: string[]): string =>
    `${leftPad(name, width)} ${cells.map((cell) => ` ${leftPad(cell, 9)}`).join('')}\n`;
  const classLines = shown.map((score) =>
    line(score.name, [...FIGURES.map((of) => twoDigits(score[of])), String(score.support)]),
  );
  const average = (name: string, of: typeof macroAverage): string =>
    line(name, [...FIGURES.map((figure) => twoDigits(of(perClass, figure))), String(rows)]);
  return [
    `${line('', HEADERS)}\n`,
    ...classLines,
    '\n',
    line('accuracy', ['', '', twoDigits(metrics.accuracy!), String(rows)]),
    average('macro avg', macroAverage),
    average('weighted avg', weightedAverage),
  ].join('');
}

function regressionReport(metrics: Record<string, number>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${leftPad(name, 12)} ${leftPad(String(Number(value.toPrecision(8))), 14)}\n`)
    .join('');
}

/** Python counts code points where JavaScript counts UTF-16 units. */
function leftPad(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - [...text].length)) + text;
}

/**
 * A share with two digits, as Python formats it: exact halves go to the even digit, where `toFixed` goes up. The only
 * shares exactly between two hundredths are the odd eighths.
 */
function twoDigits(share: number): string {
  if ((share * 8) % 2 !== 1) return share.toFixed(2);
  const below = Math.floor(share * 100);
  return ((below % 2 === 0 ? below : below + 1) / 100).toFixed(2);
}
