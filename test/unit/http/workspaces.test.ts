import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_SECRET, makeWorld, type World } from './support/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const make = (json: unknown, token = ADMIN_SECRET) => world.call('POST', '/workspaces', { token, json });
const list = async (token = ADMIN_SECRET) =>
  (await world.call('GET', '/workspaces', { token })).json.workspaces.map(
    (one: { name: string }) => one.name,
  );

describe('a workspace', () => {
  it('is made with its first token, which sees nothing of any other', async () => {
    await world.experiments.create('default', { name: 'ours' });
    const { status, json } = await make({ name: 'team-a' });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      workspace: { name: 'team-a' },
      record: { workspace: 'team-a', role: 'admin' },
    });
    const seen = await world.call('GET', '/experiments', { token: json.token });
    expect(seen.json.experiments.map((one: { name: string }) => one.name)).toEqual(['Default']);
    expect(await list()).toEqual(['default', 'team-a']);
  });

  it('costs an item, and two of its token', async () => {
    const before = world.items.dump().length;
    await make({ name: 'team-a', role: 'contributor' });
    expect(world.items.dump()).toHaveLength(before + 3);
  });

  it('is there once; another token of it comes from the tokens', async () => {
    await make({ name: 'team-a' });
    for (const name of ['team-a', 'default']) {
      const { status, json } = await make({ name });
      expect([status, json.code]).toEqual([409, 'ALREADY_EXISTS']);
      expect(json.remedy).toContain(`--workspace ${name}`);
    }
  });

  it('that only has a token is listed too', async () => {
    const json = { role: 'viewer', name: 'x', workspace: 'team-b' };
    await world.call('POST', '/tokens', { token: ADMIN_SECRET, json });
    await world.call('POST', '/tokens', { token: ADMIN_SECRET, json });
    expect(await list()).toEqual(['default', 'team-b']);
    expect((await make({ name: 'team-b' })).status).toBe(409);
  });

  it('makes no other, and lists itself alone', async () => {
    const { json } = await make({ name: 'team-a' });
    const refused = await make({ name: 'team-c' }, json.token);
    expect([refused.status, refused.json.code]).toEqual([403, 'FORBIDDEN']);
    expect(await list(json.token)).toEqual(['team-a']);
    expect(await list()).toEqual(['default', 'team-a']);
  });

  it.each([
    {},
    { name: 'A' },
    { name: 'a#b' },
    { name: '-a' },
    { name: 'a', role: 'king' },
    { name: 'a'.repeat(64) },
  ])('refuses %j', async (body) => {
    expect((await make(body)).status).toBe(400);
    expect(await list()).toEqual(['default']);
  });
});
