import type { TableProfile } from '../table/profile.ts';
import type { ColumnSpec, RowSchema } from '../table/types.ts';

/** JSON Schema (2020-12, as OpenAPI 3.1 uses it), as far as columns need it. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

/** A registered model as the OpenAPI document shows it. */
export interface DocumentedModel {
  name: string;
  version: string;
  target: string;
  rowSchema: RowSchema;
  /** The columns that the model reads; absent: all but the target. A dropped column need not be sent. */
  input?: readonly string[];
  /** What the training rows looked like: an example row is then a typical one. */
  profile?: TableProfile;
}

/** The row that a model takes: its columns without the target, required unless the schema lets them be absent. */
export function rowJsonSchema(model: DocumentedModel): JsonSchema {
  const columns = inputColumns(model);
  return {
    type: 'object',
    title: `A row of ${model.name}`,
    description: `Version ${model.version}; predicts ${model.target}`,
    // fromEntries defines own properties: a column named __proto__ stays a column.
    properties: Object.fromEntries(columns.map((column) => [column.name, columnSchema(column)])),
    required: columns.filter((column) => !column.nullable).map((column) => column.name),
    additionalProperties: false,
  };
}

function inputColumns({ rowSchema, target, input }: DocumentedModel): ColumnSpec[] {
  return rowSchema.columns.filter(
    ({ name }) => name !== target && (input === undefined || input.includes(name)),
  );
}

function columnSchema(column: ColumnSpec): JsonSchema {
  const type = jsonType(column);
  return {
    type: column.nullable ? [type, 'null'] : type,
    ...(column.kind === 'date' ? { format: 'date-time' } : {}),
    ...(column.categories === undefined
      ? {}
      : { enum: column.nullable ? [...column.categories, null] : [...column.categories] }),
    ...(column.minimum === undefined ? {} : { minimum: column.minimum }),
    ...(column.maximum === undefined ? {} : { maximum: column.maximum }),
    ...(column.description === undefined ? {} : { description: column.description }),
  };
}

function jsonType(column: ColumnSpec): string {
  switch (column.kind) {
    case 'number':
    case 'integer':
    case 'boolean':
      return column.kind;
    default:
      return 'string';
  }
}

/**
 * A row that the model takes: of each column the median or the most frequent category of its training rows; where these
 * are not known, the middle of the range or the first category.
 */
export function exampleRow(model: DocumentedModel): Record<string, unknown> {
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
      return column.categories?.[0] ?? 'text';
    case 'date':
      return '2026-01-31T00:00:00.000Z';
    default:
      return exampleNumber(column);
  }
}

function exampleNumber({ kind, minimum, maximum }: ColumnSpec): number {
  if (minimum !== undefined && maximum !== undefined) {
    const middle = minimum + (maximum - minimum) / 2;
    return kind === 'integer' ? Math.floor(middle) : middle;
  }
  return minimum ?? maximum ?? 1;
}
