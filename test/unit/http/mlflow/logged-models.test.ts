import { beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, type World } from '../support/world.ts';

const BASE = '/api/2.0/mlflow/logged-models';
const RUN = 'a'.repeat(32);

let world: World;
let token: string;
beforeEach(async () => {
  world = makeWorld();
  token = await world.token('contributor');
});

const call = (method: string, path = '', json?: unknown) =>
  world.call(method, BASE + path, { token, ...(json === undefined ? {} : { json }) });
const get = (path: string, query: Record<string, string> = {}) =>
  world.call('GET', BASE + path, { token, query });

async function make(json: object = {}): Promise<string> {
  world.clock.advance(1);
  const answer = await call('POST', '', { experiment_id: '0', name: 'q', ...json });
  expect(answer.status).toBe(200);
  return answer.json.model.info.model_id;
}

const measure = (modelId: string, key: string, value: number, more: object = {}) =>
  world.deps.loggedModels.logMetrics('default', [
    { modelId, key, value, step: 0, timestamp: 1, runId: RUN, ...more },
  ]);

const names = (answer: { json: { models?: { info: { name: string } }[] } }) =>
  (answer.json.models ?? []).map(({ info }) => info.name);

const wrong = (status: number, error_code: string, message: string) => ({
  status,
  json: { error_code, message },
});
const missing = (name: string) =>
  `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`;
const notFound = (id: string) =>
  wrong(404, 'RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${id}' not found.`);

describe('POST logged-models', () => {
  it('answers the model as the protocol writes it', async () => {
    const { status, json } = await call('POST', '', {
      experiment_id: '0',
      name: 'q',
      model_type: 'classifier',
      source_run_id: RUN,
      params: [{ key: 'a', value: '1' }, { key: 'a', value: '1' }, { key: 'b' }],
      tags: [{ key: 't', value: 'x' }],
      unknown: 1,
    });
    expect(status).toBe(200);
    const { model_id: id, creation_timestamp_ms: created, ...info } = json.model.info;
    expect(id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(created).toBeTypeOf('number');
    expect({ ...json.model, info }).toEqual({
      info: {
        experiment_id: '0',
        name: 'q',
        last_updated_timestamp_ms: created,
        artifact_uri: `mlflow-artifacts:/0/models/${id}/artifacts`,
        status: 'LOGGED_MODEL_PENDING',
        model_type: 'classifier',
        source_run_id: RUN,
        tags: [{ key: 't', value: 'x' }],
      },
      data: {
        params: [
          { key: 'a', value: '1' },
          { key: 'b', value: '' },
        ],
      },
    });
    expect((await get(`/${id}`)).json).toEqual(json);
  });

  it.each([
    [{}, 400, 'INVALID_PARAMETER_VALUE', missing('experiment_id')],
    [
      { experiment_id: 0 },
      400,
      'INVALID_PARAMETER_VALUE',
      "Invalid value 0 for parameter 'experiment_id' supplied:  Hint: Value was of type 'int'. See the API docs for more information about request parameters.",
    ],
    [{ experiment_id: '77' }, 404, 'RESOURCE_DOES_NOT_EXIST', 'No Experiment with id=77 exists'],
    [{ experiment_id: '-1' }, 404, 'RESOURCE_DOES_NOT_EXIST', 'No Experiment with id=-1 exists'],
    [
      { experiment_id: 'x' },
      400,
      'INVALID_PARAMETER_VALUE',
      "Invalid experiment ID 'x'. Experiment ID must be a valid integer.",
    ],
    [
      { experiment_id: '0', name: 'a/b' },
      400,
      'INVALID_PARAMETER_VALUE',
      `Invalid model name ('a/b') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    ],
    [
      { experiment_id: '0', params: 'x' },
      400,
      'INVALID_PARAMETER_VALUE',
      `Invalid value "x" for parameter 'params' supplied:  Hint: Value was of type 'str'. See the API docs for more information about request parameters.`,
    ],
    [
      {
        experiment_id: '0',
        params: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
      400,
      'BAD_REQUEST',
      "the param 'a' is given two values",
    ],
  ])('refuses %j', async (body, status, code, message) => {
    const before = world.items.dump();
    expect(await call('POST', '', body)).toMatchObject(wrong(status, code, message));
    expect(world.items.dump()).toEqual(before);
  });

  it('names a model that nobody named', async () => {
    const { json } = await call('POST', '', { experiment_id: '0', name: '' });
    expect(json.model.info.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  });
});

