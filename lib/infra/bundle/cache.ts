import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Node.js code as one file and its source map. */
export interface Compiled {
  code: Uint8Array;
  map: Uint8Array;
  /** Sources that went in, relative to the root. */
  inputs: readonly string[];
}

/**
 * Bundles of earlier runs, kept under node_modules/.cache and found by content: an entry is used again while every
 * source file that went into it, the lock file (for what comes from node_modules) and the options have the same bytes.
 * Losing the folder costs seconds; a broken entry is a miss.
 */
export class BundleCache {
  readonly #root: string;
  readonly #folder: string;
  readonly #salt: string;
  readonly #hashes = new Map<string, Promise<string>>();

  /** @param salt whatever else decides the bytes: options, versions, the lock file's hash */
  constructor(root: string, salt: string) {
    this.#root = root;
    this.#folder = join(root, 'node_modules', '.cache', 'arboleda-bundles');
    this.#salt = salt;
  }

  /** @param name says what is bundled: an entry's path, or the hash of a generated text */
  async get(name: string): Promise<Compiled | undefined> {
    try {
      const record = JSON.parse(await readFile(this.#file(name, 'json'), 'utf8')) as CacheRecord;
      if (record.salt !== this.#salt) return undefined;
      const present = await Promise.all(Object.keys(record.inputs).map((path) => this.#hash(path)));
      if (Object.values(record.inputs).some((hash, i) => hash !== present[i])) return undefined;
      const [code, map] = await Promise.all([
        readFile(this.#file(name, 'mjs')),
        readFile(this.#file(name, 'map')),
      ]);
      // Another process may be writing the same entry: take only what belongs together.
      if (sha256(code) !== record.code || sha256(map) !== record.map) return undefined;
      return { code, map, inputs: Object.keys(record.inputs) };
    } catch {
      return undefined;
    }
  }

  async put(name: string, { code, map, inputs }: Compiled): Promise<void> {
    const own = inputs.filter((path) => !path.includes('node_modules/'));
    const hashes = await Promise.all(own.map(async (path) => [path, await this.#hash(path)] as const));
    const record: CacheRecord = {
      salt: this.#salt,
      code: sha256(code),
      map: sha256(map),
      inputs: Object.fromEntries(hashes),
    };
    await mkdir(this.#folder, { recursive: true });
    await this.#write(this.#file(name, 'mjs'), code);
    await this.#write(this.#file(name, 'map'), map);
    await this.#write(this.#file(name, 'json'), JSON.stringify(record));
  }

  #file(name: string, extension: string): string {
    return join(this.#folder, `${sha256(name).slice(0, 24)}.${extension}`);
  }

  #hash(path: string): Promise<string> {
    const known = this.#hashes.get(path);
    if (known !== undefined) return known;
    const hash = readFile(join(this.#root, path)).then(sha256, () => 'missing');
    this.#hashes.set(path, hash);
    return hash;
  }

  async #write(path: string, content: Uint8Array | string): Promise<void> {
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, content);
    await rename(temporary, path).catch(async (error: unknown) => {
      await rm(temporary, { force: true });
      throw error;
    });
  }
}

interface CacheRecord {
  salt: string;
  code: string;
  map: string;
  /** Source path relative to the root, to SHA-256. */
  inputs: Record<string, string>;
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
