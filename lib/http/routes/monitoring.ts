import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { driftReport, driftSummary, modelAlarm, trafficBucket } from '../monitoring-schemas.ts';
import { type Context, callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, pageQuery, timeQuery } from '../schemas.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ name: nameParam });
const noModel = { 404: { description: 'No such model' } };

/** The caller's workspace and the model that the path names. @throws NotFoundError where there is no such model */
async function place(context: Pick<Context<ApiDeps>, 'deps' | 'principal'>, name: string) {
  const { workspace } = callerOf(context);
  await context.deps.registry.getModel(workspace, name);
  return [workspace, name] as const;
}

export const monitoringRoutes: Route<ApiDeps>[] = [
  route({
    id: 'getTraffic',
    method: 'GET',
    path: '/models/{name}/traffic',
    permission: 'read',
    fn: 'api',
    tag: 'monitoring',
    summary: 'Requests, latencies, errors and metrics of labelled predictions, by version over time',
    request: {
      params,
      query: z.object({
        from: timeQuery.optional(),
        to: timeQuery.optional(),
        by: z
          .enum(['5m', 'hour', 'day'])
          .optional()
          .meta({ description: 'Width of a bucket; hour unless told' }),
      }),
    },
    responses: {
      200: {
        description: 'In order of time; a bucket without traffic is not there',
        schema: z.object({ buckets: z.array(trafficBucket) }),
      },
      ...noModel,
    },
    handle: async (context) => {
      const [ws, name] = await place(context, context.params.name);
      return { body: { buckets: await context.deps.monitoring.traffic(ws, name, context.query) } };
    },
  }),
  route({
    id: 'listDriftReports',
    method: 'GET',
    path: '/models/{name}/drift',
    permission: 'read',
    fn: 'api',
    tag: 'monitoring',
    summary: 'How recent inputs and answers compare with training, newest first',
    request: { params, query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'Summaries',
        schema: z.object({ reports: z.array(driftSummary), cursor: z.string().optional() }),
      },
      ...noModel,
    },
    handle: async (context) => {
      const [ws, name] = await place(context, context.params.name);
      const { items, ...rest } = await context.deps.monitoring.reports(ws, name, context.query);
      return { body: { reports: items, ...rest } };
    },
  }),
  route({
    id: 'getDriftReport',
    method: 'GET',
    path: '/models/{name}/drift/{id}',
    permission: 'read',
    fn: 'api',
    tag: 'monitoring',
    summary: 'One drift report: each feature with its tests and the shares of its bins',
    request: { params: z.object({ name: nameParam, id: nameParam }) },
    responses: {
      200: { description: 'The report', schema: driftReport },
      404: { description: 'No such model, or no such report of it' },
    },
    handle: async (context) => {
      const [ws, name] = await place(context, context.params.name);
      return { body: await context.deps.monitoring.report(ws, name, context.params.id) };
    },
  }),
  route({
    id: 'listModelAlarms',
    method: 'GET',
    path: '/models/{name}/alarms',
    permission: 'read',
    fn: 'api',
    tag: 'monitoring',
    summary: 'What is wrong with a model, or was: drift, and the metrics that its pipeline watches',
    request: { params },
    responses: {
      200: {
        description: 'By name; none before the model was first looked at',
        schema: z.object({ alarms: z.array(modelAlarm) }),
      },
      ...noModel,
    },
    handle: async (context) => {
      const [ws, name] = await place(context, context.params.name);
      return { body: { alarms: await context.deps.monitoring.alarms(ws, name) } };
    },
  }),
  route({
    id: 'watchModel',
    method: 'POST',
    path: '/models/{name}/monitor',
    permission: 'operate',
    fn: 'api',
    tag: 'monitoring',
    summary: 'Look at a model now: count its traffic and labels, compare its recent rows, judge its alarms',
    request: { params },
    responses: {
      200: {
        description: 'What this look found; records of the last 40 seconds are left for the next',
        schema: z.object({
          model: z.string(),
          requests: z.number().int(),
          labels: z.number().int().meta({ description: 'Changes of labels that were counted' }),
          reports: z.array(driftSummary),
          alarms: z.array(modelAlarm),
        }),
      },
      ...noModel,
    },
    handle: async (context) => {
      const [ws, name] = await place(context, context.params.name);
      return { body: await context.deps.monitoring.watch(ws, name) };
    },
  }),
];
