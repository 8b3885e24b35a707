import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { NotFoundError } from '../../lib/errors/index.ts';
import { type App, createApp } from '../../lib/http/app.ts';
import type { ServingDeps } from '../../lib/http/deps.ts';
import type { Route } from '../../lib/http/route.ts';
import { routeFor } from '../../lib/http/route.ts';
import { type DocsDeps, docsRoutes } from '../../lib/http/routes/docs.ts';
import { modelSchemaRoutes } from '../../lib/http/routes/model-schema.ts';
import { servingRoutes } from '../../lib/http/routes/serving.ts';
import { VERSION } from '../../lib/http/version.ts';
import { explainPredictions } from '../../lib/learn/explain/explain-predictions.ts';
import { readModelFile } from '../../lib/learn/file/model-file.ts';
import { predictRows } from '../../lib/learn/predict-rows.ts';
import { PredictionService } from '../../lib/serving/index.ts';
import type { Principal } from '../../lib/tracking/types.ts';
import type { ModelFolder } from './model-folder.ts';

type ServerDeps = ServingDeps & DocsDeps;

/** The routes of the deployed serving function, the schema of the row, the document of these, and nothing else. */
const routes: readonly Route<ServerDeps>[] = [
  routeFor<ServerDeps>()({
    id: 'root',
    method: 'GET',
    path: '/',
    permission: 'public',
    fn: 'api',
    tag: 'pages',
    summary: 'To the documentation',
    responses: { 302: { description: 'Swagger UI' } },
    handle: () => ({ status: 302, headers: { location: './docs' } }),
  }),
  ...servingRoutes,
  // Its one kind of caller may predict, and what a row looks like stands in the open document here.
  ...modelSchemaRoutes.map((route) => ({ ...route, permission: 'predict' as const })),
  ...docsRoutes<ServerDeps>(() => routes),
];

const CALLER: Principal = { tokenId: 'serve', workspace: 'default', role: 'predictor', name: 'serve' };

/**
 * The application of `arboleda serve`: the handlers of the deployed functions over one folder.
 *
 * @param token what callers must show; undefined lets everybody predict
 */
export function serverApp(folder: ModelFolder, token: string | undefined, logger: Logger): App {
  const clock = { now: () => new Date() };
  const engine = { read: readModelFile, predict: predictRows, explain: explainPredictions };
  const serving = new PredictionService({ registry: folder, objects: folder, engine, clock });
  // There is no store to log to: the access log has a line a request.
  const predictions = { record: async () => undefined, recordBatch: async () => undefined };
  const deps: ServerDeps = {
    serving,
    predictions: predictions as unknown as ServingDeps['predictions'],
    clock,
    registry: folder as unknown as DocsDeps['registry'],
    version: VERSION,
    asset,
    get defaultModel() {
      return folder.name;
    },
  };
  return createApp({
    routes,
    deps,
    logger,
    authenticate: async (given) => (token !== undefined && same(given, token) ? CALLER : undefined),
    ...(token === undefined && { anonymous: CALLER }),
  });
}

/** Compared by hash: equal in length, and in time that tells nothing. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A file of `assets/` beside the bundle; in the repository, of the package. Names come from a fixed list. */
async function asset(name: string): Promise<Uint8Array> {
  const beside = fileURLToPath(new URL(`./assets/${name}`, import.meta.url));
  try {
    return await readFile(beside).catch(() => readFile(inPackage(name)));
  } catch (cause) {
    throw new NotFoundError(`no file "${name}" is here`, { cause });
  }
}

const inPackage = (name: string): string =>
  createRequire(import.meta.url).resolve(name.replace('swagger-ui/', 'swagger-ui-dist/'));
