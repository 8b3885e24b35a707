import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { NotFoundError } from '../errors/index.ts';
import { awsName, fromAws } from './aws-errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { ConditionFailedError } from './errors.ts';
import type { ObjectInfo, ObjectStore, PutOptions } from './ports.ts';

/** S3, one bucket. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async get(key: string): Promise<Uint8Array> {
    return this.#call(`get ${key}`, async () => {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#at(key)));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    });
  }

  async stream(key: string): Promise<Readable> {
    return this.#call(`get ${key}`, async () => {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#at(key)));
      return Body as Readable;
    });
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    try {
      const found = await this.#call(`head ${key}`, () =>
        this.#client.send(new HeadObjectCommand(this.#at(key))),
      );
      return {
        ...info(key, found.ContentLength, found.ETag, found.LastModified),
        metadata: found.Metadata ?? {},
      };
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void> {
    const command = new PutObjectCommand({ ...this.#at(key), ...putFields(body, options) });
    await this.#call(`put ${key}`, () => this.#client.send(command));
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array | string,
    options: PutOptions,
  ): Promise<'created' | 'exists'> {
    const command = new PutObjectCommand({ ...this.#at(key), ...putFields(body, options), IfNoneMatch: '*' });
    try {
      await this.#call(`put ${key}`, () => this.#client.send(command));
      return 'created';
    } catch (error) {
      if (error instanceof ConditionFailedError) return 'exists';
      throw error;
    }
  }

  async list(
    prefix: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<{ objects: ObjectInfo[]; cursor?: string }> {
    const request = { pk: prefix, ...(page.cursor !== undefined && { cursor: page.cursor }) };
    const after = decodeCursor(request)?.sk;
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: prefix,
      MaxKeys: Math.min(page.limit ?? 1000, 1000),
      ...(after !== undefined && { StartAfter: after }),
    });
    const answer = await this.#call(`list ${prefix}`, () => this.#client.send(command));
    const objects = (answer.Contents ?? []).map((found) => ({
      ...info(found.Key ?? '', found.Size, found.ETag, found.LastModified),
      metadata: {},
    }));
    const last = objects.at(-1);
    if (!answer.IsTruncated || !last) return { objects };
    return { objects, cursor: encodeCursor(request, { pk: prefix, sk: last.key }) };
  }

  async remove(key: string): Promise<void> {
    await this.#call(`remove ${key}`, () => this.#client.send(new DeleteObjectCommand(this.#at(key))));
  }

  async presignGet(
    key: string,
    options: { seconds: number; fileName?: string; contentType?: string },
  ): Promise<string> {
    const { seconds, fileName, contentType } = options;
    const command = new GetObjectCommand({
      ...this.#at(key),
      ...(fileName !== undefined && { ResponseContentDisposition: attachment(fileName) }),
      ...(contentType !== undefined && { ResponseContentType: contentType }),
    });
    return this.#call(`sign ${key}`, () => getSignedUrl(this.#client, command, { expiresIn: seconds }));
  }

  async presignPut(key: string, options: { seconds: number; contentType: string }): Promise<string> {
    const command = new PutObjectCommand({ ...this.#at(key), ContentType: options.contentType });
    return this.#call(`sign ${key}`, () =>
      getSignedUrl(this.#client, command, { expiresIn: options.seconds }),
    );
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }

  async #call<T>(what: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      // A HEAD has no body: its 404 carries no code, and not every SDK version names it.
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      const bare = $metadata?.httpStatusCode === 404 && awsName(error) !== 'NoSuchBucket';
      throw bare
        ? new NotFoundError(`no object: S3 ${what}`, { cause: error })
        : fromAws(error, `S3 ${what}`);
    }
  }
}

function info(key: string, size = 0, etag = '', lastModified = new Date(0)): Omit<ObjectInfo, 'metadata'> {
  return { key, size, etag: etag.replaceAll('"', ''), lastModified };
}

function putFields(body: Uint8Array | string, options: PutOptions) {
  const { contentType, contentEncoding, metadata } = options;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return {
    Body: bytes,
    ContentLength: bytes.length,
    ContentType: contentType,
    ...(contentEncoding !== undefined && { ContentEncoding: contentEncoding }),
    ...(metadata && { Metadata: metadata }),
  };
}

/** A Content-Disposition that names the file in ASCII and, exactly, in UTF-8 (RFC 6266). */
function attachment(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const exact = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`;
}
