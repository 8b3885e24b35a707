import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, timestamp } from '../schemas.ts';
import type { PushedSource } from '../types.ts';
import { declaration, openUpload, readUpload, UPLOAD_CONTENT_TYPE, uploadId } from '../uploads.ts';

const route = routeFor<ApiDeps>();

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
        description:
          'PUT the bytes to `url` with the given headers, then attach the upload to a pipeline, or register it as a version of a model',
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
      return { status: 201, body: await openUpload(deps, callerOf(context).workspace, body) };
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

/** Stores the upload under its hash; a lifecycle rule ends the upload itself. */
async function acceptUpload(deps: ApiDeps, workspace: string, id: string): Promise<PushedSource> {
  const { declared, bytes } = await readUpload(deps.objects, workspace, id);
  const { sha256, fileName } = declared;
  const key = `${workspace}/raw/${sha256}`;
  await deps.objects.putIfAbsent(key, bytes, { contentType: UPLOAD_CONTENT_TYPE });
  const pushedAt = deps.clock.now().toISOString();
  return { key, sha256, fileName, bytes: bytes.length, pushedAt, synthetic: false };
}
