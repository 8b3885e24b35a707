import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { experiment, experimentIdParam, pageQuery } from '../schemas.ts';

const route = routeFor<ApiDeps>();

export const experimentRoutes: Route<ApiDeps>[] = [
  route({
    id: 'listExperiments',
    method: 'GET',
    path: '/experiments',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'Experiments of the workspace',
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'One page',
        schema: z.object({ experiments: z.array(experiment), cursor: z.string().optional() }),
      },
    },
    handle: async (context) => {
      const { items, ...rest } = await context.deps.experiments.list(
        callerOf(context).workspace,
        context.query,
      );
      return { body: { experiments: items, ...rest } };
    },
  }),
  route({
    id: 'getExperiment',
    method: 'GET',
    path: '/experiments/{id}',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'One experiment',
    request: { params: z.object({ id: experimentIdParam }) },
    responses: { 200: { description: 'The experiment', schema: experiment } },
    handle: async (context) => ({
      body: await context.deps.experiments.get(callerOf(context).workspace, context.params.id),
    }),
  }),
];
