import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handler } from '../../../lambdas/api/handler.ts';
import { apiRoutes } from '../../../lib/http/index.ts';

const context = { functionName: 'api' } as never;

describe('the api function', () => {
  it('answers in the form that a gateway takes, even where it cannot start', async () => {
    const answer = await handler(
      { httpMethod: 'GET', path: '/', requestContext: { requestId: 'request-0002' } },
      context,
    );
    expect(Object.keys(answer).sort()).toEqual(['body', 'headers', 'isBase64Encoded', 'statusCode']);
    expect(answer.statusCode).toBe(500);
    expect(JSON.parse(answer.body)).toEqual({
      code: 'INTERNAL_ERROR',
      message: 'an unexpected error occurred',
      remedy: expect.any(String),
      requestId: 'request-0002',
    });
  });

  it('holds the routes of the predict function too', () => {
    expect(apiRoutes.filter((route) => route.fn === 'predict').map((route) => route.path)).toEqual(
      expect.arrayContaining(['/health', '/predict', '/models/{name}/predict']),
    );
  });

  it.each(['lambdas/api/handler.ts', 'lambdas/predict/handler.ts'])('%s is at most 60 lines', (path) => {
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThanOrEqual(60);
  });
});
