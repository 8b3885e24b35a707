import { createHash } from 'node:crypto';
import { InvalidInputError } from '../errors/index.ts';
import type { UploadedPart } from './ports.ts';

/**
 * Parts by number, their etags without quotes.
 *
 * @throws InvalidInputError on no part, a number beside 1 to 10,000, a number given twice
 */
export function inOrder(parts: readonly UploadedPart[]): UploadedPart[] {
  const sorted = parts
    .map(({ number, etag }) => ({ number, etag: etag.replaceAll('"', '') }))
    .sort((a, b) => a.number - b.number);
  const bad = sorted.some(
    ({ number }, i) =>
      !Number.isInteger(number) || number < 1 || number > 10_000 || number === sorted[i - 1]?.number,
  );
  if (bad || sorted.length === 0) {
    throw new InvalidInputError('parts must be numbered from 1 to 10,000, each once, at least one', {
      field: 'parts',
    });
  }
  return sorted;
}

/** The etag that S3 gives an object of these parts: the MD5 of their MD5s, and their count. */
export function etagOf(parts: readonly UploadedPart[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}
