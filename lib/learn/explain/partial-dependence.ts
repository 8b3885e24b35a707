import { BadDataError } from '../../errors/index.ts';
import { alignFeatures } from '../matrix.ts';
import type { FeatureMatrix, Model } from '../types.ts';
import { type Axis, axisOf } from './grid.ts';

export interface PartialDependenceOptions {
  /** The points, of one feature; of two, those of each. Absent: see `axisOf`. */
  grid?: readonly (number | string)[] | readonly (readonly (number | string)[])[];
  /** One name a feature of the model: what it was made of (`featureOrigins`). */
  origins?: readonly string[];
}

export interface PartialDependence {
  /** One axis, or two. */
  axes: Pick<Axis, 'feature' | 'kind' | 'labels'>[];
  /** The class of each answer. Empty for a regression. */
  classes: readonly string[];
  rows: number;
  /**
   * The mean answer at each point, row-major: points of the first axis × points of the second (if any) × classes (1 for
   * a regression). Probabilities of a classification, values of a regression.
   */
  average: Float64Array;
}

/**
 * Partial dependence (Friedman 2001), by brute force: what the model answers on average over the rows where the feature
 * has one value in all of them. Works with any model. It takes the feature for independent of the others, so that
 * points may stand for rows that cannot be.
 *
 * @param features one name, or two
 * @throws BadDataError where there is no row
 * @throws BadDefinitionError as `axisOf`
 * @example
 * const { axes, average } = partialDependence(model, x, 'area', { grid: [50, 100, 150] });
 */
export function partialDependence(
  model: Model,
  x: FeatureMatrix,
  features: string | readonly [string] | readonly [string, string],
  { grid, origins }: PartialDependenceOptions = {},
): PartialDependence {
  if (x.rowCount === 0) {
    throw new BadDataError('there is no row to average over', { remedy: 'Give at least one row.' });
  }
  const aligned = alignFeatures(x, model);
  const names = typeof features === 'string' ? [features] : features;
  const axes = names.map((feature, i) => axisOf(aligned, feature, { grid: gridOf(grid, i), origins }));
  const width = Math.max(1, model.classes.length);
  const total = axes.reduce((product, axis) => product * axis.labels.length, 1);
  const average = new Float64Array(total * width);
  const columns = aligned.columns.slice();
  for (const { settings } of axes) {
    for (const { column } of settings) columns[column] = new Float64Array(x.rowCount);
  }
  for (let point = 0; point < total; point++) {
    let rest = point;
    for (const { settings, labels } of axes.toReversed()) {
      for (const { column, values } of settings) columns[column]!.fill(values[rest % labels.length]!);
      rest = Math.floor(rest / labels.length);
    }
    const at = { ...aligned, columns };
    const answers = model.task === 'regression' ? model.predict(at) : model.predictProbability(at);
    for (let i = 0; i < answers.length; i++) average[point * width + (i % width)]! += answers[i]!;
  }
  return {
    axes: axes.map(({ feature, kind, labels }) => ({ feature, kind, labels })),
    classes: model.classes,
    rows: x.rowCount,
    average: average.map((sum) => sum / x.rowCount),
  };
}

function gridOf(
  grid: PartialDependenceOptions['grid'],
  axis: number,
): readonly (number | string)[] | undefined {
  const of = grid?.[axis];
  if (Array.isArray(of)) return of;
  // A plain list is the grid of the first feature.
  return axis === 0 ? (grid as readonly (number | string)[] | undefined) : undefined;
}
