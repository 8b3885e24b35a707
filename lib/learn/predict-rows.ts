import { applyPreprocessing, type NativeInputs, type RowWarning, rowsToTable } from '../table/index.ts';
import { getAlgorithm } from './algorithms.ts';
import { codesOf } from './categories.ts';
import type { LoadedModel } from './file/model-file.ts';
import { toMatrix } from './matrix.ts';
import type { FeatureMatrix } from './types.ts';

/** The answer to one row. */
export interface Prediction {
  /** The class's name, or the number; a class of a numeric target is that number. */
  prediction: string | number;
  /** Each class's probability under its name; absent for a regression. */
  probabilities?: Record<string, number>;
}

/**
 * Answers raw rows, prepared exactly as the training rows were.
 *
 * @throws InvalidInputError naming the field, such as `rows[3].area`
 * @example
 * const { predictions, warnings } = predictRows(readModelFile(bytes), [{ rooms: 3, area: 90, age: 12 }]);
 */
export function predictRows(
  loaded: LoadedModel,
  rows: unknown[],
): { predictions: Prediction[]; warnings: RowWarning[] } {
  const { model } = loaded;
  if (rows.length === 0) return { predictions: [], warnings: [] };
  const { x, warnings } = matrixOfRows(loaded, rows);
  if (model.task === 'regression') {
    return { predictions: Array.from(model.predict(x), (prediction) => ({ prediction })), warnings };
  }
  const { classes } = model;
  const labels = classLabels(loaded);
  const probabilities = model.predictProbability(x);
  const predictions = Array.from(model.predict(x), (index, i) => ({
    prediction: labels[index]!,
    // fromEntries defines its keys, so that a class named `__proto__` is a key and nothing more.
    probabilities: Object.fromEntries(
      classes.map((name, k) => [name, probabilities[i * classes.length + k]!]),
    ),
  }));
  return { predictions, warnings };
}

/**
 * Raw rows as the model's features, prepared as the training rows were.
 *
 * @param rows at least one
 * @throws InvalidInputError naming the field, such as `rows[3].area`
 */
export function matrixOfRows(
  loaded: LoadedModel,
  rows: unknown[],
): { x: FeatureMatrix; warnings: RowWarning[] } {
  const { manifest, model } = loaded;
  const { table, warnings } = rowsToTable(manifest.preprocessing, rows, nativeInputs(loaded));
  const prepared = applyPreprocessing(manifest.preprocessing, table);
  const { features, categories } = model;
  return { x: toMatrix(prepared, { target: manifest.target, features, categories }), warnings };
}

/** What the model takes without a step of the preprocessing: its own categories, and gaps where its trainer takes them. */
export function nativeInputs({ model }: LoadedModel): NativeInputs {
  const categories = new Map<string, ReadonlyMap<string, number>>();
  for (const [j, names] of (model.categories ?? []).entries()) {
    if (names !== undefined) categories.set(model.features[j]!, codesOf(names));
  }
  return { categories, missing: getAlgorithm(model.algorithm).nativeMissing === true };
}

/** Class names as the target's own type: numbers where the row schema declares numbers. */
function classLabels(loaded: LoadedModel): (string | number)[] {
  const { classes } = loaded.manifest;
  return hasNumericClasses(loaded) ? classes.map(Number) : [...classes];
}

/** Whether the classes are numbers: so the row schema declares the target. */
export function hasNumericClasses({ manifest }: LoadedModel): boolean {
  const column = manifest.rowSchema.columns.find(({ name }) => name === manifest.target);
  return column?.kind === 'integer' || column?.kind === 'number' || column?.numericCategories === true;
}
