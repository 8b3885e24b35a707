import { inputColumns, type RowsOfModel } from '../table/example-row.ts';
import type { ColumnSpec } from '../table/types.ts';

/** JSON Schema (2020-12, as OpenAPI 3.1 uses it), as far as columns need it. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

/** A registered model as the OpenAPI document shows it. */
export interface DocumentedModel extends RowsOfModel {
  name: string;
  version: string;
}

/** The row that a model takes: its columns without the target, required unless the schema lets them be absent. */
export function rowJsonSchema(model: DocumentedModel): JsonSchema {
  const columns = inputColumns(model);
  return {
    type: 'object',
    title: `A row of ${model.name}`,
    description: `Version ${model.version}; predicts ${model.target}`,
    // fromEntries defines own properties: a column named __proto__ stays a column.
    properties: Object.fromEntries(
      columns.map((column) => [column.name, { ...columnSchema(column), ...seenOf(model, column) }]),
    ),
    required: columns.filter((column) => !column.nullable).map((column) => column.name),
    additionalProperties: false,
  };
}

function columnSchema(column: ColumnSpec): JsonSchema {
  const type = jsonType(column);
  return {
    type: column.nullable ? [type, 'null'] : type,
    ...(column.kind === 'date' ? { format: 'date-time' } : {}),
    ...(column.categories === undefined
      ? {}
      : { enum: column.nullable ? [...column.categories, null] : [...column.categories] }),
    ...(column.kind === 'integer' ? exactIntegers(column) : {}),
    ...(column.minimum === undefined ? {} : { minimum: column.minimum }),
    ...(column.maximum === undefined ? {} : { maximum: column.maximum }),
    ...(column.exclusiveMinimum === undefined ? {} : { exclusiveMinimum: column.exclusiveMinimum }),
    ...(column.exclusiveMaximum === undefined ? {} : { exclusiveMaximum: column.exclusiveMaximum }),
    ...(column.default === undefined ? {} : { default: column.default }),
    ...(column.description === undefined ? {} : { description: column.description }),
  };
}

/** Beyond 2^53 a JSON number is no longer one integer: such a cell is refused, and the document says so. */
const exactIntegers = ({ exclusiveMinimum, exclusiveMaximum }: ColumnSpec): JsonSchema => ({
  ...(exclusiveMinimum === undefined ? { minimum: Number.MIN_SAFE_INTEGER } : {}),
  ...(exclusiveMaximum === undefined ? { maximum: Number.MAX_SAFE_INTEGER } : {}),
});

/** What the training rows held, for whoever fills in a form: the range of a number, the most frequent texts. */
function seenOf({ profile }: DocumentedModel, column: ColumnSpec): JsonSchema {
  const seen = profile?.columns.find(({ name }) => name === column.name);
  if (seen === undefined) return {};
  if ('categories' in seen) {
    const known = column.categories !== undefined || seen.categories.length === 0;
    return known ? {} : { examples: seen.categories.map(({ value }) => value) };
  }
  const isNumber = column.kind === 'number' || column.kind === 'integer';
  return isNumber && seen.min !== null && seen.max !== null
    ? { 'x-training': { minimum: seen.min, maximum: seen.max } }
    : {};
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
