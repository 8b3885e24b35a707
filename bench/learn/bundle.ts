import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compiler } from '../../lib/infra/bundle/compile.ts';

/** Contenders that run in Node. */
export type NodeContender = 'ours' | 'ml-random-forest';
/** The file to start of each. */
export type Bundles = Record<NodeContender, string>;

/**
 * Bundles the contenders as the functions are bundled for Lambda. From TypeScript, Node would strip types with a
 * WebAssembly compiler of its own, whose code it is still optimising while the fit is timed.
 *
 * @param root the project's folder
 * @param folder where the bundles go
 */
export async function bundleContenders(root: string, folder: string): Promise<Bundles> {
  const entry = (name: NodeContender): string => `bench/learn/contenders/${name}.ts`;
  const made = await new Compiler(root).entries({
    ours: entry('ours'),
    'ml-random-forest': entry('ml-random-forest'),
  });
  mkdirSync(folder, { recursive: true });
  const written = [...made].map(([name, { code }]) => {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, code);
    return [name, file];
  });
  return Object.fromEntries(written) as Bundles;
}
