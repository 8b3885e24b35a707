import { beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, type World } from '../support/world.ts';

const MISSING = 'e'.repeat(32);
const SEE = ' See the API docs for more information about request parameters.';
const CHARACTERS =
  'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).';

let world: World;
let token: string;
let run: string;

const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
  world.call('POST', `/api/2.0/mlflow/runs/${path}`, { token, json, headers });
const get = (path: string, query: Record<string, string | string[]>) =>
  world.call('GET', `/api/2.0/mlflow/${path}`, { token, query: query as Record<string, string> });
const read = async () => (await get('runs/get', { run_id: run })).json.run;

const wrong = (message: string, error_code = 'INVALID_PARAMETER_VALUE', status = 400) => ({
  status,
  json: { error_code, message },
});
const notFound = (message: string) => wrong(message, 'RESOURCE_DOES_NOT_EXIST', 404);
const done = { status: 200, json: {} };

beforeEach(async () => {
  world = makeWorld();
  token = await world.token('contributor');
  const made = await post('create', { experiment_id: '0', start_time: 1_000, run_name: 'n', user_id: 'ana' });
  run = made.json.run.info.run_id;
});

describe('runs/create and runs/get', () => {
  const info = () => ({
    run_id: run,
    run_uuid: run,
    run_name: 'n',
    experiment_id: '0',
    user_id: 'ana',
    status: 'RUNNING',
    start_time: 1_000,
    artifact_uri: `mlflow-artifacts:/0/${run}/artifacts`,
    lifecycle_stage: 'active',
  });

  it('answer the run as the protocol writes it', async () => {
    expect(await read()).toEqual({
      info: info(),
      data: { tags: [{ key: 'mlflow.runName', value: 'n' }] },
      inputs: {},
      outputs: {},
    });
    const old = await get('runs/get', { run_uuid: run });
    expect(old.json.run.info).toEqual(info());
    const made = await post('create', { experiment_id: '0', start_time: '5', tags: [{ key: 'a' }] });
    expect(made.json.run).toEqual({
      info: { ...info(), ...made.json.run.info, user_id: '', start_time: 5 },
      data: {
        tags: [
          { key: 'a', value: '' },
          { key: 'mlflow.runName', value: made.json.run.info.run_name },
        ],
      },
      inputs: {},
    });
  });

  it('make one run of one Idempotency-Key, two without', async () => {
    const body = { experiment_id: '0', start_time: 7, run_name: 'twice' };
    const ids = [];
    for (const key of ['k1', 'k1', 'k2', undefined, undefined]) {
      const answer = await post('create', body, key === undefined ? {} : { 'idempotency-key': key });
      ids.push(answer.json.run.info.run_id);
    }
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(4);
  });

  it.each([
    [
      { experiment_id: 0 },
      `Invalid value 0 for parameter 'experiment_id' supplied:  Hint: Value was of type 'int'.${SEE}`,
    ],
    [{ experiment_id: 'x' }, "Invalid experiment ID 'x'. Experiment ID must be a valid integer."],
    [
      { experiment_id: '0', start_time: 'x' },
      `Invalid value "x" for parameter 'start_time' supplied:  Hint: Value was of type 'str'.${SEE}`,
    ],
    [
      { experiment_id: '0', run_name: 'x', tags: [{ key: 'mlflow.runName', value: 'y' }] },
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='x', mlflow.runName='y').",
    ],
  ])('refuse %j', async (body, message) => {
    expect(await post('create', body)).toMatchObject(wrong(message));
  });

  it('put the files below the place of the experiment, before what follows its path', async () => {
    const at = async (artifact_location: string) => {
      const made = await world.call('POST', '/api/2.0/mlflow/experiments/create', {
        token,
        json: { name: artifact_location.slice(0, 30), artifact_location },
      });
      const { info } = (await post('create', { experiment_id: made.json.experiment_id })).json.run;
      return info.artifact_uri.replace(info.run_id, 'ID');
    };
    expect(await at('s3://b/p/?region=x')).toBe('s3://b/p/ID/artifacts?region=x');
    expect(await at('s3://b/p/')).toBe('s3://b/p/ID/artifacts');
  });

  it.each(['-1', '99999999999999999999'])('know no experiment %s', async (id) => {
    expect(await post('create', { experiment_id: id })).toMatchObject(
      notFound(`No Experiment with id=${id} exists`),
    );
    expect(await post('search', { experiment_ids: [id] })).toMatchObject(done);
    const both = await post('search', { experiment_ids: [id, '0'] });
    expect(both.json.runs).toHaveLength(1);
  });

  it('name what is wrong with a filter, then with an order, then with an id', async () => {
    const asked = { experiment_ids: ['x'], filter: "foo.x = 'a'", order_by: ['metrics.a UP'] };
    const message = async (json: object) => (await post('search', json)).json.message;
    expect(await message(asked)).toContain("Invalid entity type 'foo'");
    expect(await message({ ...asked, filter: '' })).toContain('Invalid ordering key');
    expect(await message({ experiment_ids: ['x'] })).toContain("Invalid experiment ID 'x'");
  });

  it('refuse a token that is none of the history of any run', async () => {
    const asked = { run_id: 'nope', metric_key: 'a' };
    expect(await get('metrics/get-history', asked)).toMatchObject(done);
    expect(await get('metrics/get-history', { ...asked, page_token: 'abc' })).toMatchObject(
      wrong('Invalid page token, could not base64-decode'),
    );
  });

  it('know no run of another id or none', async () => {
    expect(await get('runs/get', { run_id: 'a#b' })).toMatchObject(notFound('Run with id=a#b not found'));
    expect(await get('runs/get', {})).toMatchObject(
      wrong(`Missing value for required parameter 'run_id'.${SEE}`),
    );
  });
});

