import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { TooLargeError } from '../errors/index.ts';
import type { PutOptions } from './ports.ts';
import { s3Call } from './s3-call.ts';

/** S3 takes parts of 5 MB at least, the last excepted, and 10,000 of them: 78 GB. */
export const PART_BYTES = 8 * 1024 * 1024;
const MOST_PARTS = 10_000;

/**
 * Puts bytes that come in pieces as one object, a part in memory at a time. Nothing stands under the key, or what stood there
 * before, until the last part is in; what is begun and fails is given up, and where even that fails a lifecycle rule ends it.
 *
 * @throws TooLargeError past 10,000 parts, and what the pieces throw
 */
export async function putPieces(
  client: S3Client,
  at: { Bucket: string; Key: string },
  pieces: AsyncIterable<Uint8Array>,
  { contentType }: Pick<PutOptions, 'contentType'>,
): Promise<void> {
  const parts = partsOf(pieces);
  const first = await parts.next();
  const Body = first.value ?? new Uint8Array();
  if (first.done || Body.length < PART_BYTES) {
    const whole = { ...at, Body, ContentLength: Body.length, ContentType: contentType };
    await s3Call(`put ${at.Key}`, () => client.send(new PutObjectCommand(whole)));
    return;
  }
  const opened = await s3Call(`open upload ${at.Key}`, () =>
    client.send(new CreateMultipartUploadCommand({ ...at, ContentType: contentType })),
  );
  const upload = { ...at, UploadId: opened.UploadId };
  try {
    const done: { PartNumber: number; ETag: string | undefined }[] = [];
    const put = async (bytes: Uint8Array) => {
      const PartNumber = done.length + 1;
      if (PartNumber > MOST_PARTS)
        throw new TooLargeError(`${at.Key} is larger than an upload in parts takes`);
      const part = { ...upload, PartNumber, Body: bytes, ContentLength: bytes.length };
      const { ETag } = await s3Call(`put part ${PartNumber} of ${at.Key}`, () =>
        client.send(new UploadPartCommand(part)),
      );
      done.push({ PartNumber, ETag });
    };
    await put(Body);
    for await (const bytes of parts) await put(bytes);
    const MultipartUpload = { Parts: done };
    await s3Call(`complete upload ${at.Key}`, () =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload })),
    );
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** The same bytes in parts of {@link PART_BYTES}, the last one what is left. */
async function* partsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < PART_BYTES) continue;
    let all: Uint8Array = Buffer.concat(held);
    for (; all.length >= PART_BYTES; all = all.subarray(PART_BYTES)) yield all.subarray(0, PART_BYTES);
    held = [all];
    size = all.length;
  }
  if (size > 0) yield Buffer.concat(held);
  return undefined;
}
