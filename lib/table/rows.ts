import { BadDefinitionError } from '../errors/index.ts';
import { isNumeric } from './table.ts';
import type { CategoryColumn, Column, NumericColumn, Table } from './types.ts';

/**
 * The rows at these indices, in this order; an index may stand twice. Dictionaries stay as they are.
 *
 * @example
 * const { train } = splitRows(table, { train: 0.8, validation: 0.1, test: 0.1, seed: 42 }, 'price');
 * const trainTable = takeRows(table, train);
 */
export function takeRows(table: Table, indices: ArrayLike<number>): Table {
  const columns = table.columns.map((column): Column => {
    if (isNumeric(column)) {
      const values = new Float64Array(indices.length);
      for (let i = 0; i < indices.length; i++) values[i] = column.values[indices[i] as number] as number;
      return { ...column, values };
    }
    const codes = new Int32Array(indices.length);
    for (let i = 0; i < indices.length; i++) codes[i] = column.codes[indices[i] as number] as number;
    return { ...column, codes };
  });
  return { rowCount: indices.length, columns };
}

/**
 * The tables one below the other. They must have the same columns, of the same kinds, in the same order; dictionaries
 * are joined in order of appearance.
 *
 * @throws BadDefinitionError where the columns differ
 */
export function concatTables(tables: readonly Table[]): Table {
  const [first] = tables;
  if (first === undefined) return { rowCount: 0, columns: [] };
  const rowCount = tables.reduce((sum, table) => sum + table.rowCount, 0);
  const columns = first.columns.map((column, j) => {
    const parts = tables.map((table) => {
      const part = table.columns[j];
      if (
        table.columns.length !== first.columns.length ||
        part?.name !== column.name ||
        part.kind !== column.kind
      ) {
        throw new BadDefinitionError(
          `tables to join differ in column ${j} ("${column.name}", ${column.kind})`,
        );
      }
      return part;
    });
    return isNumeric(column)
      ? joinNumbers(column, parts as NumericColumn[], rowCount)
      : joinTexts(parts, rowCount);
  });
  return { rowCount, columns };
}

function joinNumbers(column: NumericColumn, parts: NumericColumn[], rowCount: number): NumericColumn {
  const values = new Float64Array(rowCount);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { ...column, values };
}

function joinTexts(parts: Column[], rowCount: number): CategoryColumn {
  const texts = parts as CategoryColumn[];
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(rowCount);
  let at = 0;
  for (const part of texts) {
    const recode = part.categories.map((category) => {
      const code = codeOf.get(category) ?? codeOf.size;
      codeOf.set(category, code);
      return code;
    });
    for (const code of part.codes) codes[at++] = code === -1 ? -1 : (recode[code] as number);
  }
  const { name, kind } = texts[0] as CategoryColumn;
  return { name, kind, codes, categories: [...codeOf.keys()] };
}

/**
 * A number for each row, the same for rows that are equal in every column (a missing value equals a missing value),
 * numbered in order of appearance over all tables. Exact: no hash that might collide. Columns are matched by place.
 */
export function rowIdentities(tables: readonly Table[]): Int32Array[] {
  const total = tables.reduce((sum, table) => sum + table.rowCount, 0);
  let ids = new Int32Array(total);
  let distinct = total === 0 ? 0 : 1;
  for (let j = 0; j < (tables[0]?.columns.length ?? 0) && distinct < total; j++) {
    const values = valueIdentities(
      tables.map((table) => table.columns[j] as Column),
      total,
    );
    const seen = new Map<number, number>();
    const refined = new Int32Array(total);
    for (let i = 0; i < total; i++) {
      // Both are below 2^31 and their product below 2^53 for tables of up to 94 million rows.
      const pair = (ids[i] as number) * total + (values[i] as number);
      refined[i] = identityOf(seen, pair);
    }
    ids = refined;
    distinct = seen.size;
  }
  let at = 0;
  return tables.map(({ rowCount }) => {
    at += rowCount;
    return ids.slice(at - rowCount, at);
  });
}

function identityOf<K>(seen: Map<K, number>, key: K): number {
  const known = seen.get(key);
  if (known !== undefined) return known;
  seen.set(key, seen.size);
  return seen.size - 1;
}

function valueIdentities(columns: readonly Column[], total: number): Int32Array {
  const seen = new Map<number | string | undefined, number>();
  const ids = new Int32Array(total);
  const idOf = (value: number | string | undefined) => identityOf(seen, value);
  let at = 0;
  for (const column of columns) {
    if (isNumeric(column)) {
      for (const value of column.values) ids[at++] = idOf(value);
      continue;
    }
    const lookup = new Int32Array(column.categories.length + 1).fill(-1);
    for (const code of column.codes) {
      if (lookup[code + 1] === -1) lookup[code + 1] = idOf(column.categories[code]);
      ids[at++] = lookup[code + 1] as number;
    }
  }
  return ids;
}
