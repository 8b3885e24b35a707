import { pino } from 'pino';
import housing from '../../../../data/housing/pipeline.ts';
import { NotFoundError } from '../../../../lib/errors/index.ts';
import {
  type ApiDeps,
  type App,
  apiRoutes,
  createApp,
  type HttpResponse,
  makeRequest,
  makeRouter,
  type Route,
} from '../../../../lib/http/index.ts';
import type { RunControl } from '../../../../lib/http/types.ts';
import { Catalog } from '../../../../lib/pipeline/catalog.ts';
import { Datasets } from '../../../../lib/pipeline/datasets/index.ts';
import { RunReports } from '../../../../lib/pipeline/run-reports/index.ts';
import { type ModelEngine, PredictionService, type ServableModel } from '../../../../lib/serving/index.ts';
import { type MonitorDeps, Monitoring } from '../../../../lib/serving/monitor/index.ts';
import {
  Artifacts,
  ClientRuns,
  Experiments,
  LoggedModels,
  PipelineState,
  PredictionLog,
  Registry,
  Runs,
  Splits,
  Stages,
  Tokens,
  Workspaces,
} from '../../../../lib/tracking/index.ts';

import type { Principal, Role } from '../../../../lib/tracking/types.ts';
import {
  FixedClock,
  MemoryBus,
  MemoryItemStore,
  MemoryMultipartUploads,
  MemoryObjectStore,
  MemorySecret,
} from '../../../support/memory.ts';
import { fakeEngine } from './engine.ts';

export const ADMIN_SECRET = 'the-admin-secret-of-this-test';

/** A whole API in memory; the control of runs is a recording fake. */
export interface World {
  app: App;
  deps: ApiDeps;
  items: MemoryItemStore;
  objects: MemoryObjectStore;
  uploads: MemoryMultipartUploads;
  registry: Registry;
  runs: Runs;
  stages: Stages;
  experiments: Experiments;
  tokens: Tokens;
  clock: FixedClock;
  control: FakeControl;
  /** The log's lines, parsed. */
  lines: Record<string, unknown>[];
  /** The log as text, to look for what must not be there. */
  logText(): string;
  token(role: Role, workspace?: string, expiresAt?: string): Promise<string>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  token?: string;
  json?: unknown;
  body?: string | Uint8Array;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** Parsed where the answer is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  json: any;
}

/** Remembers its calls and answers plainly. `unknown` is a pipeline or run that does not exist. */
export class FakeControl implements RunControl {
  readonly calls: { method: string; principal: Principal; args: unknown[] }[] = [];

  /** What `requireModel` finds missing. */
  missing: Error | undefined;

