import middy from '@middy/core';
import type { Logger } from 'pino';
import type { Principal } from '../tracking/types.ts';
import type { Exchange } from './exchange.ts';
import { jsonResponse } from './exchange.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import { accessLog } from './middleware/access-log.ts';
import { type Authenticate, authentication } from './middleware/authentication.ts';
import { errorMapper } from './middleware/errors.ts';
import { finish } from './middleware/finish.ts';
import { routing } from './middleware/routing.ts';
import { validation } from './middleware/validation.ts';
import type { Context, Reply, Route } from './route.ts';
import { makeRouter } from './router.ts';

/** An application: a request in, an answer out, never a throw. */
export interface App {
  handle(request: HttpRequest): Promise<HttpResponse>;
}

export interface AppOptions<D> {
  routes: readonly Route<D>[];
  deps: D;
  authenticate: Authenticate;
  /** Who a caller without a token is. Never set in a deployment: only a server that was told to be open has one. */
  anonymous?: Principal;
  logger: Logger;
  /** Milliseconds, for the log line's duration only. */
  now?: () => number;
}

/**
 * Puts the pipeline together: log, error mapper, finish, routing, authentication, validation, handler. Knows no
 * gateway and no server: lambdas/ and tests wrap it.
 *
 * @example
 * const app = createApp({ routes: apiRoutes, deps, authenticate, logger });
 * const answer = await app.handle(makeRequest({ method: 'GET', path: '/health', requestId: 'r1' }));
 */
export function createApp<D>(options: AppOptions<D>): App {
  const { routes, deps, authenticate, anonymous, logger, now = () => performance.now() } = options;
  const pipeline = middy<Exchange<D>, HttpResponse>(async (exchange: Exchange<D>) => {
    if (exchange.match === undefined) throw new Error('a handler ran without a route');
    const { request, params, query, headers, body, principal } = exchange;
    const context: Context<D> = { deps, request, params, query, headers, body, principal };
    return toResponse(await exchange.match.route.handle(context));
  });
  pipeline.use([
    accessLog<D>(logger, now),
    errorMapper<D>(),
    finish<D>(),
    routing(makeRouter(routes)),
    authentication<D>(authenticate, anonymous),
    validation<D>(),
  ]);
  // Lambda's context is not passed on: nothing here depends on it, so a plain server or a test can be the caller.
  return { handle: async (request) => (await pipeline({ request }, {} as never)) as HttpResponse };
}

function toResponse(reply: Reply): HttpResponse {
  const { status = 200, headers = {}, body } = reply;
  if (body === undefined) return { status, headers, body: '' };
  if (typeof body === 'string' || body instanceof Uint8Array) return { status, headers, body };
  return jsonResponse(status, body, headers);
}
