import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BundleRequest,
  bundleFunctions,
  catalogueText,
  removeAbandoned,
} from '../../lib/infra/bundle/index.ts';
import { root } from './support.ts';

const run = promisify(execFile);
const sources: Record<string, string> = {
  'package.json': '{ "type": "module" }',
  'package-lock.json': '{ "lockfileVersion": 3 }',
  'lib/shared.ts': 'export class TransientError extends Error { override name = this.constructor.name; }\n',
  'lib/old.cjs':
    "const { join } = require('node:path');\nmodule.exports = { where: () => join(__dirname, 'x'), file: __filename };\n",
  'lambdas/alpha/handler.ts': [
    "import { TransientError } from '../../lib/shared.ts';",
    "import old from '../../lib/old.cjs';",
    'type Event = { fail?: boolean };',
    'export const handler = async (event: Event) => {',
    "  if (event.fail) throw new TransientError('as told');",
    "  const { pipelines } = await import(new URL('./pipelines.mjs', import.meta.url).href);",
    '  return { where: old.where(), pipelines };',
    '};',
  ].join('\n'),
  'lambdas/beta/handler.ts': [
    "import { TransientError } from '../../lib/shared.ts';",
    'export const handler = async () => new TransientError("beta").name;',
  ].join('\n'),
  'data/one/pipeline.ts': "export default { name: 'one', rows: 1 };\n",
  'data/two/pipeline.ts': "export default { name: 'two' };\n",
  'static/page.css': 'body {}\n',
};

const made: string[] = [];

/** A small project of its own in a folder of that name. */
async function project(name: string, change: Record<string, string> = {}): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'arboleda-test-')), name);
  made.push(folder);
  for (const [path, text] of Object.entries({ ...sources, ...change })) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const request = (folder: string, change: Partial<BundleRequest> = {}): BundleRequest => ({
  root: folder,
  entries: { alpha: 'lambdas/alpha/handler.ts', beta: 'lambdas/beta/handler.ts' },
  pipelines: ['data/two/pipeline.ts', 'data/one/pipeline.ts'],
  assets: { beta: [{ from: './static/page.css', to: 'site/page.css' }] },
  ...change,
});

const bundled = async (folder: string, change?: Partial<BundleRequest>) =>
  bundleFunctions(request(folder, change));

/** Runs a bundle alone, away from every node_modules, and prints what the expression gives. */
async function execute(directory: string, expression: string): Promise<string> {
  const away = await mkdtemp(join(tmpdir(), 'arboleda-test-'));
  made.push(away);
  await cp(directory, away, { recursive: true });
  const code = `const { handler } = await import(${JSON.stringify(`file://${away}/index.mjs`)}); console.log(JSON.stringify(${expression}))`;
  const { stdout } = await run(
    process.execPath,
    ['--enable-source-maps', '--input-type=module', '-e', code],
    {
      cwd: away,
      env: {},
    },
  );
  return stdout.trim();
}

let folder: string;
beforeAll(async () => {
  folder = await project('here');
});
afterAll(async () => {
  for (const each of made) await rm(each, { recursive: true, force: true });
});

describe('the folder of a function', () => {
  it('holds the module and its map, and the catalogue only where the code reads it', async () => {
    const { alpha, beta } = await bundled(folder);
    expect((await readdir(alpha?.directory ?? '')).sort()).toEqual([
      'index.mjs',
      'index.mjs.map',
      'pipelines.mjs',
      'pipelines.mjs.map',
    ]);
    expect((await readdir(beta?.directory ?? '')).sort()).toEqual(['assets', 'index.mjs', 'index.mjs.map']);
    expect([alpha?.hasPipelines, beta?.hasPipelines]).toEqual([true, false]);
  });

  it('has static files under assets/, as they are', async () => {
    const { beta } = await bundled(folder);
    expect(await readFile(join(beta?.directory ?? '', 'assets/site/page.css'), 'utf8')).toBe('body {}\n');
  });

  it('fails where a static file is missing', async () => {
    const assets = { beta: [{ from: './static/none.css', to: 'none.css' }] };
    await expect(bundled(folder, { assets })).rejects.toThrow(/none\.css/);
  });

  it('tells the hash of index.mjs', async () => {
    const { alpha } = await bundled(folder);
    const bytes = await readFile(join(alpha?.directory ?? '', 'index.mjs'));
    expect(alpha?.codeVersion).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(alpha?.bytes).toBe(bytes.byteLength);
  });
});

