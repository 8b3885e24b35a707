import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ModelEngine,
  type PredictionEntry,
  PredictionService,
  type TrafficSource,
} from '../../../../lib/serving/index.ts';
import { type NewSplit, Registry, Splits } from '../../../../lib/tracking/index.ts';
import { FixedClock, MemoryItemStore, MemoryObjectStore } from '../../../support/memory.ts';
import { addVersion, type FakeModel, fakeEngine, promote } from '../../http/support/engine.ts';

const WS = 'default';
const guard = { maxErrorRate: 0.2, maxLatencyMs: 50, minRequests: 5, windowMinutes: 10 };
const arms = (first: number, second: number) => [
  { version: '1', weight: first },
  { version: '2', weight: second },
];
const by = { model: 'housing', actor: 'test', reason: 'test' };

/** A service over one model of three versions (base 100, 200, 300) whose time is that of its models. */
class Stage {
  readonly clock = new FixedClock();
  readonly objects = new MemoryObjectStore(this.clock);
  readonly items = new MemoryItemStore(this.clock);
  readonly registry = new Registry(this.items, this.clock);
  readonly splits = new Splits(this.items, this.clock);
  /** Milliseconds. */
  time = 0;
  /** Milliseconds that a version's model takes for a call, by its base. */
  readonly cost: Record<number, number> = {};
  /** What a version's model throws, by its base. */
  readonly broken: Record<number, Error> = {};
  /** What the store of models waits for before it gives one, by its base. */
  readonly held: Record<number, Promise<void>> = {};
  looks = 0;
  traffic: TrafficSource = {
    route: (...args) => {
      this.looks++;
      return this.splits.route(...args);
    },
    revert: (...args) => this.splits.revert(...args),
  };
  readonly service: PredictionService<FakeModel>;

  constructor() {
    const engine: ModelEngine<FakeModel> = {
      ...fakeEngine,
      predict: (model, rows) => {
        this.time += this.cost[model.base] ?? 1;
        if (this.broken[model.base]) throw this.broken[model.base];
        return fakeEngine.predict(model, rows);
      },
    };
    this.service = new PredictionService({
      registry: this.registry,
      objects: {
        get: async (key) => {
          const bytes = await this.objects.get(key);
          await this.held[(JSON.parse(String(Buffer.from(bytes))) as FakeModel).base];
          return bytes;
        },
      },
      engine,
      clock: this.clock,
      traffic: {
        route: (...args) => this.traffic.route(...args),
        revert: (...args) => this.traffic.revert(...args),
      },
      now: () => this.time,
      limits: { shadowMilliseconds: 40 },
    });
  }

  async begin(split: Partial<NewSplit>): Promise<void> {
    await this.splits.set(WS, { ...by, split: { kind: 'ab', arms: arms(50, 50), ...split } });
    this.clock.advance(2_000);
  }

  predict(key: string, more: object = {}, body: unknown = { area: 1 }) {
    return this.service.predict(WS, 'housing', body, undefined, { key, ...more });
  }

  /** The same, and what would have been logged of a failure. */
  async failing(key: string): Promise<{ error: { code?: string }; entry: PredictionEntry | undefined }> {
    let entry: PredictionEntry | undefined;
    const failed = async (told: PredictionEntry) => {
      entry = told;
    };
    const error = await this.predict(key, { failed }).then(
      () => Promise.reject(new Error('it did not fail')),
      (thrown: { code?: string }) => thrown,
    );
    return { error, entry };
  }
}

let s: Stage;
beforeEach(async () => {
  s = new Stage();
  for (const base of [100, 200, 300]) await addVersion(s, { base });
  await promote(s, '1');
});

describe('routing', () => {
  it('looks once in two seconds where a split runs, as where none does', async () => {
    for (let i = 0; i < 20; i++) await s.predict(`k${i}`);
    expect(s.looks).toBe(1);
    await s.begin({});
    const versions = new Set<string>();
    for (let i = 0; i < 20; i++) versions.add((await s.predict(`k${i}`)).version);
    expect(s.looks).toBe(2);
    expect(versions).toEqual(new Set(['1', '2']));
  });

  it('costs no read of the table beyond the look-up of the alias', async () => {
    const reads: string[] = [];
    const counting = new Proxy(s.items, {
      get: (target, name) => {
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          reads.push(String(name));
          return member.apply(target, args);
        };
      },
    });
    const splits = new Splits(counting, s.clock);
    await splits.route(WS, 'housing');
    // The model and its champion: what the alias alone takes.
    expect(reads).toEqual(['get', 'get']);
    await s.begin({ shadows: ['3'] });
    reads.length = 0;
    await splits.route(WS, 'housing');
    expect(reads).toEqual(['get', 'get', 'get', 'get', 'get']);
  });

  it('follows a stop and a promotion within two seconds', async () => {
    await s.begin({ arms: arms(0, 100) });
    expect((await s.predict('k')).version).toBe('2');
    await s.splits.stop(WS, by);
    s.clock.advance(2_000);
    expect((await s.predict('k')).version).toBe('1');
    await s.begin({ arms: arms(100, 0) });
    await s.splits.promote(WS, by);
    s.clock.advance(2_000);
    const { version, entry } = await s.predict('k');
    expect(version).toBe('2');
    expect(entry.splitRevision).toBeUndefined();
  });

  it('loads the champion whatever the split: what health and schemas speak of', async () => {
    await s.begin({ arms: arms(0, 100) });
    expect((await s.service.load(WS, 'housing')).version.version).toBe('1');
  });
});

