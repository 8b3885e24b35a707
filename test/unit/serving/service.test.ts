import { beforeEach, describe, expect, it } from 'vitest';
import { checkHealth, PredictionService } from '../../../lib/serving/index.ts';
import { Registry } from '../../../lib/tracking/index.ts';
import { FixedClock, MemoryItemStore, MemoryObjectStore } from '../../support/memory.ts';
import { addVersion, type FakeModel, fakeEngine, promote } from '../http/support/engine.ts';

let clock: FixedClock;
let objects: MemoryObjectStore;
let registry: Registry;
let reads: string[];
let service: PredictionService<FakeModel>;
let world: { registry: Registry; objects: MemoryObjectStore };

beforeEach(() => {
  clock = new FixedClock();
  objects = new MemoryObjectStore(clock);
  registry = new Registry(new MemoryItemStore(clock), clock);
  world = { registry, objects };
  reads = [];
  const counting = {
    get: async (key: string) => {
      reads.push(key);
      return objects.get(key);
    },
  };
  service = new PredictionService({
    registry,
    objects: counting,
    engine: fakeEngine,
    clock,
    limits: { maxRows: 3 },
  });
});

const predict = (body: unknown, selector?: Parameters<typeof service.predict>[3]) =>
  service.predict('default', 'housing', body, selector);

describe('which version answers', () => {
  beforeEach(async () => {
    await promote(world, await addVersion(world, { base: 100 }));
    await addVersion(world, { base: 200 });
  });

  it('is the champion unless told', async () => {
    const result = await predict({ area: 1 });
    expect(result).toMatchObject({
      model: 'housing',
      version: '1',
      alias: 'production',
      target: 'price',
      bare: true,
    });
    expect(result.predictions).toEqual([{ prediction: 101 }]);
  });

  it('is the one that an alias or a number names', async () => {
    await registry.moveAlias('default', {
      model: 'housing',
      alias: 'staging',
      version: '2',
      expectedVersion: null,
      actor: 'test',
      reason: 'test',
    });
    expect(await predict({ area: 1 }, { alias: 'staging' })).toMatchObject({
      version: '2',
      alias: 'staging',
    });
    const byNumber = await predict({ area: 1 }, { version: '2' });
    expect(byNumber.predictions).toEqual([{ prediction: 201 }]);
    expect(byNumber.alias).toBeUndefined();
  });

  it('changes within five seconds of a promotion, in the same process', async () => {
    await predict({ area: 1 });
    await promote(world, '2');
    clock.advance(4_999);
    expect((await predict({ area: 1 })).version).toBe('2');
  });

  it('changes back within five seconds of a rollback, without loading the model again', async () => {
    await predict({ area: 1 });
    await promote(world, '2');
    clock.advance(2_000);
    await predict({ area: 1 });
    await registry.rollback('default', {
      model: 'housing',
      alias: 'production',
      actor: 'test',
      reason: 'test',
    });
    clock.advance(2_000);
    expect((await predict({ area: 1 })).version).toBe('1');
    expect(reads).toHaveLength(2);
  });

  it.each([
    ['model', () => service.predict('default', 'nothing', { area: 1 })],
    ['alias', () => predict({ area: 1 }, { alias: 'nothing' })],
    ['version', () => predict({ area: 1 }, { version: '99' })],
    ['workspace', () => service.predict('elsewhere', 'housing', { area: 1 })],
  ])('is a 404 where there is no such %s', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ status: 404 });
  });
});

describe('a model without a champion', () => {
  it('is not ready: 503, with what to do', async () => {
    await addVersion(world);
    await expect(predict({ area: 1 })).rejects.toMatchObject({
      code: 'NOT_READY',
      status: 503,
      message: 'model "housing" has no version with the alias production yet',
      remedy: expect.stringMatching(/arboleda run/),
    });
  });

  it('can be asked by version all the same', async () => {
    await addVersion(world, { base: 5 });
    expect((await predict({ area: 1 }, { version: '1' })).predictions).toEqual([{ prediction: 6 }]);
  });
});

