import { beforeEach, describe, expect, it } from 'vitest';
import { type ModelEngine, PredictionService } from '../../../lib/serving/index.ts';
import { readSnapshot, Splits } from '../../../lib/tracking/index.ts';
import { addVersion, fakeEngine, housingSchema, promote } from './support/engine.ts';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let operator: string;
let predictor: string;

beforeEach(async () => {
  world = makeWorld();
  [operator, predictor] = [await world.token('operator'), await world.token('predictor')];
  for (const base of [100, 200, 300]) await addVersion(world, { base });
  await promote(world, '1');
});

const guard = { maxErrorRate: 0.1, maxLatencyMs: 1_000, minRequests: 5, windowMinutes: 10 };
const arms = (first: number, second: number) => [
  { version: '1', weight: first },
  { version: '2', weight: second },
];
const call = (method: string, json?: unknown, more = '') =>
  world.call(method, `/models/housing/split${more}`, {
    token: operator,
    ...(json !== undefined && { json }),
  });
const set = (json: object) => call('PUT', { kind: 'ab', reason: 'try', ...json });
const predict = (key?: string, path = '/models/housing/predict', query = {}) =>
  world.call('POST', path, {
    token: predictor,
    json: { area: 1 },
    query,
    ...(key !== undefined && { headers: { 'Arboleda-Key': key } }),
  });
const logged = async (requestId: string) =>
  (await world.call('GET', `/predictions/${requestId}`, { token: operator })).json;

describe('a split over HTTP', () => {
  it('is null, set, changed by revision, shown and stopped', async () => {
    expect((await call('GET')).json).toEqual({ split: null });
    const made = await set({ arms: arms(90, 10), shadows: ['3'], guard });
    expect(made.status).toBe(200);
    expect(made.json.split).toMatchObject({
      model: 'housing',
      kind: 'ab',
      arms: arms(90, 10),
      shadows: ['3'],
      guard,
    });
    const { revision } = made.json.split;
    expect((await call('GET')).json).toEqual(made.json);
    const other = await set({ arms: arms(50, 50), revision: revision - 1 });
    expect([other.status, other.json.code, other.json.field]).toEqual([409, 'SPLIT_CHANGED', 'revision']);
    expect((await set({ arms: arms(50, 50), revision })).json.split.arms).toEqual(arms(50, 50));
    expect((await call('DELETE', undefined, '')).json).toMatchObject({
      split: null,
      stopped: { arms: arms(50, 50) },
    });
    expect((await call('DELETE')).json).toEqual({ split: null, stopped: null });
    const { json } = await world.call('GET', '/models/housing/audit', { token: operator });
    expect(json.audit.slice(0, 3).map((one: { split: object }) => one.split)).toMatchObject([
      { action: 'stop' },
      { action: 'set', arms: arms(50, 50) },
      { action: 'set', arms: arms(90, 10) },
    ]);
  });

  it('is stopped by who saw it as it is', async () => {
    const { json } = await set({ arms: arms(90, 10) });
    const stop = (revision: number) =>
      world.call('DELETE', '/models/housing/split', {
        token: operator,
        query: { revision: String(revision) },
      });
    expect((await stop(json.split.revision + 1)).status).toBe(409);
    expect((await stop(json.split.revision)).json.stopped.revision).toBe(json.split.revision);
  });

  it('is promoted with one call, which a repeat does not do twice', async () => {
    const { json } = await set({ arms: arms(90, 10) });
    const body = { reason: 'better', revision: json.split.revision, version: '2' };
    const done = await call('POST', body, '/promote');
    expect(done.json).toEqual({
      model: 'housing',
      alias: 'production',
      version: '2',
      previousVersion: '1',
      aliases: { production: '2' },
    });
    expect((await call('POST', body, '/promote')).json.version).toBe('2');
    expect((await call('GET')).json).toEqual({ split: null });
    expect((await call('POST', { reason: 'again' }, '/promote')).json.code).toBe('NO_SPLIT');
  });

  it.each([
    [{ arms: arms(60, 50) }, 'arms'],
    [
      {
        arms: [
          { version: '1', weight: 99.5 },
          { version: '2', weight: 0.5 },
        ],
      },
      'arms[0].weight',
    ],
    [{ arms: [] }, 'arms'],
    [{ arms: arms(50, 50), kind: 'canary' }, 'kind'],
    [{ arms: arms(50, 50), kind: 'blue-green' }, 'guard'],
    [{ arms: arms(50, 50), guard: { ...guard, maxErrorRate: 2 } }, 'guard.maxErrorRate'],
    [{ arms: arms(50, 50), shadows: ['1'] }, 'shadows'],
    [{ arms: arms(50, 50), reason: undefined }, 'reason'],
    [{ arms: arms(50, 50), seed: 'mine' }, 'seed'],
  ])('of %j is a 400 that names the field, and nothing is written', async (body, field) => {
    const before = world.items.dump();
    const { status, json } = await set(body);
    expect([status, json.field]).toEqual([400, field]);
    expect(world.items.dump()).toEqual(before);
  });

  it('needs versions that are there, load, and take what the champion takes', async () => {
    expect((await set({ arms: [...arms(50, 40), { version: '9', weight: 10 }] })).status).toBe(404);
    const other = { columns: housingSchema.columns.filter(({ name }) => name !== 'zone') };
    await addVersion(world, { base: 5, schema: other });
    const narrow = await set({
      arms: [
        { version: '1', weight: 50 },
        { version: '4', weight: 50 },
      ],
    });
    expect([narrow.status, narrow.json.code]).toEqual([409, 'SPLIT_MISMATCH']);
    await addVersion(world, { says: 'dear' });
    expect((await set({ arms: arms(50, 50), shadows: ['5'] })).json.code).toBe('SPLIT_MISMATCH');
    for (const key of world.objects.keys()) if (key.endsWith('.arbm')) await world.objects.remove(key);
    const fresh = makeWorld();
    expect(
      (await fresh.call('GET', '/models/housing/split', { token: await fresh.token('viewer') })).status,
    ).toBe(404);
    const gone = await set({
      arms: [
        { version: '1', weight: 50 },
        { version: '3', weight: 50 },
      ],
    });
    expect([gone.status, gone.json.code]).toEqual([500, 'MODEL_FILE_BROKEN']);
    expect((await call('GET')).json).toEqual({ split: null });
  });

  it('is kept in the snapshot of the champion', async () => {
    await world.runs.create('default', { runId: 'b'.repeat(32), experimentId: '0', name: 'made them' });
    const { json } = await set({ arms: arms(70, 30), guard });
    const snapshot = await readSnapshot(world.objects, 'default', 'b'.repeat(32));
    expect(snapshot?.registry?.split).toMatchObject({
      arms: arms(70, 30),
      guard,
      revision: json.split.revision,
    });
  });
});