describe('what is logged', () => {
  it('has the latency of the version that answered, and whether it was loaded', async () => {
    s.cost[100] = 7.256;
    expect((await s.predict('k')).entry).toEqual({
      model: 'housing',
      version: '1',
      alias: 'production',
      rows: [{ area: 1 }],
      predictions: [{ prediction: 101 }],
      latencyMs: 7.26,
      cold: true,
      keyHash: expect.any(String),
    });
    const { entry } = await s.service.predict(WS, 'housing', { area: 1 });
    expect(entry.cold).toBeUndefined();
    expect(entry.keyHash).toBeUndefined();
  });

  it('tells a challenger from the champion', async () => {
    await s.begin({ arms: arms(0, 100) });
    expect((await s.predict('k')).entry).toMatchObject({ version: '2', arm: 'challenger', splitRevision: 2 });
    await s.begin({ arms: arms(100, 0) });
    expect((await s.predict('k')).entry).toMatchObject({ version: '1', arm: 'champion', splitRevision: 3 });
  });

  it('reads rows by the columns of the version that answers', async () => {
    await s.begin({ arms: arms(0, 100), shadows: ['3'] });
    const body = (model: object) => [{ area: (model as FakeModel).base }];
    const { predictions, entry } = await s.predict('k', {}, body);
    expect(predictions).toEqual([{ prediction: 400 }]);
    expect(entry.shadows?.[0]?.predictions).toEqual([{ prediction: 500 }]);
  });
});

describe('a failure of ours', () => {
  const error = new Error('the kernel broke');

  it('beside the champion is answered by the champion', async () => {
    await s.begin({ arms: arms(0, 100) });
    s.broken[200] = error;
    s.cost[200] = 3;
    const { version, predictions, entry } = await s.predict('k');
    expect([version, predictions]).toEqual(['1', [{ prediction: 101 }]]);
    expect(entry).toMatchObject({
      version: '1',
      arm: 'champion',
      failedOver: { version: '2', latencyMs: 3, cold: true, error: { code: 'INTERNAL_ERROR' } },
    });
    expect(entry.error).toBeUndefined();
  });

  it('of the champion is thrown, and told before', async () => {
    await s.begin({ arms: arms(100, 0) });
    s.broken[100] = error;
    const { error: thrown, entry } = await s.failing('k');
    expect(thrown).toBe(error);
    expect(entry).toMatchObject({
      version: '1',
      rows: [{ area: 1 }],
      predictions: [],
      error: { code: 'INTERNAL_ERROR' },
      arm: 'champion',
    });
  });

  it('of both tells of both', async () => {
    await s.begin({ arms: arms(0, 100) });
    s.broken[100] = s.broken[200] = error;
    const { entry } = await s.failing('k');
    expect(entry).toMatchObject({ version: '1', error: {}, failedOver: { version: '2', error: {} } });
  });

  it("is not what a caller's own mistake is: no version is blamed, and nothing logged", async () => {
    await s.begin({ arms: arms(0, 100), guard });
    for (let i = 0; i < 10; i++) {
      let told = 0;
      const failed = async () => {
        told++;
      };
      await expect(s.predict(`k${i}`, { failed }, { area: 'wide' })).rejects.toMatchObject({ field: 'area' });
      expect(told).toBe(0);
    }
    expect((await s.splits.get(WS, 'housing'))?.state).toBe('running');
  });
});

