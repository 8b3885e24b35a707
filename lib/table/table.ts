import { UnknownColumnError } from './errors.ts';
import type { Cell, Column, ColumnKind, ColumnSpec, NumericColumn, Row, RowSchema, Table } from './types.ts';

/** Whether a column holds numbers (booleans and dates among them) rather than strings. */
export function isNumeric(column: Column): column is NumericColumn {
  return 'values' in column;
}

/** Whether a column of this kind holds numbers (booleans and dates among them) rather than strings. */
export function isNumericKind(kind: ColumnKind): kind is NumericColumn['kind'] {
  return kind !== 'category' && kind !== 'text';
}

export function findColumn(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name);
}

/** @throws UnknownColumnError that lists the names there are. */
export function requireColumn(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (column !== undefined) return column;
  const names = table.columns.map((one) => one.name);
  throw new UnknownColumnError(`no column named "${name}"`, {
    remedy: `Use one of: ${names.slice(0, 30).join(', ')}${names.length > 30 ? ', …' : ''}.`,
    details: { column: name },
  });
}

/** Whether row i of the column has no value. */
export function isMissing(column: Column, i: number): boolean {
  return isNumeric(column) ? Number.isNaN(column.values[i]) : column.codes[i] === -1;
}

/** Row i of a column as JSON knows it: dates as ISO text, a missing value as null. */
export function cellAt(column: Column, i: number): Cell {
  if (!isNumeric(column)) return column.categories[column.codes[i] as number] ?? null;
  const value = column.values[i] as number;
  if (Number.isNaN(value)) return null;
  if (column.kind === 'boolean') return value !== 0;
  if (column.kind === 'date') return new Date(value).toISOString();
  return value;
}

/**
 * Rows `start` to `end` (exclusive) as JSON objects.
 *
 * @example
 * tableToRows(table, 0, 2); // [{ rooms: 7, area: 153.8 }, { rooms: 5, area: 83.2 }]
 */
export function tableToRows(table: Table, start = 0, end = table.rowCount): Row[] {
  const rows: Row[] = [];
  for (let i = start; i < Math.min(end, table.rowCount); i++) {
    rows.push(Object.fromEntries(table.columns.map((column) => [column.name, cellAt(column, i)])));
  }
  return rows;
}

/**
 * What the table's columns are: kinds, dictionaries as categories, nullable where a value is missing.
 * Text columns have no categories: their set of values is open.
 */
export function tableSchema(table: Table): RowSchema {
  const columns = table.columns.map((column): ColumnSpec => {
    const { name, kind } = column;
    const nullable = hasMissing(column);
    if (isNumeric(column) || kind === 'text') return { name, kind, nullable };
    return { name, kind, categories: [...column.categories], nullable };
  });
  return { columns };
}

export function hasMissing(column: Column): boolean {
  return isNumeric(column) ? column.values.some(Number.isNaN) : column.codes.includes(-1);
}

/** The table without the named columns; names that are not there are passed over. */
export function withoutColumns(table: Table, names: readonly string[]): Table {
  const dropped = new Set(names);
  return { rowCount: table.rowCount, columns: table.columns.filter((column) => !dropped.has(column.name)) };
}
