import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConflictError, IntegrityError } from '../../lib/errors/index.ts';
import { type ApiClient, UnreachableError } from './client.ts';

export interface Downloaded {
  file: string;
  bytes: number;
  sha256: string;
  /** False where the very file was there already. */
  written: boolean;
}

/** A whole download may take this long. */
const LONGEST = 600_000;

/**
 * Fetches a file by a route that redirects to a presigned URL, which is sent no token. It is written beside its place and
 * moved there once its SHA-256 is what was promised, so that a broken download leaves nothing behind.
 *
 * @param sha256 what the bytes must be; where nothing was promised, any will do
 * @throws ConflictError where another file is there, IntegrityError on other bytes, UnreachableError, ApiError
 */
export async function download(
  client: ApiClient,
  path: string,
  to: string,
  sha256?: string | undefined,
): Promise<Downloaded> {
  const there = await stat(to).catch(() => undefined);
  if (there !== undefined) {
    const held = there.isFile() ? await sha256OfFile(to) : 'a folder';
    if (held === sha256) return { file: to, bytes: there.size, sha256: held, written: false };
    throw new ConflictError(`${to} is there already and is another file`, {
      field: 'out',
      remedy: 'Name another place by --out, or remove it.',
    });
  }
  await mkdir(dirname(to), { recursive: true });
  const part = `${to}.${process.pid}.part`;
  try {
    const found = await fetchTo(await client.location(path), part);
    if (sha256 !== undefined && found.sha256 !== sha256) {
      throw new IntegrityError(`what came has SHA-256 ${found.sha256}, not ${sha256}`, {
        remedy: 'Try again; if it repeats, `npx arboleda reconcile` tells what is broken.',
      });
    }
    await rename(part, to);
    return { file: to, ...found, written: true };
  } finally {
    await rm(part, { force: true });
  }
}

async function fetchTo(url: string, file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await fetchStored(url, ({ body }) => {
    // An empty file has no body.
    const from = body === null ? Readable.from([]) : Readable.fromWeb(body as never);
    return pipeline(from, count, createWriteStream(file));
  });
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * What a presigned URL gives, as `read` takes it from the answer.
 *
 * @throws UnreachableError where the store answers otherwise, or the answer is cut off
 */
export async function fetchStored<T>(url: string, read: (response: Response) => Promise<T>): Promise<T> {
  const { origin } = new URL(url);
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(LONGEST) });
    if (response.ok) return await read(response);
  } catch (cause) {
    throw new UnreachableError(`the download from ${origin} was cut off (${(cause as Error).message})`, {
      cause,
      remedy: 'Try again.',
    });
  }
  throw new UnreachableError(`the download from ${origin} was answered with ${response.status}`, {
    remedy: 'Try again: the download URL may have expired.',
  });
}

/** SHA-256 of a file, in hex; read piece by piece. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
