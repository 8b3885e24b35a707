import { applyPreprocessing, type RowWarning, rowsToTable } from '../../table/index.ts';
import type { LoadedModel } from '../file/model-file.ts';
import { toMatrix } from '../matrix.ts';
import { nativeInputs } from '../predict-rows.ts';
import { type Explanation, explainRows } from './explain-rows.ts';
import { featureOrigins, groupContributions } from './origins.ts';

/**
 * Explains raw rows: prepared exactly as the training rows were, with the contributions summed over what was made of
 * each column of the row, so that they carry the names that the caller sent.
 *
 * @throws InvalidInputError naming the field, such as `rows[3].area`
 * @throws BadDefinitionError where the model cannot be explained (`canExplain`)
 * @example
 * const { explanation } = explainRawRows(readModelFile(bytes), [{ city: 'Oslo', area: 90 }]);
 * explanation.features; // ['city', 'area']
 */
export function explainRawRows(
  loaded: LoadedModel,
  rows: unknown[],
): { explanation: Explanation; warnings: RowWarning[] } {
  const { manifest, model } = loaded;
  const { preprocessing, target } = manifest;
  const { features, categories } = model;
  const { table, warnings } = rowsToTable(preprocessing, rows, nativeInputs(loaded));
  const x =
    rows.length === 0
      ? {
          rowCount: 0,
          names: features,
          columns: features.map(() => new Float64Array(0)),
          ...shared(categories),
        }
      : toMatrix(applyPreprocessing(preprocessing, table), { target, features, categories });
  const explanation = explainRows(model, x);
  return {
    explanation: groupContributions(explanation, featureOrigins(preprocessing, features)),
    warnings,
  };
}

const shared = <T>(categories: T | undefined): { categories?: T } =>
  categories === undefined ? {} : { categories };
