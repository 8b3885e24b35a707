import {
  type Dimension,
  gridPoints,
  integer,
  logUniform,
  randomPoints,
  type Space,
  uniform,
} from '../../learn/index.ts';
import type { Candidate } from './schema.ts';

export { integer, logUniform, uniform };

/** What each parameter may be: a list of values, or for a random search a range of numbers. */
export type SearchSpace<P> = { readonly [K in keyof P]?: Dimension & (readonly P[K][] | object) };
/** Lists only: what a grid can go over. */
export type GridSpace<P> = { readonly [K in keyof P]?: readonly P[K][] };

/**
 * A candidate for every combination of the listed values; equal ones once. Plain expansion, at definition time: the
 * pipeline's `candidates` hold the result.
 *
 * @param fixed parameters that all candidates share
 * @throws BadDefinitionError on an empty list
 * @example
 * candidates: [...gridSearch(randomForest, { trees: [50, 100], maxDepth: [4, 8] })], // four forests
 */
export function gridSearch<P extends object>(
  choice: (params: P) => Candidate,
  space: GridSpace<NoInfer<P>>,
  fixed: Partial<NoInfer<P>> = {},
): Candidate[] {
  return gridPoints(space as Space).map((point) => choice({ ...fixed, ...point } as P));
}

/**
 * `count` candidates with parameters drawn from the space by the seed: the same seed gives the same candidates, and none
 * comes twice. Fewer where the space has no more.
 *
 * @throws BadDefinitionError on an empty list, or a range whose min is not below its max
 * @example
 * candidates: randomSearch(
 *   gradientBoosting,
 *   { learningRate: logUniform(0.01, 0.3), maxLeaves: integer(8, 64), subsample: [0.7, 1] },
 *   { count: 20, seed: 42 },
 * ),
 */
export function randomSearch<P extends object>(
  choice: (params: P) => Candidate,
  space: SearchSpace<NoInfer<P>>,
  options: { count: number; seed: number; fixed?: Partial<NoInfer<P>> },
): Candidate[] {
  const { count, seed, fixed = {} } = options;
  return randomPoints(space as Space, { count, seed }).map((point) => choice({ ...fixed, ...point } as P));
}
