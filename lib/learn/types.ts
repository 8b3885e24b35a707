import type { Ensemble } from './ensemble/ensemble.ts';

export type Task = 'classification' | 'regression';

/**
 * Column-major features. NaN is missing. `columns[j][i]` is row i of the feature `names[j]`: a number, or a code into
 * `categories[j]` where that is given (NaN too for what is not among them).
 */
export interface FeatureMatrix {
  rowCount: number;
  names: readonly string[];
  columns: readonly Float64Array[];
  /** Sorted category names of native categorical columns; undefined for numeric ones. Absent: all are numeric. */
  categories?: FeatureCategories;
}

/** One entry a feature. */
export type FeatureCategories = readonly (readonly string[] | undefined)[];

/** Class indices into `classes` (sorted), or numbers. */
export type Target =
  | { task: 'classification'; classes: readonly string[]; values: Int32Array }
  | { task: 'regression'; values: Float64Array };

/** The part of a model that an algorithm owns: JSON facts and named flat arrays. The container is model-file.ts. */
export interface ModelParts {
  /** JSON only: intercepts, node counts, parameters as used. */
  facts: Record<string, unknown>;
  /** Flat binary: coefficients, trees. Order of keys is the order in the file. */
  sections: Record<string, Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array>;
}

/** Raw scores (the margin before softmax, or the predicted value) that are linear in the features. */
export interface LinearScores {
  /** Row-major, outputs × columns: a number has one, a category one for each of its names. */
  coefficients: Float64Array;
  /** One an output. */
  intercepts: Float64Array;
  /** Row-major, outputs × features: each feature's mean part in the score over the training rows. Older files lack it. */
  means?: Float64Array;
  /** The class of each output, an index into `classes`; absent for regression. Two classes share the score of the second. */
  outputClasses?: readonly number[];
}

/** A fitted model. Pure: no I/O, no clock, no randomness. */
export interface Model {
  readonly algorithm: string;
  readonly task: Task;
  readonly features: readonly string[];
  /** The category names that the codes of `x` must count through, for features that the model takes natively. */
  readonly categories?: FeatureCategories;
  /** The trees, for explanation and export; absent where the model has none. */
  readonly ensemble?: Ensemble;
  /** The scores as a linear function, for explanation; absent where the model is none. */
  readonly linear?: LinearScores;
  /** Sorted class names; empty for regression. */
  readonly classes: readonly string[];
  /** What whoever reads the run should know, such as that the fit did not converge. Empty where all is well. */
  readonly notes: readonly string[];
  /** One number a row: the predicted value, or the index of the predicted class. Throws InvalidInputError on other columns. */
  predict(x: FeatureMatrix): Float64Array;
  /** Row-major rowCount × classes.length; each row sums to 1. Throws BadDefinitionError for regression. */
  predictProbability(x: FeatureMatrix): Float64Array;
  /** One non-negative number a feature, summing to 1 (all zero where nothing matters). */
  importance(): Float64Array;
  toFile(): ModelParts;
}

export interface FitOptions {
  seed: number;
  /** Called now and then with a share of the work done, 0 to 1. */
  onProgress?: (share: number) => void;
  /** Positive weight of each row; all equal where absent. */
  weights?: Float64Array;
  /** Threads to work on at most, this one among them; 1 where absent. Never changes a byte of the model. */
  threads?: number;
  /** Start all of them even where there is so little to do that starting them takes longer. */
  allThreads?: boolean;
  /** Called once with how many pieces of the work (trees) each thread did. */
  onThreads?: (pieces: readonly number[]) => void;
  /** Rows held out of the fit, for early stopping. */
  validation?: { x: FeatureMatrix; y: Target };
}

/** A trainer whose work can be split over machines: each fits a range of trees, and the parts make the same model. */
export interface Shards<P> {
  /** Pieces (trees) in the whole work. */
  count(params: P): number;
  /** Fits the pieces `from` to `to - 1`. The parts are as JSON and flat arrays, as in a model file. */
  fitPart(
    x: FeatureMatrix,
    y: Target,
    params: P,
    options: FitOptions & { from: number; to: number },
  ): ModelParts;
  /** The whole model from parts that cover all pieces, given in order: the same bytes as one `fit`. */
  merge(x: FeatureMatrix, y: Target, params: P, options: FitOptions, parts: readonly ModelParts[]): Model;
}

/** What a fit is thought to take: for choosing a machine before the work begins. */
export interface FitCost {
  /** Seconds of one thread on one vCPU of a function. */
  seconds: number;
  /** Bytes of memory at the peak, besides the features themselves. */
  bytes: number;
}

/**
 * An algorithm without its training: what its parameters are, and how its models come out of their file. `P` is what its
 * zod schema parses to.
 */
export interface Algorithm<P = unknown> {
  readonly algorithm: string;
  readonly tasks: readonly Task[];
  /** Throws BadDefinitionError naming the parameter. Fills the defaults. */
  parseParams(input: unknown): P;
  /** True where category columns need no encoding: codes and `FeatureMatrix.categories` instead. */
  readonly nativeCategories?: boolean;
  /** True where missing numbers (NaN) need no filling. */
  readonly nativeMissing?: boolean;
  /**
   * One model of several that were each fitted on rows of their own (batches): the mean of what they answer. Absent
   * where models cannot be put together. Throws BadDefinitionError where they do not fit one another.
   */
  mergeModels?(models: readonly Model[]): Model;
  /** Rebuilds the model from its parts; throws IntegrityError where a part is missing or out of range. Runs no code. */
  fromFile(
    parts: ModelParts,
    shape: {
      task: Task;
      features: readonly string[];
      classes: readonly string[];
      categories?: FeatureCategories;
    },
  ): Model;
}

/** One algorithm behind the one interface. */
export interface Trainer<P = unknown> extends Algorithm<P> {
  /** Present where the work can be split over machines. */
  readonly shards?: Shards<P>;
  /** Refuses, before any work, what cannot finish in time or memory: throws BadDefinitionError with what to do instead. */
  checkSize(rows: number, columns: number, params: P, task?: Task): void;
  /** What a fit of that size takes. Absent: so little that nothing need be chosen, or `checkSize` alone knows. */
  cost?(rows: number, columns: number, params: P, task: Task, classes?: number): FitCost;
  fit(x: FeatureMatrix, y: Target, params: P, options: FitOptions): Model;
}
