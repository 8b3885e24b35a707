import { beforeEach, describe, expect, it } from 'vitest';
import { checkArtifactLocation } from '../../../../lib/http/mlflow/locations.ts';
import { makeWorld, type World } from '../support/world.ts';

/** Texts, codes and statuses here are those that MLflow 3.17.2's own server answered to the same requests. */

const BASE = '/api/2.0/mlflow/experiments';
let world: World;
let token: string;
beforeEach(async () => {
  world = makeWorld();
  token = await world.token('contributor');
});

const post = async (path: string, json: unknown) => {
  const answer = await world.call('POST', `${BASE}/${path}`, { token, json });
  return [answer.status, answer.json];
};
const get = async (path: string, query: Record<string, string | string[]> = {}) => {
  const answer = await world.call('GET', `${BASE}/${path}`, { token, query });
  return [answer.status, answer.json];
};
const refused = (status: number, code: string, message: string) => [status, { error_code: code, message }];
const invalid = (message: string) => refused(400, 'INVALID_PARAMETER_VALUE', message);
const absent = (message: string) => refused(404, 'RESOURCE_DOES_NOT_EXIST', message);
const names = async (search: object): Promise<string[]> => {
  const [status, json] = await post('search', { max_results: 100, ...search });
  expect(status).toBe(200);
  return (json.experiments ?? []).map(({ name }: { name: string }) => name);
};

describe('one experiment', () => {
  it('is made, and read by id and by name', async () => {
    const tags = [{ key: 'a', value: '1', more: 3 }, { key: 'b' }];
    expect(await post('create', { name: 'x', tags, unknown: true })).toEqual([200, { experiment_id: '1' }]);
    const whole = {
      experiment: {
        experiment_id: '1',
        name: 'x',
        artifact_location: 'mlflow-artifacts:/1',
        lifecycle_stage: 'active',
        last_update_time: Date.parse('2026-01-01T00:00:00.000Z'),
        creation_time: Date.parse('2026-01-01T00:00:00.000Z'),
        tags: [
          { key: 'a', value: '1' },
          { key: 'b', value: '' },
        ],
        workspace: 'default',
      },
    };
    expect(await get('get', { experiment_id: '1' })).toEqual([200, whole]);
    expect(await get('get', { experiment_id: '01' })).toEqual([200, whole]);
    expect(await get('get-by-name', { experiment_name: 'x' })).toEqual([200, whole]);
  });

  it('is the same for our own API', async () => {
    await post('create', { name: 'x' });
    const ours = await world.call('GET', '/experiments/1', { token });
    expect(ours.json).toMatchObject({ experimentId: '1', name: 'x', lifecycleStage: 'active' });
  });

  it('Default is there from the start', async () => {
    const [status, { experiment }] = await get('get-by-name', { experiment_name: 'Default' });
    expect([status, experiment.experiment_id, experiment.artifact_location]).toEqual([
      200,
      '0',
      'mlflow-artifacts:/0',
    ]);
    expect(experiment).not.toHaveProperty('tags');
  });

  it('that is not there', async () => {
    expect(await get('get', { experiment_id: '99' })).toEqual(absent('No Experiment with id=99 exists'));
    expect(await get('get', { experiment_id: '-1' })).toEqual(absent('No Experiment with id=-1 exists'));
    expect(await get('get', { experiment_id: '9'.repeat(20) })).toEqual(
      absent(`No Experiment with id=${'9'.repeat(20)} exists`),
    );
    expect(await get('get', { experiment_id: 'abc' })).toEqual(
      invalid("Invalid experiment ID 'abc'. Experiment ID must be a valid integer."),
    );
    expect(await get('get-by-name', { experiment_name: 'nope' })).toEqual(
      absent("Could not find experiment with name 'nope'"),
    );
    expect(await get('get')).toEqual(
      invalid(
        "Missing value for required parameter 'experiment_id'. See the API docs for more information about request parameters.",
      ),
    );
  });

  it('of a name that is taken', async () => {
    await post('create', { name: 'x' });
    const taken = refused(400, 'RESOURCE_ALREADY_EXISTS', 'Experiment(name=x) already exists.');
    expect(await post('create', { name: 'x' })).toEqual(taken);
    expect(
      await post('create', {
        name: 't',
        tags: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      }),
    ).toEqual(refused(400, 'RESOURCE_ALREADY_EXISTS', 'Experiment(name=t) already exists.'));
    await post('create', { name: 'y' });
    expect(await post('update', { experiment_id: '2', new_name: 'x' })).toEqual(
      refused(400, 'BAD_REQUEST', 'Experiment(name=x) already exists.'),
    );
  });

  it.each([
    ['a/../b', 'b'],
    ['..', '..'],
    ['/a', '/a'],
    ['//a', '//a'],
    ['a/', 'a'],
    ['', '.'],
  ])('a tag whose key is the path %j', async (key, resolved) => {
    expect(await post('create', { name: 'x', tags: [{ key, value: 'v' }] })).toEqual(
      invalid(
        `Invalid value ${JSON.stringify(key)} for parameter 'key' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${resolved}'`,
      ),
    );
    expect(await names({})).toEqual(['Default']);
  });

  it('tags with other characters, or too long', async () => {
    await post('create', { name: 'x' });
    const set = (key: string, value: string) =>
      post('set-experiment-tag', { experiment_id: '1', key, value });
    expect(await set('a$', 'v')).toEqual(
      invalid(
        'Invalid value "a$" for parameter \'key\' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
      ),
    );
    expect(await set('k'.repeat(251), 'v')).toEqual(
      invalid("'key' exceeds the maximum length of 250 characters"),
    );
    expect(await set('k', 'v'.repeat(20_001))).toEqual(
      invalid("'value' exceeds the maximum length of 20000 characters"),
    );
    const twice = { key: 'k', value: 'v' };
    expect(
      await post('create', { name: 'y', tags: [twice, twice, { key: 'a$', value: 'v' }] }),
    ).toMatchObject([400, { error_code: 'INVALID_PARAMETER_VALUE' }]);
    expect(await set('ünï a.b-c_d:e/f', '😀'.repeat(20_000))).toEqual([200, {}]);
  });
});

