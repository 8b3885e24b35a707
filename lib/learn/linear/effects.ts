import { requireComplete } from '../matrix.ts';
import type { FeatureMatrix } from '../types.ts';
import { columnStarts } from './design.ts';

/**
 * out[i × stride + place] += Σ coefficients × the row's columns: a number counts once a unit, a category by its own
 * coefficient, one that is missing or unknown not at all.
 */
export function addEffects(
  x: FeatureMatrix,
  coefficients: Float64Array,
  into: { out: Float64Array; stride: number; place: number; at: number },
): void {
  const { out, stride, place, at } = into;
  const starts = columnStarts(x.columns.length, x.categories);
  for (const [f, column] of x.columns.entries()) {
    const start = at + starts[f]!;
    const count = starts[f + 1]! - starts[f]!;
    if (x.categories?.[f] === undefined) {
      const weight = coefficients[start]!;
      for (let i = 0, o = place; i < x.rowCount; i++, o += stride) out[o]! += weight * column[i]!;
    } else {
      for (let i = 0, o = place; i < x.rowCount; i++, o += stride) {
        const code = column[i]!;
        if (code < count) out[o]! += coefficients[start + code]!;
      }
    }
  }
}

/** The mean of each feature's part in each score over the (weighted) rows, outputs × features: what explanations measure from. */
export function effectMeans(
  x: FeatureMatrix,
  coefficients: Float64Array,
  outputs: number,
  weights?: Float64Array,
): Float64Array {
  const features = x.columns.length;
  const width = coefficients.length / outputs;
  const parts = new Float64Array(x.rowCount);
  const means = new Float64Array(outputs * features);
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? x.rowCount;
  const starts = columnStarts(features, x.categories);
  for (let k = 0; k < outputs; k++) {
    for (let f = 0; f < features; f++) {
      const names = x.categories?.[f];
      const alone = {
        rowCount: x.rowCount,
        names: [x.names[f]!],
        columns: [x.columns[f]!],
        categories: [names],
      };
      parts.fill(0);
      addEffects(alone, coefficients, { out: parts, stride: 1, place: 0, at: k * width + starts[f]! });
      for (let i = 0; i < parts.length; i++) means[k * features + f]! += (weights?.[i] ?? 1) * parts[i]!;
      means[k * features + f]! /= total;
    }
  }
  return means;
}

/** The standard deviation of each feature's part in the score, over the (weighted) rows: |coefficient| × deviation of a number. */
export function effectDeviations(
  x: FeatureMatrix,
  coefficients: Float64Array,
  at: number,
  weights?: Float64Array,
): Float64Array {
  const starts = columnStarts(x.columns.length, x.categories);
  return Float64Array.from(x.columns, (column, f) => {
    const start = at + starts[f]!;
    const coded = x.categories?.[f] !== undefined;
    const count = starts[f + 1]! - starts[f]!;
    const effect = (i: number): number => {
      const value = column[i]!;
      if (!coded) return coefficients[start]! * value;
      return value < count ? coefficients[start + value]! : 0;
    };
    let [total, mean, square] = [0, 0, 0];
    // Welford's update, weighted (West 1979): one pass that keeps its digits.
    for (let i = 0; i < x.rowCount; i++) {
      const weight = weights?.[i] ?? 1;
      total += weight;
      const off = effect(i) - mean;
      mean += (off * weight) / total;
      square += weight * off * (effect(i) - mean);
    }
    return Math.sqrt(Math.max(0, square) / total);
  });
}

/** Refuses missing numbers; a missing category is taken as the category that is none of those known. */
export function requireCompleteNumbers(x: FeatureMatrix, algorithm: string): void {
  const numeric = [...x.names.keys()].filter((f) => x.categories?.[f] === undefined);
  requireComplete(
    {
      rowCount: x.rowCount,
      names: numeric.map((f) => x.names[f]!),
      columns: numeric.map((f) => x.columns[f]!),
    },
    algorithm,
  );
}

/** The name of each column: the feature's own, or `feature=category`. */
export function columnNames(x: Pick<FeatureMatrix, 'names' | 'categories'>): string[] {
  return x.names.flatMap((name, f) => x.categories?.[f]?.map((category) => `${name}=${category}`) ?? [name]);
}
