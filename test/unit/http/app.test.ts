import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConflictError, TransientError } from '../../../lib/errors/index.ts';
import { type ApiDeps, MAX_RESPONSE_BYTES } from '../../../lib/http/index.ts';
import { type Route, routeFor } from '../../../lib/http/route.ts';
import { ADMIN_SECRET, makeWorld, type World } from './support/world.ts';

const route = routeFor<ApiDeps>();
const open = { permission: 'public', fn: 'api', tag: 'pages', summary: 'x' } as const;
const ok = { responses: { 200: { description: 'x' } } };

let reply: () => unknown;
const routes: Route<ApiDeps>[] = [
  route({ id: 'free', method: 'GET', path: '/free', ...open, ...ok, handle: () => reply() as object }),
  route({
    id: 'typed',
    method: 'POST',
    path: '/typed/{id}',
    ...open,
    ...ok,
    request: {
      params: z.object({ id: z.string().max(5) }),
      query: z.object({ n: z.string().regex(/^\d+$/).transform(Number).optional() }),
      headers: z.object({ 'x-mode': z.enum(['fast', 'slow']).optional() }),
      body: z.strictObject({
        rows: z.array(z.object({ area: z.number() })),
        'odd key': z.string().optional(),
      }),
    },
    handle: ({ params, query, headers, body }) => ({ body: { params, query, headers, body } }),
  }),
  route({
    id: 'who',
    method: 'GET',
    path: '/who',
    ...open,
    permission: 'read',
    ...ok,
    handle: (c) => ({ body: c.principal }),
  }),
];

let world: World;
beforeEach(() => {
  world = makeWorld({ routes });
  reply = () => ({ body: { fine: true } });
});

describe('answers', () => {
  it('carry the request id and headers that keep them from being kept or guessed at', async () => {
    const { status, headers, json } = await world.call('GET', '/free');
    expect([status, json]).toEqual([200, { fine: true }]);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'request-1',
    });
  });

  it('have no body for HEAD', async () => {
    const { status, text, headers } = await world.call('HEAD', '/free');
    expect([status, text]).toEqual([200, '']);
    expect(headers['content-type']).toMatch(/json/);
  });

  it('are text or bytes where the handler says so', async () => {
    reply = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>ñ</p>' });
    expect((await world.call('GET', '/free')).text).toBe('<p>ñ</p>');
    reply = () => ({});
    expect((await world.call('GET', '/free')).text).toBe('');
  });

  it('that are too large for a function become a clear 413', async () => {
    reply = () => ({ body: 'x'.repeat(MAX_RESPONSE_BYTES + 1) });
    const { status, json } = await world.call('GET', '/free');
    expect([status, json.code, json.requestId]).toEqual([413, 'RESPONSE_TOO_LARGE', 'request-1']);
    reply = () => ({ body: new Uint8Array(MAX_RESPONSE_BYTES * 0.76) });
    expect((await world.call('GET', '/free')).status).toBe(413);
    reply = () => ({ body: '"'.repeat(MAX_RESPONSE_BYTES * 0.6) });
    expect((await world.call('GET', '/free')).status).toBe(413);
  });

  it('that just fit are passed on', async () => {
    reply = () => ({ body: 'x'.repeat(MAX_RESPONSE_BYTES) });
    expect((await world.call('GET', '/free')).text).toHaveLength(MAX_RESPONSE_BYTES);
    reply = () => ({ body: new Uint8Array(Math.floor(MAX_RESPONSE_BYTES * 0.74)) });
    expect((await world.call('GET', '/free')).status).toBe(200);
  });
});

