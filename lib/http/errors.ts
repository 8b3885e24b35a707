import { ArboledaError, InvalidInputError, NotFoundError, TooLargeError } from '../errors/index.ts';

/** No route has this path: 404. */
export class UnknownRouteError extends NotFoundError {
  static override readonly code: string = 'UNKNOWN_ROUTE';
  static override readonly remedy: string = 'Read /docs or /openapi.json for the routes there are.';
}

/** The path exists, the method does not: 405. `details.allow` lists the methods, as the Allow header does. */
export class MethodNotAllowedError extends ArboledaError {
  static override readonly code: string = 'METHOD_NOT_ALLOWED';
  static override readonly status: number = 405;
  static override readonly remedy: string = 'Use one of the methods in the Allow header.';
}

/** The body's type is not JSON: 415. */
export class UnsupportedMediaTypeError extends ArboledaError {
  static override readonly code: string = 'UNSUPPORTED_MEDIA_TYPE';
  static override readonly status: number = 415;
  static override readonly remedy: string = "Send JSON with the header 'Content-Type: application/json'.";
}

/** The body is not JSON that can be taken: 400. */
export class InvalidJsonError extends InvalidInputError {
  static override readonly code: string = 'INVALID_JSON';
  static override readonly remedy: string =
    'Send one valid JSON value, at most 64 levels deep, with finite numbers.';
}

/** The request's body is larger than a function is given: 413. */
export class BodyTooLargeError extends TooLargeError {
  static override readonly code: string = 'BODY_TOO_LARGE';
}

/** The answer would be larger than a gateway passes on: 413, for asking for less can help. */
export class ResponseTooLargeError extends TooLargeError {
  static override readonly code: string = 'RESPONSE_TOO_LARGE';
  static override readonly remedy: string = 'Ask for less at once: a smaller limit, fewer rows, one stage.';
}

/** The work would outlast the gateway's patience: 504. It may have been done all the same. */
export class RequestTimedOutError extends ArboledaError {
  static override readonly code: string = 'REQUEST_TIMED_OUT';
  static override readonly status: number = 504;
  static override readonly remedy: string =
    'Ask for less at once. Before you start a run again, look at the runs, or repeat with the same Idempotency-Key.';
}
