import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { NotFoundError } from '../../errors/index.ts';
import type { ObjectInfo, ObjectStore, PutOptions } from '../ports.ts';
import { compareKeys, folderPage, keysPage } from './keys-page.ts';

/** Beside an object, what S3 keeps of it besides its bytes. */
const FACTS = '.facts.json';

/**
 * S3 in a folder: an object is a file whose path is its key. Same order, paging and errors as `S3ObjectStore`; for one
 * process at a time. Its URLs are of the scheme `file:`.
 */
export class LocalObjectStore implements ObjectStore {
  readonly #root: string;
  /** Keys that a `putIfAbsent` is writing: who comes second waits for the first. */
  readonly #writing = new Map<string, Promise<void>>();
  #temporary = 0;

  /** @param root absolute path of a folder of its own; made when the first object is put */
  constructor(root: string) {
    this.#root = root;
  }

  async get(key: string): Promise<Uint8Array> {
    await this.#must(key);
    return new Uint8Array(await readFile(this.#file(key)));
  }

  async stream(key: string): Promise<Readable> {
    await this.#must(key);
    return createReadStream(this.#file(key));
  }

  async range(key: string, start: number, end: number): Promise<Uint8Array> {
    await this.#must(key);
    const file = await open(this.#file(key));
    try {
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(Math.max(0, end - start)),
        0,
        end - start,
        start,
      );
      return new Uint8Array(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    try {
      const [{ mtime, size }, facts] = await Promise.all([
        stat(this.#file(key)),
        readFile(this.#file(key) + FACTS, 'utf8'),
      ]);
      const { etag, metadata } = JSON.parse(facts) as Pick<ObjectInfo, 'etag' | 'metadata'>;
      return { key, size, etag, metadata, lastModified: mtime };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void> {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const etag = createHash('md5').update(bytes).digest('hex');
    const file = this.#file(key);
    await mkdir(dirname(file), { recursive: true });
    // Whole or not at all: a process that dies while it writes leaves no half object.
    await this.#replace(file, bytes);
    await this.#replace(file + FACTS, JSON.stringify({ etag, ...options, metadata: options.metadata ?? {} }));
  }

  async putPieces(
    key: string,
    pieces: AsyncIterable<Uint8Array>,
    options: Pick<PutOptions, 'contentType'>,
  ): Promise<void> {
    const file = this.#file(key);
    const temporary = `${file}.${this.#temporary++}.part`;
    const hash = createHash('md5');
    await mkdir(dirname(file), { recursive: true });
    const out = await open(temporary, 'w');
    try {
      for await (const piece of pieces) {
        hash.update(piece);
        await out.writeFile(piece);
      }
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    } finally {
      await out.close();
    }
    await rename(temporary, file);
    await this.#replace(file + FACTS, JSON.stringify({ etag: hash.digest('hex'), ...options, metadata: {} }));
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array | string,
    options: PutOptions,
  ): Promise<'created' | 'exists'> {
    const other = this.#writing.get(key);
    if (other !== undefined) {
      await other;
      return 'exists';
    }
    let done = () => {};
    this.#writing.set(key, new Promise((resolve) => (done = resolve)));
    try {
      if ((await this.head(key)) !== undefined) return 'exists';
      await this.put(key, body, options);
      return 'created';
    } finally {
      this.#writing.delete(key);
      done();
    }
  }

  async list(
    prefix: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<{ objects: ObjectInfo[]; cursor?: string }> {
    const { keys, cursor } = keysPage(await this.#keys(), prefix, page);
    const infos = await Promise.all(keys.map((key) => this.head(key)));
    const objects = infos.filter((info) => info !== undefined);
    return { objects, ...(cursor === undefined ? {} : { cursor }) };
  }

  async folder(
    prefix: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<{ folders: string[]; objects: ObjectInfo[]; cursor?: string }> {
    const { keys, ...rest } = folderPage(await this.#keys(), prefix, page);
    const infos = await Promise.all(keys.map((key) => this.head(key)));
    return { ...rest, objects: infos.filter((info) => info !== undefined) };
  }

  async remove(key: string): Promise<void> {
    await Promise.all([this.#file(key), this.#file(key) + FACTS].map((file) => rm(file, { force: true })));
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.remove(key);
  }

  presignGet = async (key: string): Promise<string> => pathToFileURL(this.#file(key)).href;
  presignPut = async (key: string): Promise<string> => pathToFileURL(this.#file(key)).href;

  async #must(key: string): Promise<void> {
    if ((await this.head(key)) === undefined) throw new NotFoundError(`no object ${key}`);
  }

  /** Keys are the server's own; all the same none of them leaves the folder. */
  #file(key: string): string {
    const parts = key.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\')))
      throw new NotFoundError(`no object ${key}`);
    return join(this.#root, ...parts);
  }

  async #keys(): Promise<string[]> {
    const entries = await readdir(this.#root, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(FACTS))
      .map((entry) => relative(this.#root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .map((name) => name.slice(0, -FACTS.length))
      .sort(compareKeys);
  }

  async #replace(file: string, body: Uint8Array | string): Promise<void> {
    const temporary = `${file}.${this.#temporary++}.part`;
    await writeFile(temporary, body);
    await rename(temporary, file);
  }
}
