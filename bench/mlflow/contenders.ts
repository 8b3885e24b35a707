import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { composeApi, composeServing } from '../../lambdas/shared/http-api.ts';
import { apiRoutes, createApp } from '../../lib/http/index.ts';
import { nodeServer } from '../../lib/http/server.ts';
import { Catalog } from '../../lib/pipeline/catalog.ts';
import { openStores, readEnvironment } from '../../lib/store/index.ts';
import type { ItemStore } from '../../lib/store/ports.ts';
import { startMlflow } from '../../test/conformance/support/mlflow-server.ts';
import { mlflowPython } from '../../test/conformance/support/venv.ts';
import { startStack, type TestStack } from '../../test/integration/setup.ts';
import { startMlflowServer } from '../../test/support/mlflow/server.ts';

/** A server that speaks MLflow's protocol. */
export interface Contender {
  name: 'mlflow' | 'memory' | 'function' | 'gateway';
  url: string;
  token?: string;
  /** Where its runs are put directly: a search wants 10,000, and only the search is measured. */
  seed: { sqlite: string; python: string } | { items: ItemStore; workspace: string };
  stop(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** `mlflow server` on sqlite, one worker. */
export async function mlflowContender(say: (text: string) => void): Promise<Contender> {
  const python = await mlflowPython(say);
  const { url, folder, stop } = await startMlflow(python);
  return { name: 'mlflow', url, seed: { sqlite: `${folder}/store.db`, python }, stop };
}

/** Our code alone: the whole API over stores in memory, behind a socket as MLflow's is. */
export async function memoryContender(): Promise<Contender> {
  const { url, token, items, close } = await startMlflowServer();
  return { name: 'memory', url, token, seed: { items, workspace: 'default' }, stop: close };
}

/**
 * The deployed API on the emulator, twice: through gateway and Lambda, as a client calls it; and the same code in this process on the
 * emulator's DynamoDB, which is what happens inside of the function.
 */
export async function emulatorContenders(): Promise<Contender[]> {
  const { stack, stop } = await startStack();
  try {
    return await over(stack, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function over(stack: TestStack, stop: () => Promise<void>): Promise<Contender[]> {
  // A workspace of its own: what ran there before is not searched.
  const workspace = `bench-${randomBytes(4).toString('hex')}`;
  const made = await fetch(`${stack.apiUrl}/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ role: 'operator', name: 'bench', workspace }),
  });
  const { token } = (await made.json()) as { token: string };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: stack.endpoint,
    AWS_REGION: stack.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const environment = readEnvironment({
    ARBOLEDA_TABLE: outputOf(stack.outputs, /table/i),
    ARBOLEDA_BUCKET: outputOf(stack.outputs, /bucket/i),
    // Asked for when the API is put together; nothing here starts a pipeline.
    ARBOLEDA_STATE_MACHINE_ARN: outputOf(stack.outputs, /stateMachine/i),
    ARBOLEDA_BUS: 'default',
  });
  const stores = openStores(environment);
  const { deps, tokens } = await composeApi(composeServing(environment, stores), new Catalog([]));
  const app = createApp({
    routes: apiRoutes,
    deps,
    authenticate: (given) => tokens.authenticate(given),
    logger: pino({ level: 'silent' }),
  });
  const api = nodeServer(app);
  const server = createServer((request, response) => api.emit('request', request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const seed = { items: stores.items, workspace };
  return [
    {
      name: 'function',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token,
      seed,
      stop: async () => {
        server.close();
        server.closeAllConnections();
        await stop();
      },
    },
    { name: 'gateway', url: stack.apiUrl, token, seed, stop: nothing },
  ];
}

function outputOf(outputs: Record<string, string>, name: RegExp): string {
  const found = Object.keys(outputs).find((key) => name.test(key));
  if (found === undefined) throw new Error(`the stack has no output like ${name}: ${Object.keys(outputs)}`);
  return outputs[found]!;
}
