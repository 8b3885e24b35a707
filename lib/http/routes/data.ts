import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, pushedSource, timestamp } from '../schemas.ts';
import type { PushedSource } from '../types.ts';
import { declaration, openUpload, readUpload, UPLOAD_CONTENT_TYPE, uploadId } from '../uploads.ts';

const route = routeFor<ApiDeps>();

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
      200: { description: 'The source as the next run reads it', schema: pushedSource },
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
  route({
    id: 'releaseData',
    method: 'DELETE',
    path: '/pipelines/{name}/data',
    permission: 'operate',
    fn: 'api',
    tag: 'data',
    summary: "Read the definition's own sources again from the next run on",
    request: { params: z.object({ name: nameParam }) },
    responses: {
      200: {
        description: 'What was pushed or pinned until now; null for nothing',
        schema: z.object({
          pipeline: z.string(),
          released: pushedSource.omit({ pipeline: true }).nullable(),
        }),
      },
    },
    handle: async (context) => {
      const { deps, params } = context;
      const released = await deps.datasets.release(callerOf(context).workspace, params.name);
      return { body: { pipeline: params.name, released } };
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
