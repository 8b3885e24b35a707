import { cpus } from 'node:os';
import type { BatchFormat } from '../../lib/pipeline/batch/types.ts';
import type { Checked } from './check.ts';
import type { Emulated } from './emulator.ts';

/** What the process of one phase leaves. */
export interface PhaseReport {
  seconds: number;
  /** Most that the process held at any time, MB of resident memory. */
  peakMb: number;
  /** Of each chunk, for `predict`. */
  chunkSeconds: number[];
  /** Rows that the run said were done, read after each chunk. */
  progress: number[];
}

/** Where it leaves it, in the folder of the batch. */
export const PHASE_FILE = 'phase.json';

/** One batch prediction as it was measured and checked. */
export interface Measured {
  set: string;
  format: BatchFormat;
  /** Rows in a row group of the input (Parquet). */
  groupRows: number;
  rows: number;
  inputBytes: number;
  modelBytes: number;
  resultBytes: number;
  chunks: number;
  phases: Record<'plan' | 'predict' | 'join', PhaseReport>;
  checked: Checked;
}

const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const number = (value: number): string => value.toLocaleString('en-US');
const phase = ({ seconds, peakMb }: PhaseReport): string => `${seconds.toFixed(1)} s, ${number(peakMb)} MB`;

/** The table of results, with what was checked. */
export function reportOf(all: readonly Measured[]): string {
  const lines = all.map((one) => {
    const { set, format, groupRows, rows, phases, checked, chunks } = one;
    const slowest = Math.max(...phases.predict.chunkSeconds);
    const input = format === 'csv' ? 'CSV' : `Parquet, groups of ${number(Math.min(groupRows, rows))}`;
    const cells = [
      set,
      input,
      mb(one.inputBytes),
      chunks,
      phase(phases.plan),
      `${phase(phases.predict)}; ${slowest.toFixed(1)} s`,
      phase(phases.join),
      mb(one.resultBytes),
      number(checked.predicted),
      number(checked.failed),
      number(checked.compared),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `# Batch predictions of ${number(all[0]?.rows ?? 0)} rows

\`npm run bench:batch -- --write\`, ${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown processor'} (${cpus().length} cores), Node ${process.version}.
Each phase ran the function's handler in a process of its own, with the heap that V8 gives itself in a function of 3,008 MB
(1,504 MB), over stores in a folder; the chunks one after another in one process, as a warm function has them. Seconds are the phase's,
MB the most memory the process held, Node itself among it.

| model | file | MB | chunks | plan | all chunks; the slowest | join | result MB | predicted | failed | compared |
|---|---|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}

Of each result every row was read: all rows are there, in the order of the file and as they were; each planted wrong row (one in 9,973) is in
the failures file by its number, and no other; the compared rows have the prediction that the model gives the row alone. The progress that
the run told after each chunk only grew, to the last row.
`;
}

/** The table of what went through the whole of the emulator. */
export function emulatorReport(all: readonly Emulated[]): string {
  const lines = all.map(({ format, rows, inputBytes, chunks, seconds, progress, checked }) => {
    const { predicted, failed, compared } = checked;
    const cells = [format, number(rows), mb(inputBytes), chunks, `${seconds.toFixed(0)} s`, progress];
    return `| ${[...cells, number(predicted), number(failed), number(compared)].join(' | ')} |`;
  });
  return `# Batch predictions through the emulator

\`node bench/batch/emulator.ts --write\`, ${new Date().toISOString().slice(0, 10)}: the model of \`housing\` (100 trees), from the upload's first byte to the
result's last, by the command line, the API, the state machine's distributed Map and the functions on MiniStack, which runs them on the same ${cpus().length} cores.
The Parquet file has one row group, as pyarrow writes it. Every row is in its place, every planted wrong row is listed, compared rows have the prediction of the row alone.

| file | rows | MB | chunks | whole | progress told | predicted | failed | compared |
|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
}
