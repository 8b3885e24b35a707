import { beforeEach, describe, expect, it } from 'vitest';
import { addVersion, promote } from './support/engine.ts';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let token: string;

beforeEach(async () => {
  world = makeWorld();
  token = await world.token('predictor');
});

const predict = (json: unknown, more: object = {}) =>
  world.call('POST', '/predict', { token, json, ...more });
const read = async (id: string) =>
  world.call('GET', `/predictions/${id}`, { token: await world.token('viewer') });

describe('while there is no model', () => {
  it.each(['unregistered', 'unpromoted'])('health is a clear 503: %s', async (state) => {
    if (state === 'unpromoted') await addVersion(world);
    const { status, json, headers } = await world.call('GET', '/health');
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(json).toMatchObject({
      status: 'unavailable',
      model_loaded: false,
      model: 'housing',
      version: null,
      code: 'NOT_READY',
      remedy: expect.stringMatching(/arboleda run/),
      requestId: 'request-1',
    });
  });

  it.each(['unregistered', 'unpromoted'])('predictions are 503, not 404: %s', async (state) => {
    if (state === 'unpromoted') await addVersion(world);
    const { status, json } = await predict({ area: 1 });
    expect([status, json.code]).toEqual([503, 'NOT_READY']);
    expect(json.remedy).toMatch(/arboleda run/);
  });

  it('says so where no default model is configured', async () => {
    world = makeWorld({ defaultModel: undefined });
    token = await world.token('predictor');
    expect((await predict({ area: 1 })).json.message).toBe('no default model is configured');
    expect((await world.call('GET', '/health')).json).toMatchObject({ model: null, code: 'NOT_READY' });
    expect((await world.call('GET', '/')).status).toBe(200);
  });
});

describe('POST /predict', () => {
  beforeEach(async () => promote(world, await addVersion(world, { base: 100 })));

  it.each(['/predict', '/predict/'])(
    '%s answers a bare row with predicted_<target> beside the predictions',
    async (path) => {
      const { status, json } = await world.call('POST', path, { token, json: { area: 20 } });
      expect(status).toBe(200);
      expect(json).toEqual({
        predicted_price: 120,
        model: 'housing',
        version: '1',
        requestId: 'request-1',
        predictions: [{ prediction: 120 }],
        warnings: [],
      });
    },
  );

  it('answers rows without it', async () => {
    const { json } = await predict({ rows: [{ area: 1 }, { area: 2 }] });
    expect(json.predictions).toEqual([{ prediction: 101 }, { prediction: 102 }]);
    expect(json).not.toHaveProperty('predicted_price');
  });

  it('takes no alias: it serves the champion', async () => {
    expect((await predict({ area: 1 }, { query: { alias: 'x' } })).json.field).toBe('alias');
  });

  it('names the wrong field, and logs no prediction', async () => {
    const { status, json } = await predict({ area: 'large' });
    expect([status, json.field, json.code]).toEqual([400, 'area', 'INVALID_INPUT']);
    expect((await read(json.requestId)).status).toBe(404);
  });

  it('says which category it did not know', async () => {
    const { json } = await predict({ area: 1, zone: 'Z' });
    expect(json.warnings).toEqual([
      { row: 0, field: 'zone', code: 'unknown_category', message: 'zone: "Z" was not seen in training' },
    ]);
  });

  it('is alive in health', async () => {
    const { status, json } = await world.call('GET', '/health');
    expect([status, json.status, json.model_loaded, json.version]).toEqual([200, 'ok', true, '1']);
  });
});