describe('its life', () => {
  beforeEach(async () => {
    await post('create', { name: 'x' });
  });

  it('is renamed, tagged, deleted and restored', async () => {
    expect(await post('update', { experiment_id: '1', new_name: 'y' })).toEqual([200, {}]);
    expect(await post('set-experiment-tag', { experiment_id: '1', key: 'k', value: 'v' })).toEqual([200, {}]);
    expect(await post('delete-experiment-tag', { experiment_id: '1', key: 'k' })).toEqual([200, {}]);
    expect(await post('delete-experiment-tag', { experiment_id: '1', key: 'k' })).toEqual(
      absent('No tag with name: k in experiment with id 1'),
    );
    world.clock.advance(5000);
    expect(await post('delete', { experiment_id: '1' })).toEqual([200, {}]);
    const [, { experiment }] = await get('get', { experiment_id: '1' });
    expect(experiment).toMatchObject({ lifecycle_stage: 'deleted', name: 'y' });
    expect(experiment.last_update_time - experiment.creation_time).toBe(5000);
    expect(await post('delete', { experiment_id: '1' })).toEqual(absent('No Experiment with id=1 exists'));
    expect(await post('create', { name: 'y' })).toEqual(
      refused(400, 'RESOURCE_ALREADY_EXISTS', 'Experiment(name=y) already exists.'),
    );
    expect(await post('update', { experiment_id: '1', new_name: 'z' })).toEqual(
      refused(500, 'INVALID_STATE', 'Cannot rename a non-active experiment.'),
    );
    expect(await post('set-experiment-tag', { experiment_id: '1', key: 'k', value: 'v' })).toEqual(
      invalid("The experiment 1 must be in the 'active' state. Current state is deleted."),
    );
    expect(await post('restore', { experiment_id: '1' })).toEqual([200, {}]);
    expect(await post('restore', { experiment_id: '1' })).toEqual(absent('No Experiment with id=1 exists'));
  });
});

