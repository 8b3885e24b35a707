import { ArboledaError, NotFoundError, TransientError } from '../errors/index.ts';
import { ConditionFailedError, ItemTooLargeError, StoreError, TransactionConflictError } from './errors.ts';

/** What the errors of AWS's SDK have in common. */
interface AwsError {
  name: string;
  message: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
  $retryable?: unknown;
  CancellationReasons?: { Code?: string }[];
}

const TRANSIENT = new Set([
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'InternalServiceException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingError',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
  'TransactionInProgressException',
  'ConditionalRequestConflict',
  'OperationAborted',
]);
/** Node's own codes of a connection that could not be made or broke. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
]);
const ABSENT = new Set(['NoSuchKey', 'NoSuchUpload', 'NotFound', 'ExecutionDoesNotExist']);
const CONFLICT = new Set(['TransactionConflict', 'TransactionConflictException']);
const THROTTLED = new Set(['ProvisionedThroughputExceeded', 'ThrottlingError']);

/** The name of AWS's own error, for decisions on one case. */
export function awsName(error: unknown): string {
  return (error as Partial<AwsError> | undefined)?.name ?? '';
}

/**
 * An error of AWS's SDK as one of ours: throttling, timeouts, 5xx and broken connections are TransientError, a failed condition
 * is ConditionFailedError, what is not there is NotFoundError, the rest is StoreError. Ours pass through.
 *
 * @param what the call and its subject, for the message.
 */
export function fromAws(error: unknown, what: string): ArboledaError {
  if (error instanceof ArboledaError) return error;
  const {
    name = 'Error',
    message = '',
    code = '',
    $metadata,
    $retryable,
    CancellationReasons,
  } = error as AwsError;
  const status = $metadata?.httpStatusCode ?? 0;
  const options = { cause: error };
  if (name === 'ConditionalCheckFailedException' || name === 'PreconditionFailed') {
    return new ConditionFailedError(`${what}: the condition does not hold`, options);
  }
  if (name === 'TransactionCanceledException') return cancelled(CancellationReasons ?? [], what, options);
  if (CONFLICT.has(name))
    return new TransactionConflictError(`${what}: another transaction was at it`, options);
  if (ABSENT.has(name)) return new NotFoundError(`${what}: not found`, options);
  const passing = TRANSIENT.has(name) || NETWORK.has(code) || $retryable !== undefined;
  if (passing || status >= 500 || status === 429) return new TransientError(`${what}: ${name}`, options);
  if (name === 'ValidationException' && /item size|maximum allowed size/i.test(message)) {
    return new ItemTooLargeError(`${what}: the item would be over 400 KB`, options);
  }
  return new StoreError(`${what}: ${name}`, options);
}

function cancelled(reasons: { Code?: string }[], what: string, options: ErrorOptions): ArboledaError {
  const codes = reasons.map((reason) => reason.Code ?? 'None');
  const failed = codes.flatMap((code, i) => (code === 'ConditionalCheckFailed' ? [i] : []));
  if (failed.length > 0) {
    return new ConditionFailedError(`${what}: the condition of ${failed.join(', ')} does not hold`, {
      ...options,
      indexes: failed,
    });
  }
  if (codes.some((code) => CONFLICT.has(code))) {
    return new TransactionConflictError(`${what}: another transaction was at it`, options);
  }
  if (codes.some((code) => THROTTLED.has(code))) return new TransientError(`${what}: throttled`, options);
  return new StoreError(`${what}: cancelled (${codes.join(', ')})`, options);
}