describe('predictions under a split', () => {
  const shares = async (keys: readonly string[], path?: string) => {
    const answers = await Promise.all(keys.map((key) => predict(key, path)));
    return answers.map(({ json }) => json.version as string);
  };
  const keys = Array.from({ length: 60 }, (_, i) => `caller-${i}`);

  it('are answered by both versions, each caller by one', async () => {
    await set({ arms: arms(50, 50) });
    const first = await shares(keys);
    expect(new Set(first)).toEqual(new Set(['1', '2']));
    expect(await shares(keys)).toEqual(first);
    // By whichever way: the default model, the query in place of the header, MLflow's protocol.
    expect(await shares(keys, '/predict')).toEqual(first);
    const [key] = keys;
    expect((await predict(undefined, undefined, { key })).json.version).toBe(first[0]);
    const invoked = await world.call('POST', '/models/housing/invocations', {
      token: predictor,
      json: { dataframe_records: [{ area: 1 }] },
      headers: { 'Arboleda-Key': keys[0]! },
    });
    expect(invoked.json.predictions).toEqual([first[0] === '1' ? 101 : 201]);
  });

  it('without a key are shared out by request', async () => {
    await set({ arms: arms(50, 50) });
    const versions = await Promise.all(keys.map(async () => (await predict()).json.version));
    expect(new Set(versions)).toEqual(new Set(['1', '2']));
  });

  it('by alias, version or stage are what their caller names', async () => {
    await set({ arms: arms(0, 100) });
    expect((await predict('k')).json.version).toBe('2');
    for (const query of [{ alias: 'production' }, { version: '1' }, { stage: 'Production' }]) {
      const { json } = await predict('k', undefined, query);
      expect(json.version).toBe('1');
      const record = await logged(json.requestId);
      expect(record.splitRevision).toBeUndefined();
      expect(record.arm).toBeUndefined();
    }
    const latest = await world.call('POST', '/models/housing/invocations', {
      token: predictor,
      json: { dataframe_records: [{ area: 1 }] },
      query: { version: 'latest' },
    });
    expect(latest.json.predictions).toEqual([301]);
  });

  it('are logged with split, version, shadows and the hash of the key', async () => {
    const { json } = await set({ arms: arms(0, 100), shadows: ['3'] });
    const answer = await predict('ana@example.org');
    expect(answer.json).toMatchObject({ version: '2', predictions: [{ prediction: 201 }] });
    expect(JSON.stringify(answer.json)).not.toContain('301');
    const record = await logged(answer.json.requestId);
    expect(record).toMatchObject({
      version: '2',
      alias: 'production',
      splitRevision: json.split.revision,
      arm: 'challenger',
      latencyMs: expect.any(Number),
      keyHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      shadows: [{ version: '3', predictions: [{ prediction: 301 }], latencyMs: expect.any(Number) }],
    });
    expect(JSON.stringify(record)).not.toContain('ana@example.org');
  });

  it('are reported by version', async () => {
    await set({ arms: arms(0, 100) });
    await predict('before');
    await call('DELETE');
    await predict('outside');
    world.clock.advance(5_000);
    expect((await call('GET', undefined, '/report')).json).toEqual({ split: null, versions: [] });
    const { json } = await set({ arms: arms(50, 50), shadows: ['3'] });
    const versions = await shares(keys);
    const latencyMs = { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) };
    const of = (version: string) => versions.filter((one) => one === version).length;
    const report = { errors: 0, errorRate: 0, latencyMs };
    expect((await call('GET', undefined, '/report')).json).toEqual({
      split: json.split,
      versions: [
        { version: '1', shadow: false, requests: of('1'), rows: of('1'), ...report },
        { version: '2', shadow: false, requests: of('2'), rows: of('2'), ...report },
        { version: '3', shadow: true, requests: 60, rows: 60, ...report },
      ],
    });
  });

  it('are not reported, nor judged by the guard, where they are probes', async () => {
    const split = { arms: arms(0, 100), shadows: [], guard: { ...guard, minRequests: 1, maxLatencyMs: 1 } };
    expect((await set(split)).status).toBe(200);
    const probed = await world.call('POST', '/models/housing/predict', {
      token: predictor,
      json: { area: 1 },
      headers: { 'Arboleda-Probe': 'true' },
    });
    expect(probed.json).toMatchObject({ version: '2', predictions: [{ prediction: 201 }] });
    expect(await logged(probed.json.requestId)).toMatchObject({ version: '2', probe: true });
    expect((await call('GET', undefined, '/report')).json.versions).toEqual([]);
    const invoked = await world.call('POST', '/models/housing/invocations', {
      token: predictor,
      json: { dataframe_records: [{ area: 1 }] },
      headers: { 'Arboleda-Probe': 'true' },
    });
    expect(invoked.status).toBe(200);
    expect((await call('GET', undefined, '/report')).json.versions).toEqual([]);
    const odd = await world.call('POST', '/models/housing/predict', {
      token: predictor,
      json: { area: 1 },
      headers: { 'Arboleda-Probe': 'maybe' },
    });
    expect([odd.status, odd.json.field]).toEqual([400, 'arboleda-probe']);
    await predict('k');
    expect((await call('GET', undefined, '/report')).json.versions).toMatchObject([{ requests: 1 }]);
  });

  it.each([
    ['', {}, 'arboleda-key'],
    ['x'.repeat(257), {}, 'arboleda-key'],
    ['a', { key: 'b' }, 'key'],
  ])('with the key %j and the query %j are a 400', async (key, query, field) => {
    for (const path of ['/models/housing/predict', '/predict']) {
      const { status, json } = await predict(key, path, query);
      expect([status, json.field]).toEqual([400, field]);
    }
    const { status } = await predict(key, '/models/housing/invocations', query);
    expect(status).toBe(400);
  });
});

