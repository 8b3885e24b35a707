import * as z from 'zod';
import { BadDefinitionError } from '../../errors/index.ts';
import { atMost, rowsDrawn } from '../params.ts';
import type { Task } from '../types.ts';

export const algorithm = 'random-forest';

const share = z.number().gt(0).lt(1);
/** A whole number from `least` up, or a share of the rows. */
const countOrShare = (least: number) =>
  z.union([z.int().min(least), share], `must be a whole number from ${least} up, or a share between 0 and 1`);

export const forestParamsSchema = z.strictObject({
  trees: z.int().min(1).max(10_000).default(100),
  /** Levels of questions; no limit where absent. */
  maxDepth: z.int().min(1).optional(),
  /** A node with fewer different rows is a leaf; a share counts of all rows, rounded up. */
  minSamplesSplit: countOrShare(2).default(2),
  /** No split leaves a child with fewer different rows; a share counts of all rows, rounded up. */
  minSamplesLeaf: countOrShare(1).default(1),
  /** Features tried at each split. By default the square root of their number for classes, all for numbers. */
  maxFeatures: z
    .union(
      [z.enum(['sqrt', 'log2', 'all']), z.int().min(1), share],
      'must be sqrt, log2, all, a count or a share',
    )
    .optional(),
  /** Each tree draws rows with replacement; without, each sees all rows. */
  bootstrap: z.boolean().default(true),
  /** Rows that each tree draws: a count, or a share below 1. As many as there are, where absent. */
  maxSamples: countOrShare(1).optional(),
  /** `balanced` gives every class the same weight in all; a record names the weight of a class, 1 for the others. */
  classWeight: z.union([z.literal('balanced'), z.record(z.string(), z.number().positive())]).optional(),
  /** By default gini for classes, squared-error for numbers. */
  criterion: z.enum(['gini', 'entropy', 'squared-error']).optional(),
  /** Judge each row by the trees that did not draw it. */
  oobScore: z.boolean().default(false),
});
/** Parameters of scikit-learn's RandomForestClassifier and RandomForestRegressor, by their names in camelCase. */
export type ForestParams = z.output<typeof forestParamsSchema>;

/** Parameters with every share and rule worked out for data of one size. */
export interface GrowSettings {
  trees: number;
  /** Number.MAX_SAFE_INTEGER where there is no limit. */
  maxDepth: number;
  minSplit: number;
  minLeaf: number;
  /** Features tried at a split, 1 to all. */
  tried: number;
  bootstrap: boolean;
  /** Rows that a tree draws. */
  drawn: number;
  criterion: 'gini' | 'entropy' | 'squared-error';
}

/**
 * What the parameters mean for `rows` x `columns`, by scikit-learn's rules of rounding.
 *
 * @throws BadDefinitionError where more is asked for than there is, or the criterion is of the other task
 */
export function growSettings(rows: number, columns: number, params: ForestParams, task: Task): GrowSettings {
  const minLeaf = ofRows(params.minSamplesLeaf, rows);
  const minSplit = Math.max(2, ofRows(params.minSamplesSplit, rows), 2 * minLeaf);
  return {
    trees: params.trees,
    maxDepth: params.maxDepth ?? Number.MAX_SAFE_INTEGER,
    minSplit,
    minLeaf,
    tried: triedFeatures(columns, params.maxFeatures ?? (task === 'classification' ? 'sqrt' : 'all')),
    bootstrap: params.bootstrap,
    drawn: drawnRows(rows, params),
    criterion: criterionFor(params, task),
  };
}

const ofRows = (value: number, rows: number): number => (value < 1 ? Math.ceil(value * rows) : value);

function triedFeatures(columns: number, asked: NonNullable<ForestParams['maxFeatures']>): number {
  if (asked === 'all') return columns;
  if (asked === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(columns)));
  if (asked === 'log2') return Math.max(1, Math.floor(Math.log2(columns)));
  if (asked < 1) return Math.max(1, Math.floor(columns * asked));
  return atMost(algorithm, 'maxFeatures', asked, columns, 'columns');
}

function drawnRows(rows: number, { bootstrap, maxSamples }: ForestParams): number {
  if (maxSamples !== undefined && !bootstrap) {
    throw new BadDefinitionError(
      `${algorithm}: maxSamples says how many rows to draw, and bootstrap is off`,
      {
        field: 'maxSamples',
        remedy: 'Leave maxSamples out, or set bootstrap to true.',
      },
    );
  }
  return rowsDrawn(algorithm, rows, maxSamples);
}

function criterionFor({ criterion }: ForestParams, task: Task): GrowSettings['criterion'] {
  const numbers = task === 'regression';
  if (criterion === undefined) return numbers ? 'squared-error' : 'gini';
  if ((criterion === 'squared-error') === numbers) return criterion;
  throw new BadDefinitionError(`${algorithm}: criterion ${criterion} is not for ${task}`, {
    field: 'criterion',
    remedy: numbers ? 'Use squared-error.' : 'Use gini or entropy.',
  });
}
