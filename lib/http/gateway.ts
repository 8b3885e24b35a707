import { randomUUID } from 'node:crypto';
import { type HttpRequest, type HttpResponse, makeRequest } from './message.ts';

/** What is read of API Gateway's Lambda proxy event (REST API, payload 1.0). All of it may be absent in an emulator. */
export interface GatewayEvent {
  httpMethod?: string;
  path?: string;
  resource?: string;
  headers?: Record<string, string | undefined> | null;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
  queryStringParameters?: Record<string, string | undefined> | null;
  multiValueQueryStringParameters?: Record<string, string[] | undefined> | null;
  pathParameters?: Record<string, string | undefined> | null;
  body?: string | null;
  isBase64Encoded?: boolean;
  requestContext?: { requestId?: string; stage?: string };
}

/** API Gateway's answer form. No other field may stand in it. */
export interface GatewayResult {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

/** The one place that reads a gateway's event. Total: it never throws, whatever a caller or a gateway sends. */
export function fromGatewayEvent(event: GatewayEvent): HttpRequest {
  const { body, isBase64Encoded } = event;
  return makeRequest({
    method: event.httpMethod ?? 'GET',
    path: pathOf(event),
    query: queryOf(event),
    headers: event.multiValueHeaders ?? event.headers ?? {},
    body: body == null ? new Uint8Array(0) : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    requestId: requestIdOf(event.requestContext?.requestId),
  });
}

/** Text goes as it is; bytes as base64, which a gateway decodes for callers that accept the type. */
export function toGatewayResult(response: HttpResponse): GatewayResult {
  const { status, headers, body } = response;
  const isText = typeof body === 'string';
  return {
    statusCode: status,
    headers,
    body: isText ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: !isText,
  };
}

/**
 * The path without what stands before the API's root. `path` has no stage, but behind a custom domain it begins with the
 * mapping's base path. The resource's template tells how many segments belong to the API: the last ones.
 */
function pathOf(event: GatewayEvent): string {
  const path = event.path ?? '/';
  const own = segmentCount(event);
  if (own === undefined) return path;
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.length <= own) return path;
  const tail = own === 0 ? [] : segments.slice(-own);
  return `/${tail.join('/')}${path.endsWith('/') && own > 0 ? '/' : ''}`;
}

/** How many segments the matched resource stands for; undefined where the event does not tell. */
function segmentCount(event: GatewayEvent): number | undefined {
  const { resource, pathParameters } = event;
  if (typeof resource !== 'string' || !resource.startsWith('/')) return undefined;
  let count = 0;
  for (const part of resource.split('/').filter((text) => text !== '')) {
    const greedy = /^\{(\w+)\+\}$/.exec(part)?.[1];
    if (greedy === undefined) {
      count++;
      continue;
    }
    const value = pathParameters?.[greedy];
    if (typeof value !== 'string') return undefined;
    count += value.split('/').filter((text) => text !== '').length;
  }
  return count;
}

function queryOf(event: GatewayEvent): Record<string, string[]> {
  const { multiValueQueryStringParameters: many, queryStringParameters: single } = event;
  const query: [string, string[]][] = [];
  if (many != null) {
    for (const [name, values] of Object.entries(many)) query.push([name, values ?? []]);
  } else {
    for (const [name, value] of Object.entries(single ?? {}))
      if (value !== undefined) query.push([name, [value]]);
  }
  return Object.fromEntries(query);
}

/** The gateway's id where it is one that a key may hold; else a new one. */
function requestIdOf(given: string | undefined): string {
  return given !== undefined && /^[A-Za-z0-9][A-Za-z0-9_-]{7,127}$/.test(given) ? given : randomUUID();
}
