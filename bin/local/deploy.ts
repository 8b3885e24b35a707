import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as z from 'zod';
import { runChild } from './child.ts';
import { DeployError } from './errors.ts';
import { nodeBinary, ROOT } from './paths.ts';

export const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

export interface DeployTarget {
  endpoint: string;
  /** Log, outputs and synthesized files go there. */
  workDir: string;
  /** `-c key=value` for the app. */
  context?: Record<string, string>;
  signal?: AbortSignal;
}

/** The environment of a program that talks to an emulator: the caller's, without any AWS setting of theirs. */
export function emulatorEnv(endpoint: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('AWS_') && name !== 'NODE_OPTIONS');
  return {
    ...Object.fromEntries(kept),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: ['127.0.0.1,localhost', env.NO_PROXY].filter(Boolean).join(','),
  };
}

/** Plain `cdk bootstrap`. @throws DeployError with the end of the log. */
export async function bootstrap(target: DeployTarget): Promise<void> {
  await cdk(target, 'bootstrap', [`aws://${ACCOUNT}/${REGION}`]);
}

/** Plain `cdk deploy` of the unchanged app. @returns the stack's name and outputs. @throws DeployError */
export async function deploy(
  target: DeployTarget,
): Promise<{ stackName: string; outputs: Record<string, string> }> {
  const outputsFile = join(target.workDir, 'outputs.json');
  rmSync(outputsFile, { force: true });
  await cdk(target, 'deploy', ['--all', '--require-approval', 'never', '--outputs-file', outputsFile]);
  return readOutputs(outputsFile);
}

const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));

/**
 * What `cdk deploy --outputs-file` wrote.
 * @param stack - which stack of it; the one that has an ApiUrl where not given.
 * @throws DeployError where the file or the stack is not there.
 */
export function readOutputs(
  path: string,
  stack?: string,
): { stackName: string; outputs: Record<string, string> } {
  let stacks: Record<string, Record<string, string>>;
  try {
    stacks = outputsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new DeployError(`${path} is not there or is no outputs file of cdk deploy`, { cause });
  }
  const found = Object.entries(stacks).find(([name, values]) =>
    stack ? name === stack : 'ApiUrl' in values,
  );
  if (!found) throw new DeployError(`${path} has no outputs of ${stack ?? 'a stack with an ApiUrl'}`);
  return { stackName: found[0], outputs: found[1] };
}

async function cdk(target: DeployTarget, command: string, args: string[]): Promise<void> {
  mkdirSync(target.workDir, { recursive: true, mode: 0o700 });
  const logFile = join(target.workDir, `${command}.log`);
  writeFileSync(logFile, '', { mode: 0o600 });
  // An emulator's machine is where the sources of a demonstration are, and where nothing but the developer's own answers.
  const context = Object.entries({ collectPrivate: 'on', ...target.context }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
  const env = emulatorEnv(target.endpoint);
  env.PATH = [join(ROOT, 'node_modules', '.bin'), env.PATH].filter(Boolean).join(delimiter);
  const code = await runChild(
    nodeBinary(),
    [
      join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
      command,
      ...args,
      ...['--output', join(target.workDir, 'cdk.out'), '--ci', '--no-notices'],
      ...context,
    ],
    // Bootstrapping needs no app: beside no cdk.json, none is synthesized for it.
    { cwd: command === 'bootstrap' ? target.workDir : ROOT, env, logFile, signal: target.signal },
  );
  if (code === 0) return;
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
  throw new DeployError(`cdk ${command} ended with ${code}; the end of ${logFile}:\n${tail}`, {
    details: { log: logFile },
  });
}
