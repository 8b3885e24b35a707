import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { Tokens } from '../../../lib/tracking/index.ts';
import { type World, WS, world } from './helpers.ts';

const SECRET = 'the-first-admin-token-of-this-deploy';

describe('Tokens', () => {
  let w: World;
  beforeEach(() => {
    w = world(SECRET);
  });

  it('makes a token that is known from then on, and stored only as its hash', async () => {
    const { token, record } = await w.tokens.create(WS, { role: 'viewer', name: 'ci' });
    expect(token).toMatch(/^arb_[A-Za-z0-9_-]{43}$/);
    expect(await w.tokens.authenticate(token)).toEqual({
      tokenId: record.tokenId,
      workspace: WS,
      role: 'viewer',
      name: 'ci',
    });
    expect(JSON.stringify(w.items.dump())).not.toContain(token.slice(4));
    expect(await w.tokens.list(WS)).toEqual([record]);
    expect(record).not.toHaveProperty('hash');
  });

  it('makes no two alike', async () => {
    const made = await Promise.all(
      Array.from({ length: 50 }, () => w.tokens.create(WS, { role: 'viewer', name: 'x' })),
    );
    expect(new Set(made.map(({ token }) => token)).size).toBe(50);
    expect(new Set(made.map(({ record }) => record.tokenId)).size).toBe(50);
  });

  it('refuses a revoked token at once, and says when it was revoked', async () => {
    const { token, record } = await w.tokens.create(WS, { role: 'admin', name: 'x' });
    const revoked = await w.tokens.revoke(WS, record.tokenId);
    expect(revoked.revokedAt).toBeDefined();
    expect(await w.tokens.authenticate(token)).toBeUndefined();
    expect(await w.tokens.revoke(WS, record.tokenId)).toEqual(revoked);
    expect(await w.tokens.list(WS)).toEqual([revoked]);
  });

  it('refuses an expired token', async () => {
    const expiresAt = '2026-03-01T13:00:00Z';
    const { token } = await w.tokens.create(WS, { role: 'viewer', name: 'x', expiresAt });
    expect(await w.tokens.authenticate(token)).toBeDefined();
    w.clock.advance(3_600_000);
    expect(await w.tokens.authenticate(token)).toBeUndefined();
  });

  it('refuses every other text', async () => {
    const { token } = await w.tokens.create(WS, { role: 'viewer', name: 'x' });
    const texts = [
      '',
      'arb_',
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      ` ${token}`,
      'x'.repeat(10_000),
      '#token#',
      '\u0000',
    ];
    for (const text of texts) expect(await w.tokens.authenticate(text)).toBeUndefined();
    expect(await w.tokens.authenticate(undefined as unknown as string)).toBeUndefined();
  });

  it('knows the admin secret, exactly', async () => {
    expect(await w.tokens.authenticate(SECRET)).toMatchObject({
      role: 'admin',
      workspace: 'default',
      tokenId: 'admin',
    });
    for (const text of [SECRET.slice(1), `${SECRET} `, SECRET.toUpperCase()]) {
      expect(await w.tokens.authenticate(text)).toBeUndefined();
    }
  });

  it('takes an empty or absent secret for none', async () => {
    for (const { tokens } of [world(''), world(undefined)]) {
      for (const text of ['', ' ', 'undefined', 'null'])
        expect(await tokens.authenticate(text)).toBeUndefined();
    }
    expect(await new Tokens(w.items, w.clock).authenticate(SECRET)).toBeUndefined();
  });

  it('knows an admin secret that looks like a token', async () => {
    const { tokens } = world('arb_made-by-hand');
    expect((await tokens.authenticate('arb_made-by-hand'))?.role).toBe('admin');
  });

  it('revokes in its own workspace only', async () => {
    const { token, record } = await w.tokens.create('team-a', { role: 'viewer', name: 'x' });
    await expect(w.tokens.revoke('team-b', record.tokenId)).rejects.toThrow(NotFoundError);
    expect(await w.tokens.list('team-b')).toEqual([]);
    expect((await w.tokens.authenticate(token))?.workspace).toBe('team-a');
  });

  it('refuses a role, name or expiry that is not allowed', async () => {
    const refused = [
      { role: 'root' as never, name: 'x' },
      { role: 'viewer' as const, name: ' ' },
      { role: 'viewer' as const, name: 'x'.repeat(101) },
      { role: 'viewer' as const, name: 'x', expiresAt: 'soon' },
      { role: 'viewer' as const, name: 'x', expiresAt: '2020-01-01T00:00:00Z' },
    ];
    for (const given of refused) await expect(w.tokens.create(WS, given)).rejects.toThrow(InvalidInputError);
    await expect(w.tokens.create('No Workspace', { role: 'viewer', name: 'x' })).rejects.toThrow(
      InvalidInputError,
    );
    expect(w.items.dump()).toEqual([]);
  });
});
