import { readFileSync } from 'node:fs';
import type { FeatureMatrix, Target, Trainer } from '../../../lib/learn/index.ts';

/** One case of test/fixtures/sklearn/*.json; see `made` there for how it came about. */
export function sklearnCases<T>(file: string): T[] {
  const url = new URL(`../../fixtures/sklearn/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).cases;
}

/** Rows of numbers as features f0, f1, ... */
export function matrixOf(rows: readonly (readonly number[])[], names?: readonly string[]): FeatureMatrix {
  const width = rows[0]?.length ?? names?.length ?? 0;
  return {
    rowCount: rows.length,
    names: names ?? Array.from({ length: width }, (_, j) => `f${j}`),
    columns: Array.from({ length: width }, (_, j) => Float64Array.from(rows, (row) => row[j]!)),
  };
}

export const numbers = (values: readonly number[]): Target => ({
  task: 'regression',
  values: Float64Array.from(values),
});

export const labels = (values: readonly number[], classes: readonly string[]): Target => ({
  task: 'classification',
  classes,
  values: Int32Array.from(values),
});

export { uniform } from '../../support/random.ts';

/** Fits with parameters as a pipeline writes them. */
export const fitWith = (
  trainer: Trainer<never> | Trainer,
  x: FeatureMatrix,
  y: Target,
  params: Record<string, unknown> = {},
  seed = 42,
) => (trainer as Trainer).fit(x, y, trainer.parseParams(params), { seed });

/** As {@link fitWith}, with a weight for each row. */
export const fitWeighted = (
  trainer: Trainer<never> | Trainer,
  x: FeatureMatrix,
  y: Target,
  params: Record<string, unknown> = {},
  weights?: readonly number[],
) =>
  (trainer as Trainer).fit(x, y, trainer.parseParams(params), {
    seed: 1,
    ...(weights && { weights: Float64Array.from(weights) }),
  });

/** The error that a call throws, for asserting on its code and fields. */
export function thrownBy(
  call: () => unknown,
): Error & { code?: string; field?: string; remedy?: string; details?: Record<string, unknown> } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
