import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { composeApi, composeServing } from '../../../lambdas/shared/http-api.ts';
import { type ApiDeps, type App, apiRoutes, createApp } from '../../../lib/http/index.ts';
import { nodeServer } from '../../../lib/http/server.ts';
import { Catalog } from '../../../lib/pipeline/catalog.ts';
import { readEnvironment } from '../../../lib/store/index.ts';
import type { Tokens } from '../../../lib/tracking/index.ts';
import { grades, houses } from '../../browser/support/pipelines.ts';
import { tinyHousesCsv } from '../../support/definitions.ts';
import { type MemoryItemStore, MemorySecret } from '../../support/memory.ts';
import {
  isObjectRequest,
  ServedMultipartUploads,
  ServedObjectStore,
  serveObject,
} from '../../support/mlflow/objects.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

/** The API put together as the deployed api function is, over stores in memory that hold what two pipelines made. */
export interface WholeApi {
  app: App;
  deps: ApiDeps;
  tokens: Tokens;
  items: MemoryItemStore;
  objects: ServedObjectStore;
  multipart: ServedMultipartUploads;
  /** The first admin's token, of the workspace `default`. */
  admin: string;
  /** Errors that were logged, one a line: what stands behind a 500. */
  errors: string[];
}

const ADMIN = 'the-admin-token-of-the-trust-lane';

/** Runs two pipelines of `test/browser/support/pipelines.ts` to their end in the workspace `default`, one of them twice. */
export async function wholeApi<O extends ServedObjectStore = ServedObjectStore>(
  objects: O = new ServedObjectStore() as O,
): Promise<WholeApi & { objects: O }> {
  const world = pipelineWorld([grades, houses], { houses: tinyHousesCsv() }, { objects });
  const { items } = world;
  const multipart = new ServedMultipartUploads(objects);
  const side = composeServing(
    { ...readEnvironment({}), defaultModel: 'grades' },
    {
      items,
      objects,
      multipart,
      executions: world.executions,
      events: world.events,
      adminSecret: new MemorySecret(ADMIN),
      bucket: () => objects,
    },
  );
  const { deps, tokens } = await composeApi(side, new Catalog([grades, houses]));
  for (const pipeline of ['houses', 'grades', 'grades']) {
    const run = await runToEnd(world.deps, pipeline, { force: true });
    if (run.error !== undefined) throw new Error(`${pipeline}: ${run.error.message}`);
    world.clock.advance(60_000);
  }
  const errors: string[] = [];
  const logger = pino({ base: null, level: 'error' }, { write: (line) => errors.push(line) });
  // The pages' files travel in the bundle, which there is none of here.
  const asset = async (name: string) => Buffer.from(`/* ${name} */`);
  const app = createApp({
    routes: apiRoutes,
    deps: { ...deps, asset },
    authenticate: (token) => tokens.authenticate(token),
    logger,
  });
  return { app, deps, tokens, items, objects, multipart, admin: ADMIN, errors };
}

/** All that is stored, to be put back: what a fuzzer deletes must be there for its next hundred requests. */
export async function snapshotOf({ items, objects }: WholeApi): Promise<() => Promise<void>> {
  const held = items.dump();
  const keys = objects.keys();
  const files = await Promise.all(
    keys.map(async (key) => [key, await objects.get(key), objects.contentType(key)] as const),
  );
  return async () => {
    items.restore(held);
    for (const key of objects.keys()) await objects.remove(key);
    for (const [key, bytes, contentType] of files) await objects.put(key, bytes, { contentType });
  };
}

export interface ServedApi extends WholeApi {
  url: string;
  /** Requests answered so far, by status. */
  answered: Map<number, number>;
  /** What is stored now is what the stores are put back to from here on. */
  keep(): Promise<void>;
  /** Nothing is put back from here on. */
  freeze(): void;
  close(): Promise<void>;
}

/**
 * The same behind a real socket on 127.0.0.1.
 *
 * @param resetEvery requests after which the stores are put back to how they began; 0 for never
 */
export async function serveWholeApi(resetEvery: number, whole?: WholeApi): Promise<ServedApi> {
  const api = whole ?? (await wholeApi());
  let reset = await snapshotOf(api);
  // A process that is stopped for a while answers late, and no worse: the deadline has tests of its own.
  const inner = nodeServer(api.app, 600_000);
  const answered = new Map<number, number>();
  let count = 0;
  let every = resetEvery;
  // Edges have limits of their own (the gateway 10 KB of headers, Node.js 16): let through what the application is to judge.
  const server = createServer({ maxHeaderSize: 256 * 1024 }, async (request, response) => {
    if (isObjectRequest(request.url)) {
      serveObject(api, request, response).catch((error: Error) => response.destroy(error));
      return;
    }
    response.on('finish', () =>
      answered.set(response.statusCode, (answered.get(response.statusCode) ?? 0) + 1),
    );
    if (every > 0 && ++count % every === 0) await reset();
    inner.emit('request', request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api.objects.base = url;
  return {
    ...api,
    url,
    answered,
    keep: async () => {
      reset = await snapshotOf(api);
      count = 0;
    },
    freeze: () => {
      every = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
