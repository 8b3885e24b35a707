import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { ApiClient } from '../../bin/cli/client.ts';
import { progressLines } from '../../bin/local/progress.ts';
import { startStack } from '../integration/setup.ts';
import { startMlflowServer } from '../support/mlflow/server.ts';
import { startMlflow } from './support/mlflow-server.ts';
import { mlflowPython } from './support/venv.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    conformance: { python: string; mlflow: string; arboleda: { url: string; token: string } };
  }
}

/**
 * Starts `mlflow server` beside the deployed stack (`ARBOLEDA_TEST_DIR` names one to reuse), or beside the API over stores in memory
 * where `CONFORMANCE_TARGET=memory` says so: seconds in place of a minute, for the inner loop.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = progressLines((text) => process.stderr.write(`setup ${text}`));
  const python = await mlflowPython(say);
  const starting = startMlflow(python);
  const [mlflow, arboleda] = await Promise.allSettled([starting, target()]);
  const stop = async () => {
    if (mlflow.status === 'fulfilled') await mlflow.value.stop();
    if (arboleda.status === 'fulfilled') await arboleda.value.stop();
  };
  if (mlflow.status === 'rejected' || arboleda.status === 'rejected') {
    await stop();
    throw mlflow.status === 'rejected' ? mlflow.reason : (arboleda as PromiseRejectedResult).reason;
  }
  const { url, token } = arboleda.value;
  project.provide('conformance', { python, mlflow: mlflow.value.url, arboleda: { url, token } });
  return stop;
}

interface Running {
  url: string;
  token: string;
  stop(): Promise<void>;
}

async function target(): Promise<Running> {
  if (process.env.CONFORMANCE_TARGET === 'memory') {
    const server = await startMlflowServer();
    return { url: server.url, token: await tokenOf(server.url, server.token), stop: server.close };
  }
  const { stack, stop } = await startStack();
  return { url: stack.apiUrl, token: await tokenOf(stack.apiUrl, stack.adminToken), stop };
}

/** An operator's, in a workspace of its own: what ran there before is not seen. */
async function tokenOf(apiUrl: string, adminToken: string): Promise<string> {
  const workspace = `conformance-${randomBytes(4).toString('hex')}`;
  const admin = new ApiClient({ apiUrl, token: adminToken, name: 'conformance' });
  const made = await admin.post<{ token: string }>('/tokens', {
    role: 'operator',
    name: 'mlflow',
    workspace,
  });
  return made.token;
}
