import { ConflictError } from '../../errors/index.ts';

/** The split is at another revision than the caller saw: another change came first. Nothing was written. */
export class SplitChangedError extends ConflictError {
  static override readonly code: string = 'SPLIT_CHANGED';
  static override readonly remedy: string =
    'Read the split, compare again, and repeat with the revision it has now.';
}

/** The model's traffic is not split. */
export class NoSplitError extends ConflictError {
  static override readonly code: string = 'NO_SPLIT';
  static override readonly remedy: string =
    'Begin a split first: `npx arboleda split set MODEL --arm 1=90 --arm 2=10`.';
}

/** No version holds `production`: there is nothing to split traffic beside. */
export class NoChampionError extends ConflictError {
  static override readonly code: string = 'NO_CHAMPION';
  static override readonly remedy: string = 'Promote a version first: `npx arboleda promote MODEL VERSION`.';
}

/** The guard ended the split; to promote its version all the same, name it. */
export class SplitRevertedError extends ConflictError {
  static override readonly code: string = 'SPLIT_REVERTED';
  static override readonly remedy: string =
    'See why: `npx arboleda split show MODEL`. To promote the version all the same, name it.';
}

/** Versions that a split could not put in each other's place: they read other columns, or answer another question. */
export class SplitMismatchError extends ConflictError {
  static override readonly code: string = 'SPLIT_MISMATCH';
  static override readonly remedy: string =
    'Split traffic between versions that read the same columns and predict the same target; promote a version that does not.';
}