describe('runs/update, delete and restore', () => {
  it('change what was sent, by either name of the run', async () => {
    const ended = await post('update', { run_id: run, status: 'FINISHED', end_time: 2_000, run_name: 'two' });
    expect(ended.json.run_info).toMatchObject({ status: 'FINISHED', end_time: 2_000, run_name: 'two' });
    const again = await post('update', { run_uuid: run, status: 'RUNNING' });
    expect(again.json.run_info).toMatchObject({ status: 'RUNNING', end_time: 2_000 });
    expect((await post('update', { run_id: run, status: 'NONSENSE' })).json.run_info.status).toBe('RUNNING');
  });

  it('leave the native lists without the run until it is restored', async () => {
    const listed = async () =>
      (await world.call('GET', '/runs', { token })).json.runs.map(({ runId }: { runId: string }) => runId);
    expect(await listed()).toEqual([run]);
    await post('delete', { run_id: run });
    expect(await listed()).toEqual([]);
    const read = await world.call('GET', `/runs/${run}`, { token });
    expect(read.json).toMatchObject({ runId: run, lifecycleStage: 'deleted', userId: 'ana' });
    await post('restore', { run_id: run });
    expect(await listed()).toEqual([run]);
  });

  it('delete softly: everything that writes is refused until it is restored', async () => {
    expect(await post('delete', { run_id: run })).toMatchObject(done);
    expect((await read()).info.lifecycle_stage).toBe('deleted');
    const writes: [string, object][] = [
      ['update', { status: 'FINISHED' }],
      ['log-metric', { key: 'a', value: 1, timestamp: 1 }],
      ['log-parameter', { key: 'a', value: '1' }],
      ['log-batch', {}],
      ['set-tag', { key: 'a', value: '1' }],
      ['delete-tag', { key: 'a' }],
      ['log-inputs', {}],
      ['outputs', { models: [{ model_id: 'm', step: 1 }] }],
      ['log-model', { model_json: JSON.stringify(MODEL) }],
    ];
    for (const [path, body] of writes) {
      expect(await post(path, { run_id: run, ...body }), path).toMatchObject(
        wrong(`The run ${run} must be in the 'active' state. Current state is deleted.`),
      );
      expect(await post(path, { run_id: MISSING, ...body }), path).toMatchObject(
        notFound(`Run with id=${MISSING} not found`),
      );
      expect(await post(path, body), path).toMatchObject(
        wrong(`Missing value for required parameter 'run_id'.${SEE}`),
      );
    }
    expect(await post('restore', { run_id: run })).toMatchObject(done);
    expect(await post('set-tag', { run_id: run, key: 'a', value: '1' })).toMatchObject(done);
  });
});

