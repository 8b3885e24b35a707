import { BadDefinitionError } from '../../errors/index.ts';
import { ensembleFromFile } from '../ensemble/from-file.ts';
import type { Trainer } from '../types.ts';

/** The algorithm of a model that was trained elsewhere. */
export const IMPORTED = 'imported-ensemble';

/**
 * Trees from elsewhere as an algorithm of their own: read from a model file, predicted with, explained and exported as
 * any other, and never trained.
 */
export const importedEnsemble: Trainer = {
  algorithm: IMPORTED,
  tasks: ['classification', 'regression'],
  nativeCategories: true,
  nativeMissing: true,
  parseParams: refuse,
  checkSize: refuse,
  fit: refuse,
  fromFile: (parts, shape) => ensembleFromFile(parts, { ...shape, algorithm: IMPORTED }),
};

function refuse(): never {
  throw new BadDefinitionError(`${IMPORTED} cannot be trained: its trees come from elsewhere`, {
    field: 'algorithm',
    remedy: 'Make such a model with `npx arboleda model import FILE --out DIR`.',
  });
}
