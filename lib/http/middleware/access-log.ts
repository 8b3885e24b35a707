import type { MiddlewareObj } from '@middy/core';
import type { Logger } from 'pino';
import { ArboledaError, withoutSecrets } from '../../errors/index.ts';
import type { Exchange, Step } from '../exchange.ts';
import type { HttpResponse } from '../message.ts';

/** One line a request. It names the route, not the path, and never holds a token, a query or a body. */
export function accessLog<D>(logger: Logger, now: () => number): MiddlewareObj<Exchange<D>, HttpResponse> {
  const started = new WeakMap<Exchange<D>, number>();

  const write = (step: Step<D>): void => {
    const { request, match, principal } = step.event;
    const status = step.response?.status ?? 500;
    const line = {
      method: request.method.slice(0, 20),
      route: match?.route.path ?? null,
      status,
      ms: Math.round(now() - (started.get(step.event) ?? now())),
      requestId: request.requestId,
      ...(principal === undefined ? {} : { tokenId: principal.tokenId, workspace: principal.workspace }),
      ...(step.error instanceof ArboledaError ? { code: step.error.code } : {}),
    };
    // 503 while there is no model is an answer, not a fault.
    if (status !== 500) logger.info(line, 'request');
    else logger.error({ ...line, ...causeOf(step.error) }, 'request');
  };

  return {
    before: (step) => {
      started.set(step.event, now());
    },
    after: write,
    onError: write,
  };
}

/** For whoever reads the log, since the caller is told nothing of an unexpected error. */
function causeOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return {};
  return {
    error: {
      name: error.name,
      message: withoutSecrets(error.message).slice(0, 500),
      stack: withoutSecrets(error.stack ?? '').slice(0, 4000),
    },
  };
}
