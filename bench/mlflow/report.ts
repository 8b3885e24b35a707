import { cpus } from 'node:os';
import type { Contender } from './contenders.ts';
import type { Figure } from './workloads.ts';

const COLUMNS: Record<Contender['name'], string> = {
  mlflow: '`mlflow server` 3.17.2, sqlite',
  memory: 'ours, stores in memory',
  function: 'ours, in the function: on the emulator’s DynamoDB',
  gateway: 'ours, through the emulator’s gateway and Lambda',
};

/** Figures as a table: medians, and each of ours as a share of MLflow's. */
export function table(figures: readonly Figure[], contenders: readonly Contender[]): string {
  const names = contenders.map(({ name }) => name);
  const head = ['medians', ...names.map((name) => COLUMNS[name]), 'rounds'];
  const rows = figures.map(({ work, medians, rounds }) => [
    work,
    ...names.map((name) => cell(medians[name]!, name === 'mlflow' ? undefined : medians.mlflow!)),
    String(rounds),
  ]);
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(milliseconds: number, mlflow: number | undefined): string {
  const time =
    milliseconds >= 10_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : `${milliseconds.toFixed(1)} ms`;
  return mlflow === undefined ? time : `${time} (${(milliseconds / mlflow).toFixed(2)} of MLflow's)`;
}

/** The page of results: what was measured, where and when. */
export function page(figures: readonly Figure[], contenders: readonly Contender[], runs: number): string {
  const processor = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  return `# MLflow's protocol: ours beside MLflow's server

${new Date().toISOString().slice(0, 10)}, ${processor}, Node ${process.versions.node}. ${runs.toLocaleString('en')} runs in the experiment
that is searched. Contenders take turns call by call; written by \`npm run bench:mlflow\`.

${table(figures, contenders)}

- A call that does nothing shows what each server costs by itself: subtract it to see the work.
- Through the emulator every call starts in its gateway and crosses its Lambda runtime; on AWS that is another figure, and not
  measured here.
- The answers of all contenders to a search were the same runs in the same order, and every point was read back.
`;
}
