import { fileInfos } from './artifacts.ts';
import { invalidParameter } from './errors.ts';
import { int64, message, repeated, string } from './fields.ts';
import { MlflowReply, mlflowRoute } from './route.ts';

const ROOT = '/api/2.0/mlflow-artifacts';

/** A type that may stand in a header of S3's; else it is guessed from the name. */
const TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?$/;

/**
 * Files under the paths that clients make of `mlflow-artifacts:` URIs. Bytes of some 4.5 MB at most pass through here, the
 * gateway's limit; larger files go to S3 in parts, and all come from S3, by presigned URLs.
 */
export const proxiedArtifactRoutes = [
  mlflowRoute({
    id: 'mlflowUploadArtifact',
    method: 'PUT',
    path: `${ROOT}/artifacts/{path+}`,
    permission: 'log',
    summary: 'Upload a file of at most 4.5 MB',
    responses: { 200: { description: 'Done; no body' } },
    handle: async ({ deps, workspace, params, request }) => {
      if (request.trailingSlash) throw invalidParameter('Invalid path');
      const type = request.headers['content-type'];
      const contentType = type !== undefined && type.length <= 255 && TYPE.test(type) ? type : undefined;
      await deps.artifacts.put(workspace, params.path ?? '', request.body, contentType);
      return new MlflowReply({ status: 200 });
    },
  }),
  mlflowRoute({
    id: 'mlflowDownloadArtifact',
    method: 'GET',
    path: `${ROOT}/artifacts/{path+}`,
    permission: 'read',
    summary: 'Download a file: a redirection to S3, for which no token is needed',
    responses: { 302: { description: 'Location holds a URL that works for five minutes' } },
    handle: async ({ deps, workspace, params }) => {
      const { url } = await deps.artifacts.download(workspace, params.path ?? '');
      return new MlflowReply({ status: 302, headers: { location: url } });
    },
  }),
  mlflowRoute({
    id: 'mlflowDeleteArtifact',
    method: 'DELETE',
    path: `${ROOT}/artifacts/{path+}`,
    permission: 'log',
    summary: 'Delete a file, or a folder with all that was uploaded to it',
    handle: async ({ deps, workspace, params }) => {
      await deps.artifacts.remove(workspace, params.path ?? '');
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowListProxiedArtifacts',
    method: 'GET',
    path: `${ROOT}/artifacts`,
    permission: 'read',
    summary: 'The files in a folder',
    fields: { path: string() },
    handle: async ({ deps, workspace, input }) => fileInfos(await deps.artifacts.list(workspace, input.path)),
  }),
  mlflowRoute({
    id: 'mlflowPresignArtifact',
    method: 'GET',
    path: `${ROOT}/presigned/{path+}`,
    permission: 'read',
    summary: 'A URL that gives a file for five minutes, in ranges too',
    handle: async ({ deps, workspace, params }) => {
      const { url, size } = await deps.artifacts.download(workspace, params.path ?? '');
      return { url, headers: {}, file_size: size };
    },
  }),
  mlflowRoute({
    id: 'mlflowCreateMultipartUpload',
    method: 'POST',
    path: `${ROOT}/mpu/create/{path+}`,
    permission: 'log',
    summary: 'Open an upload in parts: a URL of S3 for each',
    fields: { path: string('required', 'string'), num_parts: int64('int') },
    handle: async ({ deps, workspace, params, input }) => {
      const opened = await deps.artifacts.openUpload(
        workspace,
        params.path ?? '',
        input.path,
        input.num_parts ?? 1,
      );
      return {
        upload_id: opened.uploadId,
        credentials: opened.parts.map(({ number, url }) => ({ url, part_number: number })),
      };
    },
  }),
  mlflowRoute({
    id: 'mlflowCompleteMultipartUpload',
    method: 'POST',
    path: `${ROOT}/mpu/complete/{path+}`,
    permission: 'log',
    summary: 'Make the file of the parts that were put',
    fields: {
      path: string('required', 'string'),
      upload_id: string('required', 'string'),
      parts: repeated(message({ part_number: int64(), etag: string(), url: string() }), 'required'),
    },
    handle: async ({ deps, workspace, params, input }) => {
      const parts = input.parts.map(({ part_number = 0, etag = '' }) => ({ number: part_number, etag }));
      await deps.artifacts.completeUpload(workspace, params.path ?? '', input.path, input.upload_id, parts);
      return {};
    },
  }),
  mlflowRoute({
    id: 'mlflowAbortMultipartUpload',
    method: 'POST',
    path: `${ROOT}/mpu/abort/{path+}`,
    permission: 'log',
    summary: 'Forget an upload in parts',
    fields: { path: string('required', 'string'), upload_id: string('required', 'string') },
    handle: async ({ deps, workspace, params, input }) => {
      await deps.artifacts.abortUpload(workspace, params.path ?? '', input.path, input.upload_id);
      return {};
    },
  }),
];