describe('errors', () => {
  it('of ours keep code, message and remedy', async () => {
    reply = () => {
      throw new ConflictError('taken', { field: 'name', details: { by: 'x' }, remedy: 'Wait.' });
    };
    const { status, json } = await world.call('GET', '/free');
    expect(status).toBe(409);
    expect(json).toEqual({
      code: 'CONFLICT',
      message: 'taken',
      remedy: 'Wait.',
      field: 'name',
      details: { by: 'x' },
      requestId: 'request-1',
    });
  });

  it.each([new Error('password=hunter2 at /var/task'), new TypeError('x'), 'text', { any: 1 }, null])(
    'of others tell the caller nothing: %s',
    async (thrown) => {
      reply = () => {
        throw thrown;
      };
      const { status, text, json } = await world.call('GET', '/free');
      expect(status).toBe(500);
      expect(json).toMatchObject({
        code: 'INTERNAL_ERROR',
        message: 'an unexpected error occurred',
        requestId: 'request-1',
      });
      expect(text).not.toMatch(/hunter2|var\/task|TypeError/);
    },
  );

  it('of others are told to whoever reads the log', async () => {
    reply = () => {
      throw new Error('table is gone');
    };
    await world.call('GET', '/free');
    expect(world.lines).toHaveLength(1);
    expect(world.lines[0]).toMatchObject({
      level: 50,
      status: 500,
      error: { name: 'Error', message: 'table is gone' },
    });
  });

  it('that pass tell when to try again', async () => {
    reply = () => {
      throw new TransientError('throttled');
    };
    const { status, headers } = await world.call('GET', '/free');
    expect([status, headers['retry-after']]).toEqual([503, '5']);
  });
});

