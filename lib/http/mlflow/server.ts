import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { type Route, routeFor } from '../route.ts';

/** The version of MLflow whose protocol this is: its client decides by it what it may ask for. */
export const MLFLOW_VERSION = '3.17.2';

const route = routeFor<ApiDeps>();

const serverInfo = z
  .object({
    store_type: z.string(),
    workspaces_enabled: z.boolean(),
    trace_archival_enabled: z.boolean(),
    multipart_uploads_enabled: z.boolean(),
    multipart_downloads_enabled: z.boolean(),
    presigned_upload_run_id_supported: z.boolean(),
    presigned_upload_model_id_supported: z.boolean(),
    features_enabled: z.object({ gateway: z.boolean() }),
  })
  .meta({ id: 'MlflowServerInfo' });

/**
 * What MLflow's client asks before it has shown who it is, so these two are public, as on MLflow's own server; they say
 * nothing that differs between deployments.
 */
export const serverRoutes: Route<ApiDeps>[] = [
  route({
    id: 'mlflowServerInfo',
    method: 'GET',
    path: '/api/3.0/mlflow/server-info',
    permission: 'public',
    fn: 'api',
    tag: 'mlflow',
    dialect: 'mlflow',
    summary: "What this server can do, as MLflow's client asks",
    responses: { 200: { description: 'Capabilities', schema: serverInfo } },
    handle: () => ({
      body: {
        store_type: 'DynamoDB',
        // A token belongs to one workspace: a client cannot name another.
        workspaces_enabled: false,
        trace_archival_enabled: false,
        // Large files go in parts straight to S3.
        multipart_uploads_enabled: true,
        // A download is one redirect to S3, whatever its size: parts would only cost a request more.
        multipart_downloads_enabled: false,
        presigned_upload_run_id_supported: true,
        presigned_upload_model_id_supported: true,
        features_enabled: { gateway: false },
      },
    }),
  }),
  route({
    id: 'mlflowVersion',
    method: 'GET',
    path: '/version',
    permission: 'public',
    fn: 'api',
    tag: 'mlflow',
    dialect: 'mlflow',
    summary: "The version of MLflow's protocol that this server speaks",
    responses: { 200: { description: 'Plain text', contentType: 'text/plain; charset=utf-8' } },
    handle: () => ({ body: MLFLOW_VERSION, headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  }),
];
