import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Logger, pino } from 'pino';
import { composeApi, composeServing } from '../../../lambdas/shared/http-api.ts';
import { apiRoutes, createApp } from '../../../lib/http/index.ts';
import { nodeServer } from '../../../lib/http/server.ts';
import { Catalog } from '../../../lib/pipeline/catalog.ts';
import { readEnvironment } from '../../../lib/store/index.ts';
import { MemoryBus, MemoryExecutions, MemoryItemStore, MemorySecret } from '../memory.ts';
import { isObjectRequest, ServedMultipartUploads, ServedObjectStore, serveObject } from './objects.ts';

/** The whole API over stores in memory, behind a real socket: what the `mlflow` client needs, up in a second. */
export interface MlflowServer {
  /** MLFLOW_TRACKING_URI. */
  url: string;
  /** MLFLOW_TRACKING_TOKEN: the first admin's, of the workspace `default`. */
  token: string;
  items: MemoryItemStore;
  objects: ServedObjectStore;
  close(): Promise<void>;
}

/**
 * Starts it on 127.0.0.1. Put together as the deployed api function is; pipelines there are none, and runs of them do not move.
 *
 * @param port 0 for a free one
 */
export async function startMlflowServer(
  port = 0,
  logger: Logger = pino({ level: 'silent' }),
): Promise<MlflowServer> {
  const items = new MemoryItemStore();
  const objects = new ServedObjectStore();
  const multipart = new ServedMultipartUploads(objects);
  const token = randomBytes(16).toString('hex');
  const stores = {
    items,
    objects,
    multipart,
    executions: new MemoryExecutions(),
    events: new MemoryBus(),
    adminSecret: new MemorySecret(token),
    bucket: () => objects,
  };
  const side = composeServing(readEnvironment({}), stores);
  const { deps, tokens } = await composeApi(side, new Catalog([]));
  const api = nodeServer(
    createApp({ routes: apiRoutes, deps, authenticate: (given) => tokens.authenticate(given), logger }),
  );
  const server = createServer((request, response) => {
    if (!isObjectRequest(request.url)) api.emit('request', request, response);
    else
      serveObject({ objects, multipart }, request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  objects.base = url;
  return {
    url,
    token,
    items,
    objects,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
