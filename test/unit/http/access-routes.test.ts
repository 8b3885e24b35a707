import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_SECRET, makeWorld, type World } from './support/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const asAdmin = (method: string, path: string, json?: unknown) =>
  world.call(method, path, { token: ADMIN_SECRET, ...(json === undefined ? {} : { json }) });

describe('tokens', () => {
  it('are shown once, work, and can be revoked at once', async () => {
    const { status, json } = await asAdmin('POST', '/tokens', { role: 'viewer', name: 'dashboard' });
    expect(status).toBe(201);
    expect(json.record).toMatchObject({ role: 'viewer', name: 'dashboard', workspace: 'default' });
    expect((await world.call('GET', '/runs', { token: json.token })).status).toBe(200);
    const list = await asAdmin('GET', '/tokens');
    expect(list.json.tokens).toHaveLength(1);
    expect(list.text).not.toContain(json.token);
    expect(list.text).not.toMatch(/hash/i);
    expect((await asAdmin('DELETE', `/tokens/${json.record.tokenId}`)).status).toBe(204);
    expect((await world.call('GET', '/runs', { token: json.token })).status).toBe(401);
    expect((await asAdmin('GET', '/tokens')).json.tokens[0].revokedAt).toBeTypeOf('string');
  });

  it('expire', async () => {
    const { json } = await asAdmin('POST', '/tokens', {
      role: 'viewer',
      name: 'short',
      expiresAt: '2026-01-01T01:00:00.000Z',
    });
    expect((await world.call('GET', '/runs', { token: json.token })).status).toBe(200);
    world.clock.advance(3_600_000);
    expect((await world.call('GET', '/runs', { token: json.token })).status).toBe(401);
  });

  it.each([
    [{ name: 'x' }, 'role'],
    [{ role: 'root', name: 'x' }, 'role'],
    [{ role: 'viewer' }, 'name'],
    [{ role: 'viewer', name: '' }, 'name'],
    [{ role: 'viewer', name: ' \u3000' }, 'name'],
    [{ role: 'viewer', name: 'a\u0000' }, 'name'],
    [{ role: 'viewer', name: 'x'.repeat(101) }, 'name'],
    [{ role: 'viewer', name: 'a\nb' }, 'name'],
    [{ role: 'viewer', name: 'x', expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ role: 'viewer', name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ role: 'viewer', name: 'x', workspace: 'A#B' }, 'workspace'],
    [{ role: 'viewer', name: 'x', admin: true }, 'admin'],
  ])('refuse %j', async (body, field) => {
    const { status, json } = await asAdmin('POST', '/tokens', body);
    expect([status, json.field]).toEqual([400, field]);
    expect((await asAdmin('GET', '/tokens')).json.tokens).toEqual([]);
  });

  it('that are not there are a 404', async () => {
    expect((await asAdmin('DELETE', '/tokens/0123456789abcdef')).status).toBe(404);
  });
});

describe('workspaces', () => {
  it('are opened by the admins of the deploy', async () => {
    const { json } = await asAdmin('POST', '/tokens', { role: 'admin', name: 'theirs', workspace: 'team-b' });
    expect(json.record.workspace).toBe('team-b');
    const list = await world.call('GET', '/tokens', { token: json.token });
    expect(list.json.tokens).toHaveLength(1);
  });

  it('are closed to the admin of another', async () => {
    const theirs = await world.token('admin', 'team-b');
    for (const workspace of ['default', 'team-c']) {
      const { status, json } = await world.call('POST', '/tokens', {
        token: theirs,
        json: { role: 'admin', name: 'x', workspace },
      });
      expect([status, json.field]).toEqual([403, 'workspace']);
    }
    const own = await world.call('POST', '/tokens', { token: theirs, json: { role: 'viewer', name: 'x' } });
    expect(own.json.record.workspace).toBe('team-b');
  });

  it("keep their tokens from another's admin", async () => {
    await world.token('viewer');
    const [ours] = await world.tokens.list('default');
    const theirs = await world.token('admin', 'team-b');
    const { status } = await world.call('DELETE', `/tokens/${ours?.tokenId}`, { token: theirs });
    expect(status).toBe(404);
    expect((await world.tokens.list('default'))[0]?.revokedAt).toBeUndefined();
  });
});

describe('POST /admin/reconcile', () => {
  it.each([
    [undefined, false],
    [{}, false],
    [{ fix: true }, true],
  ])('with %j mends: %s', async (body, fixed) => {
    const { json } = await asAdmin('POST', '/admin/reconcile', body);
    expect(json).toEqual({ fixed, findings: [{ kind: 'lost-run', workspace: 'default', fixed }] });
  });
});
