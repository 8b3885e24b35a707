import { beforeEach, describe, expect, it } from 'vitest';
import { readSnapshot } from '../../../../lib/tracking/index.ts';
import { makeWorld, type World } from '../support/world.ts';

/** Texts, codes and statuses here are those that MLflow 3.17.2's own server answered to the same requests. */

const BASE = '/api/2.0/mlflow';
const MODELS = 'registered-models';
const VERSIONS = 'model-versions';
let world: World;
let token: string;
beforeEach(async () => {
  world = makeWorld();
  token = await world.token('operator');
});

const send = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, json: unknown) => {
  const answer = await world.call(method, `${BASE}/${path}`, { token, json });
  return [answer.status, answer.json];
};
const get = async (path: string, query: Record<string, string | string[]> = {}) => {
  const answer = await world.call('GET', `${BASE}/${path}`, { token, query });
  return [answer.status, answer.json];
};
const refused = (status: number, code: string, message: string) => [status, { error_code: code, message }];
const invalid = (message: string) => refused(400, 'INVALID_PARAMETER_VALUE', message);
const absent = (message: string) => refused(404, 'RESOURCE_DOES_NOT_EXIST', message);
const done = [200, {}];

const create = (name = 'm') => send('POST', `${MODELS}/create`, { name });
const version = async (source = 's3://bucket/model', more: object = {}) =>
  send('POST', `${VERSIONS}/create`, { name: 'm', source, ...more });
async function withVersions(count: number): Promise<void> {
  await create();
  for (let i = 0; i < count; i += 1) expect((await version())[0]).toBe(200);
}
const stageOf = async (number: string) => (await world.registry.getVersion('default', 'm', number)).stage;
const found = async (search: Record<string, string | string[]>): Promise<string[]> => {
  const [status, json] = await get(`${VERSIONS}/search`, search);
  expect(status).toBe(200);
  return (json.model_versions ?? []).map((one: { version: string }) => one.version);
};