describe('search', () => {
  beforeEach(async () => {
    for (const name of ['a1', 'a2', 'b1']) {
      world.clock.advance(1000);
      await post('create', { name, tags: [{ key: 'kind', value: name.slice(0, 1) }] });
    }
    await post('delete', { experiment_id: '2' });
  });

  it('shows what is active, newest first; deleted ones and all when asked', async () => {
    expect(await names({})).toEqual(['b1', 'a1', 'Default']);
    expect(await names({ view_type: 'DELETED_ONLY' })).toEqual(['a2']);
    expect(await names({ view_type: 3 })).toEqual(['b1', 'a2', 'a1', 'Default']);
  });

  it.each([
    ["name LIKE 'a%'", ['a1']],
    ["tags.kind = 'b'", ['b1']],
    ['tags.kind IS NULL', ['Default']],
    ["name = 'a1' AND tags.kind = 'b'", []],
    ["experiment_id IN ('0', '3')", ['b1', 'Default']],
    ['creation_time > 0', ['b1', 'a1']],
  ])('by the filter %s', async (filter, found) => {
    expect(await names({ filter })).toEqual(found);
  });

  it('by order, in pages, without one twice or left out', async () => {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const [, json] = await post('search', {
        max_results: 2,
        view_type: 'ALL',
        order_by: ['name DESC'],
        page_token: token,
      });
      found.push(...json.experiments.map(({ name }: { name: string }) => name));
      token = json.next_page_token;
    } while (token !== undefined);
    expect(found).toEqual(['b1', 'a2', 'a1', 'Default']);
  });

  it('by GET, and as old clients list', async () => {
    const [, searched] = await get('search', { max_results: '2', order_by: ['name'], view_type: 'ALL' });
    expect(searched.experiments.map(({ name }: { name: string }) => name)).toEqual(['Default', 'a1']);
    const [, listed] = await get('list');
    expect(listed.experiments.map(({ name }: { name: string }) => name)).toEqual(['Default', 'a1', 'b1']);
    const preview = await world.call('GET', '/api/2.0/preview/mlflow/experiments/list', { token });
    expect(preview.json).toEqual(listed);
  });

  it('refuses a page of nothing or too much, and a filter that is none', async () => {
    const size = (value: number, rule: string) =>
      invalid(`Invalid value ${value} for parameter 'max_results' supplied. ${rule}`);
    expect(await post('search', {})).toEqual(size(0, 'It must be a positive integer'));
    expect(await post('search', { max_results: 50_001 })).toEqual(size(50_001, 'It must be at most 50000'));
    const [status, json] = await post('search', { max_results: 1, filter: 'foo = 3' });
    expect([status, json.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(json.message).toMatch(/^Invalid attribute key 'foo' specified\./);
  });

  it('cuts a page that would not fit into an answer, and says where to go on', async () => {
    const long = 'v'.repeat(20_000);
    const tags = Array.from({ length: 15 }, (_, i) => ({ key: `k${i}`, value: long }));
    for (let i = 0; i < 20; i += 1) await post('create', { name: `large${i}`, tags });
    const all: string[] = [];
    let pages = 0;
    let token: string | undefined;
    do {
      const [status, json] = await post('search', {
        max_results: 1000,
        filter: "name LIKE 'large%'",
        page_token: token,
      });
      expect(status).toBe(200);
      all.push(...json.experiments.map(({ name }: { name: string }) => name));
      token = json.next_page_token;
      pages += 1;
    } while (token !== undefined);
    expect(pages).toBe(2);
    expect(new Set(all).size).toBe(20);
    expect(all).toHaveLength(20);
  });
});

describe('a place of its own for artifacts', () => {
  it.each([
    's3://bucket/p',
    '/tmp/x',
    'rel/path',
    'mlflow-artifacts:/foo/bar',
    'gs://b/a;b',
    'file:///tmp/x',
  ])('%s is kept', async (location) => {
    expect(await post('create', { name: 'x', artifact_location: location })).toEqual([
      200,
      { experiment_id: '1' },
    ]);
    const [, { experiment }] = await get('get', { experiment_id: '1' });
    expect(experiment.artifact_location).toBe(location);
  });

  it.each([
    ['s3://b/x#f', "'artifact_location' URL can't include fragments or params."],
    ['/x;y=1', "'artifact_location' URL can't include fragments or params."],
    ['s3://b/x?y=../a', 'Invalid query string'],
    ['s3://b/x?y=%252e%252e/a', 'Invalid query string'],
    ['runs:/x', "Artifact location cannot be a runs:/ URI. Given: 'runs:/x'"],
  ])('%s is refused', (location, text) => {
    expect(() => checkArtifactLocation(location)).toThrow(text);
  });

  it.each([
    'http',
    'https',
    'ftp',
    'sftp',
    'hdfs',
    'viewfs',
    'abfss',
    'r2',
    'b2',
    'mlflow-artifacts',
    'HTTP',
  ])('no other host is named: %s', (scheme) => {
    expect(() => checkArtifactLocation(`${scheme}://evil/x`)).toThrow(
      `'artifact_location' cannot use the '${scheme.toLowerCase()}' scheme`,
    );
  });

  it('is at most 2048 characters, and its query decoded ten times over is refused', () => {
    expect(() => checkArtifactLocation(`s3://b/${'x'.repeat(2042)}`)).toThrow(/cannot be greater than 2048/);
    let query = '..';
    for (let i = 0; i < 12; i += 1) query = encodeURIComponent(query).replaceAll('.', '%2e');
    expect(() => checkArtifactLocation(`s3://b/x?${query}`)).toThrow('Invalid query string');
  });
});
