import { join } from 'node:path';
import { readSecret } from '../local/admin-token.ts';
import { readOutputs } from '../local/deploy.ts';
import { NoStackError } from '../local/errors.ts';
import { readLocalFile } from '../local/local-file.ts';
import { localDir } from '../local/paths.ts';

/** Where the API is and how to be let in. */
export interface Target {
  apiUrl: string;
  token: string;
  /** For messages: `local`, `environment` or the stack's name. */
  name: string;
}

/**
 * Which stack a command talks to: `--stack NAME` (its outputs as `cdk deploy --outputs-file .arboleda/outputs.json` left
 * them, the admin token from Secrets Manager unless ARBOLEDA_TOKEN is set), else ARBOLEDA_API_URL with ARBOLEDA_TOKEN,
 * else the local one.
 * @throws NoStackError
 */
export async function findTarget(
  stack?: string,
  env: NodeJS.ProcessEnv = process.env,
  dir: string = localDir(env),
): Promise<Target> {
  const token = env.ARBOLEDA_TOKEN;
  if (stack) return stackTarget(stack, token, dir);
  if (env.ARBOLEDA_API_URL) {
    if (!token) {
      throw new NoStackError('ARBOLEDA_API_URL is set and ARBOLEDA_TOKEN is not', {
        remedy: 'Set ARBOLEDA_TOKEN to a token of that stack, or unset ARBOLEDA_API_URL for the local one.',
      });
    }
    return { apiUrl: trimmed(env.ARBOLEDA_API_URL), token, name: 'environment' };
  }
  const local = readLocalFile(dir);
  if (local) return { apiUrl: trimmed(local.apiUrl), token: token || local.adminToken, name: 'local' };
  throw new NoStackError(`no stack is up: ${join(dir, 'local.json')} is not there`);
}

async function stackTarget(stack: string, token: string | undefined, dir: string): Promise<Target> {
  const file = join(dir, 'outputs.json');
  let outputs: Record<string, string>;
  try {
    ({ outputs } = readOutputs(file, stack));
  } catch (cause) {
    throw new NoStackError(`${file} has no stack ${stack}`, {
      cause,
      remedy: `Deploy it with \`npx cdk deploy ${stack} --outputs-file ${file}\`, or set ARBOLEDA_API_URL and ARBOLEDA_TOKEN.`,
    });
  }
  const secret = token || (await readSecret(outputs.AdminTokenSecretArn ?? ''));
  if (!outputs.ApiUrl || !secret) {
    throw new NoStackError(`the admin token of ${stack} cannot be read`, {
      remedy: 'Set ARBOLEDA_TOKEN, or AWS credentials that may read the stack’s secret.',
    });
  }
  return { apiUrl: trimmed(outputs.ApiUrl), token: secret, name: stack };
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');
