import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * `npm run bundle:server [-- DIR]`: `arboleda serve` as one file without dependencies, and the files of /docs beside it.
 * What the container holds; `node DIR/arboleda.mjs serve --model MODEL` runs it anywhere with Node.js 24.
 */
const root = resolve(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist/server'));

/** What CommonJS dependencies expect to find and an ES module lacks. */
const banner = [
  "import{createRequire as __arboledaCreateRequire}from'node:module';",
  'const require=__arboledaCreateRequire(import.meta.url),',
  '__filename=import.meta.filename,__dirname=import.meta.dirname;',
].join('');

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { arboleda: 'bin/server.ts' },
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: true,
  legalComments: 'linked',
  charset: 'utf8',
  banner: { js: banner },
  logLevel: 'warning',
  tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
});
const require = createRequire(join(root, 'package.json'));
for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
  const to = join(out, 'assets/swagger-ui', file);
  await mkdir(dirname(to), { recursive: true });
  await cp(require.resolve(`swagger-ui-dist/${file}`), to);
}
