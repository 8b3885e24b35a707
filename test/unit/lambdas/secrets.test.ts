import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { appOf } from '../../../lambdas/shared/http.ts';
import { type App, apiRoutes, makeRequest } from '../../../lib/http/index.ts';
import { type WholeApi, wholeApi } from '../../schemathesis/support/whole.ts';

/**
 * What the functions write to their logs, all of it: standard output and error as they are, with the logger of lambdas/shared and the
 * stages' own lines. Every route is asked with every kind of secret in every place that a careless caller puts it.
 */
const written: string[] = [];
const spies: { mockRestore(): void }[] = [];
const log = (): string => written.join('');

let api: WholeApi;
let app: App;
/** A token of each role, as only its maker ever sees it. */
const minted: string[] = [];
const WRONG = 'wrong-token-7f1c0e5d9b3a4d62';
const IN_QUERY = 'token-in-the-address-51b2c9';
const IN_BODY = 'a-cell-of-somebody-94d0aa';
const IN_HEADER = 'another-header-0b77e1';
let asked = 0;

const ask = (
  method: string,
  path: string,
  token: string,
  body?: string,
  query: Record<string, string[]> = {},
) =>
  app.handle(
    makeRequest({
      method,
      path,
      requestId: `request-${++asked}`,
      query,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-api-key': IN_HEADER,
        cookie: `session=${IN_HEADER}`,
      },
      ...(body === undefined ? {} : { body }),
    }),
  );

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    spies.push(
      vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        written.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
        return true;
      }),
    );
  }
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    spies.push(
      vi.spyOn(console, method).mockImplementation((...of) => void written.push(`${of.join(' ')}\n`)),
    );
  }
  // All stages of two pipelines run here, and write what they write on Lambda.
  api = await wholeApi();
  app = appOf(apiRoutes, { ...api.deps, asset: async () => Buffer.from('') }, api.tokens);
  for (const role of ['viewer', 'predictor', 'contributor', 'operator', 'admin'] as const) {
    minted.push((await api.tokens.create('default', { role, name: role })).token);
  }
}, 120_000);
afterAll(() => {
  for (const spy of spies) spy.mockRestore();
});

const BODY = JSON.stringify({ rows: [{ studytime: IN_BODY, [IN_BODY]: 1 }], value: IN_BODY, name: IN_BODY });
const pathOf = (path: string): string => path.replaceAll(/\{\w+\}/g, '1');

describe('no log holds a secret', () => {
  it('whatever route is asked, with whatever token', async () => {
    for (const { method, path } of apiRoutes) {
      for (const token of [api.admin, WRONG, ...minted]) {
        await ask(method, pathOf(path), token, BODY);
        await ask(method, pathOf(path), token, BODY, { token: [IN_QUERY], access_token: [IN_QUERY] });
      }
    }
    const lines = log()
      .split('\n')
      .filter((line) => line.includes('"requestId":"request-'));
    expect(lines.length).toBe(apiRoutes.length * (2 + minted.length) * 2);
    const told = [api.admin, WRONG, IN_QUERY, IN_BODY, IN_HEADER, ...minted].filter((secret) =>
      log().includes(secret),
    );
    expect(told).toEqual([]);
    expect(log()).not.toMatch(/bearer /i);
  });

  it('where a token is made, the answer alone has it', async () => {
    const { status, body } = await ask(
      'POST',
      '/tokens',
      api.admin,
      JSON.stringify({ role: 'viewer', name: 'new' }),
    );
    const { token } = JSON.parse(String(body)) as { token: string };
    expect([status, token.length > 30]).toEqual([201, true]);
    expect((await ask('GET', '/me', token)).status).toBe(200);
    expect(log()).not.toContain(token);
  });

  it('where an error is not ours, its words are logged and the request is not', async () => {
    const get = vi
      .spyOn(api.items, 'query')
      .mockRejectedValue(
        new Error(
          `the table is on fire at https://user:${IN_HEADER}@table.example/?X-Amz-Signature=${IN_QUERY}`,
        ),
      );
    const { status, body } = await ask('GET', '/runs', api.admin);
    get.mockRestore();
    expect([status, String(body).includes('fire')]).toEqual([500, false]);
    expect(log()).toContain('the table is on fire');
    expect([api.admin, IN_HEADER, IN_QUERY].filter((secret) => log().includes(secret))).toEqual([]);
  });

  it('and all of it was seen: the stages wrote their lines, too', () => {
    expect(log()).toMatch(/"stage":"train".*training: 100 %/);
    expect(log()).toContain('every version is promoted');
  });
});
