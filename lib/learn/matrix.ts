import { BadDefinitionError } from '../errors/index.ts';
import type { Column, Table } from '../table/types.ts';
import { encodeColumn, recode, sameNames, unlessAllNumeric, usedCategories } from './categories.ts';
import { FeatureMismatchError, MissingValuesError, UnencodedColumnError } from './errors.ts';
import type { FeatureCategories, FeatureMatrix } from './types.ts';

/** How many names an error lists before it says how many more there are. */
const NAMES_SHOWN = 8;

/** Names for a message: quoted, the first eight. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** What toMatrix is to make of a table. */
export interface MatrixOptions {
  /** Column that is never a feature (it may be absent, as it is at prediction). */
  target: string;
  /** Take exactly these columns in this order, as a fitted model wants them. */
  features?: readonly string[];
  /**
   * `'native'` at a fit: category and text columns become codes into their sorted used names. At prediction the
   * model's own categories, one entry a feature; what is missing or not among the names becomes NaN. Where it is
   * absent (or undefined for a feature), a column of text is refused.
   */
  categories?: FeatureCategories | 'native' | undefined;
}

/**
 * The table's columns as features, without the target. Numbers are shared with the table, not copied.
 *
 * @throws UnencodedColumnError (UNENCODED_COLUMN) where a text or category column is left
 * @throws BadDefinitionError where no feature remains
 * @throws FeatureMismatchError where one of `features` is not in the table, or holds numbers where the model has names
 * @example
 * const x = toMatrix(table, { target: 'price' }); // x.columns[0][5]: row 5 of x.names[0]
 * const native = toMatrix(table, { target: 'price', categories: 'native' }); // native.categories[1]: ['harbour', 'north']
 * const asFitted = toMatrix(other, { target: 'price', features: model.features, categories: model.categories });
 */
export function toMatrix(table: Table, options: MatrixOptions): FeatureMatrix {
  const chosen = chooseColumns(table, options);
  const wanted = chosen.map((column, j) => namesFor(column, j, options.categories));
  const unencoded = chosen.filter((column, j) => 'codes' in column && wanted[j] === undefined);
  if (unencoded.length > 0) {
    const names = unencoded.map((column) => column.name);
    throw new UnencodedColumnError(`columns hold text and no step encodes them: ${listNames(names)}`, {
      details: { columns: names.slice(0, 100) },
    });
  }
  const categories = Array.isArray(options.categories) ? options.categories : unlessAllNumeric(wanted);
  return {
    rowCount: table.rowCount,
    names: options.features ?? chosen.map((column) => column.name),
    columns: chosen.map((column, j) =>
      'values' in column ? column.values : encodeColumn(column, wanted[j]!),
    ),
    ...(categories === undefined ? {} : { categories }),
  };
}

function chooseColumns(table: Table, { target, features }: MatrixOptions): readonly Column[] {
  const found = table.columns.filter((column) => column.name !== target);
  const byName = new Map(found.map((column) => [column.name, column]));
  const chosen = features ? features.map((name) => byName.get(name) ?? missingFeature(name)) : found;
  if (chosen.length > 0) return chosen;
  throw new BadDefinitionError(`no feature is left beside the target "${target}"`, {
    remedy: 'Keep at least one column beside the target.',
  });
}

/** The names that the column's codes shall count through; undefined for numbers. */
function namesFor(
  column: Column,
  j: number,
  categories: MatrixOptions['categories'],
): readonly string[] | undefined {
  if (categories === 'native') return 'codes' in column ? usedCategories(column) : undefined;
  const names = categories?.[j];
  if (names === undefined || 'codes' in column) return names;
  throw new FeatureMismatchError(
    `the feature ${JSON.stringify(column.name)} holds numbers where the model has categories`,
    { field: column.name },
  );
}

function missingFeature(name: string): never {
  throw new FeatureMismatchError(`the feature ${JSON.stringify(name)} is missing`, { field: name });
}

/**
 * Refuses missing (NaN) and infinite values, naming the columns.
 *
 * @throws MissingValuesError (MISSING_VALUES)
 */
