import { beforeEach, describe, expect, it } from 'vitest';
import { makeRequest } from '../../../../lib/http/index.ts';
import { nodeServer } from '../../../../lib/http/server.ts';
import { makeWorld, type World } from '../support/world.ts';

let world: World;
let token: string;
beforeEach(async () => {
  world = makeWorld();
  token = await world.token('viewer');
});

describe('what a client asks before it shows its token', () => {
  it('the version, as a plain word', async () => {
    const answer = await world.call('GET', '/version');
    expect([answer.status, answer.text]).toEqual([200, '3.17.2']);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('what the server can do', async () => {
    const { status, json } = await world.call('GET', '/api/3.0/mlflow/server-info');
    expect(status).toBe(200);
    expect(json).toMatchObject({ workspaces_enabled: false, multipart_uploads_enabled: true });
  });
});

describe('health', () => {
  it("is a plain OK to MLflow's client, whether there is a model or not", async () => {
    const asked: Record<string, string>[] = [
      { 'User-Agent': 'mlflow-python-client/3.17.2' },
      { Accept: 'text/plain' },
    ];
    for (const headers of asked) {
      const { status, text } = await world.call('GET', '/health', { headers });
      expect([status, text]).toEqual([200, 'OK']);
    }
  });

  it('is what it was to everyone else', async () => {
    const { status, json } = await world.call('GET', '/health', { headers: { Accept: '*/*' } });
    expect([status, json.status, json.model_loaded]).toEqual([503, 'unavailable', false]);
  });
});

describe('what is not there', () => {
  it.each([
    ['POST', '/api/3.0/mlflow/traces', 'Tracing is'],
    ['GET', '/api/2.0/mlflow/traces/tr-1/info', 'Tracing is'],
    ['POST', '/v1/traces', 'Tracing is'],
    ['GET', '/api/3.0/mlflow/gateway/endpoints/list', 'The AI gateway is'],
    ['POST', '/api/2.0/mlflow/webhooks', 'Webhooks are'],
    ['GET', '/api/3.0/mlflow/scorers/list', 'Scorers are'],
    ['POST', '/api/3.0/mlflow/datasets/create', 'Evaluation datasets are'],
    ['GET', '/api/3.0/mlflow/workspaces', 'Workspaces are'],
    ['POST', '/graphql', 'GraphQL is'],
    ['GET', '/ajax-api/2.0/mlflow/runs/search', "The API of MLflow's own page is"],
    ['GET', '/ajax-api/3.0/mlflow/jobs/1', 'Server jobs are'],
    ['PATCH', '/api/3.0/mlflow/traces/x/tags', 'Tracing is'],
  ])('%s %s is not implemented', async (method, path, what) => {
    const { status, json } = await world.call(method, path, { token });
    expect([status, json]).toEqual([
      501,
      {
        error_code: 'NOT_IMPLEMENTED',
        message: `${what} not supported by this server. docs/mlflow.md lists what is.`,
      },
    ]);
  });

  it('is told to nobody without a token', async () => {
    for (const path of ['/api/3.0/mlflow/traces', '/graphql', '/api/2.0/mlflow/none', '/ajax-api/2.0/x']) {
      const { status, json, headers } = await world.call('GET', path);
      expect([status, json.error_code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(json.message).toMatch(/^this route needs a token\. Send/);
      expect(headers['www-authenticate']).toMatch(/^Bearer/);
    }
  });

  it('an unknown path and a wrong method keep their own status', async () => {
    const unknown = await world.call('GET', '/api/2.0/mlflow/constructor', { token });
    expect([unknown.status, unknown.json.error_code]).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    const method = await world.call('PUT', '/api/2.0/mlflow/experiments/search', { token });
    expect([method.status, method.headers.allow]).toEqual([405, 'GET, POST, HEAD']);
    expect(method.json.error_code).toBe('ENDPOINT_NOT_FOUND');
  });

  it('our own API keeps its own form of errors', async () => {
    const { json } = await world.call('GET', '/nothing', { token });
    expect(json).toMatchObject({ code: 'UNKNOWN_ROUTE', requestId: expect.any(String) });
  });
});

describe('the form of errors wherever they come from', () => {
  it('a body too large for the function, before it is read', async () => {
    const body = 'x'.repeat(7 * 1024 * 1024);
    const headers = { 'content-type': 'application/json' };
    const writer = await world.token('contributor');
    const { status, json } = await world.call('POST', '/api/2.0/mlflow/experiments/create', {
      token: writer,
      body,
      headers,
    });
    expect([status, Object.keys(json)]).toEqual([413, ['error_code', 'message']]);
  });

  it('a body too large for the plain server, which never reaches a route', async () => {
    const server = nodeServer(world.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address() as { port: number };
    try {
      const answer = await fetch(`http://127.0.0.1:${address.port}/api/2.0/mlflow/runs/log-batch`, {
        method: 'POST',
        body: 'x'.repeat(7 * 1024 * 1024),
      });
      expect(answer.status).toBe(413);
      expect(Object.keys((await answer.json()) as object)).toEqual(['error_code', 'message']);
    } finally {
      server.close();
    }
  });

  it('what nobody foresaw says nothing of the inside', async () => {
    world.deps.experiments.all = () => Promise.reject(new Error('table arn:secret'));
    const answer = await world.app.handle(
      makeRequest({
        method: 'GET',
        path: '/api/2.0/mlflow/experiments/list',
        headers: { authorization: `Bearer ${token}` },
        requestId: 'r1',
      }),
    );
    expect(answer.status).toBe(500);
    expect(JSON.parse(String(answer.body))).toEqual({
      error_code: 'INTERNAL_ERROR',
      message: 'an unexpected error occurred',
    });
    expect(answer.headers['x-request-id']).toBe('r1');
  });
});
