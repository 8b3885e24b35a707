import { BadDataError, BadDefinitionError, InvalidInputError } from '../errors/index.ts';

/** A text or category column reached a trainer. Permanent. */
export class UnencodedColumnError extends BadDefinitionError {
  static override readonly code: string = 'UNENCODED_COLUMN';
  static override readonly remedy: string =
    "Add `encode('categorical')` to the clean steps, or drop the columns.";
}

/** A trainer met a missing or infinite value and cannot take it. Permanent. */
export class MissingValuesError extends BadDataError {
  static override readonly code: string = 'MISSING_VALUES';
  static override readonly remedy: string =
    "Add `fillMissing('all', { strategy: 'median' })` to the clean steps.";
}

/** The target column is absent, partly empty, or holds a class that the model does not know. Permanent. */
export class BadTargetError extends BadDataError {
  static override readonly code: string = 'BAD_TARGET';
  static override readonly remedy: string =
    'Drop the rows without a target, or correct the `target` of the pipeline.';
}

/** The training would take longer than a function lives. Refused before any work. Permanent. */
export class TrainingTooLargeError extends BadDefinitionError {
  static override readonly code: string = 'TRAINING_TOO_LARGE';
}

/** No trainer has that name. Permanent. */
export class UnknownAlgorithmError extends BadDefinitionError {
  static override readonly code: string = 'UNKNOWN_ALGORITHM';
}

/** The columns at prediction are not those of training. */
export class FeatureMismatchError extends InvalidInputError {
  static override readonly code: string = 'FEATURE_MISMATCH';
  static override readonly remedy: string = 'Send the columns that the model was trained on, in its order.';
}
