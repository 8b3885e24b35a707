import { beforeEach, describe, expect, it } from 'vitest';
import { readSnapshot } from '../../../lib/tracking/index.ts';
import { addVersion, promote } from './support/engine.ts';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let token: string;

beforeEach(async () => {
  world = makeWorld();
  token = await world.token('operator');
  await addVersion(world, { base: 1 });
  await addVersion(world, { base: 2 });
  await addVersion(world, { base: 3 });
});

const call = (method: string, path: string, json?: unknown) =>
  world.call(method, path, { token, ...(json === undefined ? {} : { json }) });
const move = (json: object, alias = 'production') => call('PUT', `/models/housing/aliases/${alias}`, json);

describe('reading', () => {
  it('lists models, versions newest first, and one of each', async () => {
    await promote(world, '1');
    expect((await call('GET', '/models')).json.models).toMatchObject([
      { name: 'housing', latestVersion: 3, aliases: { production: '1' } },
    ]);
    const { json } = await call('GET', '/models/housing/versions');
    expect(json.versions.map((one: { version: string }) => one.version)).toEqual(['3', '2', '1']);
    expect((await call('GET', '/models/housing')).json.latestVersion).toBe(3);
    expect((await call('GET', '/models/housing/versions/2')).json.version).toBe('2');
  });

  it.each(['/models/nothing', '/models/nothing/versions', '/models/housing/versions/99'])(
    '%s is a 404',
    async (path) => {
      expect((await call('GET', path)).status).toBe(404);
    },
  );

  it.each(['/models/housing/versions/latest', '/models/a%25b', '/models/a%2Fb'])(
    '%s is a 400',
    async (path) => {
      expect((await call('GET', path)).status).toBe(400);
    },
  );

  it("shows nothing of another workspace's", async () => {
    const theirs = await world.token('viewer', 'elsewhere');
    expect((await world.call('GET', '/models', { token: theirs })).json.models).toEqual([]);
    expect((await world.call('GET', '/models/housing', { token: theirs })).status).toBe(404);
  });
});

describe('a move of an alias', () => {
  it('is in the snapshot of the run behind the version, for reconcile, and so is its rollback', async () => {
    const { runId } = await world.registry.getVersion('default', 'housing', '2');
    await world.runs.create('default', { runId, experimentId: '0', name: 'r' });
    await world.runs.setTags('default', runId, { 'model.name': 'housing', 'model.version': '2' });
    await promote(world, '1');
    await move({ version: '2' });
    const snapshot = async () =>
      (await readSnapshot(world.objects, 'default', runId)) as { aliases?: object };
    expect((await snapshot()).aliases).toMatchObject({ production: '2' });
  });

  it('goes through where the run behind the version is not known', async () => {
    expect((await move({ version: '3' })).status).toBe(200);
  });
});

describe('promotion', () => {
  it('moves the alias and records who and why', async () => {
    const { status, json } = await move({ version: '2', reason: 'better on the test split' });
    expect(status).toBe(200);
    expect(json).toEqual({
      model: 'housing',
      alias: 'production',
      version: '2',
      previousVersion: null,
      aliases: { production: '2' },
    });
    expect((await call('GET', '/models/housing/audit')).json.audit).toMatchObject([
      {
        alias: 'production',
        toVersion: '2',
        actor: 'operator of default',
        reason: 'better on the test split',
      },
    ]);
  });

  it('is refused where the alias holds another version than the caller saw', async () => {
    await move({ version: '1', expectedVersion: null });
    const stale = await move({ version: '3', expectedVersion: null });
    expect([stale.status, stale.json.code]).toEqual([409, 'ALIAS_MOVED']);
    expect((await move({ version: '3', expectedVersion: '2' })).status).toBe(409);
    expect((await move({ version: '3', expectedVersion: '1' })).json.previousVersion).toBe('1');
    expect((await call('GET', '/models/housing/audit')).json.audit).toHaveLength(2);
  });

  it('that changes nothing writes nothing', async () => {
    await move({ version: '1' });
    await move({ version: '1' });
    expect((await call('GET', '/models/housing/audit')).json.audit).toHaveLength(1);
  });

  it.each([
    [{}, 400],
    [{ version: 2 }, 400],
    [{ version: '0' }, 400],
    [{ version: '99' }, 404],
    [{ version: '1', force: true }, 400],
  ])('%j is a %i', async (json, status) => {
    expect((await move(json)).status).toBe(status);
    expect((await call('GET', '/models/housing')).json.aliases).toEqual({});
  });

  it('takes no alias that reads like a version', async () => {
    for (const alias of ['latest', 'v1', 'a%25b', 'a b'])
      expect((await move({ version: '1' }, alias)).status).toBe(400);
  });

  it('of an unknown model is a 404', async () => {
    expect((await call('PUT', '/models/nothing/aliases/production', { version: '1' })).status).toBe(404);
  });
});

describe('rollback', () => {
  it('goes back to the version that held the alias before', async () => {
    await move({ version: '1' });
    await move({ version: '3' });
    const { json } = await call('POST', '/models/housing/rollback');
    expect(json).toMatchObject({ version: '1', previousVersion: '3' });
    expect((await call('GET', '/models/housing/audit')).json.audit[0]).toMatchObject({ kind: 'rollback' });
  });

  it('works on any alias', async () => {
    await move({ version: '1' }, 'staging');
    await move({ version: '2' }, 'staging');
    expect(
      (await call('POST', '/models/housing/rollback', { alias: 'staging', reason: 'x' })).json.version,
    ).toBe('1');
  });

  it('is a 409 where there is nothing to go back to', async () => {
    expect((await call('POST', '/models/housing/rollback')).json.code).toBe('NOTHING_TO_ROLL_BACK');
    await move({ version: '1' });
    expect((await call('POST', '/models/housing/rollback', {})).status).toBe(409);
  });
});
