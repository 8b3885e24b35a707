import * as z from 'zod';
import { PIPELINE_STAGES } from '../../tracking/types.ts';
import { accepted } from '../accepted.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import {
  idempotencyHeader,
  nameParam,
  pageQuery,
  pipelineSummary,
  startedRun,
  workStage,
} from '../schemas.ts';
import { runHistory } from './pipeline-history.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ name: nameParam });
/** Each run is a query of its stages. */
const HISTORY_PAGE = 20;
const historyLimit = z
  .string()
  .regex(/^([1-9]|[1-4]\d|50)$/, 'a whole number from 1 to 50')
  .transform(Number);
const scheduleState = z.enum(['paused', 'active']);

const description = pipelineSummary
  .extend({
    definition: z.record(z.string(), z.unknown()),
    definitionSha256: z.string(),
    source: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'PipelineDescription' });

const dag = z
  .object({
    pipeline: z.string(),
    nodes: z.array(
      z.object({ id: z.string(), label: z.string(), stage: z.enum(PIPELINE_STAGES).optional() }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
    mermaid: z.string(),
  })
  .meta({ id: 'PipelineDag' });

const startBody = z
  .strictObject({
    from: workStage.optional().meta({ description: 'First stage to run' }),
    to: workStage.optional().meta({ description: 'Last stage to run' }),
    force: z.boolean().optional().meta({ description: 'Run stages whose result is known, too' }),
  })
  .optional();

export const pipelineRoutes: Route<ApiDeps>[] = [
  route({
    id: 'listPipelines',
    method: 'GET',
    path: '/pipelines',
    permission: 'read',
    fn: 'api',
    tag: 'pipelines',
    summary: 'Every pipeline of this deployment',
    responses: { 200: { description: 'By name', schema: z.object({ pipelines: z.array(pipelineSummary) }) } },
    handle: async (context) => ({ body: { pipelines: await context.deps.control.list(callerOf(context)) } }),
  }),
  route({
    id: 'getPipeline',
    method: 'GET',
    path: '/pipelines/{name}',
    permission: 'read',
    fn: 'api',
    tag: 'pipelines',
    summary: 'One pipeline with its definition',
    request: { params },
    responses: { 200: { description: 'The pipeline', schema: description } },
    handle: async (context) => ({
      body: await context.deps.control.describe(callerOf(context), context.params.name),
    }),
  }),
  route({
    id: 'getPipelineDag',
    method: 'GET',
    path: '/pipelines/{name}/dag',
    permission: 'read',
    fn: 'api',
    tag: 'pipelines',
    summary: 'The stages of a pipeline as a graph',
    request: { params },
    responses: { 200: { description: 'Nodes, edges and Mermaid text', schema: dag } },
    handle: async (context) => ({
      body: await context.deps.control.dag(callerOf(context), context.params.name),
    }),
  }),
  route({
    id: 'getPipelineHistory',
    method: 'GET',
    path: '/pipelines/{name}/history',
    permission: 'read',
    fn: 'api',
    tag: 'pipelines',
    summary: 'The runs of a pipeline, newest first, with how long each stage took',
    request: { params, query: z.object({ ...pageQuery, limit: historyLimit.optional() }) },
    responses: { 200: { description: 'One page; it may be shorter than its limit', schema: runHistory } },
    handle: async (context) => {
      const { limit = HISTORY_PAGE, cursor } = context.query;
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
      return { body: await context.deps.control.history(callerOf(context), context.params.name, page) };
    },
  }),
  route({
    id: 'startRun',
    method: 'POST',
    path: '/pipelines/{name}/runs',
    permission: 'operate',
    fn: 'api',
    tag: 'pipelines',
    summary: 'Start a run; the same Idempotency-Key is the same run',
    request: {
      params,
      headers: idempotencyHeader,
      body: startBody,
    },
    responses: {
      202: {
        description: 'Started, or started before by the same key; Location holds the run',
        schema: startedRun,
      },
      409: { description: 'Another run of this pipeline is active' },
    },
    handle: async (context) => {
      const key = context.headers['idempotency-key'];
      const started = await context.deps.control.start(callerOf(context), context.params.name, {
        ...context.body,
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      return accepted(context.request, started);
    },
  }),
  route({
    id: 'setSchedule',
    method: 'PUT',
    path: '/pipelines/{name}/schedule',
    permission: 'operate',
    fn: 'api',
    tag: 'pipelines',
    summary: "Pause or resume a pipeline's schedule",
    request: { params, body: z.strictObject({ state: scheduleState }) },
    responses: {
      200: { description: 'The new state', schema: z.object({ pipeline: z.string(), state: scheduleState }) },
    },
    handle: async (context) => {
      const { deps, params, body } = context;
      return { body: await deps.control.setSchedule(callerOf(context), params.name, body.state) };
    },
  }),
];
