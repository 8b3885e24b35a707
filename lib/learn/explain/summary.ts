import type { FeatureMatrix, Model } from '../types.ts';
import { type Explanation, explainRows } from './explain-rows.ts';
import { groupContributions } from './origins.ts';

/** Mean |contribution| of each feature: how far it moves the answer of a row. */
export interface ShapSummary {
  score: Explanation['score'];
  /** The average answer that contributions are measured from, one an output. */
  base: number[];
  /** The class of each output. Empty for a regression. */
  classes: readonly string[];
  rows: number;
  /** Largest first. `mean` is the mean over outputs, `perOutput` each of them. */
  features: { feature: string; mean: number; perOutput: number[] }[];
}

/** Rows are explained so many at a time: all contributions of all rows would not fit. */
const ROWS_AT_A_TIME = 64;

/**
 * Sums up what moves the model's answers on rows: the mean |SHAP value| of each feature, or of each origin of features.
 *
 * @param origins one name a feature of the model; one-hot columns are summed before their size is taken
 * @throws BadDefinitionError where the model cannot be explained (`canExplain`)
 */
export function shapSummary(
  model: Model,
  x: FeatureMatrix,
  origins: readonly string[] = model.features,
): ShapSummary {
  const sums = new Map<string, Float64Array>();
  let explanation: Explanation | undefined;
  for (let from = 0; from < x.rowCount || explanation === undefined; from += ROWS_AT_A_TIME) {
    const to = Math.min(x.rowCount, from + ROWS_AT_A_TIME);
    const columns = x.columns.map((column) => column.subarray(from, to));
    explanation = groupContributions(explainRows(model, { ...x, rowCount: to - from, columns }), origins);
    addSizes(explanation, sums);
  }
  const rows = Math.max(1, x.rowCount);
  const features = Array.from(sums, ([feature, sizes]) => {
    const perOutput = Array.from(sizes, (size) => size / rows);
    return {
      feature,
      mean: perOutput.reduce((sum, size) => sum + size, 0) / perOutput.length,
      perOutput,
    };
  }).sort((a, b) => b.mean - a.mean || (a.feature < b.feature ? -1 : 1));
  const { score, base, classes } = explanation;
  return { score, base: [...base], classes, rows: x.rowCount, features };
}

function addSizes(
  { rowCount, features, outputs, contributions }: Explanation,
  sums: Map<string, Float64Array>,
): void {
  for (const [j, feature] of features.entries()) {
    let sizes = sums.get(feature);
    if (sizes === undefined) {
      sizes = new Float64Array(outputs);
      sums.set(feature, sizes);
    }
    for (let i = 0; i < rowCount; i++) {
      for (let k = 0; k < outputs; k++) {
        sizes[k]! += Math.abs(contributions[(i * features.length + j) * outputs + k]!);
      }
    }
  }
}
