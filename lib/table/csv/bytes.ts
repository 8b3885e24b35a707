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
    refuseOtherEncodings(joined.subarray(0, whole), total - joined.length);
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

/** Characters of a line that a message shows. */
const LINE_SHOWN = 60;

/** @param before bytes of the text that came before the chunk */
function refuseOtherEncodings(chunk: Buffer, before: number): void {
  if (!isUtf8(chunk)) {
    const at = firstOtherByte(chunk);
    const lineEnd = chunk.indexOf('\n', at);
    const line = chunk.subarray(chunk.lastIndexOf('\n', at) + 1, lineEnd < 0 ? chunk.length : lineEnd);
    const read = new TextDecoder('windows-1252').decode(line).trimEnd().slice(0, LINE_SHOWN);
    const byte = chunk.toString('hex', at, at + 1).toUpperCase();
    throw new NotCsvError(
      `byte ${before + at + 1} (0x${byte}) is not UTF-8; read as Windows-1252 (Latin-1), its line is ${JSON.stringify(read)}`,
      {
        details: { byte: before + at + 1 },
        remedy:
          'Save the data as CSV in UTF-8. Where that line reads well, `iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW` does it.',
      },
    );
  }
  const zero = chunk.indexOf(0);
  if (zero >= 0) throw new NotCsvError(`byte ${before + zero + 1} is zero: this is no text`);
}

/** Place of the first byte that is no character of UTF-8, nor the beginning of one. */
function firstOtherByte(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const length = characterBytes(bytes[at] as number);
    if (!isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return at;
}

/** Bytes of the character that begins with this one. */
const characterBytes = (byte: number): number => (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1);

/** How many bytes at the end begin a character of UTF-8 whose rest comes with the next chunk: 0 to 3. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    return characterBytes(byte) > back ? back : 0;
  }
  return 0;
}
