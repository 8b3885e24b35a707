import { beforeEach, describe, expect, it } from 'vitest';
import { addVersion, promote } from './support/engine.ts';
import { makeWorld, type World } from './support/world.ts';

let world: World;
let token: string;
beforeEach(async () => {
  world = makeWorld();
  token = await world.token('predictor');
});

const invoke = (json: unknown, path = '/models/housing/invocations', more: object = {}) =>
  world.call('POST', path, { token, json, ...more });
const csv = (body: string, type = 'text/csv') =>
  world.call('POST', '/models/housing/invocations', { token, body, headers: { 'Content-Type': type } });

describe('GET /ping', () => {
  it('is 404 until the default model can predict, then 200, to anybody, as MLflow says it', async () => {
    expect(await world.call('GET', '/ping')).toMatchObject({ status: 404, text: '\n' });
    await promote(world, await addVersion(world));
    world.clock.advance(5_000);
    expect(await world.call('GET', '/ping')).toMatchObject({ status: 200, text: '\n' });
  });
});

describe('POST /models/{name}/invocations', () => {
  beforeEach(async () => promote(world, await addVersion(world, { base: 100 })));

  it.each([
    [
      {
        dataframe_split: {
          columns: ['area', 'zone'],
          data: [
            [20, 'A'],
            [30, 'B'],
          ],
        },
      },
    ],
    [{ dataframe_records: [{ area: 20 }, { area: 30, id: 7 }] }],
    [{ instances: [{ area: 20 }, { area: 30 }] }],
    [
      {
        instances: [
          [20, 'A'],
          [30, 'B'],
        ],
      },
    ],
    [{ inputs: { area: [20, 30] } }],
    [{ inputs: { area: [20, 30] }, params: { n: 1 } }],
  ])('answers %j', async (body) => {
    expect(await invoke(body)).toMatchObject({ status: 200, json: { predictions: [120, 130] } });
  });

  it('answers CSV', async () => {
    const answer = await csv('area,zone\n20,A\n30,B\n');
    expect(answer).toMatchObject({ status: 200, json: { predictions: [120, 130] } });
  });

  it('answers classes as they are, and no rows with no predictions', async () => {
    await promote(world, await addVersion(world, { name: 'kinds', says: 'flat' }), { name: 'kinds' });
    const answer = await invoke({ instances: [{ area: 1 }] }, '/models/kinds/invocations');
    expect(answer.json).toEqual({ predictions: ['flat'] });
    expect((await invoke({ instances: [] })).json).toEqual({ predictions: [] });
  });

  it('logs what it predicted', async () => {
    await invoke({ dataframe_records: [{ area: 20 }] });
    const viewer = await world.token('viewer');
    const { json } = await world.call('GET', '/predictions/request-1', { token: viewer });
    expect(json).toMatchObject({
      model: 'housing',
      version: '1',
      rows: [{ area: 20 }],
      predictions: [{ prediction: 120 }],
    });
  });

  it('asks the version that the query names', async () => {
    await addVersion(world, { base: 500 });
    const body = { instances: [{ area: 1 }] };
    expect((await invoke(body, undefined, { query: { version: '2' } })).json).toEqual({ predictions: [501] });
    expect((await invoke(body, undefined, { query: { version: '1' } })).json).toEqual({ predictions: [101] });
    expect(await invoke(body, undefined, { query: { alais: 'x' } })).toMatchObject({
      status: 400,
      json: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('alais') },
    });
  });

  it.each([
    [{ rows: [{ area: 1 }] }, "Received dictionary with input fields: ['rows']"],
    [{ dataframe_split: [] }, 'Dataframe split format must be a dictionary. Got list.'],
    [{ instances: [{ zone: 'A' }] }, 'rows[0].area must be a number'],
  ])('refuses %j in the form of MLflow', async (body, message) => {
    const answer = await invoke(body);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({
      error_code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining(message),
    });
  });

  it('refuses what is no JSON, another type, too many rows, an unknown model and a caller without a token', async () => {
    expect(await csv('{', 'application/json')).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('Ensure that input is a valid JSON formatted string.') },
    });
    const other = await csv('x', 'application/vnd.apache.parquet');
    expect([other.status, other.headers['content-type']]).toEqual([415, 'text/plain; charset=utf-8']);
    expect(other.text).toMatch(/^This predictor only supports the following content types/);
    const many = { instances: Array.from({ length: 1_001 }, () => ({ area: 1 })) };
    expect(await invoke(many)).toMatchObject({ status: 413, json: { error_code: 'BAD_REQUEST' } });
    expect(await invoke({ instances: [] }, '/models/nobody/invocations')).toMatchObject({
      status: 404,
      json: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
    expect(
      await world.call('POST', '/models/housing/invocations', { json: { instances: [] } }),
    ).toMatchObject({
      status: 401,
      json: { error_code: 'UNAUTHENTICATED' },
    });
  });
});

describe('POST /invocations', () => {
  it('asks the default model, as SageMaker does', async () => {
    const body = { inputs: { area: [20] } };
    expect(await invoke(body, '/invocations')).toMatchObject({
      status: 503,
      json: { error_code: 'TEMPORARILY_UNAVAILABLE' },
    });
    await promote(world, await addVersion(world, { base: 100 }));
    world.clock.advance(5_000);
    expect((await invoke(body, '/invocations')).json).toEqual({ predictions: [120] });
  });

  it('is 503 where no default model is configured', async () => {
    world = makeWorld({ defaultModel: undefined });
    token = await world.token('predictor');
    expect((await invoke({ instances: [] }, '/invocations')).status).toBe(503);
  });
});
