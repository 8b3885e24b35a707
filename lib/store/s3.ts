import type { Readable } from 'node:stream';
import {
  type _Object,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { NotFoundError } from '../errors/index.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { ConditionFailedError, StoreError } from './errors.ts';
import type { ObjectInfo, ObjectStore, PutOptions } from './ports.ts';
import { s3Call } from './s3-call.ts';
import { putFields, S3Objects } from './s3-objects.ts';
import { putPieces } from './s3-pieces.ts';

/** What one DeleteObjects takes. */
const REMOVE_AT_ONCE = 1000;

/** S3, one bucket. */
export class S3ObjectStore extends S3Objects implements ObjectStore {
  async stream(key: string): Promise<Readable> {
    return s3Call(`get ${key}`, async () => {
      const { Body } = await this.client.send(new GetObjectCommand(this.at(key)));
      return Body as Readable;
    });
  }

  async range(key: string, start: number, end: number): Promise<Uint8Array> {
    // S3 has no empty range.
    if (end <= start) return new Uint8Array();
    return s3Call(`get ${key}`, async () => {
      const Range = `bytes=${start}-${end - 1}`;
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.at(key), Range }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    });
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    try {
      const found = await s3Call(`head ${key}`, () => this.client.send(new HeadObjectCommand(this.at(key))));
      return {
        ...info(key, found.ContentLength, found.ETag, found.LastModified),
        metadata: found.Metadata ?? {},
      };
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  putPieces(
    key: string,
    pieces: AsyncIterable<Uint8Array>,
    options: Pick<PutOptions, 'contentType'>,
  ): Promise<void> {
    return putPieces(this.client, this.at(key), pieces, options);
  }

  async putIfAbsent(
    key: string,
    body: Uint8Array | string,
    options: PutOptions,
  ): Promise<'created' | 'exists'> {
    const command = new PutObjectCommand({ ...this.at(key), ...putFields(body, options), IfNoneMatch: '*' });
    try {
      await s3Call(`put ${key}`, () => this.client.send(command));
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
      Bucket: this.bucket,
      Prefix: prefix,
      MaxKeys: Math.min(page.limit ?? 1000, 1000),
      ...(after !== undefined && { StartAfter: after }),
    });
    const answer = await s3Call(`list ${prefix}`, () => this.client.send(command));
    const objects = (answer.Contents ?? []).map(listed);
    const last = objects.at(-1);
    if (!answer.IsTruncated || !last) return { objects };
    return { objects, cursor: encodeCursor(request, { pk: prefix, sk: last.key }) };
  }

  async folder(
    prefix: string,
    page: { limit?: number; cursor?: string } = {},
  ): Promise<{ folders: string[]; objects: ObjectInfo[]; cursor?: string }> {
    const request = { pk: `${prefix}/`, ...(page.cursor !== undefined && { cursor: page.cursor }) };
    // S3's own token, not StartAfter: after a folder's prefix that would list what is in the folder, as the folder again.
    const token = decodeCursor(request)?.sk;
    const command = new ListObjectsV2Command({
      Bucket: this.bucket,
      Prefix: prefix,
      Delimiter: '/',
      MaxKeys: Math.min(page.limit ?? 1000, 1000),
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const answer = await s3Call(`list folder ${prefix}`, () => this.client.send(command));
    const { Contents = [], CommonPrefixes = [], NextContinuationToken: next } = answer;
    return {
      folders: CommonPrefixes.flatMap(({ Prefix }) => Prefix ?? []),
      objects: Contents.map(listed),
      ...(answer.IsTruncated && next ? { cursor: encodeCursor(request, { pk: request.pk, sk: next }) } : {}),
    };
  }

  async remove(key: string): Promise<void> {
    await s3Call(`remove ${key}`, () => this.client.send(new DeleteObjectCommand(this.at(key))));
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += REMOVE_AT_ONCE) {
      const some = keys.slice(at, at + REMOVE_AT_ONCE);
      const command = new DeleteObjectsCommand({
        Bucket: this.bucket,
        Delete: { Objects: some.map((Key) => ({ Key })), Quiet: true },
      });
      const { Errors = [] } = await s3Call(`remove ${some.length} objects`, () => this.client.send(command));
      const [first] = Errors;
      if (first) throw new StoreError(`S3 remove ${first.Key}: ${first.Code}`);
    }
  }

  async presignGet(
    key: string,
    options: { seconds: number; fileName?: string; contentType?: string },
  ): Promise<string> {
    const { seconds, fileName, contentType } = options;
    const command = new GetObjectCommand({
      ...this.at(key),
      ...(fileName !== undefined && { ResponseContentDisposition: attachment(fileName) }),
      ...(contentType !== undefined && { ResponseContentType: contentType }),
    });
    return s3Call(`sign ${key}`, () => getSignedUrl(this.client, command, { expiresIn: seconds }));
  }

  async presignPut(key: string, options: { seconds: number; contentType: string }): Promise<string> {
    const command = new PutObjectCommand({ ...this.at(key), ContentType: options.contentType });
    return s3Call(`sign ${key}`, () => getSignedUrl(this.client, command, { expiresIn: options.seconds }));
  }
}

function listed(found: _Object): ObjectInfo {
  return { ...info(found.Key ?? '', found.Size, found.ETag, found.LastModified), metadata: {} };
}

function info(key: string, size = 0, etag = '', lastModified = new Date(0)): Omit<ObjectInfo, 'metadata'> {
  return { key, size, etag: etag.replaceAll('"', ''), lastModified };
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
