import type { MiddlewareObj } from '@middy/core';
import { ResponseTooLargeError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { MAX_RESPONSE_BYTES } from '../limits.ts';
import type { HttpRequest, HttpResponse } from '../message.ts';

/** Last words of every answer: size checked, request id and safe headers set, no body for HEAD. */
export function finish<D>(): MiddlewareObj<Exchange<D>, HttpResponse> {
  return {
    after: (step) => {
      const response = step.response as HttpResponse;
      const size = transportSize(response.body);
      if (size > MAX_RESPONSE_BYTES) {
        throw new ResponseTooLargeError(
          `the answer has ${size} bytes, more than the ${MAX_RESPONSE_BYTES} that fit`,
          {
            details: { bytes: size, limit: MAX_RESPONSE_BYTES },
          },
        );
      }
      step.response = complete(step.event.request, response);
    },
  };
}

/** Adds the headers that every answer has; answers are data of one caller and are not kept by anyone between. */
export function complete(request: HttpRequest, response: HttpResponse): HttpResponse {
  return {
    status: response.status,
    headers: {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      ...response.headers,
      'x-request-id': request.requestId,
    },
    body: request.method === 'HEAD' ? '' : response.body,
  };
}

/**
 * Bytes of a body inside the function's JSON result: base64 makes 4 of 3, and JSON escapes quotes, backslashes and
 * control characters, so that a JSON answer grows on its way.
 */
export function transportSize(body: string | Uint8Array): number {
  if (typeof body !== 'string') return Math.ceil(body.length / 3) * 4;
  let size = Buffer.byteLength(body, 'utf8');
  if (size * 6 <= MAX_RESPONSE_BYTES) return size;
  for (let i = 0; i < body.length; i++) {
    const code = body.charCodeAt(i);
    if (code === 0x22 || code === 0x5c || code === 0x0a || code === 0x0d || code === 0x09) size += 1;
    else if (code < 0x20) size += 5;
  }
  return size;
}
