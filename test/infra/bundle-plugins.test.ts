import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  plainSchemaKeys,
  plugins,
  replaced,
  withNamedErrors,
  withPlainKeys,
} from '../../lib/infra/bundle/plugins.ts';
import { root } from './support.ts';

let folder: string;
let made = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arboleda-plugins-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs what esbuild makes of a text with these plugins: what a function would hold. */
async function bundled<T>(contents: string, given: readonly Plugin[] = plugins, minify = false): Promise<T> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    minify,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    plugins: [...given],
    logLevel: 'silent',
  });
  made += 1;
  const file = join(folder, `${made}.mjs`);
  await writeFile(file, outputFiles[0]!.contents);
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as T;
}

interface Chain {
  defaultProvider(): () => Promise<{ accessKeyId: string; sessionToken?: string }>;
}
const chain = () => bundled<Chain>(`export { defaultProvider } from '@aws-sdk/credential-provider-node';`);

describe('the credentials of a function', () => {
  afterEach(() => vi.unstubAllEnvs());
  const clear = () => {
    for (const name of ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN', 'PROFILE'])
      vi.stubEnv(`AWS_${name}`, undefined);
  };

  it('are those of its environment', async () => {
    clear();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key of the environment');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');
    const { defaultProvider } = await chain();
    expect(await defaultProvider()()).toMatchObject({
      accessKeyId: 'key of the environment',
      sessionToken: 'session',
    });
  });

  it('else those behind the URL that the environment names', async () => {
    clear();
    const seen: (string | undefined)[] = [];
    const server = createServer(({ headers }, answer) => {
      seen.push(headers.authorization);
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      answer.end(
        JSON.stringify({ AccessKeyId: 'key of the URL', SecretAccessKey: 's', Token: 't', Expiration }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/credentials`);
      vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'of the function');
      const provider = (await chain()).defaultProvider();
      expect((await provider()).accessKeyId).toBe('key of the URL');
      // Kept while they are good for long enough.
      expect((await provider()).accessKeyId).toBe('key of the URL');
      expect(seen).toEqual(['of the function']);
    } finally {
      server.close();
    }
  });

  it('else none, which says what to set', async () => {
    clear();
    const { defaultProvider } = await chain();
    await expect(defaultProvider()()).rejects.toThrow('AWS_CONTAINER_CREDENTIALS_FULL_URI');
  });
});

describe('what is left out', () => {
  it('says so where it is called after all', async () => {
    const { pino } = await bundled<{ pino: typeof import('pino').pino }>(`export { pino } from 'pino';`);
    expect(() => pino.transport({ target: 'pino/file' })).toThrow('pino.transport is left out');
    expect(() => pino.destination('/tmp/x')).toThrow('SonicBoom is left out');
  });

  it('leaves the log as it is', async () => {
    const { pino } = await bundled<{ pino: typeof import('pino').pino }>(`export { pino } from 'pino';`);
    const lines: string[] = [];
    const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    logger.error({ err: new TypeError('no') }, 'failed');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      msg: 'failed',
      err: { type: 'TypeError', message: 'no' },
    });
  });

  it('is a failed build where a library does not read so any more', () => {
    expect(replaced('a b c', 'b', '$&d')).toBe('a $&d c');
    expect(() => replaced('a b c', 'x', 'y')).toThrow('nothing to replace: x');
  });
});

describe('schemas with plain keys', () => {
  it('are the same schemas', async () => {
    type Schemas = Record<string, unknown>;
    for (const client of ['s3', 'dynamodb', 'secrets-manager', 'sfn', 'eventbridge']) {
      const text = `export * from './node_modules/@aws-sdk/client-${client}/dist-es/schemas/schemas_0.js';`;
      const [before, after] = await Promise.all([
        bundled<Schemas>(text, []),
        bundled<Schemas>(text, [plainSchemaKeys]),
      ]);
      const plain = (schemas: Schemas) =>
        JSON.stringify(schemas, (_, value) => (typeof value === 'function' ? String(value) : value));
      expect(Object.keys(after).length).toBeGreaterThan(5);
      expect(plain(after)).toBe(plain(before));
    }
  });

  it('leave alone what is no constant of texts', () => {
    const source = 'const _a = "x-\\"y";\nconst _n = 7;\nvar s = { [_a]: 1, [_n]: 2, [b]: [_a] };';
    expect(withPlainKeys(source)).toContain('{ "x-\\"y": 1, [_n]: 2, [b]: [_a] }');
  });
});

describe('the names of errors', () => {
  it('stay where all others are shortened', async () => {
    type Classes = Record<string, unknown>;
    const text = ['errors/errors', 'store/errors', 'tracking/errors', 'serving/rows']
      .map((path) => `export * from './lib/${path}.ts';`)
      .join('');
    const classes = Object.entries(await bundled<Classes>(text, plugins, true)).filter(([name]) =>
      name.endsWith('Error'),
    ) as [string, new (message: string) => Error & { code: string }][];
    expect(classes.length).toBeGreaterThan(30);
    for (const [name, Type] of classes) {
      const error = new Type('no');
      expect([name, Type.name, error.name, error.message]).toEqual([name, name, name, 'no']);
      expect(error.code).toMatch(/^[A-Z_]+$/);
    }
    const without = await bundled<Record<'NotFoundError', { name: string }>>(
      `export { NotFoundError } from './lib/errors/errors.ts';`,
      [],
      true,
    );
    expect(without.NotFoundError.name).not.toBe('NotFoundError');
  });

  it('are met in every source: each error is named so, and begins on a line that the plugin reads', async () => {
    let classes = 0;
    for await (const path of glob('{lib,lambdas}/**/*.ts', { cwd: root })) {
      const source = await readFile(join(root, path), 'utf8');
      const named = withNamedErrors(source);
      for (const [, name] of source.matchAll(/\bclass\s+(\w+)\s+extends\s+\w*Error\b/g)) {
        // What reads a value and is caught beside it; its name is told nowhere.
        if (name === 'WrongType' || path.endsWith('.d.ts')) continue;
        expect(named, path).toContain(` static name = "${name}";`);
        classes += 1;
      }
    }
    expect(classes).toBeGreaterThan(80);
  });

  it('the logger of the SDK that writes nothing is known by its name', async () => {
    const { NoOpLogger } = await bundled<Record<'NoOpLogger', { name: string }>>(
      `export { NoOpLogger } from '@smithy/core/client';`,
      plugins,
      true,
    );
    expect(NoOpLogger.name).toBe('NoOpLogger');
  });
});