describe('validation', () => {
  const call = (json: unknown, more: object = {}) => world.call('POST', '/typed/a', { json, ...more });

  it('gives the handler parsed values only', async () => {
    const { json } = await call(
      { rows: [{ area: 1, extra: 2 }] },
      { query: { n: '42' }, headers: { 'X-Mode': 'fast', 'X-Other': 'y' } },
    );
    expect(json).toEqual({
      params: { id: 'a' },
      query: { n: 42 },
      headers: { 'x-mode': 'fast' },
      body: { rows: [{ area: 1 }] },
    });
  });

  it.each([
    [{ rows: [{ area: 1 }, { area: 'x' }] }, 'rows[1].area'],
    [{ rows: 1 }, 'rows'],
    [{}, 'rows'],
    [[], 'body'],
    [{ rows: [], extra: 1 }, 'extra'],
    [{ rows: [], 'odd key': 1 }, 'odd key'],
  ])('names the field of %j', async (body, field) => {
    const { status, json } = await call(body);
    expect([status, json.code, json.field]).toEqual([400, 'INVALID_INPUT', field]);
    expect(json.message.startsWith(`${field}: `)).toBe(true);
  });

  it('lists further issues, ten at most', async () => {
    const { json } = await call({ rows: Array.from({ length: 30 }, () => ({ area: 'x' })) });
    expect(json.details.issues).toHaveLength(10);
    expect(json.details.issues[9].field).toBe('rows[9].area');
  });

  it('checks parameters, query and headers', async () => {
    expect((await world.call('POST', '/typed/toolong', { json: { rows: [] } })).json.field).toBe('id');
    expect((await call({ rows: [] }, { query: { n: 'x' } })).json.field).toBe('n');
    expect((await call({ rows: [] }, { headers: { 'x-mode': 'warp' } })).json.field).toBe('x-mode');
  });

  it('refuses query parameters that are unknown or repeated', async () => {
    const unknown = await call({ rows: [] }, { query: { nn: '1' } });
    expect(unknown.json).toMatchObject({ code: 'INVALID_INPUT', field: 'nn' });
    expect(unknown.json.message).toMatch(/known: n$/);
    const twice = await call({ rows: [] }, { query: { n: ['1', '2'] } });
    expect(twice.json.message).toBe('query parameter "n" is given 2 times');
    const proto = await call({ rows: [] }, { query: JSON.parse('{"__proto__":"1"}') });
    expect([proto.status, proto.json.field]).toEqual([400, '__proto__']);
    expect((await world.call('GET', '/free', { query: { a: '1' } })).json.message).toMatch(/known: none$/);
  });

  it('needs a body, of type JSON', async () => {
    const none = await world.call('POST', '/typed/a');
    expect([none.status, none.json.code]).toEqual([400, 'INVALID_JSON']);
    const form = await world.call('POST', '/typed/a', {
      body: 'a=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([form.status, form.json.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(form.json.remedy).toMatch(/application\/json/);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.x+json',
    undefined,
  ])('takes the type %s', async (type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const { status } = await world.call('POST', '/typed/a', { body: '{"rows":[]}', headers });
    expect(status).toBe(200);
  });

  it('refuses a body over 4.5 MB before parsing it', async () => {
    const { status, json } = await world.call('POST', '/typed/a', {
      body: new Uint8Array(4_500_001),
    });
    expect([status, json.code, json.details.limit]).toEqual([413, 'BODY_TOO_LARGE', 4_500_000]);
  });

  it('refuses 10,000 levels of nesting', async () => {
    const { status, json } = await world.call('POST', '/typed/a', { body: `{"rows":${'['.repeat(10_000)}` });
    expect([status, json.code]).toEqual([400, 'INVALID_JSON']);
  });
});

describe('authentication', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it('takes Bearer in any case, and Basic with the token as password', async () => {
    const token = await world.token('viewer');
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { Authorization: `bearer  ${token}` },
      basic(`anyone:${token}`),
      basic(`:${token}`),
    ]) {
      const { status, json } = await world.call('GET', '/who', { headers });
      expect([status, json.role, json.workspace]).toEqual([200, 'viewer', 'default']);
    }
  });

  it('takes the admin secret of the deploy, colons and all', async () => {
    expect((await world.call('GET', '/who', { token: ADMIN_SECRET })).json.tokenId).toBe('admin');
    expect((await world.call('GET', '/who', { headers: basic(`u:${ADMIN_SECRET}`) })).status).toBe(200);
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Digest abc',
    'Basic',
    'Basic !!!',
    `Basic ${Buffer.from('nocolon').toString('base64')}`,
    `Basic ${Buffer.from('empty:').toString('base64')}`,
    `Bearer ${'x'.repeat(5_000)}`,
    'Bearer ñ',
    'Bearer undefined',
    'Bearer [object Object]',
  ])('refuses %j', async (authorization) => {
    const { status } = await world.call('GET', '/who', { headers: { authorization } });
    expect(status).toBe(401);
  });

  it('refuses everything while the admin secret is empty', async () => {
    const empty = makeWorld({ routes, adminSecret: '' });
    for (const token of ['', ' ', 'null'])
      expect((await empty.call('GET', '/who', { token })).status).toBe(401);
  });
});

describe('the log', () => {
  it('has one line a request, which names the route and never the token, the query or the body', async () => {
    const token = await world.token('viewer');
    await world.call('GET', '/who', { token });
    await world.call('POST', '/typed/abc', {
      json: { rows: [{ area: 31337 }] },
      query: { n: '4711' },
      token,
    });
    await world.call('POST', '/typed/abc', { body: '{"broken-body', token });
    await world.call('GET', '/secret-path', { headers: { authorization: `Bearer ${token}x` } });
    expect(world.lines).toHaveLength(4);
    const [principal] = await world.tokens.list('default');
    expect(world.lines[0]).toMatchObject({
      level: 30,
      method: 'GET',
      route: '/who',
      status: 200,
      requestId: 'request-1',
      tokenId: principal?.tokenId,
      workspace: 'default',
    });
    expect(world.lines[0]?.ms).toBeTypeOf('number');
    expect(world.lines[2]).toMatchObject({ status: 400, code: 'INVALID_JSON' });
    expect(world.lines[3]).toMatchObject({ route: null, status: 401, code: 'UNAUTHENTICATED' });
    expect(world.logText()).not.toMatch(new RegExp(`${token}|31337|4711|broken-body|secret-path`));
  });
});
