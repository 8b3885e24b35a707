import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readAdminToken } from './admin-token.ts';
import { firstAnswering, localApiUrls } from './api-url.ts';
import { bootstrap, deploy, REGION } from './deploy.ts';
import { checkpoint, type Emulator, startEmulator, stopEmulator } from './emulator.ts';
import { DeployError } from './errors.ts';
import { type LocalFile, removeLocalFile, writeLocalFile } from './local-file.ts';
import { localDir, ROOT } from './paths.ts';
import type { Progress } from './progress.ts';
import { sourceHash } from './source-hash.ts';

export const DEFAULT_PORT = 4566;

export interface UpOptions {
  /** `.arboleda`, or a test's folder. */
  dir?: string;
  port?: number;
  /** Default true. */
  persist?: boolean;
  /** CDK context, such as `{ traceCalls: '1' }`. */
  context?: Record<string, string>;
  say: Progress;
  signal?: AbortSignal;
}

export interface LocalStack {
  local: LocalFile;
  emulator: Emulator;
  /** False where what was deployed last is still right. */
  deployed: boolean;
}

/** What was deployed last and on which port, beside the emulator's state: it goes where that goes. */
const deployedSchema = z.object({
  port: z.number(),
  sourceHash: z.string(),
  stackName: z.string(),
  outputs: z.record(z.string(), z.string()),
});
type Deployed = z.infer<typeof deployedSchema>;

const stateDirOf = (dir: string): string => join(dir, 'emulator');
const deployedFile = (dir: string): string => join(stateDirOf(dir), 'deployed.json');

/**
 * Brings the local stack up: emulator, bootstrap, deployment; each step only where it is needed.
 * Where it fails or is interrupted, an emulator that it started is ended again.
 *
 * @throws MissingPythonError, PortTakenError, EmulatorError, DeployError; the reason of `signal`.
 */
export async function up(options: UpOptions): Promise<LocalStack> {
  const {
    dir = localDir(),
    port = readDeployed(dir)?.port ?? DEFAULT_PORT,
    persist = true,
    say,
    signal,
  } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const emulator = await startEmulator({ stateDir: stateDirOf(dir), port, persist, say, signal });
  say(`emulator ${emulator.reused ? 'found' : 'started'} at ${emulator.endpoint}`);
  try {
    const hash = sourceHash(ROOT, options.context);
    const known = readDeployed(dir);
    const knownUrl =
      known && (await firstAnswering(localApiUrls(emulator.endpoint, known.outputs.ApiUrl ?? '')));
    if (known && knownUrl && known.sourceHash === hash) {
      say('the stack is there and nothing changed since it was deployed');
      return { local: await save(dir, emulator, known, knownUrl), emulator, deployed: false };
    }
    const target = { endpoint: emulator.endpoint, workDir: dir, context: options.context, signal };
    if (!knownUrl) {
      say('bootstrapping (cdk bootstrap) ...');
      await bootstrap(target);
    }
    say('deploying (cdk deploy) ...');
    const made = { port: emulator.port, sourceHash: hash, ...(await deploy(target)) };
    const apiUrl = await firstAnswering(localApiUrls(emulator.endpoint, made.outputs.ApiUrl ?? ''));
    if (!apiUrl)
      throw new DeployError(`${made.stackName} is deployed and does not answer; see ${emulator.logFile}`);
    writeFileSync(deployedFile(dir), JSON.stringify(made, null, 2));
    const local = await save(dir, emulator, made, apiUrl);
    checkpoint(stateDirOf(dir));
    say(`deployed ${made.stackName}: ${apiUrl}`);
    return { local, emulator, deployed: true };
  } catch (error) {
    if (!emulator.reused) await stopEmulator(stateDirOf(dir), say);
    throw error;
  }
}

/**
 * Ends the emulator and every process that it started; its state is kept for the next start.
 * @param clean - forget the state too: runs, models, data.
 */
export async function down(options: { dir?: string; clean?: boolean; say: Progress }): Promise<void> {
  const dir = options.dir ?? localDir();
  await stopEmulator(stateDirOf(dir), options.say);
  removeLocalFile(dir);
  if (!options.clean) return;
  rmSync(join(stateDirOf(dir), 'ministack', 'persist'), { recursive: true, force: true });
  rmSync(deployedFile(dir), { force: true });
}

/** Saves the emulator's state now, without stopping it. */
export const saveState = (dir = localDir()): void => checkpoint(stateDirOf(dir));

async function save(dir: string, emulator: Emulator, made: Deployed, apiUrl: string): Promise<LocalFile> {
  const { endpoint } = emulator;
  const { stackName, outputs } = made;
  const adminToken = await readAdminToken(endpoint, outputs.AdminTokenSecretArn ?? '');
  const local = { endpoint, apiUrl, adminToken, region: REGION, stackName, outputs };
  writeLocalFile(local, dir);
  return local;
}

function readDeployed(dir: string): Deployed | undefined {
  try {
    return deployedSchema.parse(JSON.parse(readFileSync(deployedFile(dir), 'utf8')));
  } catch {
    return undefined;
  }
}
