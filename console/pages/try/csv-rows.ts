import { delimiterOfText } from '../../../lib/table/csv/delimiter-of-text.ts';
import { looseCell } from '../../../lib/table/csv/loose-cell.ts';
import { textRecords } from '../../../lib/table/csv/text-records.ts';
import type { Field } from '../../form/fields.ts';

/** More than this is work for the server: the page keeps the file in memory. */
export const MAX_BYTES = 25_000_000;
export const MAX_ROWS = 100_000;

/** A file that cannot be predicted as it is, in words for whoever dropped it. */
export class BadCsvError extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** A row to send, or why it is not sent. */
export type CsvRow = { row: Record<string, unknown> } | { problem: string };

export interface CsvRows {
  header: string[];
  /** The cells as they stood, for the result. */
  records: string[][];
  rows: CsvRow[];
  /** Columns of the file that the model does not read. */
  ignored: string[];
  /** Columns that the model asks for and the file lacks: whether it can do without, the API knows. */
  absent: string[];
}

/**
 * Reads a dropped file as `POST /invocations` reads a CSV: a header, then a line a row; commas, semicolons, tabs or bars
 * between the fields.
 *
 * @throws BadCsvError
 */
export function csvRows(text: string, fields: readonly Field[]): CsvRows {
  const whole = text.replace(/^\uFEFF/, '');
  const { records, brokenAt } = textRecords(
    whole,
    delimiterOfText(whole.slice(0, 65_536), whole.length <= 65_536),
  );
  if (brokenAt !== undefined) {
    const line = whole.slice(0, brokenAt).split('\n').length;
    throw new BadCsvError(
      `A quoted field in line ${line} does not end well.`,
      'Close the quotes, or double those within.',
    );
  }
  const [header, ...lines] = records;
  if (header === undefined || lines.length === 0) {
    throw new BadCsvError(
      'The file holds no rows.',
      'The first line names the columns, each further line is a row.',
    );
  }
  if (lines.length > MAX_ROWS) {
    throw new BadCsvError(
      `${lines.length.toLocaleString('en')} rows are too many for this page, which takes ${MAX_ROWS.toLocaleString('en')}.`,
      'Let the platform predict them: npx arboleda predict-batch MODEL FILE',
    );
  }
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined)
    throw new BadCsvError(`The column "${twice}" stands twice.`, 'Name each column once.');
  const names = new Map(fields.map((field) => [field.name, field]));
  const places = header.flatMap((name, at) =>
    names.has(name) ? [{ field: names.get(name) as Field, at }] : [],
  );
  if (places.length === 0) {
    const known = [...names.keys()].slice(0, 8).join(', ');
    throw new BadCsvError(
      'None of its columns is one of the model.',
      `The first line must name the columns: ${known}.`,
    );
  }
  return {
    header,
    records: lines,
    rows: lines.map((cells) => rowOf(cells, header.length, places)),
    ignored: header.filter((name) => !names.has(name)),
    absent: fields.filter(({ name, required }) => required && !header.includes(name)).map(({ name }) => name),
  };
}

function rowOf(
  cells: readonly string[],
  width: number,
  places: readonly { field: Field; at: number }[],
): CsvRow {
  if (cells.length > width) return { problem: `${cells.length} fields; the header has ${width}` };
  const entries: [string, unknown][] = [];
  for (const { field, at } of places) {
    const value = looseCell(LOOSE[field.kind], cells[at] ?? '');
    if (value === null) continue;
    const problem = judge(field, value);
    if (problem !== undefined) return { problem: `${field.name}: ${problem}` };
    entries.push([field.name, value]);
  }
  // fromEntries defines own properties: a column named __proto__ stays a column.
  return { row: Object.fromEntries(entries) };
}

const LOOSE = {
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  choice: 'text',
  text: 'text',
  date: 'text',
} as const;

/** What the API would refuse for certain; a row that is known to be wrong does not hold up the rows beside it. */
function judge({ kind, minimum, maximum, open }: Field, value: unknown): string | undefined {
  const shown = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value);
  if (kind === 'boolean') return typeof value === 'boolean' ? undefined : `${shown} is not true or false`;
  if (kind !== 'number' && kind !== 'integer') return undefined;
  if (typeof value !== 'number') return `${shown} is not a number`;
  if (kind === 'integer' && !Number.isSafeInteger(value)) return `${shown} is not a whole number`;
  if (minimum !== undefined && (value < minimum || (open?.low === true && value === minimum))) {
    return `${shown} is below what the schema allows (${minimum})`;
  }
  if (maximum !== undefined && (value > maximum || (open?.high === true && value === maximum))) {
    return `${shown} is above what the schema allows (${maximum})`;
  }
  return undefined;
}
