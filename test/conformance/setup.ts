import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { ApiClient } from '../../bin/cli/client.ts';
import { progressLines } from '../../bin/local/progress.ts';
import type { Role } from '../../lib/tracking/types.ts';
import { startStack } from '../integration/setup.ts';
import { startMlflowServer } from '../support/mlflow/server.ts';
import { startMlflow } from './support/mlflow-server.ts';
import { mlflowPython } from './support/venv.ts';

/** The deployed API, and the tokens of a workspace that this run made. */
interface Arboleda {
  url: string;
  operator: string;
  viewer: string;
  /** An operator's of another workspace. */
  stranger: string;
  /** Whether pipelines run there: not in memory. */
  deployed: boolean;
}

declare module 'vitest' {
  export interface ProvidedContext {
    conformance: { python: string; mlflow: string; arboleda: Arboleda };
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
  const { stop: _, ...given } = arboleda.value;
  project.provide('conformance', { python, mlflow: mlflow.value.url, arboleda: given });
  return stop;
}

interface Running extends Arboleda {
  stop(): Promise<void>;
}

async function target(): Promise<Running> {
  if (process.env.CONFORMANCE_TARGET === 'memory') {
    const server = await startMlflowServer();
    return { ...(await tokensOf(server.url, server.token)), deployed: false, stop: server.close };
  }
  const { stack, stop } = await startStack();
  return { ...(await tokensOf(stack.apiUrl, stack.adminToken)), deployed: true, stop };
}

/** Tokens in workspaces of their own: what ran there before is not seen. */
async function tokensOf(url: string, adminToken: string): Promise<Omit<Arboleda, 'deployed'>> {
  const workspace = `conformance-${randomBytes(4).toString('hex')}`;
  const admin = new ApiClient({ apiUrl: url, token: adminToken, name: 'conformance' });
  const make = async (role: Role, at = workspace): Promise<string> => {
    const made = await admin.post<{ token: string }>('/tokens', { role, name: 'mlflow', workspace: at });
    return made.token;
  };
  const stranger = `${workspace}-other`;
  return {
    url,
    operator: await make('operator'),
    viewer: await make('viewer'),
    stranger: await make('operator', stranger),
  };
}
