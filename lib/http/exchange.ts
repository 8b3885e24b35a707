import type { Request as MiddyRequest } from '@middy/core';
import { ArboledaError } from '../errors/index.ts';
import type { Principal } from '../tracking/types.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import { isMlflowPath } from './mlflow/dialect.ts';
import { toMlflowError } from './mlflow/errors.ts';
import type { Dialect } from './route.ts';
import type { Match } from './router.ts';

/** One request on its way through the pipeline: each middleware adds what it found. */
export interface Exchange<D> {
  request: HttpRequest;
  match?: Match<D>;
  /** Why there is no match: thrown only after the caller has proven to be one. */
  routingError?: ArboledaError;
  principal?: Principal;
  params?: unknown;
  query?: unknown;
  headers?: unknown;
  body?: unknown;
}

/** What middy hands a middleware of this pipeline. */
export type Step<D> = MiddyRequest<Exchange<D>, HttpResponse>;

const JSON_TYPE = 'application/json; charset=utf-8';

/** A JSON answer. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): HttpResponse {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

/**
 * Any thrown value as an answer; what is not ours becomes a 500 that tells nothing of the inside.
 *
 * @param dialect whose form it has; where no route tells, the path does
 */
export function errorResponse(
  error: unknown,
  request: Pick<HttpRequest, 'requestId' | 'segments'>,
  dialect: Dialect | undefined = isMlflowPath(request.segments) ? 'mlflow' : undefined,
): HttpResponse {
  const known = error instanceof ArboledaError ? error : new ArboledaError('an unexpected error occurred');
  const headers: Record<string, string> = {};
  if (known.status === 401) headers['www-authenticate'] = 'Bearer realm="arboleda"';
  if (known.status === 503) headers['retry-after'] = '5';
  const allow = known.details?.allow;
  if (known.status === 405 && Array.isArray(allow)) headers.allow = allow.join(', ');
  if (dialect === 'mlflow') {
    const { status, body } = toMlflowError(error);
    return jsonResponse(status, body, headers);
  }
  return jsonResponse(known.status, { ...known.toJSON(), requestId: request.requestId }, headers);
}
