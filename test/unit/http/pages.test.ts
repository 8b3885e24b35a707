import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { VERSION } from '../../../lib/http/index.ts';
import { addVersion, promote } from './support/engine.ts';
import { makeWorld, type World } from './support/world.ts';

const require = createRequire(import.meta.url);

let world: World;
beforeEach(() => {
  world = makeWorld();
});

/** Every address that a page loads or links to. */
const addresses = (html: string): string[] =>
  [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1] ?? '');

describe('GET /', () => {
  const inlineOf = (html: string, tag: string) =>
    new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(html)?.[1] ?? '';

  it('is a page that loads nothing, and names no host', async () => {
    const { status, headers, text } = await world.call('GET', '/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(addresses(text).sort()).toEqual(['data:,']);
    expect(text).not.toMatch(/https?:\/\//);
  });

  it('holds its script and style, and no data of anybody', async () => {
    const { text } = await world.call('GET', '/');
    expect(inlineOf(text, 'script')).toBe('file console/page.js');
    expect(inlineOf(text, 'style')).toBe('file console/page.css');
    expect(text).toContain('<div id="app"><noscript>');
    expect(text).not.toMatch(/\son\w+=/);
  });

  const settingsOf = (html: string) =>
    JSON.parse(/<script type="application\/json" id="settings">(.*?)<\/script>/s.exec(html)?.[1] ?? '');

  it('brings what its lines to try need: a row of the model that is there, and the lines of MLflow', async () => {
    await promote(world, await addVersion(world));
    const { text } = await world.call('GET', '/');
    const { exampleRow, mlflow, version } = settingsOf(text);
    expect(exampleRow).toEqual({ area: 200, zone: 'A' });
    expect(mlflow).toContain('export MLFLOW_TRACKING_URI=');
    expect(mlflow).toContain('$API');
    expect(version).toBe(world.deps.version);
  });

  it('escapes what a schema says', async () => {
    const name = '</code></script><script>alert(1)</script>';
    const schema = {
      columns: [
        { name, kind: 'number' as const, nullable: false },
        { name: 'price', kind: 'number' as const, nullable: false },
      ],
    };
    await promote(world, await addVersion(world, { schema }));
    const { text } = await world.call('GET', '/');
    expect(text).not.toContain('<script>alert');
    expect(text.match(/<script/g)).toHaveLength(2);
    expect(Object.keys(settingsOf(text).exampleRow)).toContain(name);
  });

  it('allows its one script and its one style by hash, and nothing from elsewhere', async () => {
    // A store on a disk: there is no host that a file could be put to.
    world.deps.objects.presignPut = async (key) => `file:///store/${key}`;
    const { headers, text } = await world.call('GET', '/');
    const policy = headers['content-security-policy'] ?? '';
    for (const tag of ['script', 'style']) {
      const hash = createHash('sha256').update(inlineOf(text, tag)).digest('base64');
      expect(policy).toContain(`${tag}-src 'sha256-${hash}';`);
    }
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/\*|https?:|unsafe-/);
  });

  it('lets files be put to the host that uploads are presigned for, and to no other', async () => {
    const keys: string[] = [];
    world.deps.objects.presignPut = async (key) => {
      keys.push(key);
      return `https://bucket.s3.eu-west-1.amazonaws.com/${key}?X-Amz-Signature=s`;
    };
    const { headers } = await world.call('GET', '/');
    // The function may sign for keys of uploads alone: on another one the page would not come.
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatch(/^[a-z]+\/uploads\//);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("connect-src 'self' https://bucket.s3.eu-west-1.amazonaws.com;");
    expect(policy.match(/https:/g)).toHaveLength(1);
    const docs = await world.call('GET', '/docs');
    expect(docs.headers['content-security-policy']).toContain("connect-src 'self';");
  });

  it('is not given out where its script would end its own element', async () => {
    world.deps.asset = async () => Buffer.from("'</script>'");
    expect((await world.call('GET', '/')).status).toBe(500);
  });
});

describe('GET /docs', () => {
  it.each([
    ['/docs', 'http://h/v1/docs'],
    ['/docs/', 'http://h/v1/docs/'],
  ])('%s finds its files behind a stage prefix', async (path, address) => {
    const { text, headers } = await world.call('GET', path);
    expect(headers['content-type']).toMatch(/html/);
    const found = addresses(text).map((one) => new URL(one, address).pathname);
    expect(found.sort()).toEqual([
      '/v1/docs/favicon-32x32.png',
      '/v1/docs/swagger-initializer.js',
      '/v1/docs/swagger-ui-bundle.js',
      '/v1/docs/swagger-ui.css',
      '/v1/openapi.json',
    ]);
  });

  it('names no outside host, and its policy allows none', async () => {
    const { text, headers } = await world.call('GET', '/docs');
    expect(text).not.toMatch(/https?:|\/\//);
    expect(headers['content-security-policy']).toMatch(/script-src 'self';/);
    expect(headers['content-security-policy']).toMatch(/connect-src 'self';/);
    expect(text).not.toMatch(/<script>/);
  });

  it('starts Swagger UI on the document one level above its script', async () => {
    const { text, headers } = await world.call('GET', '/docs/swagger-initializer.js');
    expect(headers['content-type']).toMatch(/javascript/);
    expect(text).not.toMatch(/petstore|https?:/);
    const calls: { url: string; validatorUrl: unknown; dom_id: string }[] = [];
    const bundle = Object.assign((options: (typeof calls)[0]) => calls.push(options), {
      presets: { apis: [] },
    });
    const window: { addEventListener(name: string, run: () => void): void } = {
      addEventListener: (_, run) => run(),
    };
    const document = { currentScript: { src: 'http://h/v1/docs/swagger-initializer.js' } };
    runInNewContext(text, { window, document, SwaggerUIBundle: bundle, URL });
    expect(calls).toMatchObject([
      { url: 'http://h/v1/openapi.json', validatorUrl: null, dom_id: '#swagger-ui' },
    ]);
  });

  it.each([
    ['swagger-ui.css', 'text/css; charset=utf-8'],
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['favicon-32x32.png', 'image/png'],
  ])('serves %s as %s', async (name, type) => {
    const { status, headers, text } = await world.call('GET', `/docs/${name}`);
    expect([status, headers['content-type'], text]).toEqual([200, type, `file swagger-ui/${name}`]);
    expect(headers['cache-control']).toBe('public, max-age=3600');
  });

  it.each(['index.html', 'swagger-ui.css.map', 'constructor', '__proto__', '..%2fswagger-ui.css'])(
    'serves no %s',
    async (name) => {
      expect((await world.call('GET', `/docs/${name}`)).status).toBeGreaterThanOrEqual(400);
    },
  );

  it('fits the installed Swagger UI: its files exist and are below the answer limit', () => {
    for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
      const bytes = readFileSync(require.resolve(`swagger-ui-dist/${name}`));
      expect(bytes.length).toBeGreaterThan(100);
      expect(JSON.stringify(bytes.toString('utf8')).length).toBeLessThan(5_000_000);
    }
  });
});

describe('VERSION', () => {
  it('is that of package.json', () => {
    expect(VERSION).toBe(require('../../../package.json').version);
  });
});
