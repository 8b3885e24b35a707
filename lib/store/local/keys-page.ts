import { decodeCursor, encodeCursor } from '../cursor.ts';

/** Keys in S3's order: by the bytes of their UTF-8. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * One page of a listing as S3 gives it: at most 1,000 keys of the prefix, after the cursor of the page before.
 *
 * @param sorted all keys, by `compareKeys`
 * @throws InvalidInputError where the cursor is not one of this prefix
 */
export function keysPage(
  sorted: readonly string[],
  prefix: string,
  page: { limit?: number; cursor?: string },
): { keys: string[]; cursor?: string } {
  const request = { pk: prefix, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
  const after = decodeCursor(request)?.sk ?? '';
  const found = sorted.filter(
    (key) => key.startsWith(prefix) && (after === '' || compareKeys(key, after) > 0),
  );
  const keys = found.slice(0, Math.min(page.limit ?? 1000, 1000));
  const last = keys.at(-1);
  if (last === undefined || found.length <= keys.length) return { keys };
  return { keys, cursor: encodeCursor(request, { pk: prefix, sk: last }) };
}

/**
 * One page of a folder as S3 gives it with the delimiter `/`: at most 1,000 keys and folders' prefixes together.
 *
 * @param sorted all keys, by `compareKeys`
 * @throws InvalidInputError where the cursor is not one of this folder
 */
export function folderPage(
  sorted: readonly string[],
  prefix: string,
  page: { limit?: number; cursor?: string },
): { folders: string[]; keys: string[]; cursor?: string } {
  const request = { pk: `${prefix}/`, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
  const after = decodeCursor(request)?.sk ?? '';
  const entries = new Set<string>();
  for (const key of sorted) {
    if (!key.startsWith(prefix)) continue;
    const slash = key.indexOf('/', prefix.length);
    entries.add(slash < 0 ? key : key.slice(0, slash + 1));
  }
  const left = [...entries].filter((entry) => after === '' || compareKeys(entry, after) > 0);
  const shown = left.slice(0, Math.min(page.limit ?? 1000, 1000));
  const last = shown.at(-1);
  return {
    folders: shown.filter((entry) => entry.endsWith('/')),
    keys: shown.filter((entry) => !entry.endsWith('/')),
    ...(last === undefined || left.length <= shown.length
      ? {}
      : { cursor: encodeCursor(request, { pk: request.pk, sk: last }) }),
  };
}
