import * as z from 'zod';
import { NotFoundError } from '../../errors/index.ts';
import { pipelineName } from '../../pipeline/definition/schema.ts';
import { trainingProgress } from '../../tracking/progress.ts';
import { STAGES } from '../../tracking/types.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { readRunLogs } from '../run-logs.ts';
import {
  artifact,
  experimentIdParam,
  pageQuery,
  progress,
  run,
  runIdParam,
  stageRecord,
} from '../schemas.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ id: runIdParam });

/** Uploaded files that one run shows beside its pipeline's own; `/runs/{id}/artifacts` has all. */
const MOST_UPLOADED = 1_000;

/** A presigned URL is a bearer credential: it lives just long enough to be followed. */
const DOWNLOAD_SECONDS = 300;

const runDetail = run
  .extend({
    stages: z.array(stageRecord),
    artifacts: z.array(artifact),
    progress: progress.optional(),
  })
  .meta({ id: 'RunDetail' });

const point = z.object({ key: z.string(), value: z.number(), step: z.number(), timestamp: z.number() });

const logLine = z
  .looseObject({
    stage: z.enum(STAGES),
    item: z.string().optional(),
    attempt: z.number().int(),
    time: z.string().optional(),
    level: z.string().optional(),
    message: z.string(),
  })
  .meta({ id: 'LogLine' });

export const runRoutes: Route<ApiDeps>[] = [
  route({
    id: 'listRuns',
    method: 'GET',
    path: '/runs',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'Runs, newest first, but deleted ones; the child runs of one with `parent`',
    request: {
      query: z.object({
        pipeline: pipelineName.optional(),
        experiment: experimentIdParam.optional(),
        parent: runIdParam
          .optional()
          .describe('Only the child runs of this run, one a candidate; no other list has them'),
        ...pageQuery,
      }),
    },
    responses: {
      200: {
        description: 'One page',
        schema: z.object({ runs: z.array(run), cursor: z.string().optional() }),
      },
    },
    handle: async (context) => {
      const { pipeline, experiment, parent, limit = 100, cursor } = context.query;
      const { items, ...rest } = await context.deps.runs.list(callerOf(context).workspace, {
        limit,
        ...(parent === undefined ? {} : { parentRunId: parent }),
        ...(pipeline === undefined ? {} : { pipeline }),
        ...(experiment === undefined ? {} : { experimentId: experiment }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      // Deleted runs keep their places, so that restoring one is one write: a page may be shorter than its limit.
      return { body: { runs: items.filter((run) => run.lifecycleStage !== 'deleted'), ...rest } };
    },
  }),
  route({
    id: 'getRun',
    method: 'GET',
    path: '/runs/{id}',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'One run with its stages and artifacts (of uploaded files the first thousand)',
    request: { params },
    responses: { 200: { description: 'The run', schema: runDetail } },
    handle: async (context) => {
      const { deps, params } = context;
      const { workspace } = callerOf(context);
      const found = await deps.runs.get(workspace, params.id);
      const [stages, artifacts] = await Promise.all([
        deps.stages.list(workspace, params.id),
        deps.artifacts.ofRun(found, { most: MOST_UPLOADED }),
      ]);
      const done = trainingProgress(found, stages);
      return { body: { ...found, stages, artifacts, ...(done && { progress: done }) } };
    },
  }),
  route({
    id: 'getMetricHistory',
    method: 'GET',
    path: '/runs/{id}/metrics/{key+}',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'Every point of one metric',
    request: { params: params.extend({ key: z.string().min(1).max(250) }), query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'One page',
        schema: z.object({ points: z.array(point), cursor: z.string().optional() }),
      },
    },
    handle: async (context) => {
      const { deps, params, query } = context;
      const { workspace } = callerOf(context);
      await deps.runs.get(workspace, params.id);
      const { items, ...rest } = await deps.runs.metricHistory(workspace, params.id, params.key, query);
      return { body: { points: items, ...rest } };
    },
  }),
  route({
    id: 'getRunLogs',
    method: 'GET',
    path: '/runs/{id}/logs',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: "The stored log of a run's stages",
    request: { params, query: z.object({ stage: z.enum(STAGES).optional() }) },
    responses: {
      200: {
        description: 'By attempt and stage',
        schema: z.object({ runId: z.string(), lines: z.array(logLine), truncated: z.boolean() }),
      },
    },
    handle: async (context) => {
      const { deps, params, query } = context;
      const { workspace } = callerOf(context);
      await deps.runs.get(workspace, params.id);
      return {
        body: { runId: params.id, ...(await readRunLogs(deps.objects, workspace, params.id, query.stage)) },
      };
    },
  }),
  route({
    id: 'listArtifacts',
    method: 'GET',
    path: '/runs/{id}/artifacts',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'The files of a run',
    request: { params },
    responses: { 200: { description: 'By path', schema: z.object({ artifacts: z.array(artifact) }) } },
    handle: async (context) => {
      const { deps, params } = context;
      const { workspace } = callerOf(context);
      const found = await deps.runs.get(workspace, params.id);
      return { body: { artifacts: await deps.artifacts.ofRun(found) } };
    },
  }),
  route({
    id: 'getArtifact',
    method: 'GET',
    path: '/runs/{id}/artifacts/{path+}',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'One file of a run, by redirection to a presigned URL',
    request: {
      params: params.extend({ path: z.string().min(1).max(900) }),
      query: z.object({
        redirect: z.enum(['true', 'false']).optional().meta({
          description: '`false`: the URL in the body, for a script in a page, which may not read a Location',
        }),
      }),
    },
    responses: {
      200: {
        description: 'With `redirect=false`',
        schema: z.object({ url: z.string(), seconds: z.number() }),
      },
      302: { description: 'Location holds a URL that works for five minutes' },
    },
    handle: async (context) => {
      const { deps, params } = context;
      const { workspace } = callerOf(context);
      const found = await deps.artifacts.findOfRun(await deps.runs.get(workspace, params.id), params.path);
      if (found === undefined) {
        throw new NotFoundError(`run ${params.id} has no artifact "${params.path}"`, { field: 'path' });
      }
      const location = await deps.objects.presignGet(found.key, {
        seconds: DOWNLOAD_SECONDS,
        fileName: found.path.split('/').at(-1) ?? found.path,
        contentType: found.contentType,
      });
      if (context.query.redirect === 'false') return { body: { url: location, seconds: DOWNLOAD_SECONDS } };
      return { status: 302, headers: { location } };
    },
  }),
];
