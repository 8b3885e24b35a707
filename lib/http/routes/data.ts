import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ConflictError, IntegrityError, NotFoundError } from '../../errors/index.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, timestamp } from '../schemas.ts';
import type { PushedSource } from '../types.ts';

const route = routeFor<ApiDeps>();

/** The function holds the upload in memory once, to store it under its hash. */
const MAX_UPLOAD_BYTES = 200 * 1024 * 1024;
const UPLOAD_SECONDS = 900;
const CONTENT_TYPE = 'application/octet-stream';

const uploadKey = (workspace: string, id: string): string => `${workspace}/uploads/${id}`;
const declarationKey = (workspace: string, id: string): string => `${workspace}/uploads/${id}.json`;

const declaration = z.strictObject({
  fileName: z.string().regex(/^[^/\\\p{C}]{1,255}$/u, 'a file name without path, at most 255 characters'),
  bytes: z.number().int().min(1).max(MAX_UPLOAD_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits'),
});

const uploadId = z.string().regex(/^[0-9a-f]{32}$/, '32 hex digits, as POST /data/uploads gave them');

const source = z
  .object({
    pipeline: z.string(),
    key: z.string(),
    sha256: z.string(),
    fileName: z.string(),
    bytes: z.number().int(),
    pushedAt: timestamp,
    synthetic: z.literal(false),
  })
  .meta({ id: 'PushedSource' });

export const dataRoutes: Route<ApiDeps>[] = [
  route({
    id: 'createUpload',
    method: 'POST',
    path: '/data/uploads',
    permission: 'operate',
    fn: 'api',
    tag: 'data',
    summary: 'A presigned URL that takes one file',
    request: { body: declaration },
    responses: {
      201: {
        description: 'PUT the bytes to `url` with the given headers, then attach the upload to a pipeline',
        schema: z.object({
          uploadId: z.string(),
          url: z.string(),
          headers: z.record(z.string(), z.string()),
          expiresAt: timestamp,
        }),
      },
    },
    handle: async (context) => {
      const { deps, body } = context;
      const { workspace } = callerOf(context);
      const id = randomBytes(16).toString('hex');
      await deps.objects.put(declarationKey(workspace, id), JSON.stringify(body), {
        contentType: 'application/json',
      });
      const url = await deps.objects.presignPut(uploadKey(workspace, id), {
        seconds: UPLOAD_SECONDS,
        contentType: CONTENT_TYPE,
      });
      const expiresAt = new Date(deps.clock.now().getTime() + UPLOAD_SECONDS * 1000).toISOString();
      return {
        status: 201,
        body: { uploadId: id, url, headers: { 'content-type': CONTENT_TYPE }, expiresAt },
      };
    },
  }),
  route({
    id: 'attachData',
    method: 'POST',
    path: '/pipelines/{name}/data',
    permission: 'operate',
    fn: 'api',
    tag: 'data',
    summary: "Make an upload the pipeline's source from its next run on",
    request: { params: z.object({ name: nameParam }), body: z.strictObject({ uploadId }) },
    responses: {
      200: { description: 'The source as the next run reads it', schema: source },
      409: { description: 'The file was not put yet' },
      422: { description: 'The bytes are not what was declared' },
    },
    handle: async (context) => {
      const { deps, params, body } = context;
      const caller = callerOf(context);
      // An unknown pipeline is told before any byte is moved.
      await deps.control.describe(caller, params.name);
      const pushed = await acceptUpload(deps, caller.workspace, body.uploadId);
      await deps.control.setSource(caller, params.name, pushed);
      return { body: { pipeline: params.name, ...pushed } };
    },
  }),
];

/** Compares the upload with its declaration and stores it under its hash; a lifecycle rule ends the upload itself. */
async function acceptUpload(deps: ApiDeps, workspace: string, id: string): Promise<PushedSource> {
  const declared = await readDeclaration(deps, workspace, id);
  const info = await deps.objects.head(uploadKey(workspace, id));
  if (info === undefined) {
    throw new ConflictError(`nothing was put to upload ${id} yet`, {
      field: 'uploadId',
      remedy: 'PUT the file to the URL of the upload first.',
    });
  }
  if (info.size !== declared.bytes) throw changed(`${info.size} bytes came, ${declared.bytes} were declared`);
  const bytes = await deps.objects.get(uploadKey(workspace, id));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== declared.sha256)
    throw changed(`the bytes have SHA-256 ${sha256}, ${declared.sha256} was declared`);
  const key = `${workspace}/raw/${sha256}`;
  await deps.objects.putIfAbsent(key, bytes, { contentType: CONTENT_TYPE });
  const pushedAt = deps.clock.now().toISOString();
  return { key, sha256, fileName: declared.fileName, bytes: bytes.length, pushedAt, synthetic: false };
}

async function readDeclaration(deps: ApiDeps, workspace: string, id: string) {
  try {
    const bytes = await deps.objects.get(declarationKey(workspace, id));
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
