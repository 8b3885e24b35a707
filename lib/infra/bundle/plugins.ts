import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/** A part of a library that no function uses, and what stands in its place: nothing, or what says so where it is called. */
interface LeftOut {
  /** What a module's path ends with below node_modules, `/` between its parts. */
  path: RegExp;
  contents: string | ((source: string) => string);
}

const says = (what: string): string =>
  `() => { throw new Error(${JSON.stringify(`${what} is left out of this bundle: lib/infra/bundle/plugins.ts`)}); }`;

/**
 * What no function needs. A name that a library takes away or moves is met by the build, which fails: see the tests.
 *
 * Modules that are imported when they are needed (`await import`) weigh more than themselves: esbuild must then keep all that
 * they and theirs export, and make it one by one at run time. Two such places were 90 KB.
 */
const leftOut: readonly LeftOut[] = [
  // Messages in forty languages, which zod's index gathers and no function shows. English, which zod loads by itself, stays.
  { path: /zod\/v4\/locales\/index\.js$/, contents: 'export {};' },
  // A function's credentials are in its environment, or behind the URL that is: never in a file, in a browser's sign-in, at
  // another process or at an EC2 host. Their clients of STS, SSO and sign-in are the larger part of what they weigh.
  {
    path: /@aws-sdk\/credential-provider-node\/dist-es\/index\.js$/,
    contents: `import { fromEnv } from '@aws-sdk/credential-provider-env';
      import { fromHttp } from '@aws-sdk/credential-provider-http';
      import { memoizeChain } from './runtime/memoize-chain';
      const FIVE_MINUTES = 300_000;
      const treatAsExpired = ({ expiration }) => expiration !== undefined && expiration.getTime() - Date.now() < FIVE_MINUTES;
      export const defaultProvider = (init = {}) =>
        memoizeChain([async () => fromEnv(init)(), async () => fromHttp(init)()], treatAsExpired);`,
  },
  // Streams of events, as SelectObjectContent has: no operation that is called does.
  {
    path: /@smithy\/core\/dist-es\/submodules\/protocols\/HttpProtocol\.js$/,
    contents: (source) =>
      replaced(source, 'await import("@smithy/core/event-streams")', `(${says('event-streams')})()`),
  },
  {
    path: /@smithy\/core\/dist-es\/submodules\/event-streams\/eventstream-serde\/EventStreamMarshaller\.js$/,
    contents: `const no = ${says('EventStreamMarshaller')};
      export class EventStreamMarshaller { constructor() { no(); } }
      export const eventStreamSerdeProvider = () => ({ serialize: no, deserialize: no });`,
  },
  // The log is written to a stream that is handed over: neither to a thread, nor to several places, nor to a file.
  { path: /pino\/lib\/transport\.js$/, contents: `module.exports = ${says('pino.transport')};` },
  { path: /pino\/lib\/multistream\.js$/, contents: `module.exports = ${says('pino.multistream')};` },
  {
    path: /sonic-boom\/index\.js$/,
    contents: `module.exports = class SonicBoom { constructor() { (${says('SonicBoom')})(); } };`,
  },
  // Of find-my-way: it asks at the start whether its own expressions are safe, which its tests know; no path of the table has
  // one (router.ts writes only `:name` and `*`), and none is printed.
  { path: /safe-regex2\/index\.js$/, contents: 'module.exports = () => true;' },
  {
    path: /find-my-way\/lib\/pretty-print\.js$/,
    contents: `module.exports = { prettyPrintTree: ${says('prettyPrintTree')} };`,
  },
];

/** @throws Error where the library does not read so any more */
export function replaced(source: string, from: string, to: string): string {
  if (source.includes(from)) return source.replace(from, () => to);
  throw new Error(`nothing to replace: ${from}`);
}

const anyOf = (paths: readonly RegExp[]): RegExp =>
  new RegExp(paths.map(({ source }) => source.replaceAll('\\/', '[\\\\/]')).join('|'));

/** Puts the place-holders of `leftOut` where the parts were. */
export const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(build) {
    build.onLoad({ filter: anyOf(leftOut.map(({ path }) => path)) }, async ({ path }) => {
      const { contents = '' } = leftOut.find((one) => one.path.test(path.replaceAll('\\', '/'))) ?? {};
      const text = typeof contents === 'string' ? contents : contents(await readFile(path, 'utf8'));
      return { contents: text, loader: 'js', resolveDir: dirname(path) };
    });
  },
};

/**
 * Writes the keys of the SDK's schemas as they are. They read `{ [_hC]: "-" }` with `const _hC = "httpChecksum"` above; as a
 * computed key might call something, esbuild keeps all the schemas of S3 for the six that are used. Nothing else changes.
 */
export const plainSchemaKeys: Plugin = {
  name: 'plain-schema-keys',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk[\\/].*[\\/]schemas[\\/]schemas_0\.js$/ }, async ({ path }) => ({
      contents: withPlainKeys(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

/** @param source of a module of schemas, with constants of texts at its top */
export function withPlainKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (\w+) = ("(?:[^"\\]|\\.)*");$/gm)].map(([, name, text]) => [name, text]),
  );
  return source.replace(/\[(_\w+)\]:/g, (whole, name: string) => {
    const text = constants.get(name);
    return text === undefined ? whole : `${text}:`;
  });
}

/** Of a client's package.json, the version, which is all that is read of it (for the user agent). */
export const onlyVersions: Plugin = {
  name: 'only-versions',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk[\\/][\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/**
 * Keeps the names of errors, by which Step Functions' Retry and Catch, the log and a caller know them, and that of the SDK's logger which
 * it asks for its name. esbuild shortens all others: its `keepNames` would keep those of every function too, which is 45 KB of
 * the prediction function and an eighth of its import.
 */
export const namedErrors: Plugin = {
  name: 'named-errors',
  setup(build) {
    build.onLoad({ filter: /[\\/](lib|lambdas)[\\/].*\.ts$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const source = await readFile(path, 'utf8');
      const contents = withNamedErrors(source);
      return contents === source ? undefined : { contents, loader: 'ts' };
    });
    build.onLoad({ filter: /[\\/]smithy-client[\\/]NoOpLogger\.js$/ }, async ({ path }) => ({
      contents: replaced(
        await readFile(path, 'utf8'),
        'class NoOpLogger {',
        'class NoOpLogger { static name = "NoOpLogger";',
      ),
      loader: 'js',
    }));
  },
};

/** @param source of TypeScript, whose error classes end in `Error` and begin on one line, as the formatter has them */
export const withNamedErrors = (source: string): string =>
  source.replace(/\bclass (\w+Error) extends (\w+) \{/g, '$& static name = "$1";');

export const plugins: readonly Plugin[] = [withoutUnused, plainSchemaKeys, onlyVersions, namedErrors];
/** What they do, for the key of what they made: a bundle of another set of them is not used again. */
export const pluginsKey = JSON.stringify([
  leftOut.map(({ path, contents }) => [path.source, String(contents)]),
  plugins.map(({ setup }) => String(setup)),
  String(withPlainKeys),
  String(withNamedErrors),
]);
