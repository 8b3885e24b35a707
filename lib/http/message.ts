/** A request as every handler sees it, whichever gateway or server it came through. */
export interface HttpRequest {
  /** Upper case. */
  method: string;
  /** The path without stage prefix, split at `/`, each segment decoded once. Empty segments are left out. */
  segments: readonly string[];
  /** True where the path ended in `/`: a page with relative links must know. */
  trailingSlash: boolean;
  /** Every value of every query parameter, decoded. No prototype. */
  query: Record<string, string[]>;
  /** Lower-case names; repeated headers joined by `, `. No prototype. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Made by the edge; stands in the answer, the log line and the prediction log. */
  requestId: string;
}

/** An answer before it is put into a gateway's or a server's form. Header names are lower case. */
export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** What an edge adapter hands the application; the request id is made where the caller has none. */
export interface RequestParts {
  method: string;
  /** With or without percent-encoding, without query. */
  path: string;
  query?: Record<string, readonly string[]>;
  headers?: Record<string, string | readonly string[] | undefined>;
  body?: Uint8Array | string;
  requestId: string;
}

/**
 * Normalises a request's parts. Total: nothing a caller sends makes it throw.
 *
 * Gateways differ in whether the path arrives decoded (MiniStack: once; LocalStack: not; a custom domain adds a prefix).
 * Each segment is decoded once here and nowhere else; a segment that holds no valid escape is left as it is, so a path
 * that was decoded before stays the same. Names never hold `%` (the route table's patterns), so nothing is ambiguous.
 */
export function makeRequest(parts: RequestParts): HttpRequest {
  const raw = parts.path.split('/').filter((segment) => segment !== '');
  return {
    method: parts.method.toUpperCase(),
    segments: raw.map(decodeSegment),
    trailingSlash: parts.path.endsWith('/'),
    query: queryOf(parts.query ?? {}),
    headers: headersOf(parts.headers ?? {}),
    body:
      typeof parts.body === 'string' ? Buffer.from(parts.body, 'utf8') : (parts.body ?? new Uint8Array(0)),
    requestId: parts.requestId,
  };
}

/** `decodeURIComponent` that returns its input where the input is not percent-encoded text. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function queryOf(query: Record<string, readonly string[]>): Record<string, string[]> {
  const result: Record<string, string[]> = Object.create(null);
  for (const [name, values] of Object.entries(query)) result[name] = [...values];
  return result;
}

function headersOf(headers: Record<string, string | readonly string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const text = typeof value === 'string' ? value : value.join(', ');
    result[key] = result[key] === undefined ? text : `${result[key]}, ${text}`;
  }
  return result;
}
