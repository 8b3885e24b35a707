import { csvBytes } from './bytes.ts';
import { type Delimiter, delimiterOfText } from './delimiter-of-text.ts';

export { DELIMITERS, type Delimiter } from './delimiter-of-text.ts';

/** So much of the text tells what parts its fields. */
const LOOKED_AT_BYTES = 65_536;

/**
 * What parts the fields of a text (plain or gzipped), by its first lines.
 *
 * @throws what {@link csvBytes} throws
 * @example
 * await detectDelimiter(Readable.from([Buffer.from('a;b\n1,5;2,5\n')])); // ';'
 */
export async function detectDelimiter(source: AsyncIterable<Uint8Array>): Promise<Delimiter> {
  const chunks: Buffer[] = [];
  let length = 0;
  let whole = true;
  for await (const chunk of csvBytes(source)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < LOOKED_AT_BYTES) continue;
    whole = false;
    break;
  }
  return delimiterOfText(Buffer.concat(chunks).toString('utf8'), whole);
}
