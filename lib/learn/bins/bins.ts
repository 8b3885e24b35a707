import type { FeatureCategories } from '../types.ts';

/** Codes 0 to 255 are all that a column may become. */
export const MAX_CODES = 256;
/** Categories with a code of their own; rarer ones are treated as missing. */
export const MAX_CATEGORIES = 254;

/**
 * Features as bytes: what every tree is grown on. Column-major: row i of feature f is `codes[f * rows + i]`.
 *
 * A numeric feature with at most 256 distinct values (255 where some are missing) has a code for each, so that trees
 * on it are exact; with more, codes are quantiles of equal weight.
 */
export interface Bins {
  rows: number;
  featureCount: number;
  codes: Uint8Array;
  /** Address of the codes in the kernels' memory; 0 where they are in an array of their own. */
  codesAt: number;
  /** V of each feature, 1 to 256: codes 0 to V - 1 are values in ascending order, or categories. */
  valueBins: Uint16Array;
  /** 1 where training rows have missing values (or rare categories): they have the code V. */
  hasMissing: Uint8Array;
  /** Upper edges of a numeric feature, V - 1 of them: code c means edges[c - 1] < x <= edges[c], x as float32. */
  edges: readonly Float32Array[];
  /** The numbers themselves, as float32, of numeric features: what a code stands for several of can still be told apart. */
  values: readonly (Float32Array | undefined)[];
  /** Address of a feature's numbers in the kernels' memory; 0 where there are none. */
  valuesAt: Uint32Array;
  /** 1 where a code may stand for several numbers. */
  coarse: Uint8Array;
  /** 1 where the feature is categorical: its codes have no order. */
  categorical: Uint8Array;
  /** Names that have a code of their own, 0 where the feature is numeric: what an Ensemble keeps. */
  categoryCounts: Uint16Array;
  /** Names of the codes of categorical features, as the model shall know them. Undefined where none is categorical. */
  categories: FeatureCategories | undefined;
  /** What the user should know, such as rare categories that were put together. */
  notes: string[];
}
