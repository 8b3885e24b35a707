import { drawDistinct, randomStream } from '../random.ts';
import type { FeatureMatrix, Model, Target } from '../types.ts';

/**
 * How much of the test rows a report explains. Counted in work, not in seconds, so that the same run gives the same
 * report on any machine.
 */
export const limits = {
  /** Rows predicted for permutation importance: rows × repeats × features. */
  permutedRows: 100_000,
  repeats: 5,
  /** Below this many rows, repeats are given up first, then the features that the model hardly uses. */
  fewestPermutedRows: 300,
  shapRows: 500,
  /** Nodes × outputs × rows for SHAP values of trees: some five seconds. */
  shapNodes: 4e7,
  fewestShapRows: 5,
  dependenceRows: 500,
  dependenceFeatures: 5,
  /** Features that a JSON file lists, largest first; a chart shows fewer. */
  listed: 300,
} as const;

/** Rows, repeats and features that keep permutation importance within its limit. */
export function permutationBudget(
  rows: number,
  features: number,
): { rows: number; repeats: number; features: number } {
  const { permutedRows, repeats, fewestPermutedRows } = limits;
  const most = Math.floor(permutedRows / (repeats * features));
  const taken = Math.min(rows, Math.max(most, fewestPermutedRows));
  return {
    rows: taken,
    repeats: Math.max(1, Math.min(repeats, Math.floor(permutedRows / (features * taken)))),
    features: Math.min(features, Math.max(1, Math.floor(permutedRows / taken))),
  };
}

/** Rows whose SHAP values are computed: 500, fewer of large forests. */
export function shapBudget(model: Model, rows: number): number {
  const { shapRows, shapNodes, fewestShapRows } = limits;
  const { ensemble } = model;
  if (ensemble === undefined) return Math.min(rows, shapRows);
  const outputs = ensemble.leaves.kind === 'value' ? 1 : ensemble.outputs;
  const affordable = Math.floor(shapNodes / Math.max(1, ensemble.cover.length * outputs));
  return Math.min(rows, Math.max(fewestShapRows, Math.min(shapRows, affordable)));
}

/** Rows drawn by the seed, in their own order; all where there are no more. */
export function sampleRows(
  x: FeatureMatrix,
  y: Target,
  count: number,
  seed: number,
): { x: FeatureMatrix; y: Target } {
  if (count >= x.rowCount) return { x, y };
  const chosen = drawDistinct(randomStream(seed), x.rowCount, count).sort();
  const columns = x.columns.map((column) => Float64Array.from(chosen, (i) => column[i]!));
  const target: Target =
    y.task === 'regression'
      ? { ...y, values: Float64Array.from(chosen, (i) => y.values[i]!) }
      : { ...y, values: Int32Array.from(chosen, (i) => y.values[i]!) };
  return { x: { ...x, rowCount: count, columns }, y: target };
}
