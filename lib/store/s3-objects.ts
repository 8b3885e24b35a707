import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore, PutOptions } from './ports.ts';
import { s3Call } from './s3-call.ts';

/** S3, one bucket: to read and write whole objects, which is all that a prediction takes. */
export class S3Objects implements Pick<ObjectStore, 'get' | 'put'> {
  protected readonly client: S3Client;
  protected readonly bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.client = client;
    this.bucket = bucket;
  }

  async get(key: string): Promise<Uint8Array> {
    return s3Call(`get ${key}`, async () => {
      const { Body } = await this.client.send(new GetObjectCommand(this.at(key)));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    });
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void> {
    const command = new PutObjectCommand({ ...this.at(key), ...putFields(body, options) });
    await s3Call(`put ${key}`, () => this.client.send(command));
  }

  protected at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: key };
  }
}

/** Of PutObject, what is written and its headers. */
export function putFields(body: Uint8Array | string, options: PutOptions) {
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
