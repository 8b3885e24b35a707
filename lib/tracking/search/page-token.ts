import { createHash } from 'node:crypto';
import { toText } from '../json.ts';
import { refuse } from './errors.ts';

const MAX_TOKEN = 4_000;

/** What keeps a token from being used on another query; it is no secret, and needs none: a token only names a place in what its holder may read. */
const binding = (query: unknown): string =>
  createHash('sha256').update(toText(query)).digest('base64url').slice(0, 22);

/**
 * An opaque token for the page that follows `position`.
 *
 * @param query what must be the same when the token comes back: filter, order, what is searched, in which workspace.
 * @param position JSON: an offset, or the values that the last thing of the page sorts by.
 */
export function encodePageToken(query: unknown, position: unknown): string {
  return Buffer.from(toText([binding(query), position])).toString('base64url');
}

/** The position in a token of this very query; undefined for an absent or empty one. @throws InvalidSearchError */
export function decodePageToken<T>(query: unknown, token: string | undefined): T | undefined {
  if (token === undefined || token === '') return undefined;
  if (token.length > MAX_TOKEN || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(token)) {
    refuse('Invalid page token, could not base64-decode', 'page_token');
  }
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    refuse('Invalid page token, it is none that a search gave out', 'page_token');
  }
  if (!Array.isArray(parts) || parts.length !== 2 || parts[0] !== binding(query)) {
    refuse('Invalid page token, it belongs to another search', 'page_token');
  }
  return parts[1] as T;
}

/**
 * One page of what is sorted already; for lists that are read whole.
 *
 * @throws InvalidSearchError on a token of another query.
 */
export function pageOf<T>(
  all: readonly T[],
  query: unknown,
  page: { maxResults: number; pageToken?: string | undefined },
): { items: T[]; nextPageToken?: string } {
  const from = decodePageToken<number>(query, page.pageToken) ?? 0;
  if (!Number.isSafeInteger(from) || from < 0) refuse('Invalid page token, it names no place', 'page_token');
  const to = from + page.maxResults;
  const items = all.slice(from, to);
  return to < all.length ? { items, nextPageToken: encodePageToken(query, to) } : { items };
}
