import { BadDataError } from '../../errors/index.ts';
import { alignFeatures } from '../matrix.ts';
import { metricDirection } from '../metrics/names.ts';
import { randomStream } from '../random.ts';
import type { FeatureMatrix, Model, Target } from '../types.ts';
import { scorerOf } from './score.ts';

export interface PermutationOptions {
  /** By the names of `metricNames`. */
  metric: string;
  /** Permutations of each feature; 5 where absent. */
  repeats?: number;
  seed: number;
  /** One name a feature of the model; features of one name are permuted together, as one-hot columns must be. */
  groups?: readonly string[];
  /** Only these (of the features' or groups' names); absent: all. */
  only?: readonly string[];
}

export interface PermutationImportance {
  metric: string;
  /** The metric on the rows as they are. */
  baseline: number;
  repeats: number;
  rows: number;
  /** In the order of the model's features. */
  features: FeatureImportance[];
}

export interface FeatureImportance {
  feature: string;
  /** How much worse the metric is without the feature: a loss of what should be high, a gain of what should be low. */
  mean: number;
  /** Standard deviation over the repeats (population, as scikit-learn's). */
  std: number;
}

/**
 * Permutation importance (Breiman 2001; Fisher et al. 2019): how much worse the metric gets where a feature's values are
 * dealt to other rows. Works with any model. Positive: the model relies on the feature; about 0 (or a little less): it
 * does not. Of features that say the same, each looks unimportant, as the other stands in for it.
 *
 * The permutations of a feature come from the seed and its name: the order of columns changes nothing.
 *
 * @param y target with the model's own classes
 * @throws BadDataError where the metric has no meaning on these rows
 * @throws BadDefinitionError for a metric that is unknown or of the other task
 * @example
 * const { features } = permutationImportance(model, xTest, yTest, { metric: 'r2', seed: 42 });
 */
export function permutationImportance(
  model: Model,
  x: FeatureMatrix,
  y: Target,
  { metric, repeats = 5, seed, groups = model.features, only }: PermutationOptions,
): PermutationImportance {
  const aligned = alignFeatures(x, model);
  const score = scorerOf(metric, y);
  const baseline = x.rowCount === 0 ? Number.NaN : score(model, aligned);
  if (!Number.isFinite(baseline)) {
    throw new BadDataError(`${metric} has no meaning on these ${x.rowCount} rows`, {
      remedy: 'Choose another metric, or more rows.',
    });
  }
  const sign = metricDirection(metric) === 'maximize' ? 1 : -1;
  const chosen = only && new Set(only);
  const columnsOf = new Map<string, number[]>();
  for (const [j, name] of groups.entries()) {
    if (chosen === undefined || chosen.has(name)) columnsOf.set(name, [...(columnsOf.get(name) ?? []), j]);
  }
  const inOrder = Uint32Array.from({ length: x.rowCount }, (_, i) => i);
  const features = Array.from(columnsOf, ([feature, places]) => {
    const random = randomStream(seed, hashOf(feature));
    const columns = aligned.columns.slice();
    for (const j of places) columns[j] = new Float64Array(x.rowCount);
    const losses = Array.from({ length: repeats }, () => {
      const order = random.shuffle(inOrder.slice());
      for (const j of places) deal(aligned.columns[j]!, order, columns[j]!);
      return sign * (baseline - score(model, { ...aligned, columns }));
    });
    return { feature, ...meanAndDeviation(losses) };
  });
  return { metric, baseline, repeats, rows: x.rowCount, features };
}

function deal(from: Float64Array, order: Uint32Array, to: Float64Array): void {
  for (let i = 0; i < order.length; i++) to[i] = from[order[i]!]!;
}

function meanAndDeviation(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / values.length) };
}

/** 32-bit FNV-1a of the name's UTF-16 code units. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
