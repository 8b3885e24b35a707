import * as z from 'zod';
import { badRow, runReport } from '../../pipeline/run-reports/index.ts';
import { accepted } from '../accepted.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { columnProfile, costEstimate, lineageGraph } from '../run-report-schemas.ts';
import {
  idempotencyHeader,
  limitQuery,
  nameParam,
  runIdParam,
  startedRun,
  timestamp,
  workStage,
} from '../schemas.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ id: runIdParam });
const number = z.number().nullable();

const shift = z.object({
  psi: number.meta({ description: 'Population stability index (Siddiqi 2006) of the present values' }),
  shift: z.enum(['none', 'moderate', 'large']).nullable(),
  missing: z.object({ a: number, b: number }).meta({ description: 'Shares: before, and in this run' }),
});

const runData = z
  .object({
    runId: z.string(),
    datasetSha256: z.string(),
    target: z.string(),
    task: z.enum(['classification', 'regression']),
    synthetic: z.boolean(),
    rows: z.object({
      delivered: z.number(),
      clean: z.number(),
      train: z.number(),
      validation: z.number(),
      test: z.number(),
    }),
    duplicatesDropped: z.number(),
    previous: z
      .object({
        runId: z.string(),
        name: z.string(),
        startTime: timestamp,
        datasetSha256: z.string(),
        same: z.boolean(),
      })
      .nullable()
      .meta({
        description: "The run it is compared with; null where the pipeline's earlier runs have no data",
      }),
    columns: z.array(
      z.object({ profile: columnProfile, previous: columnProfile.optional(), shift: shift.optional() }),
    ),
    columnCount: z.number().int().meta({ description: 'Of them 500 are described' }),
    removed: z.array(z.string()),
  })
  .meta({ id: 'RunData' });

const quarantine = z
  .object({
    count: z.number().int(),
    kept: z.number().int().meta({ description: 'The first 1,000 are kept' }),
    rows: z.array(badRow),
    reasons: z.array(z.object({ reason: z.string(), rows: z.number().int() })),
  })
  .meta({ id: 'Quarantine' });

export const runReportRoutes: Route<ApiDeps>[] = [
  route({
    id: 'getRunReport',
    method: 'GET',
    path: '/runs/{id}/report',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary:
      "What a run's evaluation found: confusion matrix or residuals, importance, SHAP values, candidates",
    request: { params },
    responses: {
      200: {
        description: 'Parts that the run does not have are absent',
        schema: runReport.meta({ id: 'RunReport' }),
      },
    },
    handle: async (context) => ({
      body: await context.deps.runReports.report(callerOf(context).workspace, context.params.id),
    }),
  }),
  route({
    id: 'getRunData',
    method: 'GET',
    path: '/runs/{id}/data',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: "A profile of each column of a run's training rows, and how it moved since an earlier run",
    request: {
      params,
      query: z.object({
        against: runIdParam
          .optional()
          .describe("Another run than the pipeline's last one before it that has a dataset"),
      }),
    },
    responses: {
      200: { description: 'By column', schema: runData },
      409: { description: 'The run has no clean dataset (yet)' },
    },
    handle: async (context) => {
      const { deps, params, query } = context;
      return { body: await deps.runReports.data(callerOf(context).workspace, params.id, query.against) };
    },
  }),
  route({
    id: 'getQuarantine',
    method: 'GET',
    path: '/runs/{id}/quarantine',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'The rows that a run set aside, each with its line and reason',
    request: { params, query: z.object({ limit: limitQuery.optional() }) },
    responses: { 200: { description: 'In the order of the file', schema: quarantine } },
    handle: async (context) => {
      const { deps, params, query } = context;
      const { workspace } = callerOf(context);
      return { body: await deps.runReports.quarantine(workspace, params.id, query.limit ?? 100) };
    },
  }),
  route({
    id: 'getRunLineage',
    method: 'GET',
    path: '/runs/{id}/lineage',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'What a run was made of and what came of it, as a graph',
    request: { params },
    responses: { 200: { description: 'Nodes and edges', schema: lineageGraph } },
    handle: async (context) => ({
      body: await context.deps.runReports.lineage(callerOf(context).workspace, context.params.id),
    }),
  }),
  route({
    id: 'getRunCost',
    method: 'GET',
    path: '/runs/{id}/cost',
    permission: 'read',
    fn: 'api',
    tag: 'tracking',
    summary: 'An estimate of what a run cost on AWS, from its durations and sizes',
    request: { params },
    responses: { 200: { description: 'By service', schema: costEstimate } },
    handle: async (context) => ({
      body: await context.deps.runReports.cost(callerOf(context).workspace, context.params.id),
    }),
  }),
  route({
    id: 'registerFromRun',
    method: 'POST',
    path: '/runs/{id}/register',
    permission: 'operate',
    fn: 'api',
    tag: 'registry',
    summary: "Make a model that a run trained a version: the selected one, or another candidate's",
    request: {
      params,
      body: z
        .strictObject({
          model: nameParam
            .optional()
            .meta({ description: "Absent: the pipeline's own; made where it is not there" }),
          candidate: z
            .number()
            .int()
            .min(0)
            .max(100_000)
            .optional()
            .meta({ description: 'The item of the candidate; absent: the selected one' }),
          description: z.string().max(1000).optional(),
        })
        .optional(),
    },
    responses: {
      200: {
        description: 'The version; the same model of the same run is the same version',
        schema: z
          .object({
            model: z.string(),
            version: z.string(),
            modelId: z.string().optional(),
            created: z.boolean().meta({ description: 'false where it was a version already' }),
          })
          .meta({ id: 'RegisteredFromRun' }),
      },
      409: { description: 'The run goes on, or has no model' },
    },
    handle: async (context) => {
      const { deps, params, body = {} } = context;
      return { body: await deps.runReports.register(callerOf(context).workspace, params.id, body) };
    },
  }),
  route({
    id: 'rerunFrom',
    method: 'POST',
    path: '/runs/{id}/rerun',
    permission: 'operate',
    fn: 'api',
    tag: 'pipelines',
    summary: "Start a new run at a stage, on what this run's earlier stages made",
    request: {
      params,
      headers: idempotencyHeader,
      body: z.strictObject({
        from: workStage,
        to: workStage.optional(),
        force: z
          .boolean()
          .optional()
          .meta({ description: 'Work again though inputs, parameters and code are unchanged' }),
      }),
    },
    responses: {
      202: {
        description: 'Started, or started before by the same key; Location holds the run',
        schema: startedRun,
      },
      409: {
        description:
          'MISSING_STAGE: the run has no result of an earlier stage. RUN_IN_PROGRESS: another run is active',
      },
    },
    handle: async (context) => {
      const { deps, params, body, request } = context;
      const key = context.headers['idempotency-key'];
      const started = await deps.control.rerun(callerOf(context), params.id, {
        ...body,
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      return accepted(request, started);
    },
  }),
];
