import { withoutSecretsIn } from './secrets.ts';

/** What an error may carry besides its message. */
export interface ArboledaErrorOptions extends ErrorOptions {
  /** What the reader can do about it, one sentence in the imperative. */
  remedy?: string;
  /** The input field that is wrong, as a path such as `rows[3].area`. */
  field?: string;
  /** Further facts, small and JSON. Never a secret. */
  details?: Record<string, unknown>;
}

/**
 * The one base of every error that Arboleda throws on purpose.
 *
 * `name` is the class's own name, which Step Functions' Retry and Catch match on; `code` is stable and safe to
 * program against; `status` is the HTTP status when the error reaches a caller; `transient` says whether the same
 * call may succeed later without any change.
 *
 * @example
 * throw new NotFoundError('no pipeline named "hosing"', { remedy: 'run `npx arboleda pipelines` for the names' });
 */
export class ArboledaError extends Error {
  static readonly code: string = 'INTERNAL_ERROR';
  static readonly status: number = 500;
  static readonly transient: boolean = false;
  static readonly remedy: string =
    'Read the log of this request; if it repeats, report it with the request id.';

  readonly code: string;
  readonly status: number;
  readonly transient: boolean;
  readonly remedy: string;
  readonly field: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(message: string, options: ArboledaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const type = new.target;
    this.name = type.name;
    this.code = type.code;
    this.status = type.status;
    this.transient = type.transient;
    this.remedy = options.remedy ?? type.remedy;
    this.field = options.field;
    this.details = options.details;
  }

  /** The body that a caller, a run's record or `--json` shows. */
  toJSON(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      remedy: this.remedy,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** The stable shape of an error in a response, in a run's record and in `--json`. */
export interface ErrorBody {
  code: string;
  message: string;
  remedy: string;
  field?: string;
  details?: Record<string, unknown>;
}

/** A caller's input breaks its schema: 400, names the field, nothing was written. */
export class InvalidInputError extends ArboledaError {
  static override readonly code: string = 'INVALID_INPUT';
  static override readonly status: number = 400;
  static override readonly remedy: string =
    'Correct the named field: /docs shows what each request takes, /openapi.json says it to programs.';
}

/** No token, or one that is unknown, revoked or expired: 401. */
export class UnauthenticatedError extends ArboledaError {
  static override readonly code: string = 'UNAUTHENTICATED';
  static override readonly status: number = 401;
  static override readonly remedy: string =
    'Send `Authorization: Bearer TOKEN`; `npx arboleda token create` makes one.';
}

/** The token is known and its role or workspace does not allow this: 403. */
export class ForbiddenError extends ArboledaError {
  static override readonly code: string = 'FORBIDDEN';
  static override readonly status: number = 403;
  static override readonly remedy: string = 'Use a token with the role that this route needs.';
}

/** What is named does not exist (in this workspace): 404. */
export class NotFoundError extends ArboledaError {
  static override readonly code: string = 'NOT_FOUND';
  static override readonly status: number = 404;
  static override readonly remedy: string = 'Check the name or id.';
}

/** The state of things does not allow it now: 409. */
export class ConflictError extends ArboledaError {
  static override readonly code: string = 'CONFLICT';
  static override readonly status: number = 409;
  static override readonly remedy: string = 'Read the present state and try again.';
}

/** There is such a thing by that name already: 409 (400 to MLflow's clients). */
export class AlreadyExistsError extends ConflictError {
  static override readonly code: string = 'ALREADY_EXISTS';
  static override readonly remedy: string = 'Take another name, or read the one there is.';
}

/** The platform does not do this: 501. */
export class NotImplementedError extends ArboledaError {
  static override readonly code: string = 'NOT_IMPLEMENTED';
  static override readonly status: number = 501;
  static override readonly remedy: string = 'docs/mlflow.md lists what is supported.';
}

/** The same request cannot fit a limit of AWS: 413. */
export class TooLargeError extends ArboledaError {
  static override readonly code: string = 'TOO_LARGE';
  static override readonly status: number = 413;
  static override readonly remedy: string =
    'Send less at once, or upload by a presigned URL (`npx arboleda data push`).';
}

/** There is nothing to serve yet: 503. */
export class NotReadyError extends ArboledaError {
  static override readonly code: string = 'NOT_READY';
  static override readonly status: number = 503;
  static override readonly remedy: string =
    'Train and promote a model first: `npx arboleda run PIPELINE --wait`.';
}

/** Another try may succeed: throttled, interrupted, raced. The only error that Step Functions retries. */
export class TransientError extends ArboledaError {
  static override readonly code: string = 'TRANSIENT';
  static override readonly status: number = 503;
  static override readonly transient: boolean = true;
  static override readonly remedy: string = 'Try again in a moment.';
}

/** The data breaks a rule that the pipeline relies on. Permanent. */
export class BadDataError extends ArboledaError {
  static override readonly code: string = 'BAD_DATA';
  static override readonly status: number = 422;
  static override readonly remedy: string = 'Correct the data, or the pipeline definition that describes it.';
}

/** A pipeline definition is wrong. Permanent. */
export class BadDefinitionError extends ArboledaError {
  static override readonly code: string = 'BAD_DEFINITION';
  static override readonly status: number = 422;
  static override readonly remedy: string = 'Correct data/<pipeline>/pipeline.ts and deploy again.';
}

/** Bytes are not what their hash says, or a file is not of its format. Permanent. */
export class IntegrityError extends ArboledaError {
  static override readonly code: string = 'INTEGRITY';
  static override readonly status: number = 422;
  static override readonly remedy: string =
    'Restore the object from a backup or make it again with `--force`.';
}

/** The run was cancelled while this stage worked. */
export class CancelledError extends ArboledaError {
  static override readonly code: string = 'CANCELLED';
  static override readonly status: number = 409;
  static override readonly remedy: string = 'Start the run again, or `npx arboleda retry RUN`.';
}

/**
 * Any thrown value as an error body: what is not ours becomes INTERNAL_ERROR and tells nothing of the inside. It is kept in records
 * and logs: what is a secret by its form is taken out of it.
 */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof ArboledaError) return withoutSecretsIn(error.toJSON());
  return new ArboledaError('an unexpected error occurred', {}).toJSON();
}
