import type { ModelManifest } from '../../learn/index.ts';
import { type ColumnSpec, inputColumns } from '../../table/index.ts';

type MlflowType = 'boolean' | 'long' | 'double' | 'string' | 'datetime';

/** A model's signature as an MLmodel file holds it: JSON in text, as MLflow writes it. */
export interface Signature {
  inputs: string;
  outputs: string;
  params: null;
}

/**
 * What goes in and comes out, in MLflow's types: a column for each of the row's that the model reads, and one column of
 * predictions: the class, or the number.
 */
export function signatureOf(manifest: ModelManifest): Signature {
  const inputs = columnsOf(manifest).map((column) => ({
    type: typeOf(column),
    name: column.name,
    required: !column.nullable,
  }));
  const outputs = [{ type: outputType(manifest), required: true }];
  return { inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputs), params: null };
}

/** The columns of a row that the model reads, in the schema's order. */
export const columnsOf = ({ rowSchema, target, preprocessing }: ModelManifest): ColumnSpec[] =>
  inputColumns({ rowSchema, target, input: preprocessing.input });

function typeOf({ kind, numericCategories, categories = [] }: ColumnSpec): MlflowType {
  switch (kind) {
    case 'integer':
      return 'long';
    case 'number':
      return 'double';
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'datetime';
    default:
      return numericCategories === true ? numeric(categories) : 'string';
  }
}

function outputType({ task, target, classes, rowSchema }: ModelManifest): MlflowType {
  if (task === 'regression') return 'double';
  const column = rowSchema.columns.find(({ name }) => name === target);
  const isNumeric =
    column?.kind === 'integer' || column?.kind === 'number' || column?.numericCategories === true;
  return isNumeric ? numeric(classes) : 'string';
}

const numeric = (values: readonly string[]): MlflowType =>
  values.every((value) => Number.isInteger(Number(value))) ? 'long' : 'double';
