import { InvalidInputError } from '../../errors/index.ts';
import { csvCell } from '../../table/csv/loose-cell.ts';
import { textRecords } from '../../table/csv/text-records.ts';
import type { ColumnSpec } from '../../table/types.ts';
import type { Rows } from './records.ts';

/**
 * The rows of a CSV request to `invocations`: a header, then a line a row, as `DataFrame.to_csv()` writes them. Texts
 * become what the model's columns hold; an empty cell is a missing value. Columns that the model does not read (an index)
 * are left out. A reader of its own, so that the predict function does not load the one for files.
 *
 * @throws InvalidInputError in MLflow's words
 */
export function csvRecords(text: string, columns: readonly ColumnSpec[]): Rows {
  const { records, brokenAt } = textRecords(text.replace(/^\uFEFF/, ''));
  if (brokenAt !== undefined) {
    return refuse(`a quoted field that begins at character ${brokenAt + 1} does not end well`);
  }
  const [header, ...lines] = records;
  if (header === undefined) return refuse('No columns to parse from file');
  const places = columns.flatMap((column) => {
    const at = header.indexOf(column.name);
    return at < 0 ? [] : [{ column, at }];
  });
  return lines.map((cells, i) => {
    if (cells.length > header.length) {
      return refuse(`Expected ${header.length} fields in line ${i + 2}, saw ${cells.length}`);
    }
    return Object.fromEntries(
      places.map(({ column, at }) => [column.name, csvCell(column, cells[at] ?? '')]),
    );
  });
}

const refuse = (error: string): never => {
  throw new InvalidInputError(
    `Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid CSV-formatted Pandas DataFrame produced using the \`pandas.DataFrame.to_csv()\` method. Error: '${error}'`,
    { field: 'body' },
  );
};
