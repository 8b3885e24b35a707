import Table from 'cli-table3';
import { ArboledaError, type ErrorBody, errorBody } from '../../lib/errors/index.ts';

/** Where a command writes: results to stdout (text, or JSON alone with `--json`), all else to stderr. */
export interface Output {
  json: boolean;
  /** One result a command. `text` is what a person sees. */
  result(value: unknown, text: () => string): void;
  /** A remark for a person; on stderr. */
  note(text: string): void;
}

export function makeOutput(
  json: boolean,
  stdout: (text: string) => void = (text) => process.stdout.write(text),
  stderr: (text: string) => void = (text) => process.stderr.write(text),
): Output {
  return {
    json,
    result: (value, text) => stdout(json ? `${JSON.stringify(value, null, 2)}\n` : ensureNewline(text())),
    note: (text) => stderr(ensureNewline(text)),
  };
}

const ensureNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** An error as `--json` prints it, or as a person reads it: what is wrong, the field, what to do. */
export function describeError(error: unknown): ErrorBody {
  if (error instanceof ArboledaError) return error.toJSON();
  const body = errorBody(error);
  return error instanceof Error
    ? { ...body, message: error.message, remedy: 'Report it with the command that led here.' }
    : body;
}

export function errorText(body: ErrorBody): string {
  const field = body.field && !body.message.includes(body.field) ? ` (${body.field})` : '';
  return `error ${body.code}: ${body.message}${field}\n  ${body.remedy}\n`;
}

/** A table with thin lines and no colours, so that it reads the same in a log. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const drawn = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  drawn.push(
    ...rows.map((row) => row.map((cell) => (cell === undefined || cell === null ? '' : String(cell)))),
  );
  return `${drawn.toString()}\n`;
}

/** A number as people read it: integers whole, large ones grouped, others with four significant digits. */
export function figure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(4)));
}

/** Metrics in one cell: `r2 0.736, rmse 46,008`. Those of the test rows; the others stand in `--json`. */
export const metricsText = (metrics: Record<string, number> = {}): string =>
  Object.entries(metrics)
    .filter(([name]) => !/^(validation|candidate|whole|merged|row_split)_/.test(name))
    .map(([name, value]) => `${name} ${figure(value)}`)
    .join(', ');

/** The metrics that come first where there is little room: what a pipeline is judged by most often. */
export const CHIEF: readonly string[] = ['r2', 'rmse', 'mae', 'accuracy', 'f1_weighted', 'roc_auc'];

export const chiefMetrics = (metrics: Record<string, number> = {}): string =>
  metricsText(
    Object.fromEntries(CHIEF.filter((name) => name in metrics).map((name) => [name, metrics[name]!])),
  );
