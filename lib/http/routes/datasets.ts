import * as z from 'zod';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { difference, nameParam, pushedSource, timestamp } from '../schemas.ts';

const route = routeFor<ApiDeps>();

/** Any first digits are let through: what they name, and that there are enough, is the catalogue's to say. */
const hash = z
  .string()
  .regex(/^[0-9a-fA-F]{6,64}$/, 'a SHA-256, or at least six of its first digits')
  .meta({ description: 'A SHA-256 of a dataset or of a source, or at least six of its first digits' });
const params = z.object({ hash });
const number = z.number().nullable();
const pair = { a: number, b: number };

const listed = z
  .object({
    pipeline: z.string(),
    sourceSha256: z.string(),
    datasetSha256: z.string().optional(),
    rows: number,
    synthetic: z.boolean(),
    source: z.string().nullable(),
    firstUsedAt: timestamp,
    lastUsedAt: timestamp,
    runId: z.string().meta({ description: 'The last run on this data' }),
    runs: z.number().int(),
  })
  .meta({ id: 'ListedDataset' });

const file = z.object({ name: z.string(), sha256: z.string(), rows: z.number().int().optional() });

const described = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('dataset'),
      sha256: z.string(),
      pipeline: z.string(),
      target: z.string(),
      task: z.enum(['classification', 'regression']),
      classes: z.array(z.string()),
      sourceSha256: z.string(),
      synthetic: z.boolean(),
      rowsIn: z.number().int(),
      rowsOut: z.number().int(),
      duplicatesDropped: z.number().int(),
      splits: z.record(z.string(), z.number().int()),
      batches: z.number().int(),
      profile: z.record(z.string(), z.unknown()),
      files: z.array(file),
    }),
    z.object({
      kind: z.literal('source'),
      sha256: z.string(),
      bytes: z.number().int(),
      storedAt: timestamp,
      usedBy: z.array(
        z.object({ pipeline: z.string(), runId: z.string(), datasetSha256: z.string().optional() }),
      ),
      files: z.array(file),
    }),
  ])
  .meta({ id: 'DescribedData' });

const side = z.object({
  sha256: z.string(),
  sourceSha256: z.string(),
  pipeline: z.string(),
  synthetic: z.boolean(),
});
const column = z.object({ name: z.string(), kind: z.string() });
const shift = z
  .object({
    name: z.string(),
    kind: z.string(),
    psi: number.meta({ description: 'Population stability index (Siddiqi 2006) of the present values' }),
    shift: z
      .enum(['none', 'moderate', 'large'])
      .nullable()
      .meta({ description: 'none below 0.1, moderate below 0.25' }),
    missing: z.object(pair),
    distinct: z.object(pair),
    mean: z.object(pair).optional(),
    std: z.object(pair).optional(),
    min: z.object(pair).optional(),
    max: z.object(pair).optional(),
    quantiles: z.array(z.object({ p: z.number(), ...pair })).optional(),
    categories: z.array(z.object({ value: z.string(), ...pair })).optional(),
  })
  .meta({ id: 'ColumnShift' });

export const datasetDiff = z
  .object({
    a: side,
    b: side,
    same: z.boolean(),
    facts: z.array(difference),
    rows: z.array(z.object({ part: z.string(), a: z.number().int(), b: z.number().int() })),
    schema: z.object({
      added: z.array(column),
      removed: z.array(column),
      changed: z.array(z.object({ name: z.string(), a: z.string(), b: z.string() })),
    }),
    columns: z.array(shift),
  })
  .meta({ id: 'DatasetDiff' });

const versionSide = z.object({
  model: z.string(),
  version: z.string(),
  runId: z.string(),
  createdAt: timestamp,
});

const versionDiff = z
  .object({
    a: versionSide,
    b: versionSide,
    same: z.boolean(),
    facts: z.array(difference),
    metrics: z.array(z.object({ key: z.string(), ...pair, change: number })),
    params: z.array(difference),
    data: z.array(difference),
    code: z.array(difference),
    dataset: datasetDiff.nullable(),
  })
  .meta({ id: 'VersionDiff' });

