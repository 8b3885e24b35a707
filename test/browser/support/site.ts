import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { monitorDeps } from '../../../lambdas/shared/monitor.ts';
import { type ApiDeps, apiRoutes, createApp, makeRequest } from '../../../lib/http/index.ts';
import { compileForPage } from '../../../lib/infra/bundle/index.ts';
import { explainPredictions } from '../../../lib/learn/explain/explain-predictions.ts';
import { readModelFile } from '../../../lib/learn/file/model-file.ts';
import { predictRows } from '../../../lib/learn/predict-rows.ts';
import { PipelineRunControl } from '../../../lib/pipeline/control/index.ts';
import { Datasets } from '../../../lib/pipeline/datasets/index.ts';
import type { PipelineDefinition } from '../../../lib/pipeline/definition/index.ts';
import type { PipelineDeps } from '../../../lib/pipeline/deps.ts';
import { RunReports } from '../../../lib/pipeline/run-reports/index.ts';
import { PredictionService } from '../../../lib/serving/index.ts';
import { Monitoring } from '../../../lib/serving/monitor/index.ts';
import { Artifacts, ClientRuns, PredictionLog, Tokens, Workspaces } from '../../../lib/tracking/index.ts';
import type { Role } from '../../../lib/tracking/types.ts';
import { tinyHousesCsv } from '../../support/definitions.ts';
import { MemoryMultipartUploads, MemorySecret } from '../../support/memory.ts';
import { type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';
import { grades, houses } from './pipelines.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES: Record<string, string> = {
  'page.js': 'console/main.tsx',
  'page.css': 'console/style/main.css',
};

/** The whole API over stores in memory, behind a stage prefix as a gateway has one. */
export interface Site {
  /** Without a slash at its end. */
  address: string;
  world: PipelineWorld;
  token(role: Role): Promise<string>;
  /** The addresses of files that were fetched. */
  downloads: string[];
  close(): Promise<unknown>;
}

const PREFIX = '/prod';
const CONTENT_TYPE = 'content-type';

const made = new Map<string, Promise<Uint8Array>>();

/** Once a process, as a deployed function has it. */
function compiled(source: string): Promise<Uint8Array> {
  const known = made.get(source) ?? compileForPage(ROOT, source);
  made.set(source, known);
  return known;
}

export interface SiteOptions {
  /** Pipelines beside grades and houses. */
  definitions?: readonly PipelineDefinition[];
  /** In place of what a world in memory has. */
  deps?: Partial<PipelineDeps>;
}

export async function startSite({ definitions = [], deps: own = {} }: SiteOptions = {}): Promise<Site> {
  const world = pipelineWorld([grades, houses, ...definitions], { houses: tinyHousesCsv() }, own);
  const tokens = new Tokens(world.items, world.clock, new MemorySecret('the-secret-of-this-test'));
  const downloads: string[] = [];
  let origin = '';
  const app = createApp({
    routes: apiRoutes,
    deps: apiDeps(world, tokens, () => origin),
    authenticate: (token) => tokens.authenticate(token),
    logger: pino({ level: 'silent' }),
  });
  let count = 0;
  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', origin);
    if (url.pathname.startsWith('/objects/')) {
      if (request.method === 'PUT') {
        const { [CONTENT_TYPE]: contentType = '' } = request.headers;
        await world.objects.put(decodeURI(url.pathname.slice('/objects/'.length)), await buffer(request), {
          contentType,
        });
        response.writeHead(200).end();
        return;
      }
      downloads.push(url.pathname);
      const bytes = await world.objects.get(decodeURI(url.pathname.slice('/objects/'.length)));
      response.writeHead(200, { 'content-disposition': 'attachment' }).end(bytes);
      return;
    }
    if (url.pathname !== PREFIX && !url.pathname.startsWith(`${PREFIX}/`)) {
      response.writeHead(403).end('{"message":"Missing Authentication Token"}');
      return;
    }
    const names = [...new Set(url.searchParams.keys())];
    const answer = await app.handle(
      makeRequest({
        method: request.method ?? 'GET',
        path: url.pathname.slice(PREFIX.length) || '/',
        query: Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)])),
        headers: request.headers,
        body: await buffer(request),
        requestId: `browser-request-${++count}`,
      }),
    );
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address: origin + PREFIX,
    world,
    downloads,
    token: async (role) => (await tokens.create('default', { role, name: role })).token,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function apiDeps(world: PipelineWorld, tokens: Tokens, origin: () => string): ApiDeps {
  const { items, objects, clock, deps } = world;
  // What the bucket's presigned address is on AWS: another one than the API's, that needs no token.
  objects.presignGet = async (key) => `${origin()}/objects/${encodeURI(key)}`;
  objects.presignPut = async (key) => `${origin()}/objects/${encodeURI(key)}`;
  const engine = { read: readModelFile, predict: predictRows, explain: explainPredictions };
  const serving = new PredictionService({
    registry: deps.registry,
    objects,
    engine,
    clock,
    traffic: deps.splits,
  });
  return {
    serving,
    monitoring: new Monitoring(
      monitorDeps({ environment: 'test' }, { items }, deps, () => undefined),
      serving,
    ),
    predictions: new PredictionLog(items, objects, clock),
    clock,
    defaultModel: 'grades',
    objects,
    datasets: new Datasets(deps),
    runReports: new RunReports(deps),
    loggedModels: deps.loggedModels,
    clientRuns: new ClientRuns(items, clock),
    experiments: deps.experiments,
    runs: deps.runs,
    artifacts: new Artifacts({ objects, uploads: new MemoryMultipartUploads(objects), runs: deps.runs }),
    stages: deps.stages,
    registry: deps.registry,
    splits: deps.splits,
    tokens,
    workspaces: new Workspaces(world.items, world.clock),
    control: new PipelineRunControl(deps),
    reconcile: async () => [],
    asset: async (name) => {
      const source = SOURCES[name.replace('console/', '')];
      return source === undefined ? readFile(join(ROOT, name)) : compiled(source);
    },
    version: '9.9.9',
  };
}
