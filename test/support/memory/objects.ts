import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { NotFoundError } from '../../../lib/errors/index.ts';
import { compareKeys, folderPage, keysPage } from '../../../lib/store/local/keys-page.ts';
import type { Clock, ObjectInfo, ObjectStore, PutOptions } from '../../../lib/store/ports.ts';
import { systemClock } from './clock.ts';

interface Stored {
  bytes: Uint8Array;
  options: PutOptions;
  lastModified: Date;
  /** Of an object made of parts; else the MD5 of the bytes. */
  etag?: string;
}

/** S3 in memory: same order, paging and errors as `S3ObjectStore`. Presigned URLs name the key and cannot be fetched. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, Stored>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** All keys, sorted. */
  keys(): string[] {
    return [...this.#objects.keys()].sort(compareKeys);
  }

  async get(key: string): Promise<Uint8Array> {
    return this.#must(key).bytes.slice();
  }

  async stream(key: string): Promise<Readable> {
    const { bytes } = this.#must(key);
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < bytes.length; i += 65_536) chunks.push(bytes.slice(i, i + 65_536));
    return Readable.from(chunks);
  }

  async range(key: string, start: number, end: number): Promise<Uint8Array> {
    return this.#must(key).bytes.slice(start, end);
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const stored = this.#objects.get(key);
    return stored && info(key, stored);
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void> {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body.slice();
    this.#objects.set(key, { bytes, options: { ...options }, lastModified: this.#clock.now() });
  }

  async putPieces(
    key: string,
    pieces: AsyncIterable<Uint8Array>,
    options: Pick<PutOptions, 'contentType'>,
  ): Promise<void> {
    const all: Uint8Array[] = [];
    for await (const piece of pieces) all.push(piece.slice());
    await this.put(key, Buffer.concat(all), options);
  }

  /** As S3 makes an object of parts: with an etag that is no hash of the bytes. */
  putAssembled(key: string, bytes: Uint8Array, options: PutOptions, etag: string): void {
    this.#objects.set(key, { bytes, options, lastModified: this.#clock.now(), etag });
  }

  /** The type that was put, as S3 sends it with the bytes. */
  contentType(key: string): string {
    return this.#must(key).options.contentType;
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array | string,
    options: PutOptions,
  ): Promise<'created' | 'exists'> {
    if (this.#objects.has(key)) return 'exists';
    await this.put(key, body, options);
    return 'created';
  }

  async list(
    prefix: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<{ objects: ObjectInfo[]; cursor?: string }> {
    const { keys, cursor } = keysPage(this.keys(), prefix, page);
    const objects = keys.map((key) => info(key, this.#must(key)));
    return { objects, ...(cursor === undefined ? {} : { cursor }) };
  }

  async folder(
    prefix: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<{ folders: string[]; objects: ObjectInfo[]; cursor?: string }> {
    const { keys, ...rest } = folderPage(this.keys(), prefix, page);
    return { ...rest, objects: keys.map((key) => info(key, this.#must(key))) };
  }

  async remove(key: string): Promise<void> {
    this.#objects.delete(key);
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#objects.delete(key);
  }

  async presignGet(key: string, options: { seconds: number; fileName?: string }): Promise<string> {
    return `https://objects.invalid/${encodeURI(key)}?get&expires=${options.seconds}`;
  }

  async presignPut(key: string, options: { seconds: number; contentType: string }): Promise<string> {
    return `https://objects.invalid/${encodeURI(key)}?put&expires=${options.seconds}`;
  }

  #must(key: string): Stored {
    const stored = this.#objects.get(key);
    if (!stored) throw new NotFoundError(`no object ${key}`);
    return stored;
  }
}

function info(key: string, stored: Stored): ObjectInfo {
  return {
    key,
    size: stored.bytes.length,
    etag: stored.etag ?? createHash('md5').update(stored.bytes).digest('hex'),
    lastModified: stored.lastModified,
    metadata: { ...stored.options.metadata },
  };
}
