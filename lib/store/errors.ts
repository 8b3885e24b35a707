import {
  ArboledaError,
  type ArboledaErrorOptions,
  ConflictError,
  InvalidInputError,
  TooLargeError,
  TransientError,
} from '../errors/index.ts';

/** The stored item is not as the write's condition wants it; nothing was written. */
export class ConditionFailedError extends ConflictError {
  static override readonly code: string = 'CONDITION_FAILED';

  /** In a transaction: which operations' conditions failed, counted from 0. A single write has `[0]`. */
  readonly indexes: readonly number[];

  constructor(message: string, options: ArboledaErrorOptions & { indexes?: readonly number[] } = {}) {
    super(message, options);
    this.indexes = options.indexes ?? [0];
  }
}

/** An item over DynamoDB's 400 KB; refused before the call. */
export class ItemTooLargeError extends TooLargeError {
  static override readonly code: string = 'ITEM_TOO_LARGE';
  static override readonly remedy: string = 'Keep the large part as an S3 object and store its key.';
}

/** An item that DynamoDB cannot hold as it is: a NaN, a Date, a key that is empty. A fault of the program. */
export class BadItemError extends InvalidInputError {
  static override readonly code: string = 'BAD_ITEM';
  static override readonly remedy: string = 'Store it as text (JSON) or correct the value.';
}

/** An execution's input over Step Functions' 256 KB; refused before the call. */
export class ExecutionInputTooLargeError extends TooLargeError {
  static override readonly code: string = 'EXECUTION_INPUT_TOO_LARGE';
  static override readonly remedy: string = 'Pass S3 keys between states, never rows.';
}

/** A page cursor that this query did not give out. */
export class BadCursorError extends InvalidInputError {
  static override readonly code: string = 'BAD_CURSOR';
  static override readonly remedy: string =
    'Use the cursor of the page before, with the same filters, or start without one.';
}

/** Two transactions met at one item. Another try decides. */
export class TransactionConflictError extends TransientError {
  static override readonly code: string = 'TRANSACTION_CONFLICT';
}

/** AWS refused a call for a reason that another try does not change: no permission, a wrong name, a fault of ours. */
export class StoreError extends ArboledaError {
  static override readonly code: string = 'STORE';
  static override readonly remedy: string =
    "Read the function's log: the cause names the call and AWS's reason.";
}

/** A function's environment lacks a variable, or holds one that cannot be read. */
export class ConfigurationError extends ArboledaError {
  static override readonly code: string = 'CONFIGURATION';
  static override readonly remedy: string = "Deploy again: the stack sets every function's variables.";
}
