import { beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes, PERMISSIONS, type Permission } from '../../../lib/http/index.ts';
import { ROLES, type Role } from '../../../lib/tracking/types.ts';
import { type CallOptions, makeWorld, type World } from './support/world.ts';

/**
 * Every route of the table × every role × every kind of token. The expectation is written here by hand, not taken from
 * lib/http/permissions.ts, so that a change of either is seen.
 */
const MAY: Record<Role, readonly Permission[]> = {
  viewer: ['public', 'token', 'read'],
  predictor: ['public', 'token', 'predict'],
  contributor: ['public', 'token', 'read', 'log'],
  operator: ['public', 'token', 'read', 'log', 'operate', 'predict'],
  admin: ['public', 'token', 'read', 'log', 'operate', 'predict', 'admin'],
};

const PUBLIC = [
  'GET /',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/{asset}',
  'GET /health',
  'GET /ping',
  // What MLflow's client asks before it shows its token.
  'GET /version',
  'GET /api/3.0/mlflow/server-info',
];

/** Routes that read, though their method is one that writes. */
const READS_BY_POST: ReadonlySet<string> = new Set([
  'mlflowLatestVersionsPost',
  // Searches of MLflow's protocol: one a line.
  'mlflowSearchExperiments',
  'mlflowSearchLoggedModels',
  'mlflowSearchRuns',
  'mlflowCreatePresignedDownloadUrl',
]);

/** Requests that the matrix below made, by who sent them. */
const asked: Record<string, number> = {};
const count = (who: string): void => {
  asked[who] = (asked[who] ?? 0) + 1;
};

/** Headers that hold no token of ours, though some hold one in part. */
const malformed = (token: string): Record<string, string> => ({
  'no scheme': token,
  'another scheme': `Digest ${token}`,
  'two tokens': `Bearer ${token} ${token}`,
  'two tokens after a comma': `Bearer ${token}, Bearer ${token}`,
  'a letter more': `Bearer ${token}x`,
  'a letter less': `Bearer ${token.slice(0, -1)}`,
  'other capitals': `Bearer ${token.toUpperCase()}`,
  quotes: `Bearer "${token}"`,
  'a tab': `Bearer\t${token}`,
  'a NUL': `Bearer ${token}\u0000`,
  'ten thousand letters': `Bearer ${'x'.repeat(10_000)}`,
  'Basic without a colon': `Basic ${Buffer.from(token).toString('base64')}`,
  'Basic with the token as the user': `Basic ${Buffer.from(`${token}:`).toString('base64')}`,
  'Basic that is no base64': 'Basic %%%',
});

let world: World;
const valid = {} as Record<Role, string>;
const foreign = {} as Record<Role, string>;
const revoked = {} as Record<Role, string>;
const expired = {} as Record<Role, string>;

beforeAll(async () => {
  world = makeWorld();
  for (const role of ROLES) {
    valid[role] = await world.token(role);
    foreign[role] = await world.token(role, 'elsewhere');
    expired[role] = await world.token(role, 'default', '2026-01-01T00:00:01.000Z');
  }
  for (const role of ROLES) {
    const made = await world.tokens.create('default', { role, name: 'revoked' });
    await world.tokens.revoke('default', made.record.tokenId);
    revoked[role] = made.token;
  }
  world.clock.advance(2_000);
});

/** A path with something in every parameter. */
const pathOf = (template: string): string => template.replace(/\{\w+\+?\}/g, 'a1');
/** 2xx or 3xx or an error of the handler: in any case not refused for who calls. */
const isLetIn = (status: number): boolean => status !== 401 && status !== 403;

