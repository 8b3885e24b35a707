import * as z from 'zod';
import { BATCH_FORMATS, type BatchFormat } from '../../pipeline/batch/types.ts';
import { storedRunError } from '../../tracking/stored-error.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, runIdParam, runStatus, timestamp } from '../schemas.ts';
import { selectorOfQuery, selectorQuery } from '../selector-query.ts';
import { declaredUpload, uploadId } from '../uploads.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ name: nameParam });
const count = z.number().int();

/** Which run it is, of what, and how it stands. */
const run = {
  runId: z.string(),
  model: z.string(),
  version: z.string(),
  status: runStatus,
  attempt: count,
};

const started = z
  .object({
    ...run,
    created: z.boolean().meta({
      description: 'False where the same file had been given to the same version before: this is that run',
    }),
  })
  .meta({ id: 'StartedBatchPrediction' });

const file = z.object({
  url: z.string().meta({ description: 'Downloads without a token for an hour' }),
  fileName: z.string(),
  bytes: count,
  sha256: z.string().optional(),
});

const status = z
  .object({
    ...run,
    format: z.enum(BATCH_FORMATS),
    fileName: z.string(),
    startedAt: timestamp,
    endedAt: timestamp.optional(),
    rows: count.optional().meta({ description: 'Of the file; absent until it was read' }),
    predicted: count.meta({ description: 'Of the chunks that are done so far' }),
    failed: count,
    warnings: count.meta({ description: 'Unknown categories and missing values, handled as in training' }),
    chunks: z.object({ done: count, total: count }),
    error: storedRunError.optional(),
    result: file
      .optional()
      .meta({ description: 'The rows that could be predicted, in order, with the prediction behind each' }),
    failures: file.optional().meta({
      description: 'The rows that could not be, a JSON object a line: row, code, field, message, raw',
    }),
  })
  .meta({ id: 'BatchPrediction' });

export const batchRoutes: Route<ApiDeps>[] = [
  route({
    id: 'startBatchPrediction',
    method: 'POST',
    path: '/models/{name}/batch-predictions',
    permission: 'operate',
    fn: 'api',
    tag: 'serving',
    summary: 'Predict a whole file: CSV or Parquet, up to 200 MB',
    request: {
      params,
      query: z.object(selectorQuery),
      body: z.strictObject({
        uploadId,
        format: z.enum(BATCH_FORMATS).optional().meta({ description: "By default by the file's name" }),
      }),
    },
    responses: {
      202: {
        description:
          'The run; the same file by the same version is the same run, and goes on where it failed',
        schema: started,
      },
      409: { description: 'The file was not put yet' },
      503: { description: 'No version of this model is promoted yet' },
    },
    handle: async (context) => {
      const { deps, params, query, body } = context;
      const caller = callerOf(context);
      const { fileName, bytes, sha256 } = await declaredUpload(deps.objects, caller.workspace, body.uploadId);
      const answer = await deps.control.startBatch(caller, {
        model: params.name,
        selector: selectorOfQuery(query),
        uploadId: body.uploadId,
        file: { name: fileName, bytes, sha256 },
        format: body.format ?? formatOf(fileName),
      });
      return { status: 202, body: answer };
    },
  }),
  route({
    id: 'getBatchPrediction',
    method: 'GET',
    path: '/models/{name}/batch-predictions/{runId}',
    permission: 'read',
    fn: 'api',
    tag: 'serving',
    summary: 'How a batch prediction stands, with links to its result and failures',
    request: { params: params.extend({ runId: runIdParam }) },
    responses: { 200: { description: 'Progress; the links once it has ended', schema: status } },
    handle: async (context) => {
      const { deps, params } = context;
      return { body: await deps.control.batchStatus(callerOf(context), params.name, params.runId) };
    },
  }),
];

const formatOf = (fileName: string): BatchFormat => (/\.(parquet|pq)$/i.test(fileName) ? 'parquet' : 'csv');
