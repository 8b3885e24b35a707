import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readAdminToken } from '../../bin/local/admin-token.ts';
import { firstAnswering, localApiUrls } from '../../bin/local/api-url.ts';
import { bootstrap, deploy, REGION } from '../../bin/local/deploy.ts';
import { progressLines } from '../../bin/local/progress.ts';
import '../integration/setup.ts';

/**
 * Deploys the real app into the LocalStack at AWS_ENDPOINT_URL, a fresh one: it does not take an update of an API.
 * @throws where the variable is not set or nothing answers: this lane fails rather than being passed over.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const endpoint = process.env.AWS_ENDPOINT_URL?.replace(/\/+$/, '');
  if (!endpoint)
    throw new Error('set AWS_ENDPOINT_URL to a running LocalStack, such as http://127.0.0.1:4566');
  const health = await fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(10_000) });
  if (!health.ok) throw new Error(`${endpoint} is no LocalStack: its health check answers ${health.status}`);
  const say = progressLines((text) => process.stderr.write(`setup ${text}`));
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'arboleda-localstack-'));
  const target = { endpoint, workDir: dir };
  say('bootstrapping (cdk bootstrap) ...');
  await bootstrap(target);
  say('deploying (cdk deploy) ...');
  const { stackName, outputs } = await deploy(target);
  const apiUrl = await firstAnswering(localApiUrls(endpoint, outputs.ApiUrl ?? ''));
  if (!apiUrl) throw new Error(`${stackName} is deployed and does not answer at ${outputs.ApiUrl}`);
  say(`deployed ${stackName}: ${apiUrl}`);
  const adminToken = await readAdminToken(endpoint, outputs.AdminTokenSecretArn ?? '');
  project.provide('stack', {
    endpoint,
    apiUrl,
    adminToken,
    region: REGION,
    stackName,
    outputs,
    dir,
    emulatorLog: '',
  });
  return () => rmSync(dir, { recursive: true, force: true });
}
