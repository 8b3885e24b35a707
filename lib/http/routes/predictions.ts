import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import {
  nameParam,
  pageQuery,
  prediction,
  requestIdParam,
  timeQuery,
  timestamp,
  versionQuery,
} from '../schemas.ts';

const route = routeFor<ApiDeps>();

const attempt = z.object({
  version: z.string(),
  latencyMs: z
    .number()
    .meta({ description: 'Load (where it is cold) and model, without the write of this log' }),
  cold: z.boolean().optional().meta({ description: 'The model was not in memory and was loaded' }),
  error: z.object({ code: z.string() }).optional(),
});

const logged = z
  .object({
    requestId: z.string(),
    model: z.string(),
    version: z.string(),
    alias: z.string().optional(),
    at: timestamp,
    rows: z.array(z.unknown()),
    predictions: z.array(prediction),
    warnings: z.array(z.unknown()).optional(),
    tokenId: z.string().optional(),
    ...attempt.partial({ latencyMs: true }).omit({ version: true }).shape,
    failedOver: attempt
      .optional()
      .meta({ description: 'A version that failed before this one, the champion, answered in its place' }),
    splitRevision: z.int().optional().meta({ description: 'The split that chose the version' }),
    arm: z.enum(['champion', 'challenger']).optional(),
    shadows: z.array(attempt.extend({ predictions: z.array(prediction).optional() })).optional(),
    keyHash: z.string().optional().meta({ description: "Of the caller's key, where one was sent" }),
    probe: z
      .boolean()
      .optional()
      .meta({ description: "Its sender tried a version: it is none of the model's traffic" }),
  })
  .meta({
    id: 'LoggedPrediction',
    description: 'Input, prediction, probabilities and model version of one request',
  });

const listed = logged
  .partial({ rows: true, predictions: true })
  .extend({ count: z.number().int().meta({ description: 'Rows of the request' }) })
  .meta({
    id: 'ListedPrediction',
    description: 'Without rows and predictions where a batch is too large for a list: read it by its id',
  });

export const predictionRoutes: Route<ApiDeps>[] = [
  route({
    id: 'listPredictions',
    method: 'GET',
    path: '/predictions',
    permission: 'read',
    fn: 'api',
    tag: 'serving',
    summary: "A model's logged predictions with their probabilities, newest first, for 30 days",
    request: {
      query: z.object({
        model: nameParam.meta({ description: 'A registered model' }),
        version: versionQuery.optional(),
        from: timeQuery.optional().meta({ description: 'At or after this time' }),
        to: timeQuery.optional().meta({ description: 'Before this time' }),
        ...pageQuery,
      }),
    },
    responses: {
      200: {
        description:
          'One page; it may be shorter than `limit`, and `cursor` alone tells whether there is more',
        schema: z.object({ predictions: z.array(listed), cursor: z.string().optional() }),
      },
      404: { description: 'No such model' },
    },
    handle: async (context) => {
      const { deps } = context;
      const { workspace } = callerOf(context);
      const { model, ...filter } = context.query;
      // A misspelt model is a 404, not a model that never predicted.
      await deps.registry.getModel(workspace, model);
      const { items, ...rest } = await deps.predictions.list(workspace, model, filter);
      return { body: { predictions: items, ...rest } };
    },
  }),
  route({
    id: 'getPrediction',
    method: 'GET',
    path: '/predictions/{id}',
    permission: 'read',
    fn: 'api',
    tag: 'serving',
    summary: 'A logged prediction by its request id',
    request: { params: z.object({ id: requestIdParam }) },
    responses: { 200: { description: 'As it was logged', schema: logged } },
    handle: async (context) => ({
      body: await context.deps.predictions.get(callerOf(context).workspace, context.params.id),
    }),
  }),
];