export function requireComplete(x: FeatureMatrix, algorithm: string): void {
  const holed = x.names.filter((_, j) => !allFinite(x.columns[j]!));
  if (holed.length === 0) return;
  const columns = holed.length > NAMES_SHOWN ? "'numeric'" : `[${listNames(holed)}]`;
  throw new MissingValuesError(
    `${algorithm} takes no missing or infinite value, and these columns have some: ${listNames(holed)}`,
    {
      details: { columns: holed.slice(0, 100) },
      remedy: `Add \`fillMissing(${columns}, { strategy: 'median' })\` to the clean steps.`,
    },
  );
}

/** A plain loop: permutation importance asks this of every column for every feature, and `every` takes eight times as long. */
function allFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/**
 * Refuses columns other than the model's, or in another order.
 *
 * @throws FeatureMismatchError (FEATURE_MISMATCH) naming the first that differs
 */
export function requireFeatures(x: FeatureMatrix, features: readonly string[]): void {
  if (x.names.length !== features.length) {
    throw new FeatureMismatchError(`the model takes ${features.length} features, not ${x.names.length}`);
  }
  const at = features.findIndex((name, j) => x.names[j] !== name);
  if (at < 0) return;
  throw new FeatureMismatchError(
    `feature ${at + 1} is ${JSON.stringify(x.names[at])} where the model has ${JSON.stringify(features[at])}`,
    { field: x.names[at]! },
  );
}

/** What of a model says which columns it takes. */
type Shape = { features: readonly string[]; categories?: FeatureCategories | undefined };

/**
 * The matrix as the model takes it: its features in its order, codes by its categories. Columns may come in another
 * order and with other lists of categories; both are put right by name. Gives `x` itself where nothing is to be done.
 *
 * @throws FeatureMismatchError (FEATURE_MISMATCH) on other columns, and on numbers where the model has categories
 */
export function alignFeatures(x: FeatureMatrix, { features, categories }: Shape): FeatureMatrix {
  const ordered = inOrder(x, features);
  if (ordered.categories === categories) return ordered;
  let same = true;
  for (let j = 0; j < features.length; j++) {
    const [own, wanted] = [ordered.categories?.[j], categories?.[j]];
    if (sameNames(own, wanted)) continue;
    if ((own === undefined) !== (wanted === undefined)) wrongKind(features[j]!, wanted !== undefined);
    same = false;
  }
  if (same) return ordered;
  const columns = ordered.columns.map((column, j) => {
    const [own, wanted] = [ordered.categories?.[j], categories?.[j]];
    return sameNames(own, wanted) ? column : recode(column, own!, wanted!);
  });
  return { ...ordered, columns, categories: categories! };
}

function inOrder(x: FeatureMatrix, features: readonly string[]): FeatureMatrix {
  const { names } = x;
  if (names === features) return x;
  const differs = names.length !== features.length || features.some((name, j) => names[j] !== name);
  if (!differs) return x;
  const at = new Map(names.map((name, j) => [name, j]));
  if (names.length !== features.length || !features.every((name) => at.has(name))) {
    requireFeatures(x, features);
  }
  const order = features.map((name) => at.get(name)!);
  return {
    rowCount: x.rowCount,
    names: features,
    columns: order.map((j) => x.columns[j]!),
    ...(x.categories === undefined ? {} : { categories: order.map((j) => x.categories![j]) }),
  };
}

function wrongKind(feature: string, categorical: boolean): never {
  const [is, has] = categorical ? ['numbers', 'categories'] : ['categories', 'numbers'];
  throw new FeatureMismatchError(
    `the feature ${JSON.stringify(feature)} holds ${is} where the model has ${has}`,
    { field: feature },
  );
}

/** Row-major copy, rowCount × names.length: what loops over rows read fastest. */
export function rowMajor(x: FeatureMatrix): Float64Array {
  const width = x.columns.length;
  const out = new Float64Array(x.rowCount * width);
  for (let j = 0; j < width; j++) {
    const column = x.columns[j]!;
    for (let i = 0; i < x.rowCount; i++) out[i * width + j] = column[i]!;
  }
  return out;
}
