import { createHash, randomBytes } from 'node:crypto';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { etagOf, inOrder } from '../../../lib/store/parts.ts';
import type { MultipartUploads, PutOptions, UploadedPart } from '../../../lib/store/ports.ts';
import type { MemoryObjectStore } from './objects.ts';

interface Open {
  key: string;
  options: PutOptions;
  parts: Map<number, { bytes: Uint8Array; etag: string }>;
}

/** S3's own least size of a part that is not the last. */
const LEAST_PART = 5 * 1024 * 1024;

/** S3's multipart uploads in memory, with the rules that emulators leave out. A part is put by `putPart`, not by its URL. */
export class MemoryMultipartUploads implements MultipartUploads {
  readonly #objects: MemoryObjectStore;
  readonly #open = new Map<string, Open>();
  readonly #leastPart: number;

  /** @param leastPart bytes; less than S3's for tests of small files */
  constructor(objects: MemoryObjectStore, leastPart: number = LEAST_PART) {
    this.#objects = objects;
    this.#leastPart = leastPart;
  }

  /** Ids of the uploads that are neither completed nor aborted. */
  open(): string[] {
    return [...this.#open.keys()];
  }

  async create(key: string, options: Pick<PutOptions, 'contentType'>): Promise<string> {
    const id = randomBytes(16).toString('hex');
    this.#open.set(id, { key, options, parts: new Map() });
    return id;
  }

  async presignPart(
    key: string,
    uploadId: string,
    part: number,
    options: { seconds: number },
  ): Promise<string> {
    return `https://objects.invalid/${encodeURI(key)}?uploadId=${uploadId}&partNumber=${part}&expires=${options.seconds}`;
  }

  /** What a PUT to the part's URL does; returns the ETag. @throws NotFoundError */
  putPart(key: string, uploadId: string, part: number, bytes: Uint8Array): string {
    const etag = createHash('md5').update(bytes).digest('hex');
    this.#must(key, uploadId).parts.set(part, { bytes: bytes.slice(), etag });
    return `"${etag}"`;
  }

  async complete(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    const sorted = inOrder(parts);
    const open = this.#open.get(uploadId);
    if (open?.key !== key) {
      if ((await this.#objects.head(key))?.etag === etagOf(sorted)) return;
      throw new NotFoundError(`no upload ${uploadId} of ${key}`);
    }
    const held = sorted.map(({ number, etag }) => {
      const part = open.parts.get(number);
      if (part?.etag !== etag)
        throw new InvalidInputError(`part ${number} was not put so`, { field: 'parts' });
      return part;
    });
    if (held.slice(0, -1).some(({ bytes }) => bytes.length < this.#leastPart))
      throw new InvalidInputError('every part but the last must have at least 5 MB', { field: 'parts' });
    const bytes = Buffer.concat(held.map((part) => part.bytes));
    this.#objects.putAssembled(key, bytes, open.options, etagOf(sorted));
    this.#open.delete(uploadId);
  }

  async abort(key: string, uploadId: string): Promise<void> {
    if (this.#open.get(uploadId)?.key === key) this.#open.delete(uploadId);
  }

  #must(key: string, uploadId: string): Open {
    const open = this.#open.get(uploadId);
    if (open?.key !== key) throw new NotFoundError(`no upload ${uploadId} of ${key}`);
    return open;
  }
}