const MODEL = {
  run_id: 'r',
  artifact_path: 'model',
  utc_time_created: '2026-01-01 00:00:00',
  flavors: { sklearn: { pickled_model: 'm.pkl', weight: 0.5, config: { a: 1 } } },
  signature: {},
};

describe('runs/log-metric', () => {
  const log = (more: object) =>
    post('log-metric', { run_id: run, key: 'm', value: 1, timestamp: 1, ...more });

  it('takes numbers as text, NaN and infinities, negative steps and letters of any language', async () => {
    for (const more of [
      { key: 'text', value: '2.5', timestamp: '11', step: '4' },
      { key: 'nan', value: 'NaN' },
      { key: 'up', value: 'Infinity' },
      { key: 'é:ñ 漢/x', step: -5 },
    ]) {
      expect(await log(more)).toMatchObject(done);
    }
    expect((await read()).data.metrics).toEqual([
      { key: 'text', value: 2.5, timestamp: 11, step: 4 },
      { key: 'nan', value: 'NaN', timestamp: 1, step: 0 },
      { key: 'up', value: 1.7976931348623157e308, timestamp: 1, step: 0 },
      { key: 'é:ñ 漢/x', value: 1, timestamp: 1, step: -5 },
    ]);
  });

  it.each([
    [
      { value: 'x' },
      `Invalid value "x" for parameter 'value' supplied:  Hint: Value was of type 'str'.${SEE}`,
    ],
    [{ value: null }, `Missing value for required parameter 'value'.${SEE}`],
    [{ key: '' }, `Missing value for required parameter 'key'.${SEE}`],
    [
      { timestamp: -1, value: 0.5 },
      "Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=0.5). Timestamp must be a nonnegative long (64-bit integer) ",
    ],
    [{ key: 'a#b' }, `Invalid value "a#b" for parameter 'name' supplied: ${CHARACTERS}`],
    [{ key: '😀' }, `Invalid value "\\ud83d\\ude00" for parameter 'name' supplied: ${CHARACTERS}`],
    [
      { key: 'a//x' },
      `Invalid value "a//x" for parameter 'name' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to 'a/x'`,
    ],
    [{ key: 'a'.repeat(251) }, "'Metric name' exceeds the maximum length of 250 characters"],
    [
      { step: 2 ** 60 },
      "Invalid value 1152921504606846976 for parameter 'step' supplied: whole numbers are kept up to 9007199254740991.",
    ],
  ])('refuses %j', async (more, message) => {
    expect(await log(more)).toMatchObject(wrong(message));
    expect((await read()).data.metrics).toBeUndefined();
  });

  it('gives the metrics of a logged model to it too, and refuses an unknown one with nothing written', async () => {
    const model = await world.call('POST', '/api/2.0/mlflow/logged-models', {
      token,
      json: { experiment_id: '0', name: 'q' },
    });
    const model_id = model.json.model.info.model_id;
    expect(await log({ model_id, dataset_name: 'd', dataset_digest: 'g' })).toMatchObject(done);
    const { metrics } = await world.deps.loggedModels.get('default', model_id);
    expect(metrics).toMatchObject([{ key: 'm', value: 1, runId: run, datasetName: 'd', datasetDigest: 'g' }]);
    expect(await log({ key: 'other', model_id: 'm-none' })).toMatchObject({
      status: 400,
      json: { error_code: 'BAD_REQUEST' },
    });
    expect((await read()).data.metrics.map(({ key }: { key: string }) => key)).toEqual(['m']);
  });
});

