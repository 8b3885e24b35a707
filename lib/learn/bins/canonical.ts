import type { FeatureMatrix } from '../types.ts';

/**
 * The same features sorted by name (by code unit, so that no locale changes a model): the order in which columns
 * arrive then changes no byte of a model. Columns are shared, not copied.
 */
export function canonicalOrder(x: FeatureMatrix): FeatureMatrix {
  const order = x.names.map((_, j) => j).sort((a, b) => (x.names[a]! < x.names[b]! ? -1 : 1));
  return {
    rowCount: x.rowCount,
    names: order.map((j) => x.names[j]!),
    columns: order.map((j) => x.columns[j]!),
    ...(x.categories === undefined ? {} : { categories: order.map((j) => x.categories![j]) }),
  };
}
