import { BadDefinitionError } from '../errors/index.ts';
import type { Table } from '../table/types.ts';
import { FeatureMismatchError, MissingValuesError, UnencodedColumnError } from './errors.ts';
import type { FeatureMatrix } from './types.ts';

/** How many names an error lists before it says how many more there are. */
const NAMES_SHOWN = 8;

/** Names for a message: quoted, the first eight. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/**
 * The table's columns as numeric features, without the target. Values are shared with the table, not copied.
 *
 * @param options.target column that is never a feature (it may be absent, as it is at prediction)
 * @param options.features take exactly these columns in this order, as a fitted model wants them
 * @throws UnencodedColumnError (UNENCODED_COLUMN) where a text or category column is left
 * @throws BadDefinitionError where no feature remains
 * @throws FeatureMismatchError where one of `features` is not in the table
 * @example
 * const x = toMatrix(table, { target: 'price' }); // x.columns[0][5]: row 5 of x.names[0]
 */
export function toMatrix(
  table: Table,
  options: { target: string; features?: readonly string[] },
): FeatureMatrix {
  const found = table.columns.filter((column) => column.name !== options.target);
  const byName = new Map(found.map((column) => [column.name, column]));
  const chosen = options.features
    ? options.features.map((name) => byName.get(name) ?? missingFeature(name))
    : found;
  if (chosen.length === 0) {
    throw new BadDefinitionError(`no feature is left beside the target "${options.target}"`, {
      remedy: 'Keep at least one column beside the target.',
    });
  }
  const columns: Float64Array[] = [];
  const unencoded: string[] = [];
  for (const column of chosen) {
    if ('values' in column) columns.push(column.values);
    else unencoded.push(column.name);
  }
  if (unencoded.length > 0) {
    throw new UnencodedColumnError(`columns hold text and no step encodes them: ${listNames(unencoded)}`, {
      details: { columns: unencoded.slice(0, 100) },
    });
  }
  return { rowCount: table.rowCount, names: chosen.map((column) => column.name), columns };
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
  const holed = x.names.filter((_, j) => !x.columns[j]!.every(Number.isFinite));
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
