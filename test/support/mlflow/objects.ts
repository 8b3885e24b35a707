import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { MemoryMultipartUploads, MemoryObjectStore } from '../memory.ts';

/** Where the server answers the URLs that its store signs. */
const OBJECTS = '/_objects/';

/** S3 in memory whose presigned URLs are answered by the server that holds it, unlike those of its parent. */
export class ServedObjectStore extends MemoryObjectStore {
  /** `http://host:port`, once the server listens. */
  base = '';

  override async presignGet(key: string, options: { seconds: number; fileName?: string }): Promise<string> {
    return this.served(await super.presignGet(key, options));
  }

  override async presignPut(key: string, options: { seconds: number; contentType: string }): Promise<string> {
    return this.served(await super.presignPut(key, options));
  }

  /** The URL with this server in the place of one that nobody answers. */
  served = (url: string): string => url.replace('https://objects.invalid/', this.base + OBJECTS);
}

/** The same for its uploads in parts. */
export class ServedMultipartUploads extends MemoryMultipartUploads {
  readonly #served: ServedObjectStore;

  constructor(objects: ServedObjectStore) {
    super(objects);
    this.#served = objects;
  }

  override async presignPart(
    key: string,
    uploadId: string,
    part: number,
    options: { seconds: number },
  ): Promise<string> {
    return this.#served.served(await super.presignPart(key, uploadId, part, options));
  }
}

export const isObjectRequest = (url: string | undefined): boolean => url?.startsWith(OBJECTS) === true;

/** Answers as S3 does a presigned GET or PUT: objects or a range of them, parts of uploads, 404 for what is not there. */
export async function serveObject(
  { objects, multipart }: { objects: MemoryObjectStore; multipart: MemoryMultipartUploads },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
  const key = decodeURIComponent(pathname.slice(OBJECTS.length));
  const uploadId = searchParams.get('uploadId');
  if (request.method === 'PUT' && uploadId !== null) {
    const part = Number(searchParams.get('partNumber'));
    const etag = multipart.putPart(key, uploadId, part, await buffer(request));
    response.writeHead(200, { etag }).end();
    return;
  }
  if (request.method === 'PUT') {
    const contentType = request.headers['content-type'] ?? 'application/octet-stream';
    await objects.put(key, await buffer(request), { contentType });
    response.writeHead(200, { etag: `"${(await objects.head(key))?.etag}"` }).end();
    return;
  }
  const found = await objects.head(key);
  if (found === undefined) {
    response.writeHead(404, { 'content-type': 'application/xml' });
    response.end('<Error><Code>NoSuchKey</Code></Error>');
    return;
  }
  const bytes = await objects.get(key);
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const sent = from === undefined ? bytes : bytes.subarray(Number(from), Number(to) + 1);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': String(sent.length),
    'content-type': objects.contentType(key),
    etag: `"${found.etag}"`,
  });
  response.end(request.method === 'HEAD' ? undefined : sent);
}