describe('loading', () => {
  beforeEach(async () => promote(world, await addVersion(world, { base: 100 })));

  it('reads the file once for many requests at the same time', async () => {
    await Promise.all(Array.from({ length: 30 }, () => predict({ area: 1 })));
    expect(reads).toHaveLength(1);
  });

  it('refuses a file with a changed byte, and again at the next request', async () => {
    const [key = ''] = objects.keys();
    const bytes = await objects.get(key);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    await objects.put(key, bytes, { contentType: 'application/octet-stream' });
    for (let i = 0; i < 2; i++)
      await expect(predict({ area: 1 })).rejects.toMatchObject({ code: 'MODEL_FILE_BROKEN', status: 500 });
    expect(reads).toHaveLength(2);
  });

  it('reports a file that is gone', async () => {
    for (const key of objects.keys()) await objects.remove(key);
    await expect(predict({ area: 1 })).rejects.toMatchObject({ status: 500, code: 'MODEL_FILE_BROKEN' });
  });
});

describe('rows', () => {
  beforeEach(async () => promote(world, await addVersion(world, { base: 100 })));

  it('come one bare or several in `rows`, answered in order', async () => {
    const many = await predict({ rows: [{ area: 1 }, { area: 2 }, { area: 3 }] });
    expect(many.bare).toBe(false);
    expect(many.predictions.map((one) => one.prediction)).toEqual([101, 102, 103]);
    expect((await predict({ rows: [{ area: 1 }] })).bare).toBe(false);
  });

  it.each([
    [null, 400, 'body'],
    [7, 400, 'body'],
    ['row', 400, 'body'],
    [[{ area: 1 }], 400, 'body'],
    [{ rows: [] }, 400, 'rows'],
    [{ rows: [{ area: 1 }], alias: 'x' }, 400, 'alias'],
    [{ rows: [{ area: 1 }, 2] }, 400, 'rows[1]'],
    [{ rows: [null] }, 400, 'rows[0]'],
    [{ rows: [[]] }, 400, 'rows[0]'],
    [{ rows: Array(4).fill({ area: 1 }) }, 413, 'rows'],
    [{ rows: [{ area: 1 }, { area: 'x' }] }, 400, 'rows[1].area'],
  ])('that are %j fail with %i at %s', async (body, status, field) => {
    await expect(predict(body)).rejects.toMatchObject({ status, field });
  });

  it('that are bare are named without an index, in errors and warnings', async () => {
    await expect(predict({ area: 'x' })).rejects.toMatchObject({
      field: 'area',
      message: 'area must be a number',
    });
    const { warnings } = await predict({ area: 1, zone: 'Z' });
    expect(warnings).toEqual([
      { row: 0, field: 'zone', code: 'unknown_category', message: 'zone: "Z" was not seen in training' },
    ]);
  });

  it('are not read at all while the request is wrong', async () => {
    await expect(predict({ rows: [] })).rejects.toThrow();
    expect(reads).toHaveLength(0);
  });
});

describe('checkHealth', () => {
  it('is ok where the default model can predict, and costs no read once it is loaded', async () => {
    await promote(world, await addVersion(world));
    for (let i = 0; i < 5; i++) {
      expect(await checkHealth(service, 'default', 'housing')).toEqual({
        status: 'ok',
        model_loaded: true,
        model: 'housing',
        version: '1',
      });
    }
    expect(reads).toHaveLength(1);
  });

  it.each([
    ['no default model', undefined, async () => {}],
    ['an unregistered model', 'housing', async () => {}],
    ['an unpromoted model', 'housing', async () => void (await addVersion(world))],
  ])('is not ready with %s', async (_, name, prepare) => {
    await prepare();
    expect(await checkHealth(service, 'default', name)).toMatchObject({
      status: 'unavailable',
      model_loaded: false,
      model: name ?? null,
      version: null,
      code: 'NOT_READY',
      message: expect.any(String),
      remedy: expect.any(String),
    });
  });

  it('says that a promoted model cannot be loaded', async () => {
    await promote(world, await addVersion(world));
    for (const key of objects.keys()) await objects.remove(key);
    expect(await checkHealth(service, 'default', 'housing')).toMatchObject({
      status: 'unavailable',
      code: 'MODEL_UNAVAILABLE',
    });
  });

  it('tells nothing of an unexpected fault', async () => {
    const broken = { load: () => Promise.reject(new Error('arn:aws:secret')) };
    const health = await checkHealth(broken, 'default', 'housing');
    expect(health).toMatchObject({ code: 'MODEL_UNAVAILABLE', model_loaded: false });
    expect(JSON.stringify(health)).not.toMatch(/arn:/);
  });
});
