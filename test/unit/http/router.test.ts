import { describe, expect, it } from 'vitest';
import { apiRoutes, MethodNotAllowedError, makeRouter } from '../../../lib/http/index.ts';

const router = makeRouter(apiRoutes);
const find = (method: string, ...segments: string[]) => {
  const { route, params } = router.match(method, segments);
  return { id: route.id, params: { ...params } };
};

describe('makeRouter', () => {
  it('finds every route of the table by a path made from its template', () => {
    for (const route of apiRoutes) {
      const segments = route.path
        .split('/')
        .filter((part) => part !== '')
        .map((part) => part.replace(/[{}+]/g, ''));
      expect(router.match(route.method, segments).route.id).toBe(route.id);
    }
  });

  it('prefers a fixed path to a parameter', () => {
    expect(find('POST', 'models', 'a', 'predict').id).toBe('predict');
    expect(find('GET', 'models', 'a', 'versions').id).toBe('listVersions');
    expect(find('GET', 'models', 'versions').params).toEqual({ name: 'versions' });
  });

  it('gives decoded parameters as they came', () => {
    const name = 'ñ %20/?#;:* &"';
    expect(find('GET', 'models', name)).toEqual({ id: 'getModel', params: { name } });
  });

  it('gives the rest of a path to the wildcard', () => {
    expect(find('GET', 'runs', 'r', 'artifacts', 'reports', 'a b.svg')).toEqual({
      id: 'getArtifact',
      params: { id: 'r', path: 'reports/a b.svg' },
    });
    expect(find('GET', 'runs', 'r', 'artifacts')).toEqual({ id: 'listArtifacts', params: { id: 'r' } });
    expect(find('GET', 'runs', 'r', 'metrics', 'test', 'r2').params).toEqual({ id: 'r', key: 'test/r2' });
  });

  it('answers HEAD by the route of GET', () => {
    expect(find('HEAD', 'health').id).toBe('health');
  });

  it.each([
    [['nothing']],
    [['runs', 'r', 'nothing']],
    [['RUNS']],
    [['models', 'a', 'predict', 'b']],
    [['models', 'x'.repeat(2_000)]],
    [['models', '\ud800']],
  ])('knows no %j', (segments) => {
    expect(() => router.match('GET', segments)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_ROUTE', status: 404 }),
    );
  });

  it('cuts what it repeats of a path', () => {
    try {
      router.match('GET', ['y'.repeat(5_000)]);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(300);
    }
    expect.assertions(1);
  });

  it.each([
    ['PATCH', ['runs'], ['GET', 'HEAD']],
    ['GET', ['predict'], ['POST']],
    ['POST', ['tokens', 'x'], ['DELETE']],
    ['FOO', ['tokens'], ['GET', 'POST', 'HEAD']],
  ])('names the methods that %s %j has', (method, segments, allow) => {
    try {
      router.match(method, segments);
    } catch (error) {
      expect(error).toBeInstanceOf(MethodNotAllowedError);
      expect((error as MethodNotAllowedError).details).toEqual({ allow });
    }
    expect.assertions(2);
  });
});