describe('params and tags', () => {
  it('a param is logged once: the same value again is fine, another is a 400 in the words of the server', async () => {
    const log = (value?: string) => post('log-parameter', { run_id: run, key: 'p', value });
    expect([(await log('1')).status, (await log('1')).status]).toEqual([200, 200]);
    expect(await log('2')).toMatchObject(
      wrong(
        `Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='${run}'. Attempted logging new value '2'.`,
      ),
    );
    expect(await post('log-parameter', { run_id: run, key: 'empty' })).toMatchObject(done);
    expect((await read()).data.params).toEqual([
      { key: 'p', value: '1' },
      { key: 'empty', value: '' },
    ]);
  });

  it('refuse keys by their own names, and cut long values', async () => {
    expect(await post('log-parameter', { run_id: run, key: 'k'.repeat(251) })).toMatchObject(
      wrong("'Param key' exceeds the maximum length of 250 characters"),
    );
    expect(await post('set-tag', { run_id: run, key: 'k'.repeat(251), value: 'x' })).toMatchObject(
      wrong("'key' exceeds the maximum length of 250 characters"),
    );
    expect(await post('set-tag', { run_id: run, key: 'a=b', value: 'x' })).toMatchObject(
      wrong(`Invalid value "a=b" for parameter 'key' supplied: ${CHARACTERS}`),
    );
    expect(await post('set-tag', { run_id: run, key: 't', value: 'x'.repeat(8_001) })).toMatchObject(done);
    expect((await read()).data.tags.at(-1).value).toHaveLength(8_000);
  });

  it('a tag is deleted once', async () => {
    await post('set-tag', { run_id: run, key: 't', value: 'x' });
    expect(await post('delete-tag', { run_id: run, key: 't' })).toMatchObject(done);
    expect(await post('delete-tag', { run_id: run, key: 't' })).toMatchObject(
      notFound(`No tag with name: t in run with id ${run}`),
    );
  });
});