describe('POST /models/{name}/predict', () => {
  beforeEach(async () => {
    await promote(world, await addVersion(world, { base: 100 }));
    await addVersion(world, { base: 200 });
    await promote(world, await addVersion(world, { name: 'species', says: 'oak' }), { name: 'species' });
  });

  const ask = (name: string, json: unknown, query: Record<string, string> = {}) =>
    world.call('POST', `/models/${name}/predict`, { token, json, query });

  it('answers with probabilities for a classifier', async () => {
    const { json } = await ask('species', { area: 1 });
    expect(json.predictions).toEqual([{ prediction: 'oak', probabilities: { oak: 0.75, other: 0.25 } }]);
    expect(json).not.toHaveProperty('predicted_price');
  });

  it('serves a version or an alias on request', async () => {
    expect((await ask('housing', { area: 1 }, { version: '2' })).json.version).toBe('2');
    expect((await ask('housing', { area: 1 }, { alias: 'production' })).json.version).toBe('1');
    expect((await ask('housing', { area: 1 }, { version: 'latest' })).json.version).toBe('2');
  });

  it('serves a stage on request, in any case, and sees a transition within 5 s', async () => {
    expect((await ask('housing', { area: 1 }, { stage: 'production' })).json.version).toBe('1');
    expect((await ask('housing', { area: 1 }, { stage: 'Development' })).json.version).toBe('2');
    const to = (version: string) =>
      world.registry.transitionStage('default', {
        model: 'housing',
        version,
        stage: 'Staging',
        archiveExisting: true,
        actor: 'test',
        reason: 'test',
      });
    await to('2');
    expect((await ask('housing', { area: 1 }, { stage: 'Staging' })).json.version).toBe('2');
    const third = await addVersion(world, { base: 300 });
    await to(third);
    world.clock.advance(5_000);
    expect((await ask('housing', { area: 1 }, { stage: 'Staging' })).json.version).toBe(third);
  });

  it('tells the fields of two selectors that exclude each other', async () => {
    const { json } = await ask('housing', { area: 1 }, { alias: 'production', stage: 'Staging' });
    expect(json).toMatchObject({ code: 'INVALID_INPUT', field: 'stage' });
  });

  it.each([
    [{ version: '9' }, 404],
    [{ alias: 'nothing' }, 404],
    [{ version: 'newest' }, 400],
    [{ stage: 'Live' }, 400],
    [{ stage: 'Archived' }, 404],
    [{ version: '1', stage: 'Staging' }, 400],
    [{ version: '0' }, 400],
    [{ version: '1', alias: 'production' }, 400],
    [{ alais: 'staging' }, 400],
  ])('%j is a %i', async (query, status) => {
    expect((await ask('housing', { area: 1 }, query as Record<string, string>)).status).toBe(status);
  });

  it('does not know a model of another workspace', async () => {
    await promote(world, await addVersion(world, { name: 'hidden', workspace: 'elsewhere' }), {
      name: 'hidden',
      workspace: 'elsewhere',
    });
    expect((await ask('hidden', { area: 1 })).status).toBe(404);
    const theirs = await world.token('predictor', 'elsewhere');
    const answer = await world.call('POST', '/models/hidden/predict', { token: theirs, json: { area: 1 } });
    expect(answer.status).toBe(200);
    expect(
      (await world.call('POST', '/models/housing/predict', { token: theirs, json: { area: 1 } })).status,
    ).toBe(404);
  });

  it('takes a thousand rows and no more', async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => ({ area: i }));
    expect((await ask('housing', { rows })).json.predictions).toHaveLength(1_000);
    const more = await ask('housing', { rows: [...rows, { area: 1 }] });
    expect([more.status, more.json.code, more.json.details]).toEqual([
      413,
      'TOO_MANY_ROWS',
      { rows: 1_001, limit: 1_000 },
    ]);
  });
});

describe('the prediction log', () => {
  beforeEach(async () => promote(world, await addVersion(world, { base: 100 })));

  it('has what was asked and answered, by request id', async () => {
    const { json } = await predict({ area: 20, zone: 'Z' });
    const logged = await read(json.requestId);
    const caller = (await world.tokens.list('default')).find((one) => one.role === 'predictor');
    expect(logged.json).toEqual({
      requestId: json.requestId,
      model: 'housing',
      version: '1',
      alias: 'production',
      at: '2026-01-01T00:00:00.000Z',
      rows: [{ area: 20, zone: 'Z' }],
      predictions: [{ prediction: 120 }],
      warnings: json.warnings,
      tokenId: caller?.tokenId,
      latencyMs: expect.any(Number),
      cold: true,
    });
    expect(logged.json.latencyMs).toBeGreaterThanOrEqual(0);
    const again = await predict({ area: 20 });
    // The model is in memory now.
    expect((await read(again.json.requestId)).json.cold).toBeUndefined();
  });

  it('keeps a batch as one object', async () => {
    const before = world.objects.keys().length;
    const { json } = await predict({ rows: [{ area: 1 }, { area: 2 }, { area: 3 }] });
    expect(world.objects.keys()).toHaveLength(before + 1);
    expect(world.objects.keys()).toContain(`default/predictions/2026/01/01/${json.requestId}.json`);
    expect((await read(json.requestId)).json.rows).toHaveLength(3);
  });

  it('is not read by another workspace, nor for what was never asked', async () => {
    const { json } = await predict({ area: 20 });
    const theirs = await world.token('viewer', 'elsewhere');
    expect((await world.call('GET', `/predictions/${json.requestId}`, { token: theirs })).status).toBe(404);
    expect((await read('never-asked')).status).toBe(404);
  });

  it('fails the request where it cannot be written: no prediction goes unlogged', async () => {
    world.deps.predictions = {
      ...world.deps.predictions,
      record: () => Promise.reject(new Error('table is away')),
    } as never;
    const { status, text } = await predict({ area: 20 });
    expect(status).toBe(500);
    expect(text).not.toMatch(/120|table is away/);
  });
});