const DOWNLOAD_SECONDS = 300;

export const datasetRoutes: Route<ApiDeps>[] = [
  route({
    id: 'listDatasets',
    method: 'GET',
    path: '/datasets',
    permission: 'read',
    fn: 'api',
    tag: 'data',
    summary: 'The data that runs stood on, last used first, and what was pushed for the next ones',
    request: { query: z.object({ pipeline: nameParam.optional() }) },
    responses: {
      200: {
        description: 'By the newest 1,000 runs',
        schema: z.object({
          datasets: z.array(listed),
          sources: z.array(pushedSource),
          searchedRuns: z.number().int(),
          complete: z.boolean(),
        }),
      },
    },
    handle: async (context) => ({
      body: await context.deps.datasets.list(callerOf(context).workspace, context.query.pipeline),
    }),
  }),
  route({
    id: 'getDataset',
    method: 'GET',
    path: '/datasets/{hash}',
    permission: 'read',
    fn: 'api',
    tag: 'data',
    summary: 'One dataset, or the delivered bytes of one, by its hash',
    request: { params },
    responses: { 200: { description: 'What it is, and its files', schema: described } },
    handle: async (context) => ({
      body: await context.deps.datasets.describe(callerOf(context).workspace, context.params.hash),
    }),
  }),
  route({
    id: 'diffDatasets',
    method: 'GET',
    path: '/datasets/{hash}/diff',
    permission: 'read',
    fn: 'api',
    tag: 'data',
    summary: 'What differs between two datasets: schema, rows, the distribution of each column',
    request: { params, query: z.object({ with: hash }) },
    responses: {
      200: { description: 'The differences', schema: datasetDiff },
      409: { description: 'A source that was never cleaned' },
    },
    handle: async (context) => {
      const { deps, params, query } = context;
      return { body: await deps.datasets.diff(callerOf(context).workspace, params.hash, query.with) };
    },
  }),
  route({
    id: 'getDatasetFile',
    method: 'GET',
    path: '/datasets/{hash}/files/{file}',
    permission: 'read',
    fn: 'api',
    tag: 'data',
    summary: 'One file of a dataset (Parquet) or of a source (`raw`), by redirection to a presigned URL',
    request: { params: params.extend({ file: nameParam }) },
    responses: { 302: { description: 'Location holds a URL that works for five minutes' } },
    handle: async (context) => {
      const { deps, params } = context;
      const found = await deps.datasets.file(callerOf(context).workspace, params.hash, params.file);
      const { key, fileName, contentType, sha256 } = found;
      const location = await deps.objects.presignGet(key, {
        seconds: DOWNLOAD_SECONDS,
        fileName,
        contentType,
      });
      return { status: 302, headers: { location, 'x-content-sha256': sha256 } };
    },
  }),
  route({
    id: 'diffVersions',
    method: 'GET',
    path: '/models/{name}/versions/{version}/diff',
    permission: 'read',
    fn: 'api',
    tag: 'registry',
    summary: 'What differs between two model versions: metrics, params, code, and the data they learned from',
    request: {
      params: z.object({
        name: nameParam,
        version: nameParam.meta({ description: 'A number, `latest`, a stage, or an alias after an @' }),
      }),
      query: z.object({
        with: z.string().min(1).max(400).meta({
          description:
            'The same of this model, or a reference to a version of another: `models:/NAME/STAGE`, `NAME/3`, `NAME@ALIAS`',
        }),
      }),
    },
    responses: { 200: { description: 'The differences', schema: versionDiff } },
    handle: async (context) => {
      const { deps, params, query } = context;
      const { workspace } = callerOf(context);
      return { body: await deps.datasets.diffVersions(workspace, params.name, params.version, query.with) };
    },
  }),
];
