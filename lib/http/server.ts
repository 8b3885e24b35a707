import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { TooLargeError } from '../errors/index.ts';
import type { App } from './app.ts';
import { bodyTooLarge } from './body-limit.ts';
import { within } from './deadline.ts';
import { errorResponse } from './exchange.ts';
import { MAX_BODY_BYTES, REQUEST_DEADLINE_MS } from './limits.ts';
import { type HttpRequest, type HttpResponse, makeRequest } from './message.ts';
import { complete } from './middleware/finish.ts';

/** A client that sends slower than this is cut off: one may not hold a connection for ever. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** Only then, behind a load balancer whose own idle time is 60 s, does no reused connection close under a request. */
const KEEP_ALIVE_MS = 65_000;

/**
 * The application as a plain HTTP server: the second edge beside the gateway's, under the same limits of body, answer and
 * time. It is not listening yet.
 *
 * @example
 * nodeServer(createApp({ routes, deps, authenticate, logger })).listen(8000, '127.0.0.1');
 */
export function nodeServer(app: App, deadline: number = REQUEST_DEADLINE_MS): Server {
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (incoming, outgoing) => serve(app, deadline, incoming, outgoing),
  );
  // Express's and curl's `Expect: 100-continue`: a body that is too large is refused before it is sent.
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (Number(incoming.headers['content-length'] ?? 0) <= MAX_BODY_BYTES) outgoing.writeContinue();
    serve(app, deadline, incoming, outgoing);
  });
  return server;
}

/** An answer that cannot be sent ends its own connection, never the process. */
function serve(app: App, deadline: number, incoming: IncomingMessage, outgoing: ServerResponse): void {
  answer(app, deadline, incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
}

async function answer(
  app: App,
  deadline: number,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = requestOf(incoming);
  let response: HttpResponse;
  try {
    request.body = await bodyOf(incoming, request);
    response = await within(deadline, app.handle(request));
  } catch (error) {
    // The caller went away while it was sending: there is nobody to answer.
    if (incoming.destroyed && !incoming.complete && !(error instanceof TooLargeError)) return;
    response = complete(request, errorResponse(error, request));
  }
  send(incoming, outgoing, request, response);
}

function requestOf(incoming: IncomingMessage): HttpRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))) {
    if (Object.hasOwn(query, name)) query[name]?.push(value);
    else Object.defineProperty(query, name, { value: [value], enumerable: true, writable: true });
  }
  return makeRequest({
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query,
    headers: incoming.headers,
    requestId: randomUUID(),
  });
}

/** @throws TooLargeError as soon as more came than is taken */
async function bodyOf(incoming: IncomingMessage, request: HttpRequest): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = Number(incoming.headers['content-length'] ?? 0);
  if (size > MAX_BODY_BYTES) throw bodyTooLarge(request, size);
  size = 0;
  for await (const part of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw bodyTooLarge(request, size);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  request: HttpRequest,
  { status, headers, body }: HttpResponse,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  // What is left of a body that was refused is not read: the connection ends with the answer.
  const whole = incoming.complete || incoming.readableEnded;
  // Over plain HTTP browsers pass this header over; a proxy with TLS in front sets its own.
  const { 'strict-transport-security': _, ...plain } = headers;
  outgoing.writeHead(status, {
    ...plain,
    ...(request.method === 'HEAD' ? {} : { 'content-length': String(bytes.length) }),
    ...(whole ? {} : { connection: 'close' }),
  });
  outgoing.end(request.method === 'HEAD' ? undefined : bytes);
}
