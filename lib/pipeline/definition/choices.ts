import type { Candidate, Gate } from './schema.ts';

export interface LinearRegressionParams {
  /** Strength of the ridge penalty; 0 is ordinary least squares. */
  alpha?: number;
  fitIntercept?: boolean;
}

/** Ordinary least squares, or ridge where alpha > 0. */
export const linearRegression = (params: LinearRegressionParams = {}): Candidate => ({
  algorithm: 'linear-regression',
  params: { ...params },
});

export interface LogisticRegressionParams {
  /** Inverse strength of the L2 penalty. */
  C?: number;
  fitIntercept?: boolean;
  classWeight?: 'none' | 'balanced' | Record<string, number>;
  maxIterations?: number;
  tolerance?: number;
}

/** Multinomial logistic regression with L2; `C` is the inverse strength, as in scikit-learn. */
export const logisticRegression = (params: LogisticRegressionParams = {}): Candidate => ({
  algorithm: 'logistic-regression',
  params: { ...params },
});

/** What a random forest may be told: scikit-learn's names in camelCase. What is left out has scikit-learn's default. */
export interface RandomForestParams {
  trees?: number;
  maxDepth?: number;
  minSamplesSplit?: number;
  minSamplesLeaf?: number;
  /** Features tried at a split: a rule, a share in (0, 1), or a count from 1. */
  maxFeatures?: 'sqrt' | 'log2' | 'all' | number;
  bootstrap?: boolean;
  /** Share of the rows, or count, that each tree draws. */
  maxSamples?: number;
  classWeight?: 'balanced' | Record<string, number>;
  criterion?: 'gini' | 'entropy' | 'squared-error';
  /** Judges each row by the trees that did not draw it. */
  oobScore?: boolean;
}

/** Bagged decision trees, classification and regression; takes categories and missing values as they are. */
export const randomForest = (params: RandomForestParams = {}): Candidate => ({
  algorithm: 'random-forest',
  params: { ...params },
});

/** What gradient boosting may be told. */
export interface GradientBoostingParams {
  rounds?: number;
  learningRate?: number;
  maxLeaves?: number;
  maxDepth?: number;
  minSamplesLeaf?: number;
  /** L2 penalty on the leaves. */
  l2?: number;
  /** Share of the rows, and of the columns, that each tree sees. */
  subsample?: number;
  colsample?: number;
  /** Stops where so many rounds brought nothing on the validation split. */
  earlyStoppingRounds?: number;
  classWeight?: 'balanced' | Record<string, number>;
}

/** Boosted decision trees, classification and regression; takes categories and missing values as they are. */
export const gradientBoosting = (params: GradientBoostingParams = {}): Candidate => ({
  algorithm: 'gradient-boosting',
  params: { ...params },
});

/** The forest of the npm package ml-random-forest: for small data only, its cost grows with the square of rows. */
export const mlRandomForest = (params: Record<string, unknown> = {}): Candidate => ({
  algorithm: 'ml-random-forest',
  params,
});

/**
 * Trains a candidate in at least so many functions side by side. Without it the plan splits what would take one function too
 * long; the model is the same, byte for byte, in any number. @example sharded(randomForest({ trees: 100 }), 4)
 */
export const sharded = (candidate: Candidate, shards: number): Candidate => ({ ...candidate, shards });

/**
 * The candidates with tags for their child runs, so that a list of runs tells what each was there for. Tags do not change
 * what is trained: the same candidate under another tag is not trained again.
 *
 * @example
 * candidates: [
 *   ...tagged({ 'candidate.kind': 'baseline' }, linearRegression()),
 *   ...tagged({ 'candidate.kind': 'tuning' }, ...gridSearch(randomForest, { trees: [50, 200], maxDepth: [5, 10] })),
 * ],
 */
export const tagged = (tags: Record<string, string>, ...candidates: Candidate[]): Candidate[] =>
  candidates.map((candidate) => ({ ...candidate, tags: { ...candidate.tags, ...tags } }));

/** Promote only where the selected metric, on the same test rows, beats the version that holds the alias by more than `by`. */
export const betterThanCurrent = (options: { by?: number } = {}): Gate => ({
  gate: 'better-than-current',
  by: options.by ?? 0,
});

/** Promote where the selected metric reaches a fixed value (at most it, for errors such as rmse). */
export const atLeast = (value: number): Gate => ({ gate: 'at-least', value });

/** Promote every version. */
export const always = (): Gate => ({ gate: 'always' });