  #note(method: string, principal: Principal, ...args: unknown[]): void {
    this.calls.push({ method, principal, args });
    if (args[0] === 'unknown') throw new NotFoundError('no pipeline named "unknown"', { field: 'pipeline' });
  }

  async start(principal: Principal, pipeline: string, request: object) {
    this.#note('start', principal, pipeline, request);
    return { runId: 'a'.repeat(32), pipeline, status: 'RUNNING' as const, attempt: 1, created: true };
  }
  async startStep(principal: Principal, pipeline: string, step: string, request: object) {
    this.#note('startStep', principal, pipeline, step, request);
    return { runId: 'c'.repeat(32), pipeline, status: 'RUNNING' as const, attempt: 1, created: true };
  }
  async requireModel(principal: Principal, pipeline: string) {
    this.#note('requireModel', principal, pipeline);
    if (this.missing !== undefined) throw this.missing;
  }
  async startBatch(principal: Principal, request: { model: string }) {
    this.#note('startBatch', principal, request.model, request);
    const { model } = request;
    return {
      runId: 'd'.repeat(32),
      model,
      version: '1',
      status: 'RUNNING' as const,
      attempt: 1,
      created: true,
    };
  }
  async batchStatus(principal: Principal, model: string, runId: string) {
    this.#note('batchStatus', principal, model, runId);
    return {
      runId,
      model,
      version: '1',
      status: 'RUNNING' as const,
      attempt: 1,
      format: 'csv' as const,
      fileName: 'rows.csv',
      startedAt: '2026-01-01T00:00:00.000Z',
      predicted: 0,
      failed: 0,
      warnings: 0,
      chunks: { done: 0, total: 0 },
    };
  }
  async cancel(principal: Principal, runId: string) {
    this.#note('cancel', principal, runId);
    return runOf(principal.workspace, runId);
  }
  async retry(principal: Principal, runId: string) {
    this.#note('retry', principal, runId);
    return { runId, pipeline: 'housing', status: 'RUNNING' as const, attempt: 2, created: true };
  }
  async rerun(principal: Principal, runId: string, request: object) {
    this.#note('rerun', principal, runId, request);
    return {
      runId: 'd'.repeat(32),
      pipeline: 'housing',
      status: 'RUNNING' as const,
      attempt: 1,
      created: true,
    };
  }
  async diff(principal: Principal, a: string, b: string) {
    this.#note('diff', principal, a, b);
    return { a, b, params: [{ key: 'trees', a: '10', b: null }], metrics: [], data: [], code: [] };
  }
  async list(principal: Principal) {
    this.#note('list', principal);
    return [summary('housing')];
  }
  async describe(principal: Principal, pipeline: string) {
    this.#note('describe', principal, pipeline);
    return { ...summary(pipeline), definition: {}, definitionSha256: '0'.repeat(64) };
  }
  async dag(principal: Principal, pipeline: string) {
    this.#note('dag', principal, pipeline);
    return { pipeline, nodes: [{ id: 'ingest', label: 'ingest' }], edges: [], mermaid: 'flowchart LR\n' };
  }
  async history(principal: Principal, pipeline: string, page: object) {
    this.#note('history', principal, pipeline, page);
    return { runs: [] };
  }
  async setSchedule(principal: Principal, pipeline: string, state: 'paused' | 'active') {
    this.#note('setSchedule', principal, pipeline, state);
    return { pipeline, state };
  }
  async collector(principal: Principal, pipeline: string) {
    this.#note('collector', principal, pipeline);
    return collectorOf(pipeline);
  }
  async setCollector(principal: Principal, pipeline: string, change: object) {
    this.#note('setCollector', principal, pipeline, change);
    return collectorOf(pipeline);
  }
  async pollCollector(principal: Principal, pipeline: string) {
    this.#note('pollCollector', principal, pipeline);
    return { pipeline, outcome: 'idle' as const, started: [], state: stateOf };
  }
  async setSource(principal: Principal, pipeline: string, source: object) {
    this.#note('setSource', principal, pipeline, source);
  }
}

const stateOf = { round: 1, pass: 0, stored: 0, rows: 0, exhausted: true };
const collectorOf = (pipeline: string) => ({
  pipeline,
  settings: { url: undefined, every: 300, subsets: 10, group: 1, state: 'active' as const },
  open: { round: 1, stored: 0, rows: 0, subsets: [] },
  exhausted: true,
  pass: 0,
  counts: { polls: 0, outcomes: {} },
  rounds: [],
});

const summary = (name: string) => ({
  name,
  target: 'price',
  task: 'regression' as const,
  model: name,
  scheduleState: 'active' as const,
  collects: false,
});

const runOf = (workspace: string, runId: string) => ({
  workspace,
  runId,
  experimentId: '1',
  name: 'housing-1',
  status: 'KILLED' as const,
  startTime: '2026-01-01T00:00:00.000Z',
  attempt: 1,
  lineage: {},
  tags: {},
  params: {},
  metrics: {},
});

/** Bytes of the least part that is not the last: S3's 5 MB would make tests slow. */
const LEAST_PART = 4;

