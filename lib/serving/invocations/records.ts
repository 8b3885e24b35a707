import { InvalidInputError } from '../../errors/index.ts';
import type { ColumnSpec } from '../../table/types.ts';

/** The four forms in which MLflow's scoring protocol takes rows. */
const FORMATS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
type Format = (typeof FORMATS)[number];

export type Rows = Record<string, unknown>[];

const REQUIRED = `The input must be a JSON dictionary with exactly one of the input fields {${FORMATS.map((name) => `'${name}'`).join(', ')}}`;

const refuse = (message: string, field: string): never => {
  throw new InvalidInputError(message, { field });
};

/**
 * The rows of a JSON request to `invocations`. Columns that the model does not read are left out, as MLflow's schema does;
 * rows that are lists, without names, are taken in the order of the model's columns. `params` are taken and have no
 * meaning: a model of ours has none.
 *
 * @param columns the columns that the model reads, in the order of its signature
 * @throws InvalidInputError in MLflow's words
 */
export function recordsOf(body: unknown, columns: readonly ColumnSpec[]): Rows {
  if (Array.isArray(body)) return refuse(`${REQUIRED}. Received a list.`, 'body');
  if (!isObject(body)) return refuse(`${REQUIRED}. Received unexpected input type '${typeof body}'.`, 'body');
  const given = FORMATS.filter((format) => Object.hasOwn(body, format));
  const [format] = given;
  if (format === undefined || given.length > 1) {
    const fields = Object.keys(body).map((name) => `'${name.slice(0, 100)}'`);
    return refuse(`${REQUIRED}. Received dictionary with input fields: [${fields.join(', ')}]`, 'body');
  }
  const names = columns.map(({ name }) => name);
  return read(format, body[format], names).map((row) => only(row, names));
}

function read(format: Format, value: unknown, names: readonly string[]): Rows {
  switch (format) {
    case 'dataframe_split':
      return split(value, names);
    case 'dataframe_records':
      return records(value);
    case 'instances':
      return list(value, format, names);
    case 'inputs':
      return isObject(value) ? byColumn(value) : list(value, format, names);
  }
}

function split(value: unknown, names: readonly string[]): Rows {
  if (!isObject(value)) {
    return refuse(`Dataframe split format must be a dictionary. Got ${typeName(value)}.`, 'dataframe_split');
  }
  const keys = Object.keys(value);
  if (!keys.includes('data') || keys.some((key) => !['columns', 'data', 'index'].includes(key))) {
    return refuse(
      `Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. Got {${keys.map((key) => `'${key.slice(0, 100)}'`).join(', ')}}.`,
      'dataframe_split',
    );
  }
  const { columns = names, data } = value;
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) {
    return wrongSplit('columns must be a list of names', 'columns');
  }
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) return wrongSplit(`column '${twice}' is named twice`, 'columns');
  if (!Array.isArray(data)) return wrongSplit('data must be a list of rows', 'data');
  return data.map((row, i) => {
    if (Array.isArray(row) && row.length === columns.length) return named(columns, row);
    const found = Array.isArray(row) ? `${row.length} columns` : typeName(row);
    return wrongSplit(`${columns.length} columns passed, row ${i} of the data has ${found}`, `data[${i}]`);
  });
}

const wrongSplit = (what: string, field: string): never =>
  refuse(
    `Provided dataframe_split field is not a valid dataframe representation in 'split' format. Error: '${what}'`,
    `dataframe_split.${field}`,
  );

function records(value: unknown): Rows {
  if (!Array.isArray(value)) {
    return refuse(
      `Dataframe records format must be a list of records. Got ${typeName(value)}.`,
      'dataframe_records',
    );
  }
  return value.map((row, i) => {
    if (isObject(row)) return row;
    const what = `record ${i} is no dictionary but ${typeName(row)}`;
    return refuse(
      `Provided dataframe_records field is not a valid dataframe representation in 'records' format. Error: '${what}'`,
      `dataframe_records[${i}]`,
    );
  });
}

/** Rows by name, or in the order of the model's columns; of a model of one column a row may be the value itself. */
function list(value: unknown, field: string, names: readonly string[]): Rows {
  if (!Array.isArray(value)) {
    return refuse(
      `Failed to parse data as TF serving input. '${field}' must be a list. Got ${typeName(value)}.`,
      field,
    );
  }
  return value.map((row, i) => {
    if (isObject(row)) return row;
    const values = Array.isArray(row) ? row : [row];
    if (values.length === names.length) return named(names, values);
    return refuse(
      `Failed to parse data as TF serving input. Row ${i} has ${values.length} values; the model's columns are ${names.length}: ${names.slice(0, 30).join(', ')}`,
      `${field}[${i}]`,
    );
  });
}

/** `{"a": [1, 2], "b": [3, 4]}`; values that are no lists are one row. */
function byColumn(value: Record<string, unknown>): Rows {
  const entries = Object.entries(value).map(
    ([name, cells]) => [name, Array.isArray(cells) ? cells : [cells]] as const,
  );
  const length = entries[0]?.[1].length ?? 0;
  const odd = entries.find(([, cells]) => cells.length !== length);
  if (odd !== undefined) {
    return refuse(
      `Failed to parse data as TF serving input. The columns of 'inputs' differ in length: ${length} and ${odd[1].length} ('${odd[0].slice(0, 100)}')`,
      'inputs',
    );
  }
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(entries.map(([name, cells]) => [name, single(cells[i])])),
  );
}

/** A column of one-element lists, as tensors of shape (n, 1) are written. */
const single = (cell: unknown): unknown => (Array.isArray(cell) && cell.length === 1 ? cell[0] : cell);

const named = (names: readonly string[], values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name, i) => [name, values[i]]));

const only = (row: Record<string, unknown>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]]));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (isObject(value)) return 'dictionary';
  return value === null ? 'null' : `type ${typeof value}`;
}
