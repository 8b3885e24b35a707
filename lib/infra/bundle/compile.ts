import { type BuildOptions, build, type OutputFile } from 'esbuild';

/** Node.js code as one file and its source map. */
export interface Compiled {
  code: Uint8Array;
  map: Uint8Array;
}

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
 * One set of options for every function. Nothing in it knows the machine: paths in the source map are relative to
 * `root` (names of outputs too: `write: false`, so the folder is never made), and there is no time stamp. The same
 * sources and lock file give the same bytes in any folder.
 */
function options(root: string): BuildOptions & { write: false } {
  return {
    absWorkingDir: root,
    outdir: 'bundle',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    minify: true,
    // Error names are matched by Step Functions, and class names are read in logs.
    keepNames: true,
    sourcemap: 'linked',
    // A stack trace needs lines and names; the text of the sources would triple what a cold start reads.
    sourcesContent: false,
    legalComments: 'none',
    charset: 'utf8',
    banner: { js: banner },
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
  };
}

/**
 * Bundles each entry by itself into one ES module; entries are parsed together, so that shared files are read once,
 * and linked apart, so that the bytes of one do not depend on which others are asked for.
 *
 * @param root absolute folder that entries are relative to
 * @param entries output name to source path, `{ plan: 'lambdas/plan/handler.ts' }`
 * @throws esbuild's BuildFailure, with file and line of what does not resolve or parse
 */
export async function compileEntries(
  root: string,
  entries: Record<string, string>,
): Promise<Map<string, Compiled>> {
  const { outputFiles } = await build({ ...options(root), entryPoints: entries });
  return new Map(Object.keys(entries).map((name) => [name, pick(outputFiles, name)]));
}

/** Bundles a generated source text as if it lay in `root` under the name `name.ts`. */
export async function compileText(root: string, name: string, text: string): Promise<Compiled> {
  const { outputFiles } = await build({
    ...options(root),
    outdir: undefined,
    outfile: `bundle/${name}.mjs`,
    stdin: { contents: text, resolveDir: root, sourcefile: `${name}.ts`, loader: 'ts' },
  });
  return pick(outputFiles, name);
}

function pick(files: OutputFile[], name: string): Compiled {
  const find = (ending: string) =>
    files.find((file) => file.path.replaceAll('\\', '/').endsWith(`bundle/${name}${ending}`));
  const [code, map] = [find('.mjs'), find('.mjs.map')];
  if (code === undefined || map === undefined) throw new Error(`esbuild made no output named ${name}`);
  return { code: relink(code.contents, name), map: map.contents };
}

/** Each function's module is laid down as `index.mjs`: its source map's name must not tell the function's. */
function relink(code: Uint8Array, name: string): Uint8Array {
  if (name === 'pipelines') return code;
  const text = Buffer.from(code).toString('utf8');
  return Buffer.from(
    text.replace(`//# sourceMappingURL=${name}.mjs.map`, '//# sourceMappingURL=index.mjs.map'),
  );
}
