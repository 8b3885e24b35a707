import * as z from 'zod';
import { checkHealth } from '../../serving/index.ts';
import { PUBLIC_WORKSPACE, type ServingDeps } from '../deps.ts';
import type { HttpRequest } from '../message.ts';
import { type Reply, type Route, routeFor } from '../route.ts';

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
    handle: async ({ deps, request }): Promise<Reply> => {
      // To MLflow's client health is whether the server runs at all: tracking needs no model.
      if (asksAsMlflow(request)) return plainOk;
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

const plainOk: Reply = { body: 'OK', headers: { 'content-type': 'text/plain; charset=utf-8' } };

/** Its client names itself; others ask for the plain word by Accept. */
function asksAsMlflow({ headers }: HttpRequest): boolean {
  return /^mlflow-python-client\//.test(headers['user-agent'] ?? '') || headers.accept === 'text/plain';
}
