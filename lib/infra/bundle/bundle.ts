import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Compiled } from './cache.ts';
import { Compiler, compileForPage } from './compile.ts';
import { resolveStaticFile, type StaticFile } from './static-files.ts';

export interface BundleRequest {
  /** Absolute folder that all paths are relative to. */
  root: string;
  /** Function name to the source of its handler: `{ plan: 'lambdas/plan/handler.ts' }`. */
  entries: Record<string, string>;
  /** Sources whose default exports are pipeline definitions: `['data/housing/pipeline.ts']`. */
  pipelines: readonly string[];
  /** Function name to what lies in its `assets/`. */
  assets?: Readonly<Record<string, readonly StaticFile[]>>;
}

/** A function's code, laid out in a folder as Lambda unpacks it. */
export interface FunctionBundle {
  name: string;
  /** Absolute; holds index.mjs, index.mjs.map and, where used, pipelines.mjs and assets/. Gone when the process ends. */
  directory: string;
  /** SHA-256 of index.mjs, hex: the version of this function's code. A pipeline's definition is not part of it. */
  codeVersion: string;
  /** Size of index.mjs. */
  bytes: number;
  /** Whether the code reads the catalogue of pipelines. */
  hasPipelines: boolean;
}

/**
 * Bundles every function. The catalogue of pipelines is a module of its own, laid beside each function whose code names
 * `pipelines.mjs`: so editing a pipeline changes no function's code version, and a function without it stays lean.
 *
 * @throws esbuild's BuildFailure; Error where a static file is missing
 */
export async function bundleFunctions(request: BundleRequest): Promise<Record<string, FunctionBundle>> {
  const compiler = new Compiler(request.root);
  const [functions, catalogue] = await Promise.all([
    compiler.entries(request.entries),
    compiler.text('pipelines', catalogueText(request.pipelines)),
  ]);
  const base = await temporaryFolder();
  const bundles = [...functions].map(([name, compiled]) =>
    layOut({ base, name, compiled, catalogue, root: request.root, files: request.assets?.[name] ?? [] }),
  );
  return Object.fromEntries((await Promise.all(bundles)).map((bundle) => [bundle.name, bundle]));
}

/** The source of pipelines.mjs: every definition, ordered by its path. */
export function catalogueText(pipelines: readonly string[]): string {
  const paths = [...pipelines].sort();
  const imports = paths.map(
    (path, i) => `import p${i} from ${JSON.stringify(`./${path.replaceAll('\\', '/')}`)};`,
  );
  return `${imports.join('\n')}\nexport const pipelines = [${paths.map((_, i) => `p${i}`).join(', ')}];\n`;
}

interface Layout {
  base: string;
  name: string;
  root: string;
  compiled: Compiled;
  catalogue: Compiled;
  files: readonly StaticFile[];
}

async function layOut({ base, name, root, compiled, catalogue, files }: Layout): Promise<FunctionBundle> {
  const directory = join(base, name);
  await mkdir(directory);
  const code = await writeModule(directory, 'index.mjs', compiled);
  const hasPipelines = code.includes('pipelines.mjs');
  if (hasPipelines) await writeModule(directory, 'pipelines.mjs', catalogue);
  for (const file of files) {
    const target = join(directory, 'assets', file.to);
    await mkdir(dirname(target), { recursive: true });
    if (file.compile) await writeFile(target, await compileForPage(root, file.from));
    else await copyFile(resolveStaticFile(root, file), target);
  }
  const codeVersion = createHash('sha256').update(code).digest('hex');
  return { name, directory, codeVersion, bytes: code.byteLength, hasPipelines };
}

/** The module and its map, with the comment by which Node.js finds one from the other. */
async function writeModule(directory: string, name: string, { code, map }: Compiled): Promise<Buffer> {
  const linked = Buffer.concat([code, Buffer.from(`//# sourceMappingURL=${name}.map\n`)]);
  await writeFile(join(directory, name), linked);
  await writeFile(join(directory, `${name}.map`), map);
  return linked;
}

/** A folder for this process only: the CDK copies what it deploys into cdk.out at synthesis. */
async function temporaryFolder(): Promise<string> {
  if (folders.size === 0) {
    process.once('exit', removeFolders);
    await removeAbandoned(tmpdir());
  }
  const folder = await mkdtemp(join(tmpdir(), FOLDER));
  folders.add(folder);
  return folder;
}

const FOLDER = 'arboleda-bundle-';
const folders = new Set<string>();
const ABANDONED_AFTER_MS = 3600_000;

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Removes the folders of processes that were killed before they could: no synthesis takes an hour. */
export async function removeAbandoned(parent: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(FOLDER)) continue;
    const path = join(parent, name);
    const made = await stat(path).then(
      (info) => info.mtimeMs,
      () => now,
    );
    if (now - made > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
