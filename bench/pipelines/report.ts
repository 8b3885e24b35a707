import type { Machine } from '../learn/machine.ts';
import { mean, standardError, standing } from '../learn/statistics.ts';

export type Figures = Record<string, number>;

/** A pipeline beside its peers: figures by model, one record a seed. */
export interface Compared {
  pipeline: string;
  day: string;
  machine: Machine;
  versions: Record<string, string>;
  seeds: number;
  trainRows: number;
  testRows: number;
  ours: Record<string, Figures[]>;
  peers: Record<string, Figures[]>;
}

/** Errors: less is better. */
const LOWER = new Set(['rmse', 'mae']);
/** Scikit-learn's models that ours are judged by: each kind by its own. */
export const FOREST = 'random forest, 100 trees';
export const LINEAR = 'linear model';
const peerOf = (label: string): string => (/^(linear|logistic)-/.test(label) ? LINEAR : FOREST);

/** All pipelines as Markdown: a table each, means and standard errors over the seeds, and how ours stands to the forest. */
export function comparedText(all: readonly Compared[]): string {
  const head = `# The pipelines beside scikit-learn

Written by \`npm run bench:pipelines\`: each seed draws the split anew, and both libraries train and are judged on the same rows.
Mean and standard error over the seeds, on the test rows; a mark says how ours stands to scikit-learn's forest
(a linear model: to its linear model): \`=\` not below it by more than its standard error, \`+\` better, \`-\` worse.
Ours have the parameters of their pipeline, scikit-learn's its defaults; text columns are one-hot for it.
`;
  return [head, ...all.map(sectionOf)].join('\n');
}

function sectionOf({ pipeline, day, machine, versions, seeds, trainRows, testRows, ours, peers }: Compared) {
  const names = Object.keys(Object.values(ours)[0]?.[0] ?? {});
  const cell = (runs: readonly Figures[], name: string, bar: readonly Figures[]) => {
    const values = figuresOf(runs, name);
    if (values.length === 0) return '';
    const text = `${number(mean(values))} ± ${number(standardError(values))}`;
    const held = figuresOf(bar, name);
    return held.length === 0 ? text : `${text} ${mark(values, held, name)}`;
  };
  const line = (label: string, runs: readonly Figures[], bar: readonly Figures[] = []) =>
    `| ${label} | ${names.map((name) => cell(runs, name, bar)).join(' | ')} |`;
  const lines = [
    ...Object.entries(ours).map(([label, runs]) => line(`${label}, here`, runs, peers[peerOf(label)])),
    ...Object.entries(peers).map(([label, runs]) => line(`${label}, scikit-learn`, runs)),
  ];
  return `## ${pipeline}

${trainRows.toLocaleString('en-US')} rows to train, ${testRows.toLocaleString('en-US')} to test, ${seeds} seeds; ${day}, ${machine.cpu}, commit ${machine.commit}, scikit-learn ${versions['scikit-learn']}.

| | ${names.join(' | ')} |
|---|${names.map(() => '---|').join('')}
${lines.join('\n')}
`;
}

const figuresOf = (runs: readonly Figures[], name: string): number[] =>
  runs.map((run) => run[name]).filter((value) => value !== undefined);

/** Higher is better for `standing`: errors go in with their sign turned. */
function mark(values: readonly number[], bar: readonly number[], name: string): '+' | '=' | '-' {
  const sign = LOWER.has(name) ? -1 : 1;
  const found = standing(
    values.map((value) => sign * value),
    bar.map((value) => sign * value),
  );
  if (found === 'better') return '+';
  return found === 'within 1 SE' ? '=' : '-';
}

const number = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(4);
