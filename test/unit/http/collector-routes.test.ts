import { beforeAll, describe, expect, it } from 'vitest';
import { makeWorld, type World } from './support/world.ts';

const AT = '/pipelines/forest-cover/collector';
let world: World;
let operator: string;
let viewer: string;
beforeAll(async () => {
  world = makeWorld();
  operator = await world.token('operator');
  viewer = await world.token('viewer');
});

describe('the routes of a collector', () => {
  it('show it to readers, change and poll it for operators only', async () => {
    expect((await world.call('GET', AT, { token: viewer })).status).toBe(200);
    expect((await world.call('PUT', AT, { token: viewer, json: { state: 'paused' } })).status).toBe(403);
    expect((await world.call('POST', `${AT}/poll`, { token: viewer })).status).toBe(403);
    expect((await world.call('PUT', AT, { token: operator, json: { state: 'paused' } })).status).toBe(200);
    expect((await world.call('POST', `${AT}/poll`, { token: operator })).json).toMatchObject({
      outcome: 'idle',
    });
  });

  it.each([
    [{ url: 'nonsense' }, 'url'],
    [{ url: 'file:///etc/passwd' }, 'url'],
    [{ url: 'https://user:secret@source.example/' }, 'url'],
    [{ every: 0 }, 'every'],
    [{ every: 1.5 }, 'every'],
    [{ subsets: 0 }, 'subsets'],
    [{ subsets: 1001 }, 'subsets'],
    [{ group: -1 }, 'group'],
    [{ state: 'asleep' }, 'state'],
    [{ restart: 'yes' }, 'restart'],
  ])('refuse %j and name the field', async (json, field) => {
    const answer = await world.call('PUT', AT, { token: operator, json });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('refuse a body that changes nothing, or names what is no setting', async () => {
    expect((await world.call('PUT', AT, { token: operator, json: {} })).status).toBe(400);
    expect((await world.call('PUT', AT, { token: operator, json: { interval: 5 } })).status).toBe(400);
  });
});
