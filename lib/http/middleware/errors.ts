import type { MiddlewareObj } from '@middy/core';
import { type Exchange, errorResponse } from '../exchange.ts';
import type { HttpResponse } from '../message.ts';
import { complete } from './finish.ts';

/** Turns whatever was thrown into the one error body, with the request id. */
export function errorMapper<D>(): MiddlewareObj<Exchange<D>, HttpResponse> {
  return {
    onError: (step) => {
      const { request, match } = step.event;
      step.response = complete(request, errorResponse(step.error, request, match?.route.dialect));
    },
  };
}
