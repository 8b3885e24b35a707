import { ensembleFromFile } from '../ensemble/from-file.ts';
import { parseWith } from '../params.ts';
import type { Algorithm } from '../types.ts';
import { algorithm, type BoostingParams, boostingParamsSchema } from './params.ts';

/** Gradient boosting but for growing its trees. */
export const boostingAlgorithm: Algorithm<BoostingParams> = {
  algorithm,
  tasks: ['classification', 'regression'],
  nativeCategories: true,
  nativeMissing: true,
  parseParams: (input) => parseWith(boostingParamsSchema, algorithm, input),
  fromFile: (parts, shape) => ensembleFromFile(parts, { ...shape, algorithm }),
};
