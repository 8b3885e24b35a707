import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[/\\]$/, '');

/** The folder of the local stack: `ARBOLEDA_LOCAL_DIR`, else `.arboleda` in the repository. */
export function localDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.ARBOLEDA_LOCAL_DIR || join(ROOT, '.arboleda');
}

/** Node 24 of node_modules, which runs CDK and the Lambdas; this very process's binary where that one is missing. */
export function nodeBinary(): string {
  const own = join(ROOT, 'node_modules', 'node', 'bin', 'node');
  return existsSync(own) ? own : process.execPath;
}

/** SHA-256 in hex. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
