import { InvalidInputError } from '../../lib/errors/index.ts';
import { inferTask, type Task } from '../../lib/learn/index.ts';
import type { Column, RowSchema, Table } from '../../lib/table/types.ts';
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
export function chooseColumns(
  table: Table,
  target: string,
  drop: readonly string[],
  group?: string,
): ColumnChoice {
  const dropped: ColumnChoice['dropped'] = [];
  for (const column of table.columns) {
    if (column.name === target) continue;
    const reason =
      column.name === group
        ? 'groups the rows'
        : drop.includes(column.name)
          ? 'left out by --drop'
          : uselessness(column, table.rowCount);
    if (reason) dropped.push({ column: column.name, reason });
  }
  return { dropped };
}

/** The rows that have a target; undefined where all have one. */
export function rowsWithTarget(table: Table, target: string): Int32Array | undefined {
  const column = table.columns.find(({ name }) => name === target);
  if (!column) return undefined;
  const kept: number[] = [];
  for (let i = 0; i < table.rowCount; i++) {
    const present = 'codes' in column ? (column.codes[i] ?? -1) >= 0 : !Number.isNaN(column.values[i]);
    if (present) kept.push(i);
  }
  return kept.length === table.rowCount ? undefined : Int32Array.from(kept);
}

/** Whole numbers of so few values are classes, unless `--task` says otherwise. */
const MOST_CLASSES = 15;

/** Classes for categories, flags and whole numbers of few values; an amount for all else. */
export function guessTask(
  table: Table,
  schema: RowSchema,
  target: string,
  note: (text: string) => void,
): Task {
  const inferred = inferTask(schema, target);
  const column = table.columns.find(({ name }) => name === target);
  if (inferred === 'classification' || !column || 'codes' in column) return inferred;
  const values = new Set(column.values);
  const whole = column.kind !== 'date' && [...values].every((value) => Number.isInteger(value));
  if (!whole || values.size > MOST_CLASSES || table.rowCount < values.size * 10) return inferred;
  note(
    `"${target}" has ${values.size} different whole numbers: taken for classes (--task regression says otherwise)`,
  );
  return 'classification';
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
  const named = /(^|[_\s-])(id|key|uuid|index)$/i.test(column.name) || /[a-z](Id|ID)$/.test(column.name);
  return unique &&
    column.kind !== 'date' &&
    column.values.every(isWhole) &&
    (named || evenlySpaced(column.values))
    ? 'differs in every row, as an id does'
    : undefined;
}

/** pandas writes ids with gaps as 1.0, 2.0. */
const isWhole = (value: number): boolean => Number.isNaN(value) || Number.isInteger(value);

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
