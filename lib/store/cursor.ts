import { createHash } from 'node:crypto';
import { BadCursorError } from './errors.ts';
import type { Key, QueryRequest } from './ports.ts';

/** Where a page ended: the table's key, and the index's sort key for a query of the index. */
export interface Position extends Key {
  gsi1sk?: string;
}

const MAX_CURSOR = 6_000;

/**
 * What a cursor is bound to. It keeps a cursor from being used on another query; it is no secret: a forged cursor can only
 * name another place within the partition that the server itself chose, which its holder may read anyway.
 */
function binding(request: QueryRequest): string {
  const { pk, index, skPrefix, skBetween, descending } = request;
  const text = JSON.stringify([pk, index ?? '', skPrefix ?? '', skBetween ?? [], descending === true]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** An opaque cursor for the page of `request` that follows `position`. The partition itself is not in it. */
export function encodeCursor(request: QueryRequest, position: Position): string {
  const place = request.index ? [position.gsi1sk, position.pk, position.sk] : [position.sk];
  return Buffer.from(JSON.stringify([binding(request), ...place])).toString('base64url');
}

/** The position in a cursor of this very query. Throws BadCursorError for any other text. */
export function decodeCursor(request: QueryRequest): Position | undefined {
  const { cursor } = request;
  if (cursor === undefined) return undefined;
  const bad = () => new BadCursorError('the cursor is not one that this list gave out', { field: 'cursor' });
  if (typeof cursor !== 'string' || cursor === '' || cursor.length > MAX_CURSOR) throw bad();
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw bad();
  }
  const length = request.index ? 4 : 2;
  if (!Array.isArray(parts) || parts.length !== length) throw bad();
  if (!parts.every((part): part is string => typeof part === 'string' && part !== '')) throw bad();
  const [bound, ...place] = parts as [string, string, string, string];
  if (bound !== binding(request)) throw bad();
  if (!within(request, place[0])) throw bad();
  return request.index ? { gsi1sk: place[0], pk: place[1], sk: place[2] } : { pk: request.pk, sk: place[0] };
}

function within(request: QueryRequest, sk: string): boolean {
  if (request.skPrefix !== undefined && !sk.startsWith(request.skPrefix)) return false;
  if (request.skBetween && (sk < request.skBetween[0] || sk > request.skBetween[1])) return false;
  return true;
}
