import type { Table } from '../../table/index.ts';
import type { Target } from '../types.ts';
import { type Fold, groupKFold, kFold, repeated, stratifiedGroupKFold, stratifiedKFold } from './folds.ts';

/** How rows are parted for a cross-validation. */
export interface FoldPlan {
  /** From 2 up. */
  folds: number;
  /** How often the folds are drawn anew, from 1 up. */
  repeats: number;
  /** Keeps the classes' shares in each fold; a classification does unless told not to. */
  stratify?: boolean | undefined;
}

/**
 * The folds that a plan asks for; they depend on the seed and on the rows' order, classes and groups alone.
 *
 * @param groups a number for each row, equal for rows that must stay on one side; see `groupCodes`
 * @throws BadDefinitionError where there are fewer rows, or groups, than folds
 * @example
 * const folds = foldsFor(y, { folds: 5, repeats: 2 }, undefined, 42); // ten
 */
export function foldsFor(
  y: Target,
  { folds, repeats, stratify = y.task === 'classification' }: FoldPlan,
  groups: Int32Array | undefined,
  seed: number,
): Fold[] {
  return repeated(repeats, seed, (drawn) => {
    const options = { folds, seed: drawn };
    if (groups === undefined) {
      return stratify ? stratifiedKFold(y.values, options) : kFold(y.values.length, options);
    }
    return stratify ? stratifiedGroupKFold(y.values, groups, options) : groupKFold(groups, options);
  });
}

/** A number for each row of a table of one column, equal for equal values; a row without a value is a group of its own. */
export function groupCodes({ columns: [column], rowCount }: Table): Int32Array {
  const codes = new Map<number, number>();
  let next = 0;
  return Int32Array.from({ length: rowCount }, (_, i) => {
    const value = 'codes' in column! ? column.codes[i]! : column!.values[i]!;
    const missing = 'codes' in column! ? value < 0 : Number.isNaN(value);
    const known = missing ? undefined : codes.get(value);
    if (known !== undefined) return known;
    if (!missing) codes.set(value, next);
    return next++;
  });
}