describe('a bundle', () => {
  it('runs alone, CommonJS inside it too, with the pipelines in the order of their paths', async () => {
    const { alpha } = await bundled(folder);
    const answer = JSON.parse(await execute(alpha?.directory ?? '', 'await handler({})'));
    expect(answer.pipelines).toEqual([{ name: 'one', rows: 1 }, { name: 'two' }]);
    expect(answer.where).toMatch(/arboleda-test-\w+\/x$/);
  });

  it('keeps the names of errors, which Step Functions matches', async () => {
    const { alpha, beta } = await bundled(folder);
    expect(await execute(beta?.directory ?? '', 'await handler()')).toBe('"TransientError"');
    const thrown = 'await handler({ fail: true }).catch((e) => [e.name, e.constructor.name])';
    expect(await execute(alpha?.directory ?? '', thrown)).toBe('["TransientError","TransientError"]');
  });

  it('is minified, and its stack traces name the sources', async () => {
    const { alpha } = await bundled(folder);
    const text = await readFile(join(alpha?.directory ?? '', 'index.mjs'), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThan(8);
    expect(text).toContain('//# sourceMappingURL=index.mjs.map');
    const stack = await execute(
      alpha?.directory ?? '',
      'await handler({ fail: true }).catch((e) => e.stack)',
    );
    expect(stack).toContain('lambdas/alpha/handler.ts:5');
  });

  it('has a map with relative paths, without the text of the sources', async () => {
    const { alpha } = await bundled(folder);
    const map = JSON.parse(await readFile(join(alpha?.directory ?? '', 'index.mjs.map'), 'utf8'));
    expect(map.sources).toContain('../lambdas/alpha/handler.ts');
    expect(map).not.toHaveProperty('sourcesContent');
    expect(JSON.stringify(map)).not.toContain(tmpdir());
  });

  it('fails with file and line where the code does not resolve', async () => {
    const broken = await project('broken', { 'lambdas/beta/handler.ts': "import './nowhere.ts';\n" });
    await expect(bundled(broken)).rejects.toThrow(/lambdas\/beta\/handler\.ts:1:7.*nowhere/s);
  });
});

describe('the same bytes', () => {
  const versions = async (path: string, change?: Partial<BundleRequest>) =>
    Object.fromEntries(
      Object.values(await bundled(path, change)).map((bundle) => [bundle.name, bundle.codeVersion]),
    );

  it('in any folder, of any name', async () => {
    const other = await project('quite another folder/deep/below');
    expect(await versions(other)).toEqual(await versions(folder));
    const [here, there] = await Promise.all([bundled(folder), bundled(other)]);
    for (const file of ['index.mjs', 'index.mjs.map', 'pipelines.mjs', 'pipelines.mjs.map']) {
      const [a, b] = await Promise.all(
        [here, there].map((bundles) => readFile(join(bundles.alpha?.directory ?? '', file))),
      );
      expect(a?.equals(b as Buffer), file).toBe(true);
    }
  });

  it('whichever functions are bundled beside it', async () => {
    const alone = await project('alone');
    const { beta } = await versions(alone, { entries: { beta: 'lambdas/beta/handler.ts' }, assets: {} });
    expect(beta).toBe((await versions(folder)).beta);
  });

  it('whether from the cache or not', async () => {
    const fresh = await project('fresh');
    const first = await versions(fresh);
    expect(await readdir(join(fresh, 'node_modules/.cache/arboleda-bundles'))).toHaveLength(9);
    expect(await versions(fresh)).toEqual(first);
  });
});

describe('what changes a code version', () => {
  const afterEdit = async (change: Record<string, string>) => {
    const edited = await project('edited');
    const before = await bundled(edited);
    for (const [path, text] of Object.entries(change)) await writeFile(join(edited, path), text);
    const now = await bundled(edited);
    const changed = Object.keys(before).filter(
      (name) => before[name]?.codeVersion !== now[name]?.codeVersion,
    );
    return { changed, now };
  };

  it("a function's own source changes that function only", async () => {
    const { changed } = await afterEdit({
      'lambdas/beta/handler.ts': 'export const handler = async () => "new";\n',
    });
    expect(changed).toEqual(['beta']);
  });

  it('a shared source changes all that import it', async () => {
    const text =
      'export class TransientError extends Error { override name = "TransientError"; code = 1; }\n';
    expect((await afterEdit({ 'lib/shared.ts': text })).changed).toEqual(['alpha', 'beta']);
  });

  it('a comment changes none', async () => {
    const text = `/** A remark of some length, with many letters. */\n${sources['lib/shared.ts']}`;
    expect((await afterEdit({ 'lib/shared.ts': text })).changed).toEqual([]);
  });

  it('a pipeline changes none, and is deployed all the same', async () => {
    const { changed, now } = await afterEdit({
      'data/one/pipeline.ts': "export default { name: 'one', rows: 2 };\n",
    });
    expect(changed).toEqual([]);
    const answer = JSON.parse(await execute(now.alpha?.directory ?? '', 'await handler({})'));
    expect(answer.pipelines[0]).toEqual({ name: 'one', rows: 2 });
  });

  it('another lock file makes all anew', async () => {
    const { changed } = await afterEdit({ 'package-lock.json': '{ "lockfileVersion": 4 }' });
    expect(changed).toEqual([]);
  });
});

describe('the cache', () => {
  it('is not believed where an entry is damaged', async () => {
    const damaged = await project('damaged');
    const before = await bundled(damaged);
    const cache = join(damaged, 'node_modules/.cache/arboleda-bundles');
    for (const file of await readdir(cache)) await writeFile(join(cache, file), 'damaged');
    const now = await bundled(damaged);
    expect(now.alpha?.codeVersion).toBe(before.alpha?.codeVersion);
    expect(await execute(now.beta?.directory ?? '', 'await handler()')).toBe('"TransientError"');
  });

  it('follows a file that goes away', async () => {
    const shrinking = await project('shrinking');
    await bundled(shrinking);
    await rm(join(shrinking, 'lib/shared.ts'));
    await expect(bundled(shrinking)).rejects.toThrow(/shared\.ts/);
  });
});

describe('catalogueText', () => {
  it('imports each definition once, ordered by path', () => {
    expect(catalogueText(['data/b/pipeline.ts', 'data/a/pipeline.ts'])).toBe(
      'import p0 from "./data/a/pipeline.ts";\nimport p1 from "./data/b/pipeline.ts";\nexport const pipelines = [p0, p1];\n',
    );
  });

  it('is an empty list without pipelines', () => {
    expect(catalogueText([])).toBe('\nexport const pipelines = [];\n');
  });
});

describe('removeAbandoned', () => {
  it('takes the folders of killed processes, and nothing else', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'arboleda-test-'));
    made.push(parent);
    for (const name of ['arboleda-bundle-old', 'another-old'])
      await mkdir(join(parent, name, 'alpha'), { recursive: true });
    await removeAbandoned(parent, Date.now() + 3_500_000);
    expect((await readdir(parent)).sort()).toEqual(['another-old', 'arboleda-bundle-old']);
    await removeAbandoned(parent, Date.now() + 3_700_000);
    expect(await readdir(parent)).toEqual(['another-old']);
  });
});

describe('a linked node_modules', () => {
  it('gives the same code', async () => {
    const entry = {
      'lambdas/beta/handler.ts':
        "import { z } from 'zod';\nexport const handler = async () => z.string().parse('a');\n",
    };
    const linked = await project('linked', entry);
    await symlink(join(root, 'node_modules'), join(linked, 'node_modules'));
    const lambdas = { entries: { beta: 'lambdas/beta/handler.ts' }, assets: {} };
    const { beta } = await bundled(linked, lambdas);
    expect(await execute(beta?.directory ?? '', 'await handler()')).toBe('"a"');
    const copied = await project('copied', entry);
    await cp(join(root, 'node_modules/zod'), join(copied, 'node_modules/zod'), { recursive: true });
    expect((await bundled(copied, lambdas)).beta?.codeVersion).toBe(beta?.codeVersion);
  });
});
