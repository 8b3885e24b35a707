import * as z from 'zod';

export const algorithm = 'gradient-boosting';

const share = z.number().gt(0).max(1);

export const boostingParamsSchema = z.strictObject({
  /** Rounds of boosting; of K classes (more than two) each grows K trees. */
  rounds: z.int().min(1).max(10_000).default(100),
  /** What each tree's leaves are multiplied by. */
  learningRate: z.number().positive().max(1).default(0.1),
  /** A tree grows at its most rewarding leaf until it has so many. */
  maxLeaves: z.int().min(2).max(1024).default(31),
  /** Levels of questions; no limit where absent. */
  maxDepth: z.int().min(1).optional(),
  /** No split leaves a child with fewer rows. LightGBM's min_child_samples. */
  minSamplesLeaf: z.int().min(1).default(20),
  /** L2 penalty on the leaves' values: added to the sum of hessians. */
  l2: z.number().min(0).max(1e9).default(0),
  /** Share of the rows that each round draws, without replacement. */
  subsample: share.default(1),
  /** Share of the features that the trees of a round may ask. */
  colsample: share.default(1),
  /** Ends where so many rounds in a row did not lower the loss on the validation rows, and keeps the best round. */
  earlyStoppingRounds: z.int().min(1).optional(),
  /** `balanced` gives every class the same weight in all; a record names the weight of a class, 1 for the others. */
  classWeight: z.union([z.literal('balanced'), z.record(z.string(), z.number().positive())]).optional(),
});
/** Parameters of gradient boosting, by the names of scikit-learn and LightGBM in camelCase. */
export type BoostingParams = z.output<typeof boostingParamsSchema>;

/** No depth that trees of 1,024 leaves could reach. */
export const NO_DEPTH = 2 ** 20;
