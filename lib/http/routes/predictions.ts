import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, prediction, timestamp } from '../schemas.ts';

const route = routeFor<ApiDeps>();

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
  })
  .meta({
    id: 'LoggedPrediction',
    description: 'Input, prediction, probabilities and model version of one request',
  });

export const predictionRoutes: Route<ApiDeps>[] = [
  route({
    id: 'getPrediction',
    method: 'GET',
    path: '/predictions/{id}',
    permission: 'read',
    fn: 'api',
    tag: 'serving',
    summary: 'A logged prediction by its request id',
    request: { params: z.object({ id: nameParam }) },
    responses: { 200: { description: 'As it was logged', schema: logged } },
    handle: async (context) => ({
      body: await context.deps.predictions.get(callerOf(context).workspace, context.params.id),
    }),
  }),
];
