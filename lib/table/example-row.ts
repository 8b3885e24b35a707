import type { TableProfile } from './profile.ts';
import type { ColumnSpec, RowSchema } from './types.ts';

/** What is known of the rows that a model takes. */
export interface RowsOfModel {
  target: string;
  rowSchema: RowSchema;
  /** The columns that the model reads; absent: all but the target. A dropped column need not be sent. */
  input?: readonly string[];
  /** What the training rows looked like: an example row is then a typical one. */
  profile?: TableProfile;
}

/** The columns of a request's row: those that the model reads, in the schema's order. */
export function inputColumns({ rowSchema, target, input }: RowsOfModel): ColumnSpec[] {
  return rowSchema.columns.filter(
    ({ name }) => name !== target && (input === undefined || input.includes(name)),
  );
}

/**
 * A row that the model takes: of each column the median or the most frequent category of its training rows; where these
 * are not known, the middle of the range or the first category.
 */
export function exampleRow(model: RowsOfModel): Record<string, unknown> {
  const typical = new Map(model.profile?.columns.map((column) => [column.name, typicalValue(column)]));
  return Object.fromEntries(
    inputColumns(model).map((column) => [column.name, typical.get(column.name) ?? exampleValue(column)]),
  );
}

function typicalValue(column: TableProfile['columns'][number]): unknown {
  if ('categories' in column) return column.categories[0]?.value;
  const median = column.quantiles.find(({ p }) => p === 0.5)?.value;
  if (median === undefined) return undefined;
  if (column.kind === 'boolean') return median >= 0.5;
  if (column.kind === 'date') return new Date(median).toISOString();
  return column.kind === 'integer' ? Math.round(median) : Number(median.toPrecision(4));
}

function exampleValue(column: ColumnSpec): unknown {
  switch (column.kind) {
    case 'boolean':
      return true;
    case 'category':
    case 'text':
      return column.categories?.[0] ?? (column.numericCategories ? 1 : 'text');
    case 'date':
      return '2026-01-31T00:00:00.000Z';
    default:
      return exampleNumber(column);
  }
}

/** A number within the bounds; for integers a whole one where there is any. */
function exampleNumber(column: ColumnSpec): number {
  const { kind, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = column;
  const least = minimum ?? exclusiveMinimum;
  const most = maximum ?? exclusiveMaximum;
  if (least !== undefined && most !== undefined) {
    const middle = least + (most - least) / 2;
    const floor = Math.floor(middle);
    return kind !== 'integer' ? middle : floor > least || floor === minimum ? floor : floor + 1;
  }
  if (least !== undefined) return whole(kind, Math.ceil, minimum ?? least + 1);
  if (most !== undefined) return whole(kind, Math.floor, maximum ?? most - 1);
  return 1;
}

const whole = (kind: ColumnSpec['kind'], round: (value: number) => number, value: number): number =>
  kind === 'integer' ? round(value) : value;
