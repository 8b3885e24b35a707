import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CorruptGzipError, DataTooLargeError, NotCsvError, TruncatedGzipError } from '../errors.ts';

/** Text of more than this is refused unless the caller says otherwise: a small gzip may hold a thousand times its size. */
const MAX_TEXT_BYTES = 2 * 1024 ** 3;

/** Deflate cannot do better than 1032 to 1 (zlib's own technical notes). */
const MAX_DEFLATE_RATIO = 1032;

const SIGNATURES: readonly [bytes: string, what: string][] = [
  ['504b0304', 'a ZIP or Excel file'],
  ['50415231', 'a Parquet file'],
  ['fffe', 'text in UTF-16'],
  ['feff', 'text in UTF-16'],
  ['28b52ffd', 'compressed by zstd'],
  ['425a68', 'compressed by bzip2'],
  ['fd377a585a', 'compressed by xz'],
  ['d0cf11e0', 'an Excel file'],
  ['25504446', 'a PDF file'],
];

/**
 * The bytes of a CSV text in UTF-8, inflated where the file begins with gzip's magic bytes. Streams: nothing but the
 * chunk at hand is kept.
 *
 * @throws TruncatedGzipError, CorruptGzipError, NotCsvError, DataTooLargeError
 */
export async function* csvBytes(
  source: AsyncIterable<Uint8Array>,
  maxBytes = MAX_TEXT_BYTES,
): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(source, 5);
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  const text = gzipped ? await peek(gunzip(rest), 5) : { head, rest };
  refuseOtherFormats(text.head);
  let total = 0;
  let carried: Buffer = Buffer.alloc(0);
  for await (const chunk of text.rest) {
    total += chunk.length;
    if (total > maxBytes) throw new DataTooLargeError(`the text is larger than ${maxBytes} bytes`);
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const joined = carried.length === 0 ? view : Buffer.concat([carried, view]);
    const whole = joined.length - incompleteTail(joined);
    refuseOtherEncodings(joined.subarray(0, whole), total);
    carried = joined.subarray(whole);
    if (whole > 0) yield joined.subarray(0, whole);
  }
  if (carried.length > 0) throw new NotCsvError('the text ends within a character: it is not whole UTF-8');
}

/** Reads on until `count` bytes are there (or the end), and gives them back in front of the rest. */
async function peek(source: AsyncIterable<Uint8Array>, count: number) {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < count) {
    const next = await iterator.next();
    if (next.done) break;
    chunks.push(next.value);
    length += next.value.length;
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(chunks).subarray(0, count), rest: rest() };
}

async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let compressed = 0;
  let inflated = 0;
  let trailer: Buffer = Buffer.alloc(0);
  async function* counted() {
    for await (const chunk of source) {
      compressed += chunk.length;
      trailer = Buffer.concat([trailer, chunk.subarray(-4)]).subarray(-4);
      yield chunk;
    }
  }
  const inflating = createGunzip();
  // The outcome is seen by the loop below; pipeline only carries errors and ends both streams.
  pipeline(Readable.from(counted()), inflating, () => undefined);
  try {
    for await (const chunk of inflating as AsyncIterable<Buffer>) {
      inflated += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw gzipError(error, {
      compressed,
      inflated,
      declared: trailer.length === 4 ? trailer.readUInt32LE() : 0,
    });
  }
}

function gzipError(
  error: unknown,
  sizes: { compressed: number; inflated: number; declared: number },
): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (!code?.startsWith('Z_')) return error;
  const { compressed, inflated, declared } = sizes;
  const impossible = declared > compressed * MAX_DEFLATE_RATIO;
  const read = `${inflated} bytes could be read from ${compressed} compressed ones`;
  if (code === 'Z_BUF_ERROR') {
    return new TruncatedGzipError(`the gzip ends too early: ${read}`, { cause: error, details: sizes });
  }
  if (impossible || (message === 'incorrect length check' && declared > inflated)) {
    const text = `the gzip declares ${declared} bytes; ${read}`;
    return new TruncatedGzipError(text, { cause: error, details: sizes });
  }
  return new CorruptGzipError(`the gzip is damaged (${message}): ${read}`, { cause: error, details: sizes });
}

function refuseOtherFormats(head: Buffer): void {
  const hex = head.toString('hex');
  const found = SIGNATURES.find(([bytes]) => hex.startsWith(bytes));
  if (found !== undefined) throw new NotCsvError(`the data is ${found[1]}, not CSV text in UTF-8`);
}

function refuseOtherEncodings(chunk: Buffer, upTo: number): void {
  if (!isUtf8(chunk)) {
    throw new NotCsvError(`a byte before byte ${upTo} is not UTF-8 (Latin-1, perhaps)`);
  }
  if (chunk.includes(0)) throw new NotCsvError(`a zero byte stands before byte ${upTo}: this is no text`);
}

/** How many bytes at the end begin a character of UTF-8 whose rest comes with the next chunk: 0 to 3. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}