describe('runs/log-batch', () => {
  const log = (more: object) => post('log-batch', { run_id: run, ...more });
  const metric = (n: number, more: object = {}) => ({
    key: `m${n}`,
    value: n,
    timestamp: 1,
    step: 0,
    ...more,
  });
  const entries = (count: number, value = 'v') =>
    Array.from({ length: count }, (_, n) => ({ key: `k${n}`, value }));
  const metrics = (count: number) => Array.from({ length: count }, (_, n) => metric(n));

  it('takes as much as its limits say', async () => {
    expect(await log({ metrics: metrics(1_000) })).toMatchObject(done);
    expect(await log({ params: entries(100), tags: entries(100) })).toMatchObject(done);
    const { data } = await read();
    expect([data.metrics.length, data.params.length, data.tags.length]).toEqual([1_000, 100, 101]);
  });

  const split = (limit: number, what: string, count: number) =>
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`;
  it.each([
    [{ metrics: metrics(1_001) }, split(1_000, 'metrics', 1_001)],
    [{ params: entries(101) }, split(100, 'params', 101)],
    [{ tags: entries(101) }, split(100, 'tags', 101)],
    [{ metrics: metrics(950), params: entries(60) }, split(1_000, 'metrics, params, and tags', 1_010)],
    [
      { params: [...entries(1), ...entries(1), ...entries(2)] },
      "Duplicate parameter keys have been submitted: ['k0', 'k0']. Please ensure the request contains only one param value per param key.",
    ],
    [
      { metrics: [metric(0), { key: 'a', timestamp: 1 }] },
      `Missing value for required parameter 'metrics[1].value'.${SEE}`,
    ],
    [
      { metrics: [{ key: 'a', value: 1 }] },
      `Missing value for required parameter 'metrics[0].timestamp'.${SEE}`,
    ],
    [{ params: [{ key: '', value: '1' }] }, `Missing value for required parameter 'params[0].key'.${SEE}`],
    [{ tags: [{ value: '1' }] }, `Missing value for required parameter 'tags[0].key'.${SEE}`],
    [
      { metrics: [metric(0), metric(1, { key: '#' })] },
      `Invalid value "#" for parameter 'metrics[1].name' supplied: ${CHARACTERS}`,
    ],
    [
      { params: [{ key: 'a#', value: '5' }] },
      `Invalid value "a#" for parameter 'params[0].key' supplied: ${CHARACTERS}`,
    ],
    [
      { tags: [{ key: 'k'.repeat(251), value: '5' }] },
      "'tags[0].key' exceeds the maximum length of 250 characters",
    ],
    [
      { metrics: { a: 1 } },
      `Invalid value {"a":1} for parameter 'metrics' supplied:  Hint: Value was of type 'dict'.${SEE}`,
    ],
    [
      { tags: entries(100, 'x'.repeat(12_000)) },
      /^Batched logging API requests must be at most 1000000 bytes, got a request of size 120\d{4}\.$/,
    ],
  ])('refuses what breaks a limit or a rule, and writes nothing: case %#', async (more, message) => {
    const before = world.items.dump();
    const { status, json } = await log(more);
    expect([status, json.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    if (typeof message === 'string') expect(json.message).toBe(message);
    else expect(json.message).toMatch(message);
    expect(world.items.dump()).toEqual(before);
  });

  it('tells every param that would change, quoted as Python does, and writes nothing', async () => {
    await log({
      params: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    });
    const before = world.items.dump();
    const answer = await log({
      params: [
        { key: 'a', value: "o'ther" },
        { key: 'b', value: 'zz' },
        { key: 'c', value: '3' },
      ],
      metrics: metrics(3),
      tags: entries(1),
    });
    expect(answer).toMatchObject(
      wrong(
        `Changing param values is not allowed. Params were already logged='[{'key': 'a', 'old_value': '1', 'new_value': "o'ther"}, {'key': 'b', 'old_value': '2', 'new_value': 'zz'}]' for run ID='${run}'.`,
      ),
    );
    expect(world.items.dump()).toEqual(before);
  });

  it('looks at the form of the id before it looks for the run', async () => {
    expect(await post('log-batch', { run_id: '#!' })).toMatchObject(
      wrong('Invalid value "#!" for parameter \'run_id\' supplied.'),
    );
    expect(await post('log-batch', { run_id: 'no-run' })).toMatchObject(
      notFound('Run with id=no-run not found'),
    );
  });
});

describe('inputs, outputs and models', () => {
  const dataset = { name: 'd', digest: 'g', source_type: 'local', source: '{}', schema: '{"a":1}' };

  it('stand in the run as they were logged first', async () => {
    const tags = [{ key: 'mlflow.data.context', value: 'train' }];
    const log = (json: object) => post('log-inputs', { run_id: run, ...json });
    expect(await log({ datasets: [{ dataset, tags }], models: [{ model_id: 'm-1' }] })).toMatchObject(done);
    expect(await log({ datasets: [{ dataset: { ...dataset, source: 'x' } }, {}] })).toMatchObject(done);
    for (const step of [3, 3, 4]) {
      expect(await post('outputs', { run_id: run, models: [{ model_id: 'm-9', step }] })).toMatchObject(done);
    }
    const { inputs, outputs } = await read();
    expect(inputs).toEqual({
      dataset_inputs: [{ dataset, tags }, { dataset: { name: '', digest: '', source_type: '', source: '' } }],
      model_inputs: [{ model_id: 'm-1' }],
    });
    expect(outputs).toEqual({ model_outputs: [{ model_id: 'm-9', step: 3 }] });
  });

  it.each([
    [
      { dataset: { ...dataset, name: 'n'.repeat(501) } },
      "'name' exceeds the maximum length of 500 characters",
    ],
    [
      { dataset: { ...dataset, digest: 'n'.repeat(37) } },
      "'digest' exceeds the maximum length of 36 characters",
    ],
    [
      { dataset: { ...dataset, source: 'n'.repeat(65_536) } },
      "'source' exceeds the maximum length of 65535 characters",
    ],
    [{ dataset, tags: [{ key: 'k'.repeat(256) }] }, "'key' exceeds the maximum length of 255 characters"],
    [
      { dataset, tags: [{ key: 'k', value: 'v'.repeat(501) }] },
      "'value' exceeds the maximum length of 500 characters",
    ],
  ])('refuse a dataset over a limit: case %#', async (input, message) => {
    expect(await post('log-inputs', { run_id: run, datasets: [input] })).toMatchObject(wrong(message));
    expect((await read()).inputs).toEqual({});
  });

  it('list the models of old clients without their configuration, as Python writes JSON', async () => {
    const log = (model: unknown) =>
      post('log-model', {
        run_id: run,
        model_json: typeof model === 'string' ? model : JSON.stringify(model),
      });
    expect(await log(MODEL)).toMatchObject(done);
    expect(await log(MODEL)).toMatchObject(done);
    expect((await read()).data.tags.at(-1)).toEqual({
      key: 'mlflow.log-model.history',
      value:
        '[{"run_id": "r", "artifact_path": "model", "utc_time_created": "2026-01-01 00:00:00", "model_uuid": null, "flavors": {"sklearn": {"pickled_model": "m.pkl", "weight": 0.5}}}]',
    });
    expect(await log('{')).toMatchObject(wrong('Malformed model info. \n { \n is not a valid JSON.'));
    expect(await log({ ...MODEL, flavors: undefined })).toMatchObject(
      wrong("Model json is missing mandatory fields: {'flavors'}"),
    );
  });
});