describe('a version whose file is gone', () => {
  const lose = async (version: string) => {
    const { modelKey } = await world.registry.getVersion('default', 'housing', version);
    await world.objects.remove(modelKey!);
  };
  /** Another process, whose memory holds no model. */
  const restarted = () => {
    const { registry, objects, clock, items, deps } = world;
    const engine = fakeEngine as ModelEngine;
    deps.serving = new PredictionService({
      registry,
      objects,
      clock,
      engine,
      traffic: new Splits(items, clock),
    });
  };

  it('beside the champion harms no caller: the champion answers, and the failure is logged', async () => {
    await set({ arms: arms(0, 100), shadows: ['3'] });
    await lose('2');
    await lose('3');
    restarted();
    const { status, json } = await predict('k');
    expect([status, json.version, json.predictions]).toEqual([200, '1', [{ prediction: 101 }]]);
    expect(await logged(json.requestId)).toMatchObject({
      version: '1',
      arm: 'champion',
      failedOver: { version: '2', error: { code: 'MODEL_FILE_BROKEN' } },
      shadows: [{ version: '3', error: { code: 'MODEL_FILE_BROKEN' } }],
    });
  });

  it('named by its caller is an error that is logged with its rows', async () => {
    await lose('3');
    restarted();
    const { status, json } = await predict('k', undefined, { version: '3' });
    expect([status, json.code]).toEqual([500, 'MODEL_FILE_BROKEN']);
    expect(await logged(json.requestId)).toMatchObject({
      version: '3',
      rows: [{ area: 1 }],
      predictions: [],
      error: { code: 'MODEL_FILE_BROKEN' },
    });
  });

  it('loses its traffic once the guard has seen enough', async () => {
    await set({ kind: 'blue-green', arms: arms(0, 100), guard });
    await lose('2');
    restarted();
    for (let i = 0; i < 4; i++) await predict(`k${i}`);
    expect((await call('GET')).json.split.state).toBe('running');
    await predict('k5');
    const { split } = (await call('GET')).json;
    expect(split).toMatchObject({
      state: 'reverted',
      revertedReason: 'version 2 failed 5 of 5 requests (100 %); 10 % is the most',
    });
    const { json } = await predict('k6');
    expect((await logged(json.requestId)).failedOver).toBeUndefined();
    const audit = await world.call('GET', '/models/housing/audit', { token: operator });
    expect(audit.json.audit[0]).toMatchObject({ kind: 'split', actor: 'guard', split: { action: 'revert' } });
    expect((await call('POST', { reason: 'r' }, '/promote')).json.code).toBe('SPLIT_REVERTED');
  });
});
