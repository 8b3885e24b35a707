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

  it('lists models with what is in production in one request, where that is asked for', async () => {
    const list = async (query: Record<string, string>) =>
      world.call('GET', '/models', { token, query: { include: 'production', ...query } });
    await world.deps.registry.createModel('default', { name: 'unborn' });
    await promote(world, '2');
    const { models } = (await list({})).json;
    expect(models.map((one: { name: string }) => one.name)).toEqual(['housing', 'unborn']);
    expect(models[0].production).toEqual((await call('GET', '/models/housing/versions/2')).json);
    expect(models[1]).not.toHaveProperty('production');
    expect((await call('GET', '/models')).json.models[0]).not.toHaveProperty('production');
    const first = (await list({ limit: '1' })).json;
    expect([first.models.length, typeof first.cursor]).toEqual([1, 'string']);
    const next = (await list({ limit: '1', cursor: first.cursor })).json;
    expect(next.models.map((one: { name: string }) => one.name)).toEqual(['unborn']);
    expect((await list({ include: 'all' })).status).toBe(400);
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
  it('goes to any name, also one that every object of JavaScript knows', async () => {
    expect((await move({ version: '2' }, 'constructor')).json).toMatchObject({
      version: '2',
      previousVersion: null,
    });
    const back = await call('POST', '/models/housing/rollback', { alias: 'toString', withData: true });
    expect([back.status, back.json.code]).toEqual([409, 'NOTHING_TO_ROLL_BACK']);
  });

  it('is in the snapshot of the run behind the version, for reconcile, and so is its rollback', async () => {
    const runId = (await world.registry.getVersion('default', 'housing', '2')).runId!;
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

describe('stages', () => {
  const stage = (version: string, json: object) =>
    call('PUT', `/models/housing/versions/${version}/stage`, json);

  it('are moved in any case of the word, with what went with it', async () => {
    expect((await stage('2', { stage: 'staging' })).json).toEqual({
      model: 'housing',
      version: '2',
      stage: 'Staging',
      previousStage: 'None',
      archived: [],
      aliases: {},
    });
    await stage('1', { stage: 'Production' });
    const { json } = await stage('2', {
      stage: 'PRODUCTION',
      archiveExisting: true,
      expectedStage: 'Staging',
    });
    expect(json).toMatchObject({ archived: ['1'], previousStage: 'Staging', aliases: { production: '2' } });
    const { versions } = (await call('GET', '/models/housing/versions')).json;
    expect(versions.map((one: { stage: string }) => one.stage)).toEqual(['None', 'Production', 'Archived']);
    expect((await stage('2', { stage: 'Development', reason: 'out' })).json).toMatchObject({
      stage: 'None',
      aliases: {},
    });
    expect((await call('GET', '/models/housing/audit')).json.audit[0]).toMatchObject({
      kind: 'stage',
      fromVersion: '2',
      reason: 'out',
    });
  });

  it.each([
    [{}, 400, 'stage'],
    [{ stage: 'Live' }, 400, 'stage'],
    [{ stage: 'Archived', archiveExisting: true }, 400, 'archiveExisting'],
    [{ stage: 'Staging', archive: true }, 400, undefined],
    [{ stage: 'Production', expectedStage: 'Staging' }, 409, undefined],
  ])('%j is a %i', async (json, status, field) => {
    const answer = await stage('1', json);
    expect(answer.status).toBe(status);
    if (field) expect(answer.json.field).toBe(field);
    expect((await call('GET', '/models/housing/audit')).json.audit).toEqual([]);
  });

  it('of what is not there are a 404', async () => {
    expect((await stage('99', { stage: 'Staging' })).status).toBe(404);
    const other = await call('PUT', '/models/nothing/versions/1/stage', { stage: 'Staging' });
    expect(other.status).toBe(404);
  });
});

describe('the policy of a model', () => {
  it('is set by an admin, and then demands Staging of every promotion but a rollback', async () => {
    const admin = await world.token('admin');
    const set = (token: string, requireStaging: boolean) =>
      world.call('PUT', '/models/housing/policy', { token, json: { requireStaging } });
    expect((await set(token, true)).status).toBe(403);
    await move({ version: '1' });
    await move({ version: '2' });
    expect((await set(admin, true)).json).toEqual({ model: 'housing', requireStaging: true });
    expect((await call('GET', '/models/housing/policy')).json).toEqual({
      model: 'housing',
      requireStaging: true,
    });
    expect((await call('GET', '/models/housing')).json.policy).toEqual({ requireStaging: true });
    const refused = await move({ version: '3' });
    expect([refused.status, refused.json.code]).toEqual([409, 'STAGING_REQUIRED']);
    expect(refused.json.remedy).toContain('npx arboleda stage');
    await call('PUT', '/models/housing/versions/3/stage', { stage: 'Staging' });
    expect((await move({ version: '3' })).status).toBe(200);
    expect((await call('POST', '/models/housing/rollback')).json.version).toBe('2');
    await set(admin, false);
    expect((await move({ version: '1' })).status).toBe(200);
  });

  it('of an unknown model is a 404', async () => {
    expect((await call('GET', '/models/nothing/policy')).status).toBe(404);
  });
});

describe('the schema of a row', () => {
  it('is that of the version asked for, with an example that it answers', async () => {
    expect((await call('GET', '/models/housing/schema')).status).toBe(503);
    await promote(world, '2');
    const { json } = await call('GET', '/models/housing/schema');
    expect(json).toMatchObject({ model: 'housing', version: '2', target: 'price' });
    expect(json.schema.properties).toHaveProperty('area');
    expect(json.schema.properties).not.toHaveProperty('price');
    const byVersion = (query: Record<string, string>) =>
      world.call('GET', '/models/housing/schema', { token, query });
    expect((await byVersion({ version: '1' })).json.version).toBe('1');
    expect((await byVersion({ stage: 'production' })).json.version).toBe('2');
    expect((await byVersion({ version: '9' })).status).toBe(404);
    expect((await call('POST', '/models/housing/predict', json.example)).status).toBe(200);
  });
});

describe('GET /models/{name}/schema', () => {
  const read = (path: string) => world.call('GET', path, { token });

  it('gives the rows of the version that would predict, with an example of them', async () => {
    const version = await addVersion(world, { name: 'villas' });
    await promote(world, version, { name: 'villas' });
    const { status, json } = await read('/models/villas/schema');
    expect(status).toBe(200);
    expect(json).toMatchObject({ model: 'villas', version: '1', target: 'price', task: 'regression' });
    expect(json.schema.properties.area).toEqual({ type: 'number', minimum: 0, maximum: 400 });
    expect(json.schema.properties.zone.description).toBe('Zoning');
    expect(json.schema.required).toEqual(['area']);
    expect(json.example).toEqual({ area: 200, zone: 'A' });
  });

  it('takes a version or an alias, and is not ready before a promotion', async () => {
    await addVersion(world, { name: 'villas' });
    const answer = await read('/models/villas/schema');
    expect([answer.status, answer.json.code]).toEqual([503, 'NOT_READY']);
    expect(
      (await world.call('GET', '/models/villas/schema', { token, query: { version: '1' } })).status,
    ).toBe(200);
    expect((await read('/models/nothing/schema')).status).toBe(404);
  });
});
