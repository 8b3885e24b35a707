import * as z from 'zod';
import { TrainingTooLargeError } from '../errors.ts';
import { atMost, rowsDrawn } from '../params.ts';
import type { Task } from '../types.ts';

export const algorithm = 'ml-random-forest';

/** ml-cart recurses once a level: deeper trees could exhaust the stack. */
export const DEEPEST = 512;

const shareOrCount = z
  .number()
  .positive()
  .refine((value) => value < 1 || Number.isInteger(value), 'must be a share below 1 or a whole number');

export const forestParamsSchema = z.strictObject({
  trees: z.int().min(1).max(10_000).default(100),
  /** Levels of questions; the default lets trees grow to 512. */
  maxDepth: z.int().min(1).max(DEEPEST).default(DEEPEST),
  /** A node with fewer rows is a leaf. */
  minSamplesSplit: z.int().min(2).default(2),
  /**
   * Columns that a tree may ask: drawn once a tree, not once a split as in scikit-learn, so small shares cost much.
   * `all`, `sqrt`, `log2`, a share below 1, or a count from 1 up. Default: half for classes, all for numbers.
   */
  maxFeatures: z.union([z.enum(['all', 'sqrt', 'log2']), shareOrCount]).optional(),
  /** Draw each tree's rows with replacement. */
  bootstrap: z.boolean().default(true),
  /** Rows drawn for a tree, at random: a share below 1 or a count. Default: as many as there are. */
  maxSamples: shareOrCount.optional(),
});
export type ForestParams = z.output<typeof forestParamsSchema>;

/** How many of `columns` a tree may ask. Throws BadDefinitionError where more are asked for than there are. */
export function featureCount(columns: number, { maxFeatures }: ForestParams, task: Task): number {
  const asked = maxFeatures ?? (task === 'classification' ? 0.5 : 'all');
  if (asked === 'all') return columns;
  if (asked === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(columns)));
  if (asked === 'log2') return Math.max(1, Math.floor(Math.log2(columns)));
  if (asked < 1) return Math.max(1, Math.round(columns * asked));
  return atMost(algorithm, 'maxFeatures', asked, columns, 'columns');
}

/** How many of `rows` a tree is drawn from. Throws BadDefinitionError where more are asked for than there are. */
export function sampleCount(rows: number, { maxSamples }: ForestParams): number {
  return rowsDrawn(algorithm, rows, maxSamples);
}

/**
 * What the library takes for a count of columns. It reads every number in (0, 1] as a share, so that 1 would mean all:
 * one column of several is asked for by a share that rounds down to it.
 */
export function libraryMaxFeatures(count: number, columns: number): number {
  return count === 1 && columns > 1 ? 1.5 / columns : count;
}

/**
 * Nanoseconds of one (row × row × column × tree): the library tries every gap between neighbours of other classes, and
 * each try reads all rows. Measured on an idle core: 16 to 21 for numbers; 31 to 57 for 2 to 30 classes. Columns of
 * few values cost a class forest less (see byClass in grow-tree.ts); the bound cannot know them, so it says "up to".
 */
const COST = { regression: 20, classification: 40 } as const;
/** Two thirds of a Lambda function's life, so that a slower core still ends in time. */
const MOST_SECONDS = 600;

/**
 * Refuses, before any work, what would take over about ten minutes.
 *
 * @param classes number of classes where known; each adds to the cost
 * @throws TrainingTooLargeError (TRAINING_TOO_LARGE) with the estimate and what would fit
 */
export function checkForestSize(
  rows: number,
  columns: number,
  params: ForestParams,
  task: Task = 'regression',
  classes = 2,
): void {
  const drawn = sampleCount(rows, params);
  const asked = featureCount(columns, params, task);
  const cost = task === 'regression' ? COST.regression : COST.classification + Math.max(0, classes - 8);
  const seconds = drawn * drawn * asked * params.trees * cost * 1e-9;
  if (seconds <= MOST_SECONDS) return;
  const fittingTrees = Math.floor((params.trees * MOST_SECONDS) / seconds);
  const fittingRows = Math.floor(drawn * Math.sqrt(MOST_SECONDS / seconds));
  throw new TrainingTooLargeError(
    `${algorithm} grows with the square of the rows: ${drawn} rows x ${asked} columns x ${params.trees} trees would take up to ${Math.ceil(seconds / 60)} minutes, and a function ends after 15`,
    {
      details: { rows: drawn, columns: asked, trees: params.trees, estimatedSeconds: Math.round(seconds) },
      remedy: `Set \`maxSamples: ${Math.max(1, fittingRows)}\`${fittingTrees >= 1 ? ` or \`trees: ${fittingTrees}\`` : ''}, or choose another algorithm.`,
    },
  );
}
