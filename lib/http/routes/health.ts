import { z } from 'zod';
import { checkHealth } from '../../serving/index.ts';
import { PUBLIC_WORKSPACE, type ServingDeps } from '../deps.ts';
import { type Route, routeFor } from '../route.ts';

const route = routeFor<ServingDeps>();

const health = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    model_loaded: z.boolean(),
    model: z.string().nullable(),
    version: z.string().nullable(),
    code: z.string().optional(),
    message: z.string().optional(),
    remedy: z.string().optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Health' });

export const healthRoutes: Route<ServingDeps>[] = [
  route({
    id: 'health',
    method: 'GET',
    path: '/health',
    permission: 'public',
    fn: 'predict',
    tag: 'serving',
    summary: 'Whether the default model can predict now',
    responses: {
      200: { description: 'The default model is loaded', schema: health },
      503: { description: 'There is no model to serve yet', schema: health },
    },
    handle: async ({ deps, request }) => {
      const found = await checkHealth(deps.serving, PUBLIC_WORKSPACE, deps.defaultModel);
      const ok = found.status === 'ok';
      return {
        status: ok ? 200 : 503,
        ...(ok ? {} : { headers: { 'retry-after': '5' } }),
        body: { ...found, requestId: request.requestId },
      };
    },
  }),
];
