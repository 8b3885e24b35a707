import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ConflictError, IntegrityError, NotFoundError } from '../errors/index.ts';
import type { Clock, ObjectStore } from '../store/ports.ts';

/** The function holds an upload in memory once, to store it under its hash. */
const MAX_UPLOAD_BYTES = 200 * 1024 * 1024;
const UPLOAD_SECONDS = 900;
export const UPLOAD_CONTENT_TYPE = 'application/octet-stream';

/** A file's name as a caller tells it: shown, never a part of a key. */
export const fileName = z
  .string()
  .regex(/^[^/\\\p{C}]{1,255}$/u, 'a file name without path, at most 255 characters');
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
export const uploadId = z.string().regex(/^[0-9a-f]{32}$/, '32 hex digits, as POST /data/uploads gave them');

/** What a caller says of a file before it is put. */
export const declaration = z.strictObject({
  fileName,
  bytes: z.number().int().min(1).max(MAX_UPLOAD_BYTES),
  sha256: sha256Hex,
});
type Declaration = z.output<typeof declaration>;

/** An upload that is what was declared. */
interface VerifiedUpload {
  declared: Declaration;
  bytes: Uint8Array;
}

const uploadKey = (workspace: string, id: string): string => `${workspace}/uploads/${id}`;
const declarationKey = (workspace: string, id: string): string => `${workspace}/uploads/${id}.json`;

/**
 * A URL as an upload gets one, for its host alone: it is signed and thrown away. Its key lies where uploads lie, which is all that
 * the role of the function may sign for.
 */
export const uploadUrlLike = ({ objects }: { objects: Pick<ObjectStore, 'presignPut'> }): Promise<string> =>
  objects.presignPut(uploadKey('default', 'none'), { seconds: 60, contentType: UPLOAD_CONTENT_TYPE });

/** Keeps the declaration and gives out a URL for one PUT under a key that the server made. */
export async function openUpload(
  { objects, clock }: { objects: Pick<ObjectStore, 'put' | 'presignPut'>; clock: Clock },
  workspace: string,
  declared: Declaration,
): Promise<{ uploadId: string; url: string; headers: Record<string, string>; expiresAt: string }> {
  const id = randomBytes(16).toString('hex');
  await objects.put(declarationKey(workspace, id), JSON.stringify(declared), {
    contentType: 'application/json',
  });
  const url = await objects.presignPut(uploadKey(workspace, id), {
    seconds: UPLOAD_SECONDS,
    contentType: UPLOAD_CONTENT_TYPE,
  });
  const expiresAt = new Date(clock.now().getTime() + UPLOAD_SECONDS * 1000).toISOString();
  return { uploadId: id, url, headers: { 'content-type': UPLOAD_CONTENT_TYPE }, expiresAt };
}

/**
 * The bytes of an upload, compared with its declaration. It may be read again until a lifecycle rule ends it.
 *
 * @param fits throws where a file of so many bytes cannot be taken: asked before any is read
 * @throws NotFoundError, ConflictError where nothing was put yet, IntegrityError where other bytes came
 */
export async function readUpload(
  objects: Pick<ObjectStore, 'get' | 'head'>,
  workspace: string,
  id: string,
  fits: (bytes: number) => void = () => undefined,
): Promise<VerifiedUpload> {
  const declared = await declaredUpload(objects, workspace, id, fits);
  const bytes = await objects.get(uploadKey(workspace, id));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== declared.sha256)
    throw changed(`the bytes have SHA-256 ${sha256}, ${declared.sha256} was declared`);
  return { declared, bytes };
}

/**
 * What was declared of an upload that was put, by its size: its bytes are not read here.
 *
 * @throws NotFoundError, ConflictError where nothing was put yet, IntegrityError where another number of bytes came
 */
export async function declaredUpload(
  objects: Pick<ObjectStore, 'get' | 'head'>,
  workspace: string,
  id: string,
  fits: (bytes: number) => void = () => undefined,
): Promise<Declaration> {
  const declared = await readDeclaration(objects, workspace, id);
  fits(declared.bytes);
  const info = await objects.head(uploadKey(workspace, id));
  if (info === undefined) {
    throw new ConflictError(`nothing was put to upload ${id} yet`, {
      field: 'uploadId',
      remedy: 'PUT the file to the URL of the upload first.',
    });
  }
  if (info.size !== declared.bytes) throw changed(`${info.size} bytes came, ${declared.bytes} were declared`);
  return declared;
}

async function readDeclaration(
  objects: Pick<ObjectStore, 'get'>,
  workspace: string,
  id: string,
): Promise<Declaration> {
  try {
    const bytes = await objects.get(declarationKey(workspace, id));
    return declaration.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(`no upload ${id}`, { field: 'uploadId', cause: error });
  }
}

const changed = (reason: string): IntegrityError =>
  new IntegrityError(`the upload is not the declared file: ${reason}`, {
    field: 'uploadId',
    remedy: 'Declare and upload the file again.',
  });
