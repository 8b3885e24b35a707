import { BadDefinitionError } from '../../errors/index.ts';
import { columnStarts } from '../linear/design.ts';
import { alignFeatures } from '../matrix.ts';
import type { FeatureMatrix, LinearScores, Model } from '../types.ts';
import { type Contributions, treeShap } from './tree-shap.ts';

/** What a model answered, taken apart by feature. With K outputs: one for a regression, else see `classes`. */
export interface Explanation extends Contributions {
  rowCount: number;
  /** Names of the features, in the order of `contributions`. */
  features: readonly string[];
  /** K: numbers of the raw score. */
  outputs: number;
  /** The class that each output speaks for. Empty for a regression; the second one where two classes share a score. */
  classes: readonly string[];
  /** What is explained: a share or margin of a class, or the predicted value. */
  score: 'probability' | 'margin' | 'value';
}

/** True where `explainRows` can take the model's answers apart. */
export const canExplain = (model: Model): boolean =>
  model.ensemble !== undefined || model.linear !== undefined;

/**
 * Takes each row's raw score apart: `base[k]` plus the row's contributions of output k is the score before any link
 * function, which is the probability for a forest, the margin (log-odds, or score before softmax) for boosting and
 * logistic regression, and the value for a regression.
 *
 * Trees: exact path-dependent SHAP values; the base is what the trees answer on average over their training rows.
 * Linear models: coefficient × (x - mean over the training rows), which is the SHAP value of independent features; the
 * base is the mean score over the training rows. (Of a model file from before means were kept: coefficient × x, and the
 * base is the intercept.)
 *
 * @param x the model's features; columns in another order and categories under other codes are put right by name
 * @returns contributions row-major: `contributions[(row * features + feature) * outputs + output]`
 * @throws BadDefinitionError where the model has neither trees nor coefficients
 * @throws FeatureMismatchError on other columns
 * @example
 * const { base, contributions } = explainRows(model, x); // a regression of 3 features
 * const second = base[0] + contributions[3] + contributions[4] + contributions[5]; // model.predict(x)[1]
 */
export function explainRows(model: Model, x: FeatureMatrix): Explanation {
  const aligned = alignFeatures(x, model);
  const shape = { rowCount: x.rowCount, features: model.features };
  const { ensemble, linear, classes } = model;
  if (ensemble !== undefined) {
    const { outputs, aggregate } = ensemble;
    const score = classes.length === 0 ? 'value' : aggregate === 'mean' ? 'probability' : 'margin';
    return {
      ...shape,
      ...treeShap(ensemble, aligned),
      outputs,
      classes: outputs === classes.length ? classes : classes.slice(1, 1 + outputs),
      score,
    };
  }
  if (linear === undefined) {
    throw new BadDefinitionError(`${model.algorithm} has neither trees nor coefficients to explain it by`, {
      field: 'algorithm',
      remedy: 'Train a random forest, boosting or a linear model; permutation importance works with any.',
    });
  }
  return {
    ...shape,
    ...linearContributions(linear, { ...aligned, ...(model.categories && { categories: model.categories }) }),
    outputs: linear.intercepts.length,
    classes: (linear.outputClasses ?? []).map((index) => classes[index]!),
    score: model.task === 'regression' ? 'value' : 'margin',
  };
}

function linearContributions(
  { coefficients, intercepts, means }: LinearScores,
  x: FeatureMatrix,
): Contributions {
  const features = x.columns.length;
  const outputs = intercepts.length;
  const starts = columnStarts(features, x.categories);
  const contributions = new Float64Array(x.rowCount * features * outputs);
  const base = intercepts.slice();
  for (let k = 0; k < outputs; k++) {
    for (let f = 0; f < features; f++) {
      const mean = means?.[k * features + f] ?? 0;
      const start = k * starts[features]! + starts[f]!;
      const names = x.categories?.[f];
      base[k]! += mean;
      for (let i = 0; i < x.rowCount; i++) {
        const value = x.columns[f]![i]!;
        // A category that is missing or unknown has no part in the score.
        const part =
          names === undefined
            ? coefficients[start]! * value
            : value < names.length
              ? coefficients[start + value]!
              : 0;
        contributions[(i * features + f) * outputs + k] = part - mean;
      }
    }
  }
  return { base, contributions };
}
