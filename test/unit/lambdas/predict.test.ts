import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../lambdas/predict/handler.ts';
import { gatewayHandler } from '../../../lambdas/shared/http.ts';
import { UnauthenticatedError } from '../../../lib/errors/index.ts';
import { apiRoutes } from '../../../lib/http/index.ts';
import { REQUEST_DEADLINE_MS } from '../../../lib/http/limits.ts';
import { servingRoutes } from '../../../lib/http/routes/serving.ts';
import { functionSpecs } from '../../../lib/infra/functions.ts';

const context = { functionName: 'predict' } as never;
const event = (path: string) => ({
  httpMethod: 'GET',
  path,
  resource: '/{proxy+}',
  pathParameters: { proxy: path.slice(1) },
  requestContext: { requestId: 'request-0001' },
});

describe('the predict function', () => {
  let metafile: Metafile;
  beforeAll(async () => {
    const result = await build({
      entryPoints: ['lambdas/predict/handler.ts'],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      conditions: ['module'],
      outdir: 'bundle',
      logLevel: 'silent',
    });
    metafile = result.metafile;
  });

  it('holds nothing that only the other routes need', () => {
    const [output] = Object.values(metafile.outputs);
    // A few bytes stay of a module whose top level might do something.
    const held = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 500);
    const paths = held.map(([path]) => path);
    expect(paths).toContain('lib/serving/service.ts');
    const unwanted =
      /node_modules\/(echarts|zrender|zod-openapi|swagger-ui-dist|hyparquet|csv-parse|@resvg)|lib\/(pipeline|infra|http\/(openapi|pages|routes\/(pages|runs|pipelines)))/;
    expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
  });

  it('has exactly the routes that the table gives it', () => {
    const given = apiRoutes.filter((route) => route.fn === 'predict').map((route) => route.id);
    expect(servingRoutes.map((route) => route.id).sort()).toEqual(given.sort());
  });

  it('without its environment is a 500 that tells no variable, and tries again at the next request', async () => {
    for (let i = 0; i < 2; i++) {
      const answer = await handler(event('/health'), context);
      expect(answer.statusCode).toBe(500);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'INTERNAL_ERROR', requestId: 'request-0001' });
      expect(answer.body).not.toMatch(/ARBOLEDA|TABLE|BUCKET/);
    }
  });
});

describe('gatewayHandler', () => {
  it('opens the application once for requests at the same time', async () => {
    let opened = 0;
    const wrapped = gatewayHandler(async () => {
      opened++;
      return { handle: async () => ({ status: 200, headers: {}, body: 'fine' }) };
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => wrapped(event('/x'), context)));
    expect(answers.map((answer) => answer.body)).toEqual(Array(5).fill('fine'));
    expect(opened).toBe(1);
  });

  it('opens it again after it failed to open', async () => {
    let tries = 0;
    const wrapped = gatewayHandler(async () => {
      tries++;
      if (tries === 1) throw new UnauthenticatedError('the secret is away');
      return { handle: async (request) => ({ status: 200, headers: {}, body: request.segments.join('/') }) };
    });
    expect((await wrapped(event('/a/b'), context)).statusCode).toBe(500);
    expect((await wrapped(event('/a/b'), context)).body).toBe('a/b');
  });

  it('answers itself before the gateway gives up, and serves the next request', async () => {
    vi.useFakeTimers();
    try {
      let slow = true;
      const wrapped = gatewayHandler(async () => ({
        handle: async () => {
          if (slow) await new Promise((_, reject) => setTimeout(reject, 60_000, new Error('too late')));
          return { status: 200, headers: {}, body: 'fine' };
        },
      }));
      const answer = wrapped(event('/models/a/predict'), context);
      await vi.advanceTimersByTimeAsync(REQUEST_DEADLINE_MS);
      const { statusCode, body } = await answer;
      expect(statusCode).toBe(504);
      expect(JSON.parse(body)).toMatchObject({ code: 'REQUEST_TIMED_OUT', requestId: 'request-0001' });
      slow = false;
      expect((await wrapped(event('/x'), context)).body).toBe('fine');
      // The first one fails now, unheard.
      await vi.advanceTimersByTimeAsync(60_000);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('has a deadline below the gateway’s 29 s, a cold start included', () => {
    expect(REQUEST_DEADLINE_MS).toBeLessThanOrEqual(25_000);
    for (const name of ['api', 'predict'] as const)
      expect(functionSpecs[name].timeoutSeconds * 1000).toBeGreaterThan(REQUEST_DEADLINE_MS);
  });
});