describe('a registered model', () => {
  it('is made, read, described and tagged', async () => {
    const tags = [
      { key: 'b', value: '1' },
      { key: 'a', value: '2' },
    ];
    const [status, made] = await send('POST', `${MODELS}/create`, { name: 'm', tags, description: 'd' });
    expect(status).toBe(200);
    const at = made.registered_model.creation_timestamp;
    expect(made.registered_model).toEqual({
      name: 'm',
      creation_timestamp: at,
      last_updated_timestamp: at,
      description: 'd',
      tags: tags.toReversed(),
    });
    expect(await get(`${MODELS}/get`, { name: 'm' })).toEqual([200, made]);
    const [, described] = await send('PATCH', `${MODELS}/update`, { name: 'm', description: 'new' });
    expect(described.registered_model.description).toBe('new');
    expect(await send('POST', `${MODELS}/set-tag`, { name: 'm', key: 'c' })).toEqual(done);
    expect(await send('DELETE', `${MODELS}/delete-tag`, { name: 'm', key: 'b' })).toEqual(done);
    expect(await send('DELETE', `${MODELS}/delete-tag`, { name: 'm', key: 'never' })).toEqual(done);
    const [, read] = await get(`${MODELS}/get`, { name: 'm' });
    expect(read.registered_model.tags).toEqual([
      { key: 'a', value: '2' },
      { key: 'c', value: '' },
    ]);
  });

  it('refuses what MLflow refuses, in its words', async () => {
    await create();
    const pointer = ' See the API docs for more information about request parameters.';
    expect(await create()).toEqual(
      refused(400, 'RESOURCE_ALREADY_EXISTS', 'Registered Model (name=m) already exists.'),
    );
    expect(await create('a/b')).toEqual(
      invalid("Invalid model name 'a/b'. Names cannot contain '/' or ':'."),
    );
    expect(await create('')).toEqual(invalid(`Missing value for required parameter 'name'.${pointer}`));
    expect(await create(' ')).toEqual(invalid("Missing value for required parameter 'name'."));
    expect(await get(`${MODELS}/get`, { name: 'no' })).toEqual(
      absent('Registered Model with name=no not found'),
    );
    expect(
      await send('POST', `${MODELS}/set-tag`, { name: 'm', key: 'k', value: 'v'.repeat(100_001) }),
    ).toEqual(invalid("'value' exceeds the maximum length of 100000 characters"));
  });

  it('takes tags of 100,000 characters while one item holds them', async () => {
    await create();
    const set = (key: string) =>
      send('POST', `${MODELS}/set-tag`, { name: 'm', key, value: 'v'.repeat(100_000) });
    expect([await set('a'), await set('b')]).toEqual([done, done]);
    const [status, json] = await set('c');
    expect([status, json.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(json.message).toMatch(/^model m with these tags takes 300\d\d\d bytes; 300000 is the most/);
  });

  it('keeps no prompts', async () => {
    const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    const [status, json] = await send('POST', `${MODELS}/create`, { name: 'p', tags });
    expect([status, json.error_code]).toEqual([501, 'NOT_IMPLEMENTED']);
    expect(await get(`${MODELS}/search`, { filter: "tags.`mlflow.prompt.is_prompt` = 'true'" })).toEqual(
      done,
    );
  });

  it('is renamed with all that it has, and its name is free then', async () => {
    await withVersions(2);
    await send('POST', `${MODELS}/alias`, { name: 'm', alias: 'champ', version: '1' });
    await create('taken');
    expect(await send('POST', `${MODELS}/rename`, { name: 'm', new_name: 'taken' })).toEqual(
      refused(400, 'RESOURCE_ALREADY_EXISTS', 'Registered Model (name=taken) already exists.'),
    );
    const [, renamed] = await send('POST', `${MODELS}/rename`, { name: 'm', new_name: 'n' });
    expect(renamed.registered_model).toMatchObject({
      name: 'n',
      aliases: [{ alias: 'champ', version: '1' }],
      latest_versions: [{ name: 'n', version: '2' }],
    });
    expect(await send('POST', `${MODELS}/rename`, { name: 'm', new_name: 'n' })).toEqual(
      absent('Registered Model with name=m not found'),
    );
    const { items } = await world.registry.audit('default', 'n');
    expect(items.map(({ kind, model }) => [kind, model])).toEqual([
      ['rename', 'n'],
      ['move', 'm'],
    ]);
    await create();
    expect((await version())[1].model_version).toMatchObject({ name: 'm', version: '1' });
    expect(await found({ filter: "name = 'n'" })).toEqual(['2', '1']);
  });

  it('is deleted with its versions; its name begins again', async () => {
    await withVersions(3);
    expect(await send('DELETE', `${MODELS}/delete`, { name: 'm' })).toEqual(done);
    expect(await send('DELETE', `${MODELS}/delete`, { name: 'm' })).toEqual(
      absent('Registered Model with name=m not found'),
    );
    expect(await found({})).toEqual([]);
    expect(world.items.dump().filter(({ pk }) => pk.includes('#model#'))).toEqual([]);
    await create();
    expect((await version())[1].model_version.version).toBe('1');
  });
});

describe('a version', () => {
  it('of a foreign model is registered, read, described and tagged', async () => {
    await create();
    const more = { description: 'd', tags: [{ key: 't', value: '1' }], run_link: 'https://x' };
    const [, made] = await version('s3://bucket/model', more);
    const at = made.model_version.creation_timestamp;
    const whole = {
      name: 'm',
      version: '1',
      creation_timestamp: at,
      last_updated_timestamp: at,
      current_stage: 'None',
      description: 'd',
      source: 's3://bucket/model',
      run_id: '',
      status: 'READY',
      tags: [{ key: 't', value: '1' }],
      run_link: 'https://x',
    };
    expect(made.model_version).toEqual(whole);
    expect(await get(`${VERSIONS}/get`, { name: 'm', version: '1' })).toEqual([200, made]);
    expect(await get(`${VERSIONS}/get-download-uri`, { name: 'm', version: '1' })).toEqual([
      200,
      { artifact_uri: 's3://bucket/model' },
    ]);
    const subject = { name: 'm', version: '1' };
    await send('PATCH', `${VERSIONS}/update`, { ...subject, description: 'new' });
    await send('POST', `${VERSIONS}/set-tag`, { ...subject, key: 'u', value: '2' });
    await send('DELETE', `${VERSIONS}/delete-tag`, { ...subject, key: 't' });
    const [, read] = await get(`${VERSIONS}/get`, subject);
    expect(read.model_version).toMatchObject({ description: 'new', tags: [{ key: 'u', value: '2' }] });
    const native = await world.call('GET', '/models/m/versions/1', { token });
    expect(native.json).toMatchObject({ source: 's3://bucket/model', stage: 'None', description: 'new' });
  });

  it('is not run by Arboleda, which says so', async () => {
    await withVersions(1);
    await send('POST', `${MODELS}/alias`, { name: 'm', alias: 'production', version: '1' });
    const answer = await world.call('POST', '/models/m/predict', {
      token: await world.token('predictor'),
      json: { x: 1 },
    });
    expect([answer.status, answer.json.code]).toEqual([409, 'FOREIGN_MODEL']);
    expect(answer.json.message).toMatch(/^Arboleda does not run Python pickles: version 1 of model m/);
  });

  it.each([
    ['/etc/passwd', 'To use a local path'],
    ['file:///etc/passwd', 'To use a local path'],
    ['s3://bucket/../x', 'an absolute path must be provided without relative path references'],
    ['s3://bucket/%252e%252e/x', 'an absolute path must be provided without relative path references'],
    ['mlflow-artifacts:/0/other/artifacts', 'The run_id request parameter must identify the resource'],
    [`runs:/${'a'.repeat(32)}/model`, 'The run_id request parameter must identify the resource'],
    ['models:/m-1', 'The model_id request parameter must identify the resource'],
    ['models:/a/b/c', 'The model_id request parameter must identify the resource'],
  ])('is not registered from %s', async (source, why) => {
    await create();
    const [status, json] = await version(source);
    expect([status, json.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(json.message).toContain(`Invalid model version source: '${source}'.`);
    expect(json.message).toContain(why);
    expect(await found({})).toEqual([]);
  });

  it('is asked for by a name: with a number for its version it is the missing name that is judged first', async () => {
    const [status, json] = await send('PATCH', `${VERSIONS}/update`, { version: 1 });
    expect([status, json.message]).toEqual([
      400,
      "Invalid value null for parameter 'name' supplied:  Hint: Value was of type 'NoneType'. See the API docs for more information about request parameters.",
    ]);
  });

  it('is not registered with a logged model that is not there', async () => {
    await create();
    const [status, json] = await version('s3://bucket/m', { model_id: 'nope' });
    expect([status, json]).toMatchObject([
      404,
      { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "Logged model with ID 'nope' not found." },
    ]);
    expect(await found({})).toEqual([]);
  });

  it('is not registered from the artifacts of another run than it names', async () => {
    await create();
    const run = async () => {
      const [, json] = await send('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
      return json.run.info as { run_id: string; artifact_uri: string };
    };
    const [one, other] = [await run(), await run()];
    expect((await version(`${one.artifact_uri}/model`, { run_id: other.run_id }))[0]).toBe(400);
    expect((await version(`${one.artifact_uri}x/model`, { run_id: one.run_id }))[0]).toBe(400);
    expect((await version(`${one.artifact_uri}/%2e%2e/model`, { run_id: one.run_id }))[0]).toBe(400);
    const [, made] = await version(`${one.artifact_uri}/model`, { run_id: one.run_id });
    expect(made.model_version).toMatchObject({ run_id: one.run_id, version: '1' });
    const [, again] = await version('models:/m/1');
    expect(again.model_version).toMatchObject({ run_id: one.run_id, source: 'models:/m/1' });
    expect(await get(`${VERSIONS}/get-download-uri`, { name: 'm', version: '2' })).toEqual([
      200,
      { artifact_uri: `${one.artifact_uri}/model` },
    ]);
  });

  it('is in the list that its logged model keeps: each of many at once, whatever text a client left there', async () => {
    await create();
    const [, logged] = await send('POST', 'logged-models', { experiment_id: '0', name: 'l' });
    const { model_id: modelId, artifact_uri: source } = logged.model.info;
    const garbage = [{ key: 'mlflow.modelVersions', value: 'no list' }];
    expect(await send('PATCH', `logged-models/${modelId}/tags`, { tags: garbage })).toEqual(done);
    const made = await Promise.all(Array.from({ length: 8 }, () => version(source, { model_id: modelId })));
    expect(made.map(([status]) => status)).toEqual(Array(8).fill(200));
    const { tags } = await world.deps.loggedModels.get('default', modelId);
    const listed = JSON.parse(tags['mlflow.modelVersions']!) as { name: string; version: number }[];
    expect(listed.map((one) => one.version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('gets the next number, also after a delete and from 50 at once', async () => {
    await withVersions(2);
    expect(await send('DELETE', `${VERSIONS}/delete`, { name: 'm', version: '2' })).toEqual(done);
    expect(await get(`${VERSIONS}/get`, { name: 'm', version: '2' })).toEqual(
      absent('Model Version (name=m, version=2) not found'),
    );
    const made = await Promise.all(Array.from({ length: 50 }, () => version()));
    const numbers = made.map(([, json]) => Number(json.model_version.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => i + 3));
  });

  it('takes its aliases with it when it is deleted, and no rollback leads to it', async () => {
    await withVersions(3);
    for (const number of ['1', '2', '3']) {
      await send('POST', `${MODELS}/alias`, { name: 'm', alias: 'production', version: number });
    }
    await send('DELETE', `${VERSIONS}/delete`, { name: 'm', version: '2' });
    const back = await world.call('POST', '/models/m/rollback', { token, json: {} });
    expect(back.json).toMatchObject({ version: '1', previousVersion: '3' });
    await send('DELETE', `${VERSIONS}/delete`, { name: 'm', version: '1' });
    expect((await world.registry.getModel('default', 'm')).aliases).toEqual({});
    const { items } = await world.registry.audit('default', 'm', { limit: 1 });
    expect(items[0]).toMatchObject({
      kind: 'delete',
      deleted: { version: '1', stage: 'Production', aliases: ['production'] },
    });
  });

  it('stands in the snapshot of its run, and not after its delete', async () => {
    await create();
    const [, json] = await send('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
    const runId = json.run.info.run_id as string;
    await version(`runs:/${runId}/model`, { run_id: runId });
    await send('POST', `${MODELS}/alias`, { name: 'm', alias: 'champ', version: '1' });
    const snapshot = async () => readSnapshot(world.objects, 'default', runId);
    expect(await snapshot()).toMatchObject({
      version: { name: 'm', version: '1', source: `runs:/${runId}/model` },
      aliases: { champ: '1' },
    });
    await send('DELETE', `${VERSIONS}/delete`, { name: 'm', version: '1' });
    expect((await snapshot())?.version).toBeUndefined();
  });
});

describe('stages', () => {
  const move = (version: string, stage: string, more: object = {}) =>
    send('POST', `${VERSIONS}/transition-stage`, { name: 'm', version, stage, ...more });

  it('move the alias production, and archive the others in the same request', async () => {
    await withVersions(3);
    await move('1', 'production');
    const [, moved] = await move('2', 'Production', { archive_existing_versions: true });
    expect(moved.model_version).toMatchObject({ current_stage: 'Production', aliases: ['production'] });
    expect([await stageOf('1'), await stageOf('2')]).toEqual(['Archived', 'Production']);
    const [, latest] = await send('POST', `${MODELS}/get-latest-versions`, {
      name: 'm',
      stages: ['production'],
    });
    expect(latest.model_versions.map((one: { version: string }) => one.version)).toEqual(['2']);
    const [, all] = await get(`${MODELS}/get-latest-versions`, { name: 'm' });
    expect(all.model_versions).toHaveLength(3);
  });

  it('show the newest version of each: in a search by stage, of one model as they came up', async () => {
    await withVersions(2);
    await move('1', 'Staging');
    const stages = (model: { latest_versions: { current_stage: string }[] }) =>
      model.latest_versions.map(({ current_stage }) => current_stage);
    const [, one] = await get(`${MODELS}/get`, { name: 'm' });
    expect(stages(one.registered_model)).toEqual(['Staging', 'None']);
    const [, all] = await get(`${MODELS}/search`);
    expect(stages(all.registered_models[0])).toEqual(['None', 'Staging']);
  });

  it('obey the policy, and know no others', async () => {
    await withVersions(1);
    await world.registry.setPolicy('default', { model: 'm', requireStaging: true, actor: 'a', reason: 'r' });
    const [status, json] = await move('1', 'Production');
    expect([status, json.error_code]).toEqual([409, 'RESOURCE_CONFLICT']);
    expect(await stageOf('1')).toBe('None');
    expect(await move('1', 'Development')).toEqual(
      invalid(
        'Invalid Model Version stage: Development. Value must be one of None, Staging, Production, Archived.',
      ),
    );
    expect(await move('9', 'Staging')).toEqual(absent('Model Version (name=m, version=9) not found'));
  });
});

describe('aliases', () => {
  const set = (alias: string, version = '1') =>
    send('POST', `${MODELS}/alias`, { name: 'm', alias, version });
  const holder = (alias: string) => get(`${MODELS}/alias`, { name: 'm', alias });

  it('are set, moved, read and deleted; production is archived then', async () => {
    await withVersions(2);
    expect([await set('production'), await set('production', '2')]).toEqual([done, done]);
    expect([await stageOf('1'), await stageOf('2')]).toEqual(['Archived', 'Production']);
    expect((await holder('production'))[1].model_version).toMatchObject({
      version: '2',
      aliases: ['production'],
    });
    expect(await send('DELETE', `${MODELS}/alias`, { name: 'm', alias: 'production' })).toEqual(done);
    expect(await send('DELETE', `${MODELS}/alias`, { name: 'm', alias: 'production' })).toEqual(done);
    expect(await stageOf('2')).toBe('Archived');
    expect(await holder('production')).toEqual(invalid('Registered model alias production not found.'));
    expect((await holder('latest'))[1].model_version.version).toBe('2');
  });

  it('are not those that MLflow keeps for itself', async () => {
    await withVersions(1);
    for (const alias of ['latest', 'LATEST']) {
      expect(await set(alias)).toEqual(invalid("'latest' alias name (case insensitive) is reserved."));
    }
    expect(await set('v12')).toEqual(invalid("Version alias name 'v12' is reserved."));
    expect(await set('a.b')).toEqual(
      invalid(
        "Invalid alias name: 'a.b'. Names may only contain alphanumerics, underscores (_), and dashes (-).",
      ),
    );
    expect(await set('x'.repeat(256))).toEqual(
      invalid("'Registered model alias name' exceeds the maximum length of 255 characters"),
    );
    expect(await set('_x-1')).toEqual(done);
  });

  it('are an operator’s to move, as are deletes and renames', async () => {
    await withVersions(1);
    token = await world.token('contributor');
    const denied = [
      await set('a'),
      await send('DELETE', `${MODELS}/alias`, { name: 'm', alias: 'a' }),
      await send('DELETE', `${MODELS}/delete`, { name: 'm' }),
      await send('DELETE', `${VERSIONS}/delete`, { name: 'm', version: '1' }),
      await send('POST', `${MODELS}/rename`, { name: 'm', new_name: 'n' }),
      await send('POST', `${VERSIONS}/transition-stage`, { name: 'm', version: '1', stage: 'Staging' }),
    ];
    expect(denied.map(([status, json]) => [status, json.error_code])).toEqual(
      denied.map(() => [403, 'PERMISSION_DENIED']),
    );
    expect((await version())[0]).toBe(200);
  });
});

describe('search', () => {
  it('finds models by name and tag, in order, page by page', async () => {
    for (const name of ['b', 'a', 'c']) await create(name);
    await send('POST', `${MODELS}/set-tag`, { name: 'c', key: 'k', value: 'Yes' });
    const names = async (query: Record<string, string | string[]>) => {
      const [, json] = await get(`${MODELS}/search`, query);
      const models: { name: string }[] = json.registered_models ?? [];
      return [models.map(({ name }) => name), json.next_page_token];
    };
    expect(await names({})).toEqual([['a', 'b', 'c'], undefined]);
    expect(await names({ order_by: 'name DESC' })).toEqual([['c', 'b', 'a'], undefined]);
    expect(await names({ filter: "tags.k ILIKE 'yes'" })).toEqual([['c'], undefined]);
    expect(await names({ filter: "name IN ('a', 'b')" })).toEqual([['a', 'b'], undefined]);
    const [page, next] = await names({ max_results: '2' });
    expect(page).toEqual(['a', 'b']);
    expect(await names({ max_results: '2', page_token: next as string })).toEqual([['c'], undefined]);
  });

  it('finds versions of all models by any of their attributes', async () => {
    await withVersions(2);
    await version('s3://other/path', { tags: [{ key: 't', value: '1' }] });
    expect(await found({ filter: "name = 'm'" })).toEqual(['3', '2', '1']);
    expect(
      await found({ filter: "name = 'm' AND version_number > 1", order_by: 'version_number ASC' }),
    ).toEqual(['2', '3']);
    expect(await found({ filter: "source_path LIKE 's3://other%'" })).toEqual(['3']);
    expect(await found({ filter: "tags.t = '1'" })).toEqual(['3']);
    expect(await found({ filter: "name = 'none'" })).toEqual([]);
    expect(await get(`${VERSIONS}/search`, { max_results: '0' })).toEqual(
      invalid('Invalid value for max_results. It must be a positive integer, but got 0'),
    );
  });
});
