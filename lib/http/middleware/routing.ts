import type { MiddlewareObj } from '@middy/core';
import { ArboledaError } from '../../errors/index.ts';
import type { Exchange } from '../exchange.ts';
import type { HttpResponse } from '../message.ts';
import { routingErrorOf } from '../mlflow/unsupported.ts';
import type { Router } from '../router.ts';

/** Finds the route. A miss is kept, not thrown: without a token even the shape of the API is not told (401 first). */
export function routing<D>(router: Router<D>): MiddlewareObj<Exchange<D>, HttpResponse> {
  return {
    before: (step) => {
      const { request } = step.event;
      try {
        step.event.match = router.match(request.method, request.segments);
      } catch (error) {
        if (!(error instanceof ArboledaError)) throw error;
        step.event.routingError = routingErrorOf(request.segments, error);
      }
    },
  };
}