export function makeWorld(
  options: {
    defaultModel?: string;
    routes?: readonly Route<ApiDeps>[];
    adminSecret?: string;
    /** By default a fake one, whose models are written in a line. */
    engine?: ModelEngine;
  } = {},
): World {
  const clock = new FixedClock('2026-01-01T00:00:00.000Z');
  const items = new MemoryItemStore(clock);
  const objects = new MemoryObjectStore(clock);
  const uploads = new MemoryMultipartUploads(objects, LEAST_PART);
  const registry = new Registry(items, clock);
  const splits = new Splits(items, clock);
  const runs = new Runs(items, clock);
  const stages = new Stages(items, clock);
  const experiments = new Experiments(items, clock);
  const tokens = new Tokens(items, clock, new MemorySecret(options.adminSecret ?? ADMIN_SECRET));
  const control = new FakeControl();
  const raw: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { base: null },
    {
      write: (line: string) => {
        raw.push(line);
        lines.push(JSON.parse(line));
      },
    },
  );
  const predictions = new PredictionLog(items, objects, clock);
  const watching: MonitorDeps = {
    items,
    objects,
    predictions,
    registry,
    clock,
    events: new MemoryBus(),
    rules: () => [],
    start: async () => ({ runId: 'a'.repeat(32) }),
    watchSplit: async () => undefined,
    measure: () => undefined,
  };
  const serving = new PredictionService<ServableModel>({
    registry,
    objects,
    engine: options.engine ?? (fakeEngine as ModelEngine),
    clock,
    traffic: splits,
  });
  const deps: ApiDeps = {
    monitoring: new Monitoring(watching, serving),
    serving,
    predictions,
    clock,
    defaultModel: 'defaultModel' in options ? options.defaultModel : 'housing',
    objects,
    experiments,
    runs,
    artifacts: new Artifacts({ objects, uploads, runs }),
    stages,
    loggedModels: new LoggedModels(items, clock),
    clientRuns: new ClientRuns(items, clock),
    registry,
    splits,
    tokens,
    workspaces: new Workspaces(items, clock),
    control,
    datasets: new Datasets({
      objects,
      runs,
      registry,
      clock,
      state: new PipelineState(items, clock),
      catalog: new Catalog([housing]),
    }),
    runReports: new RunReports({
      objects,
      runs,
      registry,
      clock,
      stages,
      experiments,
      loggedModels: new LoggedModels(items, clock),
      catalog: new Catalog([housing]),
    }),
    reconcile: async (workspace, { fix }) => [{ kind: 'lost-run', workspace, fixed: fix }],
    asset: async (name) => Buffer.from(`file ${name}`),
    version: '9.9.9',
  };
  const { routes = apiRoutes } = options;
  const app = createApp({ routes, deps, authenticate: (token) => tokens.authenticate(token), logger });
  let count = 0;
  return {
    app,
    deps,
    items,
    objects,
    uploads,
    registry,
    runs,
    stages,
    experiments,
    tokens,
    clock,
    control,
    lines,
    logText: () => raw.join(''),
    token: async (role, workspace = 'default', expiresAt) =>
      (
        await tokens.create(workspace, {
          role,
          name: `${role} of ${workspace}`,
          ...(expiresAt ? { expiresAt } : {}),
        })
      ).token,
    call: async (method, path, call = {}) => {
      count++;
      const { token, json, body, query = {}, headers = {} } = call;
      const lists = Object.entries(query).map(
        ([name, value]) => [name, Array.isArray(value) ? value : [value]] as const,
      );
      const answer = await app.handle(
        makeRequest({
          method,
          path,
          query: Object.fromEntries(lists),
          headers: {
            ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
            ...headers,
          },
          body: json === undefined ? body : JSON.stringify(json),
          requestId: `request-${count}`,
        }),
      );
      const text = typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body).toString('utf8');
      checkAgainstTable(routes, method, path, answer);
      const isJson = answer.headers['content-type']?.startsWith('application/json') && text !== '';
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      };
    },
  };
}

/** Every answer of every test is held to what the table says of it, so that the OpenAPI document stays true. */
function checkAgainstTable(
  routes: readonly Route<ApiDeps>[],
  method: string,
  path: string,
  answer: HttpResponse,
): void {
  if (answer.status >= 400 || method === 'HEAD') return;
  // What is no JSON (a plain word, a file) has no schema to be held to.
  if (!answer.headers['content-type']?.startsWith('application/json')) return;
  const segments = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const { route } = makeRouter(routes).match(method, segments);
  const spec = route.responses[answer.status];
  if (spec === undefined)
    throw new Error(`${route.id} answers ${answer.status}, which its table entry does not have`);
  spec.schema?.parse(JSON.parse(String(answer.body)));
}
