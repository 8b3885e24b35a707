import type { RowResult } from './batch.ts';

/** What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), full-width forms included. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A cell that no spreadsheet runs: a text that begins like a formula has an apostrophe before it, which spreadsheets show
 * as the text itself; numbers stay numbers.
 */
export function csvCell(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",;\t\r\n|]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export interface ResultTable {
  header: readonly string[];
  records: readonly (readonly string[])[];
  results: readonly (RowResult | undefined)[];
  target: string;
}

/** The rows as they came, with what was predicted of each, the probabilities, who answered, or why it was not. */
export function resultCsv({ header, records, results, target }: ResultTable): string {
  const classes = new Set<string>();
  for (const result of results) {
    for (const name of Object.keys(result?.answer?.probabilities ?? {})) classes.add(name);
  }
  const names = [...classes];
  const added = [
    `predicted_${target}`,
    ...names.map((name) => `probability_${name}`),
    'model_version',
    'prediction_error',
  ].map((name) => unused(name, header));
  const lines = records.map((cells, i) => {
    const result = results[i];
    const { prediction, probabilities = {} } = result?.answer ?? {};
    return [
      ...header.map((_, j) => cells[j] ?? ''),
      prediction,
      ...names.map((name) => probabilities[name]),
      result?.version,
      result === undefined ? 'not asked' : result.error,
    ];
  });
  return `${[[...header, ...added], ...lines].map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`;
}

/** A column that the file has already keeps its name; ours gets another. */
function unused(name: string, header: readonly string[]): string {
  let free = name;
  for (let i = 2; header.includes(free); i++) free = `${name}_${i}`;
  return free;
}
