import * as z from 'zod';
import { accepted } from '../accepted.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { difference, run, runIdParam, startedRun } from '../schemas.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ id: runIdParam });

const diff = z
  .object({
    a: z.string(),
    b: z.string(),
    params: z.array(difference),
    metrics: z.array(difference),
    data: z.array(difference),
    code: z.array(difference),
  })
  .meta({ id: 'RunDiff' });

export const runControlRoutes: Route<ApiDeps>[] = [
  route({
    id: 'diffRuns',
    method: 'GET',
    path: '/runs/{id}/diff',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'What differs between two runs: params, metrics, data, code',
    request: { params, query: z.object({ with: runIdParam }) },
    responses: { 200: { description: 'Only what differs', schema: diff } },
    handle: async (context) => {
      const { deps, params, query } = context;
      return { body: await deps.control.diff(callerOf(context), params.id, query.with) };
    },
  }),
  route({
    id: 'cancelRun',
    method: 'POST',
    path: '/runs/{id}/cancel',
    permission: 'operate',
    fn: 'api',
    tag: 'pipelines',
    summary: 'Stop a run',
    request: { params, body: z.strictObject({}).optional() },
    responses: {
      202: { description: 'The run as it is now; it ends as KILLED', schema: run },
      409: { description: 'The run has ended already' },
    },
    handle: async (context) => ({
      status: 202,
      body: await context.deps.control.cancel(callerOf(context), context.params.id),
    }),
  }),
  route({
    id: 'retryRun',
    method: 'POST',
    path: '/runs/{id}/retry',
    permission: 'operate',
    fn: 'api',
    tag: 'pipelines',
    summary: 'Run again from the stage that failed',
    request: { params, body: z.strictObject({}).optional() },
    responses: {
      202: { description: 'The next attempt', schema: startedRun },
      409: { description: 'The run did not fail, or another run is active' },
    },
    handle: async (context) =>
      accepted(context.request, await context.deps.control.retry(callerOf(context), context.params.id)),
  }),
];
