import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, type BuildResult, build, version } from 'esbuild';
import { BundleCache, type Compiled } from './cache.ts';
import { plugins, pluginsKey } from './plugins.ts';

/**
 * What CommonJS dependencies expect to find and an ES module lacks. The alias cannot clash with a bundled module's own
 * import of createRequire.
 */
const banner = [
  "import{createRequire as __arboledaCreateRequire}from'node:module';",
  'const require=__arboledaCreateRequire(import.meta.url),',
  '__filename=import.meta.filename,__dirname=import.meta.dirname;',
].join('');

/**
 * One set of options for every function. Nothing in it knows the machine: paths in the source map are relative to the
 * root (those of outputs too: `write: false`, so the folder is never made), and there is no time stamp. The same sources
 * and lock file give the same bytes in any folder.
 */
const options = {
  outdir: 'bundle',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  minify: true,
  sourcemap: 'external',
  // A stack trace needs lines and names; the text of the sources would triple what a cold start reads.
  sourcesContent: false,
  legalComments: 'none',
  // With one letter that is no ASCII the whole text would be held, and compiled, at two bytes a letter.
  charset: 'ascii',
  banner: { js: banner },
  logLevel: 'silent',
  tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
} satisfies BuildOptions;

/**
 * The catalogue of pipelines keeps its identifiers: the text of a generator or of a pipeline's own metrics is part of its
 * content keys, and shortened names depend on every other pipeline in the bundle.
 */
const textOptions = {
  ...options,
  minify: false,
  keepNames: true,
  charset: 'utf8',
  minifyWhitespace: true,
  minifySyntax: true,
  outdir: undefined,
  outExtension: undefined,
} satisfies BuildOptions;

type Result = BuildResult<{ write: false; metafile: true }>;

/** Bundles below one root, with those of earlier runs where nothing changed. */
export class Compiler {
  readonly #root: string;
  readonly #cache: Promise<BundleCache>;

  /** @param root absolute folder that entries are relative to, with the package-lock.json */
  constructor(root: string) {
    this.#root = root;
    // package.json too: its `sideEffects` decides what is left out.
    const files = ['package-lock.json', 'package.json'].map((name) => readFile(join(root, name)));
    this.#cache = Promise.all(files).then((contents) => {
      const hash = createHash('sha256')
        .update(version)
        .update(JSON.stringify([options, textOptions]))
        // What is left out is part of what is made.
        .update(pluginsKey);
      for (const content of contents) hash.update(content);
      return new BundleCache(root, hash.digest('hex'));
    });
  }

  /**
   * Bundles each entry by itself into one ES module. Entries are parsed together, so that shared files are read once,
   * and linked apart, so that the bytes of one do not depend on which others are asked for.
   *
   * @param entries output name to source path, `{ plan: 'lambdas/plan/handler.ts' }`
   * @throws esbuild's BuildFailure, with file and line of what does not resolve or parse
   */
  async entries(entries: Record<string, string>): Promise<Map<string, Compiled>> {
    const cache = await this.#cache;
    const names = Object.keys(entries);
    const found = await Promise.all(names.map((name) => cache.get(entries[name] ?? name)));
    const missing = Object.fromEntries(Object.entries(entries).filter((_, i) => found[i] === undefined));
    const made = new Map<string, Compiled>();
    if (Object.keys(missing).length > 0) {
      const result: Result = await build({
        ...options,
        plugins: [...plugins],
        absWorkingDir: this.#root,
        entryPoints: missing,
      });
      for (const [name, path] of Object.entries(missing)) {
        made.set(name, pick(result, name, path));
        await cache.put(path, made.get(name) as Compiled);
      }
    }
    return new Map(names.map((name, i) => [name, found[i] ?? (made.get(name) as Compiled)]));
  }

  /** Bundles a generated source text as if it lay in the root under the name `<name>.ts`. */
  async text(name: string, text: string): Promise<Compiled> {
    const cache = await this.#cache;
    const key = `${name}.ts:${text}`;
    const found = await cache.get(key);
    if (found !== undefined) return found;
    const result: Result = await build({
      ...textOptions,
      absWorkingDir: this.#root,
      outfile: `bundle/${name}.mjs`,
      stdin: { contents: text, resolveDir: this.#root, sourcefile: `${name}.ts`, loader: 'ts' },
    });
    const made = pick(result, name, `${name}.ts`);
    await cache.put(key, { ...made, inputs: made.inputs.filter((path) => path !== `${name}.ts`) });
    return made;
  }
}

function pick({ outputFiles, metafile }: Result, name: string, entry: string): Compiled {
  const find = (ending: string) =>
    outputFiles.find((file) => file.path.replaceAll('\\', '/').endsWith(`/bundle/${name}${ending}`));
  const [code, map] = [find('.mjs'), find('.mjs.map')];
  if (code === undefined || map === undefined) throw new Error(`esbuild made no output named ${name}`);
  return { code: code.contents, map: map.contents, inputs: reachable(metafile.inputs, entry) };
}

/** The files that an entry imports, and theirs. */
function reachable(graph: Result['metafile']['inputs'], entry: string): string[] {
  const seen = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const node = graph[path];
    if (seen.has(path) || node === undefined) continue;
    seen.add(path);
    waiting.push(...node.imports.filter((item) => !item.external).map((item) => item.path));
  }
  return [...seen].sort();
}

/**
 * A script or style sheet of the web page, with all that it imports, as one text: it stands inside the page itself, so
 * that the page is one request and no file of another deployment can come to it.
 *
 * @throws esbuild's BuildFailure
 */
export async function compileForPage(root: string, path: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: 'browser',
    target: ['es2022', 'chrome110', 'firefox115', 'safari16'],
    format: 'esm',
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfigRaw: { compilerOptions: { target: 'es2022', verbatimModuleSyntax: true } },
  });
  return (outputFiles[0] as { contents: Uint8Array }).contents;
}
