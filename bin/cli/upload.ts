import { type ClientRequest, request as overHttp } from 'node:http';
import { request as overTls } from 'node:https';
import type { Upload } from './api-types.ts';
import { UnreachableError } from './client.ts';

/** Written at once; between two of them the progress is told. */
const CHUNK = 1024 * 1024;
/** Milliseconds without a byte going either way. */
const SILENCE = 60_000;
/** Characters of a refusal that are shown. */
const SHOWN = 200;

const CUT_OFF = 'Try again: what was uploaded before is simply left to expire.';

/**
 * Puts bytes to a presigned URL. Not by `fetch`: that tells nothing of its progress, and sends a stream without the length
 * that S3 asks for.
 *
 * @param onProgress called with the share of the bytes that are on their way, up to 1
 * @throws UnreachableError where the connection ends early or the store refuses
 */
export async function putTo(
  upload: Upload,
  bytes: Uint8Array,
  onProgress: (share: number) => void = () => undefined,
): Promise<void> {
  const { origin } = new URL(upload.url);
  let answer: { status: number; text: string };
  try {
    answer = await put(upload, bytes, onProgress);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new UnreachableError(`the upload to ${origin} was cut off (${why})`, { cause, remedy: CUT_OFF });
  }
  if (answer.status >= 200 && answer.status < 300) return;
  const text = answer.text.replace(/\s+/g, ' ').slice(0, SHOWN);
  throw new UnreachableError(`the upload was answered with ${answer.status}: ${text}`, {
    remedy: 'Try again: the upload URL may have expired.',
  });
}

function put(
  { url, headers = { 'content-type': 'application/octet-stream' } }: Upload,
  bytes: Uint8Array,
  onProgress: (share: number) => void,
): Promise<{ status: number; text: string }> {
  const open = url.startsWith('https:') ? overTls : overHttp;
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = open(url, {
      method: 'PUT',
      headers: { ...headers, 'content-length': String(bytes.length) },
      timeout: SILENCE,
    });
    let answered = false;
    sent.on('response', (response) => {
      // A store that refuses answers before all is sent, and then closes: what it says counts, not the broken pipe.
      answered = true;
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') });
        if (!sent.writableFinished) sent.destroy();
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`nothing moved for ${SILENCE / 1000} seconds`)));
    sent.on('error', (error) => {
      if (!answered) reject(error);
    });
    const next = (from: number): void => {
      if (from >= bytes.length) {
        sent.end();
        return;
      }
      const to = Math.min(from + CHUNK, bytes.length);
      sent.write(bytes.subarray(from, to), (error) => {
        if (error || answered) return;
        onProgress(to / bytes.length);
        next(to);
      });
    };
    next(0);
  });
}
