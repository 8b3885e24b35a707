import { InvalidInputError } from '../../lib/errors/index.ts';
import type { Column, ColumnSpec, RowSchema, Table } from '../../lib/table/types.ts';
import { nearest } from '../cli/nearest.ts';

export interface ColumnChoice {
  /** Columns that train nothing, with why. */
  dropped: { column: string; reason: string }[];
}

/** @throws InvalidInputError naming the column that the file does not have, and the one that was probably meant. */
export function checkColumns(schema: RowSchema, field: string, names: readonly string[]): void {
  const known = schema.columns.map((column) => column.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new InvalidInputError(`the file has no column "${name}"`, {
      field,
      remedy: `${near ? `Did you mean "${near}"? ` : ''}Its columns are: ${known.slice(0, 60).join(', ')}.`,
    });
  }
}

/**
 * Which columns say nothing that a model can use: what the caller leaves out, one value only, empty, ids (a whole
 * number or a text that is different in every row), and free text.
 */
export function chooseColumns(table: Table, target: string, drop: readonly string[]): ColumnChoice {
  const dropped: ColumnChoice['dropped'] = [];
  for (const column of table.columns) {
    if (column.name === target) continue;
    const reason = drop.includes(column.name) ? 'left out by --drop' : uselessness(column, table.rowCount);
    if (reason) dropped.push({ column: column.name, reason });
  }
  return { dropped };
}

function uselessness(column: Column, rows: number): string | undefined {
  const seen = distinct(column);
  if (seen.present === 0) return 'is empty';
  if (seen.values === 1 && seen.present === rows) return 'has one value only';
  const unique = seen.values === seen.present && seen.present >= Math.max(20, rows * 0.95);
  if ('codes' in column) {
    if (unique) return 'differs in every row, as an id does';
    if (seen.values > Math.max(100, rows / 5)) return `is free text (${seen.values} different values)`;
    return undefined;
  }
  return unique && column.kind === 'integer' && evenlySpaced(column.values)
    ? 'counts the rows, as an id does'
    : undefined;
}

/** 1, 2, 3 ... in any order, with few gaps: a measurement in whole numbers is not like that. */
function evenlySpaced(values: Float64Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low < values.length * 1.5;
}

function distinct(column: Column): { present: number; values: number } {
  const seen = new Set<number>();
  let present = 0;
  const cells = 'codes' in column ? column.codes : column.values;
  for (const cell of cells) {
    if ('codes' in column ? cell < 0 : Number.isNaN(cell)) continue;
    present++;
    seen.add(cell);
  }
  return { present, values: seen.size };
}

/** Columns of the schema that a table still has. */
export const columnsOf = (schema: RowSchema, table: Table): ColumnSpec[] =>
  schema.columns.filter((spec) => table.columns.some((column) => column.name === spec.name));
