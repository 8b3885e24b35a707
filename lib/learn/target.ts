import type { Column, RowSchema, Table } from '../table/types.ts';
import { BadTargetError } from './errors.ts';
import type { Target, Task } from './types.ts';

/** Integer targets that span fewer values than this, with both bounds in the schema, are taken for classes. */
const MOST_INTEGER_CLASSES = 10;

/**
 * What kind of answer the target asks for. Categories, text and booleans are classes; numbers and dates are not. An
 * integer is a number, unless the schema bounds it to fewer than ten values (0/1 flags, grades): then it is a class.
 *
 * @throws BadTargetError where the schema has no such column
 */
export function inferTask(schema: RowSchema, target: string): Task {
  const column = schema.columns.find(({ name }) => name === target);
  if (column === undefined)
    throw new BadTargetError(`the row schema has no column "${target}"`, { field: target });
  if (column.kind === 'category' || column.kind === 'text' || column.kind === 'boolean')
    return 'classification';
  if (column.kind !== 'integer' || column.minimum === undefined || column.maximum === undefined)
    return 'regression';
  return column.maximum - column.minimum < MOST_INTEGER_CLASSES ? 'classification' : 'regression';
}

/**
 * The target column as class indices or numbers.
 *
 * Class names are the categories, `false`/`true` for booleans, and the number's shortest text otherwise. They are
 * sorted: numbers by value, names by UTF-16 code unit, so that the order never depends on a locale.
 *
 * @param classes the classes to index into, such as a fitted model's; by default those present in the table
 * @throws BadTargetError where the column is absent, has a missing value, or a class outside `classes`
 */
export function toTarget(table: Table, target: string, task: Task, classes?: readonly string[]): Target {
  const column = table.columns.find(({ name }) => name === target);
  if (column === undefined)
    throw new BadTargetError(`the table has no column "${target}"`, { field: target });
  requireNoMissing(column);
  if (task === 'regression') return { task, values: numbersOf(column) };
  const names = namesOf(column);
  const order = classes ?? sortClasses([...new Set(names)], column.kind);
  const indexOf = new Map(order.map((name, index) => [name, index]));
  const values = new Int32Array(names.length);
  for (let i = 0; i < names.length; i++) {
    const index = indexOf.get(names[i]!);
    if (index === undefined) {
      throw new BadTargetError(
        `the model knows no class ${JSON.stringify(names[i])} of the target "${target}"`,
        {
          field: target,
          details: { class: names[i], classes: order.slice(0, 100) },
          remedy: 'Train on data that holds every class, or correct the data.',
        },
      );
    }
    values[i] = index;
  }
  return { task, classes: order, values };
}

function requireNoMissing(column: Column): void {
  const missing =
    'codes' in column
      ? column.codes.reduce((count, code) => count + (code < 0 ? 1 : 0), 0)
      : column.values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  if (missing === 0) return;
  throw new BadTargetError(`the target "${column.name}" is missing or infinite in ${missing} rows`, {
    field: column.name,
    details: { missing },
  });
}

function numbersOf(column: Column): Float64Array {
  if ('values' in column) return column.values;
  throw new BadTargetError(`the target "${column.name}" holds text, so it cannot be a regression`, {
    field: column.name,
    remedy: "Declare `task: 'classification'`, or a number in the row.",
  });
}

function namesOf(column: Column): string[] {
  if ('codes' in column) return Array.from(column.codes, (code) => column.categories[code]!);
  if (column.kind === 'boolean')
    return Array.from(column.values, (value) => (value === 0 ? 'false' : 'true'));
  // -0 and 0 are one class.
  return Array.from(column.values, (value) => String(value + 0));
}

function sortClasses(names: string[], kind: Column['kind']): string[] {
  return kind === 'number' || kind === 'integer' || kind === 'date'
    ? names.sort((a, b) => Number(a) - Number(b))
    : names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
