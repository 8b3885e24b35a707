import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { InvalidInputError, NotFoundError } from '../errors/index.ts';
import { awsName } from './aws-errors.ts';
import { etagOf, inOrder } from './parts.ts';
import type { MultipartUploads, PutOptions, UploadedPart } from './ports.ts';
import { s3Call } from './s3-call.ts';

/** S3's words on parts that cannot be put together, and ours. */
const BAD_PARTS: Readonly<Record<string, string>> = {
  InvalidPart: 'a part was not put, or its etag is not the one that S3 answered',
  InvalidPartOrder: 'the parts are not in ascending order',
  EntityTooSmall: 'every part but the last must have at least 5 MB',
  MalformedXML: 'the list of parts is not one that S3 takes',
};

/** S3's multipart uploads, one bucket. */
export class S3MultipartUploads implements MultipartUploads {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async create(key: string, options: Pick<PutOptions, 'contentType'>): Promise<string> {
    // Without a checksum algorithm: a client that puts parts by URL sends none.
    const command = new CreateMultipartUploadCommand({ ...this.#at(key), ContentType: options.contentType });
    const { UploadId } = await s3Call(`open upload ${key}`, () => this.#client.send(command));
    if (!UploadId) throw new NotFoundError(`S3 gave no id for the upload of ${key}`);
    return UploadId;
  }

  async presignPart(
    key: string,
    uploadId: string,
    part: number,
    options: { seconds: number },
  ): Promise<string> {
    const command = new UploadPartCommand({ ...this.#at(key), UploadId: uploadId, PartNumber: part });
    return s3Call(`sign part ${part} of ${key}`, () =>
      getSignedUrl(this.#client, command, { expiresIn: options.seconds }),
    );
  }

  async complete(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    const sorted = inOrder(parts);
    const command = new CompleteMultipartUploadCommand({
      ...this.#at(key),
      UploadId: uploadId,
      MultipartUpload: { Parts: sorted.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
    });
    try {
      await s3Call(`complete upload ${key}`, () => this.#client.send(command));
    } catch (error) {
      const name = awsName((error as Error).cause);
      const said = BAD_PARTS[name];
      if (said !== undefined) throw new InvalidInputError(said, { field: 'parts', cause: error });
      if (!(error instanceof NotFoundError) || !(await this.#isMadeOf(key, sorted))) throw error;
    }
  }

  async abort(key: string, uploadId: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId });
    try {
      await s3Call(`abort upload ${key}`, () => this.#client.send(command));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  /** Whether the object under the key is what these parts make: then an answer to `complete` was lost, and it is done. */
  async #isMadeOf(key: string, parts: readonly UploadedPart[]): Promise<boolean> {
    try {
      const found = await s3Call(`head ${key}`, () =>
        this.#client.send(new HeadObjectCommand(this.#at(key))),
      );
      return found.ETag?.replaceAll('"', '') === etagOf(parts);
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }
}