describe('the table', () => {
  it('has unique ids and unique methods of paths', () => {
    expect(new Set(apiRoutes.map((route) => route.id)).size).toBe(apiRoutes.length);
    expect(new Set(apiRoutes.map((route) => `${route.method} ${route.path}`)).size).toBe(apiRoutes.length);
  });

  it('makes exactly these pages and probes public', () => {
    const found = apiRoutes.filter((route) => route.permission === 'public');
    expect(found.map((route) => `${route.method} ${route.path}`).sort()).toEqual([...PUBLIC].sort());
  });

  it('lets no route that changes something be called with `read`', () => {
    // MLflow searches by POST: these read, and each is written down here.
    const changing = apiRoutes.filter(({ method, id }) => method !== 'GET' && !READS_BY_POST.has(id));
    const open = changing.filter(({ permission }) => ['public', 'token', 'read'].includes(permission));
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  it('lets what runs log be written by who may log, and by MLflow alone', () => {
    const logged = apiRoutes.filter((route) => route.permission === 'log');
    expect(logged.filter((route) => route.dialect !== 'mlflow').map((route) => route.id)).toEqual([]);
  });

  it('knows every permission', () => {
    expect(apiRoutes.every((route) => PERMISSIONS.includes(route.permission))).toBe(true);
  });
});

describe.each(apiRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s',
  (_, route) => {
    const call = async (token?: string) => {
      const answer = await world.call(route.method, pathOf(route.path), {
        ...(token === undefined ? {} : { token }),
        ...(route.request.body === undefined ? {} : { json: {} }),
      });
      return answer;
    };

    it.each(ROLES)('valid token of a %s', async (role) => {
      count(`a ${role}`);
      const { status, json } = await call(valid[role]);
      if (MAY[role].includes(route.permission)) expect(isLetIn(status)).toBe(true);
      else {
        expect(status).toBe(403);
        if (route.dialect === 'mlflow') {
          expect(json).toEqual({ error_code: 'PERMISSION_DENIED', message: expect.stringContaining(role) });
        } else {
          expect(json.code).toBe('FORBIDDEN');
          expect(json.details.permission).toBe(route.permission);
        }
      }
    });

    it.each(ROLES)(
      "another workspace's token of a %s is let in by role alone and sees only its own",
      async (role) => {
        count(`a ${role} of another workspace`);
        const { status } = await call(foreign[role]);
        expect(isLetIn(status)).toBe(MAY[role].includes(route.permission));
      },
    );

    const refused: [string, (role: Role) => string | undefined][] = [
      ['no token', () => undefined],
      ['an unknown token', () => `arb_${'x'.repeat(43)}`],
      ['a token that is not one', () => 'Bearer'],
      ['a revoked token', (role) => revoked[role]],
      ['an expired token', (role) => expired[role]],
    ];
    for (const [name, tokenOf] of refused) {
      it.each(ROLES)(`${name} (%s)`, async (role) => {
        count(name);
        const { status, json, headers } = await call(tokenOf(role));
        if (route.permission === 'public') expect(isLetIn(status)).toBe(true);
        else {
          expect(status).toBe(401);
          expect(route.dialect === 'mlflow' ? json.error_code : json.code).toBe('UNAUTHENTICATED');
          expect(headers['www-authenticate']).toMatch(/^Bearer/);
        }
      });
    }
    it("headers that are malformed, an admin's token among them", async () => {
      for (const [name, authorization] of Object.entries(malformed(valid.admin))) {
        count('malformed');
        const { status } = await world.call(route.method, pathOf(route.path), {
          headers: { authorization },
          ...(route.request.body === undefined ? {} : { json: {} }),
        });
        if (route.permission === 'public') expect(isLetIn(status), name).toBe(true);
        else expect(status, name).toBe(401);
      }
    });
  },
);

describe('the matrix', () => {
  it('was asked whole: every route, every role, every kind of token', () => {
    console.log(`authorization: ${apiRoutes.length} routes`, JSON.stringify(asked));
    const whole = Object.fromEntries([
      ...ROLES.flatMap((role) => [
        [`a ${role}`, 1],
        [`a ${role} of another workspace`, 1],
      ]),
      ...[
        'no token',
        'an unknown token',
        'a token that is not one',
        'a revoked token',
        'an expired token',
      ].map((who) => [who, ROLES.length]),
      ['malformed', Object.keys(malformed('x')).length],
    ] as [string, number][]);
    for (const [who, times] of Object.entries(whole)) expect(asked[who], who).toBe(times * apiRoutes.length);
    expect(Object.keys(asked).sort()).toEqual(Object.keys(whole).sort());
  });

  it('takes no token from a query, a cookie or another header', async () => {
    const { admin } = valid;
    const hidden: CallOptions[] = [
      { query: { token: admin, access_token: admin } },
      { headers: { cookie: `token=${admin}; Authorization=Bearer ${admin}` } },
      {
        headers: {
          'x-authorization': `Bearer ${admin}`,
          'x-api-key': admin,
          'proxy-authorization': `Bearer ${admin}`,
        },
      },
    ];
    for (const more of hidden) {
      expect((await world.call('GET', '/runs', more)).status).toBe(401);
    }
  });
});

describe('default deny', () => {
  it.each([
    ['GET', '/nothing/here'],
    ['DELETE', '/health'],
    ['PATCH', '/runs'],
    ['POST', '/api/2.0/mlflow/nothing'],
    ['GET', '/graphql'],
    ['OPTIONS', '/runs'],
    ['GET', '/docs/../tokens'],
    ['GET', '//tokens'],
    ['POST', '/openapi.json'],
    ['TRACE', '/'],
  ])('%s %s without a token is 401', async (method, path) => {
    const { status } = await world.call(method, path);
    expect(status).toBe(401);
  });

  it('tells who may call only that the path is unknown: 404 and 405 come after the token', async () => {
    const unknown = await world.call('GET', '/nothing', { token: valid.predictor });
    expect([unknown.status, unknown.json.code]).toEqual([404, 'UNKNOWN_ROUTE']);
    const method = await world.call('DELETE', '/runs', { token: valid.predictor });
    expect([method.status, method.json.code, method.headers.allow]).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
      'GET, HEAD',
    ]);
  });
});
