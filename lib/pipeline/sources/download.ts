import { BadDataError, IntegrityError, maskedUrl } from '../../errors/index.ts';
import { type HttpsSource, sha256 } from '../definition/index.ts';
import { zipEntry } from './zip-entry.ts';

/** No source is larger: the ingest function holds the delivered bytes in memory once. */
export const MAX_SOURCE_BYTES = 1_000_000_000;
/** A host that has not begun to answer by then is passed over: a machine without network must not wait long. */
const ANSWER_TIMEOUT_MS = 8_000;
/** For the whole, so that a host which trickles cannot hold a run. */
const WHOLE_TIMEOUT_MS = 20_000;

/**
 * The bytes that a URL delivers, or those of the entry that the source names in them.
 *
 * @throws BadDataError where the host cannot be reached, does not answer in time, answers an error or too much;
 *   BadArchiveError; IntegrityError where the bytes are not those pinned
 */
export async function download(source: HttpsSource, fetcher: typeof fetch): Promise<Uint8Array> {
  const { url, entry } = source;
  const delivered = await fetchBytes(url, fetcher);
  if (entry === undefined) return verified(delivered, source.sha256, maskedUrl(url));
  return verified(
    zipEntry(delivered, entry, MAX_SOURCE_BYTES),
    source.sha256,
    `${entry} of ${maskedUrl(url)}`,
  );
}

async function fetchBytes(url: string, fetcher: typeof fetch): Promise<Uint8Array> {
  const { host } = new URL(url);
  const stop = new AbortController();
  const timers = [ANSWER_TIMEOUT_MS, WHOLE_TIMEOUT_MS].map((ms) =>
    setTimeout(() => stop.abort(new BadDataError(`${host} did not deliver within ${ms / 1000} s`)), ms),
  );
  try {
    const response = await fetcher(url, { signal: stop.signal, redirect: 'follow' });
    clearTimeout(timers[0]);
    if (!response.ok) throw new BadDataError(`${host} answered ${response.status}`);
    return await bodyOf(response, host);
  } catch (cause) {
    if (cause instanceof BadDataError) throw cause;
    throw new BadDataError(`${host} cannot be reached`, { cause });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    // Of an answer that is not wanted, the rest is not waited for either.
    stop.abort();
  }
}

/** Not `arrayBuffer()`: the length that a host declares is no bound. */
async function bodyOf(response: Response, host: string): Promise<Uint8Array> {
  const tooLarge = () => new BadDataError(`${host} offers more than ${MAX_SOURCE_BYTES} bytes`);
  if (Number(response.headers.get('content-length') ?? 0) > MAX_SOURCE_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_SOURCE_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** @throws IntegrityError where the bytes have another hash */
export function verified(bytes: Uint8Array, expected: string, what: string): Uint8Array {
  const found = sha256(bytes);
  if (found !== expected) throw new IntegrityError(`${what}: SHA-256 is ${found}, not ${expected} as pinned`);
  return bytes;
}
