import type { Candidate, Gate } from './schema.ts';

/** Ordinary least squares, or ridge where alpha > 0. */
export const linearRegression = (params: { alpha?: number } = {}): Candidate => ({
  algorithm: 'linear-regression',
  params,
});

/** Multinomial logistic regression with L2; `c` is the inverse strength, as in scikit-learn. */
export const logisticRegression = (params: Record<string, unknown> = {}): Candidate => ({
  algorithm: 'logistic-regression',
  params,
});

/** The forest of the npm package ml-random-forest: for small data only, its cost grows with the square of rows. */
export const mlRandomForest = (params: Record<string, unknown> = {}): Candidate => ({
  algorithm: 'ml-random-forest',
  params,
});

/** Promote only where the selected metric, on the same test rows, beats the version that holds the alias by more than `by`. */
export const betterThanCurrent = (options: { by?: number } = {}): Gate => ({
  gate: 'better-than-current',
  by: options.by ?? 0,
});

/** Promote where the selected metric reaches a fixed value (at most it, for errors such as rmse). */
export const atLeast = (value: number): Gate => ({ gate: 'at-least', value });

/** Promote every version. */
export const always = (): Gate => ({ gate: 'always' });
