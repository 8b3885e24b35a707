export type Task = 'classification' | 'regression';

/** Column-major numeric features. NaN is missing. `columns[j][i]` is row i of the feature `names[j]`. */
export interface FeatureMatrix {
  rowCount: number;
  names: readonly string[];
  columns: readonly Float64Array[];
}

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

/** A fitted model. Pure: no I/O, no clock, no randomness. */
export interface Model {
  readonly algorithm: string;
  readonly task: Task;
  readonly features: readonly string[];
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
}

/** One algorithm behind the one interface. `P` is what its zod schema parses to. */
export interface Trainer<P = unknown> {
  readonly algorithm: string;
  readonly tasks: readonly Task[];
  /** Throws BadDefinitionError naming the parameter. Fills the defaults. */
  parseParams(input: unknown): P;
  /** Refuses, before any work, what cannot finish in time or memory: throws BadDefinitionError with what to do instead. */
  checkSize(rows: number, columns: number, params: P, task?: Task): void;
  fit(x: FeatureMatrix, y: Target, params: P, options: FitOptions): Model;
  /** Rebuilds the model from its parts; throws IntegrityError where a part is missing or out of range. Runs no code. */
  fromFile(
    parts: ModelParts,
    shape: { task: Task; features: readonly string[]; classes: readonly string[] },
  ): Model;
}