describe('a logged model', () => {
  it.each([
    [2, 'LOGGED_MODEL_READY'],
    ['LOGGED_MODEL_UPLOAD_FAILED', 'LOGGED_MODEL_UPLOAD_FAILED'],
    ['1', 'LOGGED_MODEL_PENDING'],
    [0, 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
    [9, 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
    ['X', 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
  ])('is finalized with status %j as %s', async (status, name) => {
    const id = await make();
    const { json } = await call('PATCH', `/${id}`, { model_id: id, status });
    expect(json.model.info).toMatchObject({ model_id: id, status: name });
    expect((await get(`/${id}`)).json).toEqual(json);
  });

  it('is finalized by what the body names', async () => {
    const id = await make();
    expect(await call('PATCH', `/${id}`, { status: 2 })).toMatchObject(
      wrong(400, 'INVALID_PARAMETER_VALUE', missing('model_id')),
    );
    expect(await call('PATCH', `/${id}`, { model_id: id })).toMatchObject(
      wrong(400, 'INVALID_PARAMETER_VALUE', missing('status')),
    );
    expect(await call('PATCH', `/${id}`, { model_id: 'm-other', status: 2 })).toMatchObject(
      notFound('m-other'),
    );
  });

  it('has tags that are set and deleted', async () => {
    const id = await make();
    const tags = [
      { key: 'a', value: 'b' },
      { key: 'a', value: 'c' },
    ];
    expect(await call('PATCH', `/${id}/tags`, { tags })).toMatchObject({ status: 200, json: {} });
    expect((await get(`/${id}`)).json.model.info.tags).toEqual([{ key: 'a', value: 'c' }]);
    expect(await call('DELETE', `/${id}/tags/a`)).toMatchObject({ status: 200, json: {} });
    expect(await call('DELETE', `/${id}/tags/a`)).toMatchObject(
      wrong(404, 'RESOURCE_DOES_NOT_EXIST', `No tag with key 'a' found for model with ID '${id}'.`),
    );
    expect((await get(`/${id}`)).json.model.info.tags).toBeUndefined();
  });

  it('gets params later, once each', async () => {
    const id = await make({ params: [{ key: 'a', value: '1' }] });
    const params = [{ key: 'b', value: '2' }];
    expect(await call('POST', `/${id}/params`, { params })).toMatchObject(
      wrong(400, 'INVALID_PARAMETER_VALUE', missing('model_id')),
    );
    for (let i = 0; i < 2; i += 1) {
      expect(await call('POST', `/${id}/params`, { model_id: id, params })).toMatchObject({
        status: 200,
        json: {},
      });
    }
    expect((await get(`/${id}`)).json.model.data.params).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    const changed = { model_id: id, params: [{ key: 'b', value: '3' }] };
    expect(await call('POST', `/${id}/params`, changed)).toMatchObject({
      status: 400,
      json: { error_code: 'BAD_REQUEST' },
    });
  });

  it('shows its metrics with run and dataset', async () => {
    const id = await make();
    await measure(id, 'm', 1.5, { datasetName: 'd', datasetDigest: 'x' });
    await measure(id, 'n', Number.NaN);
    expect((await get(`/${id}`)).json.model.data.metrics).toEqual([
      {
        key: 'm',
        value: 1.5,
        timestamp: 1,
        step: 0,
        dataset_name: 'd',
        dataset_digest: 'x',
        model_id: id,
        run_id: RUN,
      },
      { key: 'n', value: 'NaN', timestamp: 1, step: 0, model_id: id, run_id: RUN },
    ]);
  });

  it('once deleted is found where the deleted are asked for', async () => {
    const id = await make();
    expect(await call('DELETE', `/${id}`, { model_id: id })).toMatchObject({ status: 200, json: {} });
    expect(await get(`/${id}`)).toMatchObject(notFound(id));
    expect((await get(`/${id}`, { allow_deleted: 'true' })).json.model.info.model_id).toBe(id);
    expect(await call('DELETE', '/m-nope')).toMatchObject(notFound('m-nope'));
  });

  it('is not seen from another workspace', async () => {
    const id = await make();
    const foreign = await world.token('admin', 'elsewhere');
    expect(await world.call('GET', `${BASE}/${id}`, { token: foreign })).toMatchObject(notFound(id));
  });
});

const search = (json: object) => call('POST', '/search', { experiment_ids: ['0'], ...json });

describe('POST logged-models/search', () => {
  it('pages newest first, each page with a token of its own query', async () => {
    for (const name of ['a', 'b', 'c']) await make({ name });
    const first = await search({ max_results: 2 });
    expect(names(first)).toEqual(['c', 'b']);
    const token = first.json.next_page_token;
    const second = await search({ max_results: 2, page_token: token });
    expect([names(second), second.json.next_page_token]).toEqual([['a'], undefined]);
    const other = await search({ max_results: 2, filter: "name = 'a'", page_token: token });
    expect(other).toMatchObject({ status: 400, json: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect((await search({ page_token: 'abc' })).status).toBe(400);
    expect((await search({ experiment_ids: ['99', '-1'] })).json).toEqual({});
    expect(names(await search({ experiment_ids: [' 00 '] }))).toEqual(['c', 'b', 'a']);
    expect((await search({ experiment_ids: [] })).json).toEqual({});
  });

  it('filters by attributes, params, tags and any point of a metric', async () => {
    const a = await make({ name: 'alpha', model_type: 'x', params: [{ key: 'lr', value: '0.1' }] });
    const b = await make({ name: 'beta', tags: [{ key: 't', value: 'Yes' }], source_run_id: RUN });
    await measure(a, 'acc', 0.5);
    await measure(a, 'acc', 0.9, { timestamp: 2 });
    await measure(b, 'acc', 0.7);
    const found = async (filter: string) => names(await search({ filter })).sort();
    expect(await found("name LIKE 'al%'")).toEqual(['alpha']);
    expect(await found("name IN ('beta', 'gamma')")).toEqual(['beta']);
    expect(await found("params.lr = '0.1'")).toEqual(['alpha']);
    expect(await found("tags.`t` ILIKE 'yes'")).toEqual(['beta']);
    expect(await found('metrics.acc > 0.8')).toEqual(['alpha']);
    expect(await found('metrics.acc < 0.6 AND metrics.acc > 0.8')).toEqual(['alpha']);
    expect(await found(`source_run_id = '${RUN}'`)).toEqual(['beta']);
    expect(await found('creation_time > 5')).toEqual(['alpha', 'beta']);
    expect(await found("status = 'PENDING'")).toEqual(['alpha', 'beta']);
    expect(await found("model_type = ''")).toEqual(['beta']);
    expect(await found("model_type != 'y'")).toEqual(['alpha', 'beta']);
    expect(await found("source_run_id = ''")).toEqual(['alpha']);
  });

  it('orders by what is asked for, what has none last; of a metric the latest counts', async () => {
    const a = await make({ name: 'a' });
    const b = await make({ name: 'b' });
    await make({ name: 'c' });
    await measure(a, 'acc', 0.9, { timestamp: 1 });
    await measure(a, 'acc', 0.1, { timestamp: 2 });
    await measure(b, 'acc', 0.5, { datasetName: 'd', datasetDigest: 'x' });
    const ordered = async (...order_by: object[]) => names(await search({ order_by }));
    expect(await ordered({ field_name: 'name' })).toEqual(['a', 'b', 'c']);
    expect(await ordered({ field_name: 'name', ascending: false })).toEqual(['c', 'b', 'a']);
    expect(await ordered({ field_name: 'metrics.acc' })).toEqual(['a', 'b', 'c']);
    expect(await ordered({ field_name: 'metrics.acc', ascending: false })).toEqual(['b', 'a', 'c']);
    expect(await ordered({ field_name: 'metrics.acc', dataset_name: 'd' })).toEqual(['b', 'c', 'a']);
    expect(await ordered({ field_name: 'status' }, { field_name: 'creation_time' })).toEqual(['a', 'b', 'c']);
  });

  it('looks at the metrics of the datasets that are named', async () => {
    const a = await make({ name: 'a' });
    const b = await make({ name: 'b' });
    await measure(a, 'acc', 0.9, { datasetName: 'd', datasetDigest: 'x' });
    await measure(b, 'acc', 0.9, { datasetName: 'e', datasetDigest: 'x' });
    await measure(b, 'acc', 0.1, { datasetName: 'd', datasetDigest: 'y' });
    const on = async (datasets: object[], filter?: string) =>
      names(await search({ datasets, ...(filter && { filter }) })).sort();
    expect(await on([{ dataset_name: 'd' }])).toEqual(['a', 'b']);
    expect(await on([{ dataset_name: 'd', dataset_digest: 'y' }])).toEqual(['b']);
    expect(await on([{ dataset_name: 'd' }], 'metrics.acc > 0.5')).toEqual(['a']);
    expect(await on([{ dataset_name: 'd' }, { dataset_name: 'e' }], 'metrics.acc > 0.5')).toEqual(['a', 'b']);
    expect(await search({ datasets: [{ dataset_digest: 'x' }] })).toMatchObject(
      wrong(400, 'INVALID_PARAMETER_VALUE', '`dataset_name` in the `datasets` clause must be specified.'),
    );
  });

  it.each([
    [{ experiment_ids: undefined }, missing('experiment_ids')],
    [
      { experiment_ids: [0] },
      "Invalid value [0] for parameter 'experiment_ids' supplied:  Hint: Value was of type 'list'. See the API docs for more information about request parameters.",
    ],
    [{ experiment_ids: ['x'] }, "Invalid experiment ID 'x'. Experiment ID must be a valid integer."],
    [
      { filter: "params.a > '1'" },
      "Invalid comparison operator for params.a: '>'. Expected one of ('=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN').",
    ],
    [
      { filter: "bar.x = 'y'" },
      "Invalid entity type: 'bar'. Expected one of ['attributes', 'metrics', 'params', 'tags'].",
    ],
    [
      { order_by: [{ field_name: 'params.a' }] },
      'Invalid order by field name: params.a. Only metrics are supported.',
    ],
    [{ order_by: [{}] }, 'Invalid order by field name: '],
    [{ max_results: -1 }, "Invalid value -1 for parameter 'max_results' supplied."],
  ])('refuses %j', async (given, message) => {
    await make();
    expect(await search(given)).toMatchObject(wrong(400, 'INVALID_PARAMETER_VALUE', message));
  });
});