describe('GET /predictions', () => {
  let viewer: string;
  beforeEach(async () => {
    viewer = await world.token('viewer');
    await promote(world, await addVersion(world, { says: 'dear' }));
  });
  const list = (query: Record<string, string>) => world.call('GET', '/predictions', { token: viewer, query });

  it("gives a model's predictions with their probabilities, newest first, page by page", async () => {
    const sent: string[] = [];
    for (const area of [1, 2, 3]) {
      sent.unshift((await predict({ area })).json.requestId);
      world.clock.advance(1_000);
    }
    const first = await list({ model: 'housing', limit: '2' });
    expect(first.status).toBe(200);
    expect(first.json.predictions[0]).toMatchObject({
      requestId: sent[0],
      version: '1',
      alias: 'production',
      count: 1,
      rows: [{ area: 3 }],
      predictions: [{ prediction: 'dear', probabilities: { dear: 0.75, other: 0.25 } }],
    });
    const rest = await list({ model: 'housing', limit: '2', cursor: first.json.cursor });
    const both = [...first.json.predictions, ...rest.json.predictions];
    expect(both.map(({ requestId }) => requestId)).toEqual(sent);
    expect(rest.json.cursor).toBeUndefined();
  });

  it('has a batch as one record with its rows', async () => {
    await predict({ rows: [{ area: 1 }, { area: 2 }] });
    const { json } = await list({ model: 'housing' });
    expect(json.predictions).toMatchObject([{ count: 2, rows: [{ area: 1 }, { area: 2 }] }]);
    expect(json.predictions[0].predictions).toHaveLength(2);
  });

  it('takes a version and a range of time, in days or with a zone', async () => {
    await predict({ area: 1 });
    const count = async (query: object) =>
      (await list({ model: 'housing', ...query })).json.predictions.length;
    expect(await count({ version: '1' })).toBe(1);
    expect(await count({ version: '2' })).toBe(0);
    expect(await count({ from: '2026-01-01', to: '2026-01-02' })).toBe(1);
    expect(await count({ to: '2026-01-01T00:00:00Z' })).toBe(0);
    expect(await count({ from: '2026-01-01T01:00:00+01:00' })).toBe(1);
  });

  it.each([
    [{}, 'model'],
    [{ model: 'a/b' }, 'model'],
    [{ model: 'housing', version: '0' }, 'version'],
    [{ model: 'housing', from: 'yesterday' }, 'from'],
    [{ model: 'housing', from: '2026-02-31T00:00' }, 'from'],
    [{ model: 'housing', from: '2026-13-01' }, 'from'],
    [{ model: 'housing', from: '2026-02-01', to: '2026-01-01' }, 'from'],
    [{ model: 'housing', limit: '0' }, 'limit'],
    [{ model: 'housing', cursor: 'x' }, 'cursor'],
  ])('refuses %j', async (query, field) => {
    const { status, json } = await list(query as Record<string, string>);
    expect([status, json.field]).toEqual([400, field]);
  });

  it('is a 404 for a model that there is not, and sees its own workspace alone', async () => {
    expect((await list({ model: 'nowhere' })).status).toBe(404);
    await predict({ area: 1 });
    const other = await world.token('viewer', 'elsewhere');
    await addVersion(world, { workspace: 'elsewhere' });
    const { json } = await world.call('GET', '/predictions', { token: other, query: { model: 'housing' } });
    expect(json).toEqual({ predictions: [] });
  });
});

describe('?explain=true', () => {
  beforeEach(async () => promote(world, await addVersion(world, { base: 100 })));

  it.each(['/predict', '/models/housing/predict'])('%s takes each prediction apart', async (path) => {
    const { status, json } = await world.call('POST', path, {
      token,
      query: { explain: ['true'] },
      json: { rows: [{ area: 20 }, { area: 5 }] },
    });
    expect(status).toBe(200);
    expect(json.predictions.map((one: { prediction: number }) => one.prediction)).toEqual([120, 105]);
    expect(json.explanations).toEqual([
      { space: 'value', output: 120, base: 100, contributions: { area: 20 } },
      { space: 'value', output: 105, base: 100, contributions: { area: 5 } },
    ]);
  });

  it.each(['false', undefined])('is left out of the answer where it is %s', async (explain) => {
    const { json } = await world.call('POST', '/predict', {
      token,
      query: explain === undefined ? {} : { explain: [explain] },
      json: { area: 20 },
    });
    expect(json).not.toHaveProperty('explanations');
  });

  it('is a 400 that names it where it is neither true nor false', async () => {
    const { status, json } = await world.call('POST', '/models/housing/predict', {
      token,
      query: { explain: ['yes'] },
      json: { area: 20 },
    });
    expect([status, json.field]).toEqual([400, 'explain']);
  });

  it('is not kept in the log of predictions: it can be asked for again', async () => {
    const { json } = await world.call('POST', '/predict', {
      token,
      query: { explain: ['true'] },
      json: { area: 20 },
    });
    expect((await read(json.requestId)).json).not.toHaveProperty('explanations');
  });
});