describe('a shadow', () => {
  const shadowed = async (body: unknown = { area: 1 }) => {
    const { entry, ...answer } = await s.predict('k', {}, body);
    expect(answer.version).toBe('1');
    return entry.shadows;
  };
  beforeEach(async () => {
    await s.begin({ arms: arms(100, 0), shadows: ['3'] });
    await s.service.load(WS, 'housing', { version: '3' });
  });

  it('computes what the answer was computed from, for the log', async () => {
    s.cost[300] = 4;
    expect(await shadowed({ rows: [{ area: 1 }, { area: 2 }] })).toEqual([
      { version: '3', latencyMs: 4, predictions: [{ prediction: 301 }, { prediction: 302 }] },
    ]);
  });

  it('that fails harms no answer', async () => {
    s.broken[300] = new Error('broken');
    expect(await shadowed()).toEqual([{ version: '3', latencyMs: 1, error: { code: 'INTERNAL_ERROR' } }]);
  });

  it('that is slow is ended between two slices of rows, when its time is over', async () => {
    s.cost[300] = 15;
    const rows = Array.from({ length: 1_000 }, (_, area) => ({ area }));
    const before = s.time;
    // Three slices of 15 ms each, not 32 of them: the budget is 40 ms.
    expect(await shadowed({ rows })).toEqual([
      { version: '3', latencyMs: 45, error: { code: 'SHADOW_TOO_SLOW' } },
    ]);
    expect(s.time - before).toBe(46);
  });

  it('whose model does not come in time is left out, and is there for a later request', async () => {
    await addVersion(s, { base: 400 });
    let give = () => {};
    s.held[400] = new Promise((resolve) => {
      give = resolve;
    });
    await s.begin({ arms: arms(100, 0), shadows: ['4'] });
    expect(await shadowed()).toMatchObject([
      { version: '4', cold: true, error: { code: 'SHADOW_TOO_SLOW' } },
    ]);
    give();
    await s.service.load(WS, 'housing', { version: '4' });
    expect(await shadowed()).toEqual([{ version: '4', latencyMs: 1, predictions: [{ prediction: 401 }] }]);
  });

  it('that is slow leaves the next its share of the time', async () => {
    await s.begin({ arms: [{ version: '1', weight: 100 }], shadows: ['3', '2'] });
    await s.service.load(WS, 'housing', { version: '2' });
    s.cost[300] = 25;
    const rows = Array.from({ length: 64 }, (_, area) => ({ area }));
    expect(await shadowed({ rows })).toMatchObject([
      { version: '3', latencyMs: 25, error: { code: 'SHADOW_TOO_SLOW' } },
      { version: '2', latencyMs: 2, predictions: expect.any(Array) },
    ]);
  });
});

describe('the guard within the process', () => {
  const state = async () => (await s.splits.get(WS, 'housing'))?.state;
  beforeEach(() => s.begin({ kind: 'blue-green', arms: arms(0, 100), guard }));

  it('sends all back to the champion with the request that passes the bound', async () => {
    s.broken[200] = new Error('broken');
    for (let i = 0; i < 4; i++) await s.predict(`k${i}`);
    expect(await state()).toBe('running');
    await s.predict('k4');
    expect(await s.splits.get(WS, 'housing')).toMatchObject({
      state: 'reverted',
      revertedReason: 'version 2 failed 5 of 5 requests (100 %); 20 % is the most',
    });
    const { entry } = await s.predict('k5');
    expect([entry.version, entry.failedOver, entry.splitRevision]).toEqual(['1', undefined, undefined]);
    expect((await s.registry.audit(WS, 'housing')).items[0]).toMatchObject({ actor: 'guard' });
  });

  it('judges latency too, by the requests within its window', async () => {
    await s.service.load(WS, 'housing', { version: '2' });
    s.cost[200] = 80;
    for (let i = 0; i < 4; i++) await s.predict(`k${i}`);
    s.clock.advance(11 * 60_000);
    await s.predict('late');
    expect(await state()).toBe('running');
    for (let i = 0; i < 4; i++) await s.predict(`l${i}`);
    expect(await state()).toBe('reverted');
  });

  it('forgives what is within the bounds', async () => {
    for (let i = 0; i < 40; i++) {
      if (i % 10 === 9) s.broken[200] = new Error('now and then');
      else delete s.broken[200];
      await s.predict(`k${i}`);
    }
    expect(await state()).toBe('running');
  });

  it('keeps the traffic back though the record cannot be written; the answer comes all the same', async () => {
    s.traffic = { ...s.traffic, revert: async () => Promise.reject(new Error('the table is away')) };
    s.broken[200] = new Error('broken');
    for (let i = 0; i < 5; i++) expect((await s.predict(`k${i}`)).version).toBe('1');
    expect(await state()).toBe('running');
    expect((await s.predict('k6')).entry.failedOver).toBeUndefined();
  });

  it('begins anew with a split that was set again', async () => {
    s.broken[200] = new Error('broken');
    for (let i = 0; i < 5; i++) await s.predict(`k${i}`);
    expect(await state()).toBe('reverted');
    delete s.broken[200];
    await s.begin({ kind: 'blue-green', arms: arms(0, 100), guard });
    expect((await s.predict('k6')).version).toBe('2');
    expect(await state()).toBe('running');
  });
});
