import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '../../../lib/store/ports.ts';
import { MemoryObjectStore } from '../memory.ts';

/** Where the server answers the URLs that its store signs. */
const OBJECTS = '/_objects/';

/** S3 in memory whose presigned URLs are answered by the server that holds it, unlike those of its parent. */
export class ServedObjectStore extends MemoryObjectStore {
  /** `http://host:port`, once the server listens. */
  base = '';

  override async presignGet(key: string, options: { seconds: number; fileName?: string }): Promise<string> {
    return this.#served(await super.presignGet(key, options));
  }

  override async presignPut(key: string, options: { seconds: number; contentType: string }): Promise<string> {
    return this.#served(await super.presignPut(key, options));
  }

  #served = (url: string): string => url.replace('https://objects.invalid/', this.base + OBJECTS);
}

export const isObjectRequest = (url: string | undefined): boolean => url?.startsWith(OBJECTS) === true;

/** Answers as S3 does a presigned GET or PUT: whole objects, their type, 404 for what is not there. */
export async function serveObject(
  objects: MemoryObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = decodeURIComponent(new URL(request.url ?? '', 'http://s3').pathname.slice(OBJECTS.length));
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
  response.writeHead(200, { 'content-length': String(found.size), etag: `"${found.etag}"` });
  response.end(request.method === 'HEAD' ? undefined : await objects.get(key));
}
