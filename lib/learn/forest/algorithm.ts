import { ensembleFromFile } from '../ensemble/from-file.ts';
import { mergeForests } from '../ensemble/merge-forests.ts';
import { parseWith } from '../params.ts';
import type { Algorithm } from '../types.ts';
import { algorithm, type ForestParams, forestParamsSchema } from './params.ts';

/** The random forest but for growing it. */
export const forestAlgorithm: Algorithm<ForestParams> = {
  algorithm,
  tasks: ['classification', 'regression'],
  nativeCategories: true,
  nativeMissing: true,
  parseParams: (input) => parseWith(forestParamsSchema, algorithm, input),
  mergeModels: mergeForests,
  fromFile: (parts, shape) => ensembleFromFile(parts, { ...shape, algorithm }),
};
