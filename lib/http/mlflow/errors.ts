import { ArboledaError, type ArboledaErrorOptions, NotFoundError } from '../../errors/index.ts';
import { MethodNotAllowedError, UnknownRouteError } from '../errors.ts';

/** The error codes of MLflow's protocol that this server answers with, and each one's HTTP status there. */
export const MLFLOW_STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  ABORTED: 409,
  REQUEST_LIMIT_EXCEEDED: 429,
  INTERNAL_ERROR: 500,
  INVALID_STATE: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const satisfies Record<string, number>;

export type MlflowErrorCode = keyof typeof MLFLOW_STATUS;

/** An error in MLflow's own words: the client sees code and message as they are. */
export class MlflowError extends ArboledaError {
  static override readonly code: string = 'MLFLOW_ERROR';
  readonly errorCode: MlflowErrorCode;
  override readonly status: number;

  constructor(errorCode: MlflowErrorCode, message: string, options: ArboledaErrorOptions = {}) {
    super(message, options);
    this.errorCode = errorCode;
    this.status = MLFLOW_STATUS[errorCode];
  }
}

/** The commonest of them: 400, INVALID_PARAMETER_VALUE. */
export const invalidParameter = (message: string): MlflowError =>
  new MlflowError('INVALID_PARAMETER_VALUE', message);

/** An error as MLflow's clients read it. */
export interface MlflowErrorBody {
  error_code: string;
  message: string;
}

/** Where the message alone leaves the reader helpless; elsewhere it stays word for word what MLflow says. */
const TELLS_REMEDY: ReadonlySet<number> = new Set([401, 403, 405, 413, 503, 504]);

/**
 * Any thrown value in MLflow's form. What is not ours becomes a 500 that tells nothing of the inside. A conflict that no
 * handler put into MLflow's words stays a 409.
 */
export function toMlflowError(error: unknown): { status: number; body: MlflowErrorBody } {
  if (error instanceof MlflowError) {
    return { status: error.status, body: { error_code: error.errorCode, message: error.message } };
  }
  if (!(error instanceof ArboledaError)) {
    return { status: 500, body: { error_code: 'INTERNAL_ERROR', message: 'an unexpected error occurred' } };
  }
  const { status, message, remedy } = error;
  const text = TELLS_REMEDY.has(status) ? `${sentence(message)} ${remedy}` : message;
  const code = codeOf(error);
  return { status: statusOf(status, code), body: { error_code: code, message: text } };
}

function codeOf(error: ArboledaError): MlflowErrorCode {
  if (error instanceof UnknownRouteError || error instanceof MethodNotAllowedError)
    return 'ENDPOINT_NOT_FOUND';
  if (error instanceof NotFoundError) return 'RESOURCE_DOES_NOT_EXIST';
  // Which thing there is already, MLflow calls a bad request.
  if (error.code === 'ALREADY_EXISTS') return 'RESOURCE_ALREADY_EXISTS';
  if (error.code === 'NOT_IMPLEMENTED') return 'NOT_IMPLEMENTED';
  switch (error.status) {
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 409:
      return 'RESOURCE_CONFLICT';
    case 413:
      return 'BAD_REQUEST';
    case 503:
      return 'TEMPORARILY_UNAVAILABLE';
    case 504:
      return 'DEADLINE_EXCEEDED';
    default:
      return error.status >= 500 ? 'INTERNAL_ERROR' : 'INVALID_PARAMETER_VALUE';
  }
}

/** The code's own status; but 405 and 413, which MLflow has no code for, tell HTTP clients more than a code would. */
const statusOf = (status: number, code: MlflowErrorCode): number =>
  status === 405 || status === 413 ? status : MLFLOW_STATUS[code];

const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);