describe('metrics/get-history and its samples', () => {
  beforeEach(async () => {
    const metrics = [0, 1, 2, 3, 4].map((n) => ({ key: 'h', value: n / 2, timestamp: 10 + n, step: n }));
    await post('log-batch', { run_id: run, metrics });
  });

  it('gives pages with the token of the next', async () => {
    const first = await get('metrics/get-history', { run_id: run, metric_key: 'h', max_results: '3' });
    expect(first.json.metrics).toEqual(
      [0, 1, 2].map((n) => ({ key: 'h', value: n / 2, timestamp: 10 + n, step: n })),
    );
    expect(first.json.next_page_token).toBe('eyJvZmZzZXQiOiAzfQ==');
    const query = {
      run_uuid: run,
      metric_key: 'h',
      max_results: '3',
      page_token: first.json.next_page_token,
    };
    const second = await get('metrics/get-history', query);
    expect(second.json.metrics.map(({ step }: { step: number }) => step)).toEqual([3, 4]);
    expect(second.json.next_page_token).toBeUndefined();
    expect((await get('metrics/get-history', { run_id: 'none', metric_key: 'h' })).json).toEqual({});
  });

  it('samples several runs', async () => {
    const sample = (query: Record<string, string | string[]>) =>
      get('metrics/get-history-bulk-interval', { metric_key: 'h', run_ids: [MISSING, run], ...query });
    const steps = (answer: { json: { metrics: { step: number; run_id: string }[] } }) =>
      answer.json.metrics.map(({ step, run_id }) => [step, run_id === run]);
    expect(steps(await sample({ max_results: '2' }))).toEqual([
      [0, true],
      [4, true],
    ]);
    expect(steps(await sample({ start_step: '1', end_step: '2' }))).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(await sample({ max_results: '0' })).toMatchObject(
      wrong(`max_results must be between 1 and 2500.${SEE}`),
    );
    expect(await sample({ start_step: '3' })).toMatchObject(
      wrong('If either start step or end step are specified, both must be specified.'),
    );
    expect(await sample({ start_step: '3', end_step: '1' })).toMatchObject(
      wrong('end_step must be greater than start_step. Found start_step=3 and end_step=1.'),
    );
    expect(await sample({ run_ids: Array.from({ length: 101 }, (_, n) => String(n)) })).toMatchObject(
      wrong(
        `GetMetricHistoryBulkInterval request must specify at most 100 run_ids. Received 101 run_ids.${SEE}`,
      ),
    );
  });
});
