import { InvalidInputError } from '../../errors/index.ts';
import type { ColumnSpec } from '../../table/types.ts';
import type { Rows } from './records.ts';

/** What pandas reads as a missing number, and so MLflow. */
const MISSING = new Set([
  '',
  'NA',
  'N/A',
  'n/a',
  'NaN',
  'nan',
  'null',
  'NULL',
  'None',
  '<NA>',
  '#N/A',
  '-NaN',
  '-nan',
]);

/**
 * The rows of a CSV request to `invocations`: a header, then a line a row, as `DataFrame.to_csv()` writes them. Texts
 * become what the model's columns hold; an empty cell is a missing value. Columns that the model does not read (an index)
 * are left out. A reader of its own, so that the predict function does not load the one for files.
 *
 * @throws InvalidInputError in MLflow's words
 */
export function csvRecords(text: string, columns: readonly ColumnSpec[]): Rows {
  const [header, ...lines] = parse(text.replace(/^\uFEFF/, ''));
  if (header === undefined) return refuse('No columns to parse from file');
  const places = columns.flatMap((column) => {
    const at = header.indexOf(column.name);
    return at < 0 ? [] : [{ column, at }];
  });
  return lines.map((cells, i) => {
    if (cells.length > header.length) {
      return refuse(`Expected ${header.length} fields in line ${i + 2}, saw ${cells.length}`);
    }
    return Object.fromEntries(places.map(({ column, at }) => [column.name, cellOf(column, cells[at] ?? '')]));
  });
}

const refuse = (error: string): never => {
  throw new InvalidInputError(
    `Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid CSV-formatted Pandas DataFrame produced using the \`pandas.DataFrame.to_csv()\` method. Error: '${error}'`,
    { field: 'body' },
  );
};

/** What a cell says, in the column's kind; what it cannot be stays text, which the model's schema refuses by name. */
function cellOf({ kind, numericCategories }: ColumnSpec, text: string): unknown {
  if (kind === 'number' || kind === 'integer' || numericCategories === true) {
    if (MISSING.has(text.trim())) return null;
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }
  if (text === '') return null;
  if (kind !== 'boolean') return text;
  const word = text.trim().toLowerCase();
  return word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : text;
}

/** Records of RFC 4180: quoted fields may hold commas, quotes and ends of lines. Empty lines are passed over. */
function parse(text: string): string[][] {
  const records: string[][] = [];
  const field = /("(?:[^"]|"")*"|(?!")[^,\r\n]*)(,|\r\n|\n|\r|$)/y;
  let record: string[] = [];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const found = field.exec(text);
    if (found === null) return refuse(`a quoted field that begins at character ${at + 1} does not end well`);
    const [, raw = '', end] = found;
    record.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ',' && field.lastIndex < text.length) continue;
    if (end === ',') record.push('');
    if (record.length > 1 || raw !== '') records.push(record);
    record = [];
  }
  return records;
}
