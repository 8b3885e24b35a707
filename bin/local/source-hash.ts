import { createHash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What the template and its assets are made of. */
export const DEPLOY_INPUTS = [
  'bin/app.ts',
  'lib',
  'lambdas',
  'data',
  'console',
  'cdk.json',
  'package-lock.json',
] as const;

/**
 * SHA-256 over the names and bytes of everything that a deployment is made of, and the context given to it.
 * Synthesis is deterministic, so an equal hash means an equal template with equal assets: without synthesizing.
 */
export function sourceHash(
  root: string,
  context: Record<string, string> = {},
  inputs: readonly string[] = DEPLOY_INPUTS,
): string {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(context).sort()));
  for (const input of inputs) {
    for (const file of files(join(root, input))) {
      const bytes = readFileSync(file);
      hash.update(`${relative(root, file)}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex');
}

function files(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry: Dirent) => entry.name !== 'node_modules' && !/^\.|\.md$/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => files(join(path, entry.name)));
}
