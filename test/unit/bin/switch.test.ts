import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../../../bin/cli/client.ts';
import { schemaChanges } from '../../../bin/cli/switch/schema-changes.ts';
import { revertModel, switchModel } from '../../../bin/cli/switch/switch-model.ts';
import { addVersion, housingSchema, promote } from '../http/support/engine.ts';
import { type Served, serve } from '../http/support/server.ts';
import { makeWorld, type World } from '../http/support/world.ts';

const QUICK = { quiet: 300, timeout: 3_000, concurrency: 2, pause: 5 };

let world: World;
let served: Served;
let api: ApiClient;
let before: (path: string) => void;

beforeEach(async () => {
  world = makeWorld();
  // A function keeps an alias 2 s: of the world's time 50 ms pass with each request.
  before = () => world.clock.advance(50);
  served = await serve(world, (path) => before(path));
  api = new ApiClient({ apiUrl: served.url, token: await world.token('admin'), name: 'test' });
  await promote(world, await addVersion(world, { base: 100 }));
  await addVersion(world, { base: 200 });
});
afterEach(() => served.close());

const held = async () => (await world.registry.getModel('default', 'housing')).aliases.production;
const audits = async () => (await world.registry.audit('default', 'housing')).items;

describe('switch', () => {
  it('moves production while requests fly, none fails, and only the new version answers in the end', async () => {
    const log = vi.spyOn(world.deps.predictions, 'record');
    const done = await switchModel(api, { model: 'housing', version: '2', reason: 'greener' }, QUICK);
    expect(done).toMatchObject({
      version: '2',
      previousVersion: '1',
      failed: 0,
      settled: true,
      schemaChanges: [],
    });
    // Nobody else answered, and the old one did at first: the requests were under way.
    expect(Object.keys(done.versions).sort()).toEqual(['1', '2']);
    expect(done.versions['1']! + done.versions['2']!).toBe(done.requests);
    expect(done.firstNew).toBeGreaterThanOrEqual(0);
    expect(await held()).toBe('2');
    expect((await audits())[0]).toMatchObject({ toVersion: '2', fromVersion: '1', reason: 'greener' });
    expect((await world.registry.getVersion('default', 'housing', '1')).stage).toBe('Archived');
    // Its requests, hundreds of one row, are in the log as probes: as traffic they would be drift.
    expect(log.mock.calls.length).toBeGreaterThanOrEqual(done.requests);
    expect(log.mock.calls.filter(([, { probe }]) => !probe)).toEqual([]);
  });

  it('is undone by revert with the same proof', async () => {
    await switchModel(api, { model: 'housing', version: '2' }, QUICK);
    const done = await revertModel(api, { model: 'housing' }, QUICK);
    expect(done).toMatchObject({ version: '1', previousVersion: '2', failed: 0, settled: true });
    expect(await held()).toBe('1');
    expect((await audits())[0]).toMatchObject({ kind: 'rollback', reason: 'reverted' });
    await expect(revertModel(api, { model: 'housing' }, QUICK)).rejects.toMatchObject({
      code: 'NOTHING_TO_ROLL_BACK',
    });
  });

  it('puts the first version into production, too', async () => {
    await addVersion(world, { name: 'fresh', base: 1 });
    const done = await switchModel(api, { model: 'fresh', version: '1' }, QUICK);
    expect(done).toMatchObject({ previousVersion: null, failed: 0, versions: { 1: done.requests } });
  });

  it('moves nothing where the version is not there, or its file is gone', async () => {
    await expect(switchModel(api, { model: 'housing', version: '9' }, QUICK)).rejects.toMatchObject({
      status: 404,
    });
    const { modelKey } = await world.registry.getVersion('default', 'housing', '2');
    await world.objects.remove(modelKey!);
    const broken = switchModel(api, { model: 'housing', version: '2' }, QUICK);
    await expect(broken).rejects.toMatchObject({ code: 'MODEL_FILE_BROKEN' });
    expect(await held()).toBe('1');
  });

  it('moves nothing where the new version refuses the rows of the present one, unless told to', async () => {
    const schema = {
      columns: [{ name: 'size', kind: 'number' as const, nullable: false }, housingSchema.columns[2]!],
    };
    const third = await addVersion(world, { base: 300, schema });
    const refused = switchModel(api, { model: 'housing', version: third }, QUICK);
    // The fake answers only rows with an area, so here it is the new version's own example that is refused.
    await expect(refused).rejects.toMatchObject({ field: 'area' });
    expect(await held()).toBe('1');
  });

  it('obeys the policy of the model', async () => {
    await api.put('/models/housing/policy', { requireStaging: true });
    const refused = switchModel(api, { model: 'housing', version: '2' }, QUICK);
    await expect(refused).rejects.toMatchObject({ code: 'STAGING_REQUIRED', status: 409 });
    expect(await held()).toBe('1');
    await api.put('/models/housing/versions/2/stage', { stage: 'Staging' });
    expect((await switchModel(api, { model: 'housing', version: '2' }, QUICK)).version).toBe('2');
  });

  it('says so where requests fail, and how to go back', async () => {
    let count = 0;
    before = (path) => {
      world.clock.advance(50);
      if (path.endsWith('/predict') && ++count === 20) throw new Error('broken');
    };
    const failed = switchModel(api, { model: 'housing', version: '2' }, QUICK);
    await expect(failed).rejects.toMatchObject({
      code: 'NOT_VERIFIED',
      details: { failed: 1, settled: true },
    });
    await expect(failed).rejects.toMatchObject({
      remedy: expect.stringContaining('arboleda revert housing'),
    });
  });

  it('says so where the old version goes on answering', async () => {
    before = () => undefined;
    const stuck = switchModel(api, { model: 'housing', version: '2' }, { ...QUICK, timeout: 600 });
    await expect(stuck).rejects.toMatchObject({
      code: 'NOT_VERIFIED',
      details: { settled: false, firstNew: null },
    });
    await expect(stuck).rejects.toThrow(/version 1 \d+ times/);
  });
});

describe('schemaChanges', () => {
  const row = (properties: object, required: string[] = []) => ({
    properties: properties as never,
    required,
  });

  it('tells what a caller would notice', () => {
    const before = row(
      {
        area: { type: 'number', minimum: 0, maximum: 400 },
        zone: { type: 'string', enum: ['A', 'B'] },
        age: { type: 'integer' },
        old: { type: 'number' },
        free: { type: 'string' },
      },
      ['area', 'old'],
    );
    const after = row(
      {
        area: { type: ['number', 'null'], minimum: 0 },
        zone: { type: 'string', enum: ['B', 'C'] },
        age: { type: 'integer' },
        fresh: { type: 'number' },
        free: { type: 'string', enum: ['x'] },
      },
      ['fresh', 'age'],
    );
    expect(schemaChanges(before, after)).toEqual([
      'area: number became number or null',
      'area: maximum 400 became none',
      'area: now optional',
      'zone: no longer takes A',
      'zone: takes also C',
      'age: now required',
      'old is not taken any more',
      'free: takes only x now',
      'fresh is new and required',
    ]);
    expect(schemaChanges(before, before)).toEqual([]);
  });
});
