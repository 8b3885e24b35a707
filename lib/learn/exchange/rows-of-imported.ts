import { InvalidInputError } from '../../errors/index.ts';
import {
  type ColumnSpec,
  type FittedPreprocessing,
  fittedPreprocessingSchema,
  type RowSchema,
  rowSchemaSchema,
} from '../../table/index.ts';
import type { Model } from '../types.ts';
import type { FeatureMetadata } from './onnx/metadata.ts';

/** How raw rows become a model's features: what a model file needs beside the model. */
export interface RowPreparation {
  target: string;
  preprocessing: FittedPreprocessing;
  rowSchema: RowSchema;
  /** True where it was read from the file: the preparation that the model was trained with here. */
  restored: boolean;
}

/**
 * The rows that a model from elsewhere takes. A model that was exported here brings its preparation along; for any
 * other a row is its features as they are: numbers, and the names of categories, each of which may be missing.
 *
 * @param target the column that is predicted; by default the one that the file names
 * @throws InvalidInputError where neither names a target, or a feature has the target's name
 */
export function preparationOf(
  model: Model,
  metadata: FeatureMetadata,
  target = metadata.target,
): RowPreparation {
  if (target === undefined || target === '') {
    throw new InvalidInputError('the file does not say what it predicts', {
      field: 'target',
      remedy: 'Name the target with --target NAME.',
    });
  }
  if (model.features.includes(target)) {
    throw new InvalidInputError(`"${target}" is a feature of the model, so it cannot be the target`, {
      field: 'target',
    });
  }
  return restored(model, metadata, target) ?? plain(model, target);
}

function restored(
  model: Model,
  { preprocessing, rowSchema }: FeatureMetadata,
  target: string,
): RowPreparation | undefined {
  const fitted = fittedPreprocessingSchema.safeParse(preprocessing);
  const schema = rowSchemaSchema.safeParse(rowSchema);
  if (!fitted.success || !schema.success || fitted.data.target !== target) return undefined;
  const made = new Set(fitted.data.output.map(({ name }) => name));
  const declared = new Set(schema.data.columns.map(({ name }) => name));
  if (!model.features.every((name) => made.has(name)) || !declared.has(target)) return undefined;
  // Classes that were given other names, as an import may, are what the target holds from now on.
  const columns = schema.data.columns.map((column) =>
    column.name === target && !holdsClasses(column, model) ? columnOf(target, model.classes, false) : column,
  );
  return { target, preprocessing: fitted.data, rowSchema: { columns } as RowSchema, restored: true };
}

/** Whether the target's column, as it was declared, can hold all that the model answers. */
function holdsClasses(column: { kind: string; categories?: string[] | undefined }, model: Model): boolean {
  if (model.task === 'regression') return true;
  if (column.kind === 'category' && column.categories !== undefined) {
    return model.classes.every((name) => column.categories!.includes(name));
  }
  if (column.kind === 'boolean') return model.classes.every((name) => name === 'false' || name === 'true');
  return column.kind === 'text' || column.kind === 'category' || model.classes.every(isNumber);
}

const isNumber = (name: string): boolean => name !== '' && String(Number(name)) === name;

function plain({ features, categories, classes, task }: Model, target: string): RowPreparation {
  const columns = features.map((name, f): ColumnSpec => columnOf(name, categories?.[f], true));
  const answer =
    task === 'regression' ? columnOf(target, undefined, false) : columnOf(target, classes, false);
  const schema = { columns: [...columns, answer] };
  const output = columns.map(({ name, kind }) => ({ name, kind }));
  return {
    target,
    preprocessing: {
      format: 'arboleda-preprocessing',
      version: 1,
      target,
      schema: structuredClone(schema) as FittedPreprocessing['schema'],
      input: [...features],
      steps: [],
      output,
      rows: 0,
    },
    rowSchema: schema,
    restored: false,
  };
}

function columnOf(name: string, names: readonly string[] | undefined, nullable: boolean): ColumnSpec {
  if (names === undefined) return { name, kind: 'number', nullable };
  const numeric = names.every(isNumber);
  return {
    name,
    kind: 'category',
    categories: [...names],
    ...(numeric ? { numericCategories: true } : {}),
    nullable,
  };
}
