import { beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, type World } from '../support/world.ts';

/** What a version may come from, where a logged model is named: the model's own place, and nothing of another's. */

const BASE = '/api/2.0/mlflow';
let world: World;
let token: string;
let model: { model_id: string; artifact_uri: string };
let other: { model_id: string; artifact_uri: string };

const send = async (path: string, json: unknown, by = token) => {
  const answer = await world.call('POST', `${BASE}/${path}`, { token: by, json });
  return { status: answer.status, json: answer.json };
};
const logged = async (by = token) =>
  (await send('logged-models', { experiment_id: '0', name: 'l' }, by)).json.model.info;
const register = (source: string, more: object = {}) =>
  send('model-versions/create', { name: 'm', source, ...more });

beforeEach(async () => {
  world = makeWorld();
  token = await world.token('contributor');
  await send('registered-models/create', { name: 'm' });
  [model, other] = [await logged(), await logged()];
});

describe('a version of a logged model', () => {
  it('comes from its place, from below it, or from its id', async () => {
    const id = model.model_id;
    const sources = [
      model.artifact_uri,
      `${model.artifact_uri}/sub`,
      `models:/${id}`,
      's3://bucket/elsewhere',
    ];
    for (const source of sources) {
      const { status, json } = await register(source, { model_id: id });
      expect([status, json.model_version?.source], source).toEqual([200, source]);
      const version = await world.registry.getVersion('default', 'm', json.model_version.version);
      expect(version.modelId).toBe(id);
    }
    const { tags } = await world.deps.loggedModels.get('default', id);
    expect(JSON.parse(tags['mlflow.modelVersions']!)).toHaveLength(sources.length);
  });

  it.each([
    ['the place of another', () => other.artifact_uri],
    ['a place that begins like its own', () => `${model.artifact_uri}x`],
    ['the id of another', () => `models:/${other.model_id}`],
    ['above its place', () => `${model.artifact_uri}/../x`],
    ['above, encoded', () => `${model.artifact_uri}/%2e%2e/x`],
    ['above, encoded twice', () => `${model.artifact_uri}/%252e%252e/x`],
    [
      'its place at another host',
      () => model.artifact_uri.replace('mlflow-artifacts:/', 'mlflow-artifacts://host/'),
    ],
    ['a host', () => 'https://169.254.169.254/latest/meta-data'],
    ['a file of the server', () => 'file:///etc/passwd'],
    ['a run', () => `runs:/${'a'.repeat(32)}/model`],
    ['a NUL', () => `${model.artifact_uri}/a%00b`],
  ])('does not come from %s', async (_, source) => {
    const { status, json } = await register(source(), { model_id: model.model_id });
    expect([status, json.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect((await world.registry.getModel('default', 'm')).latestVersion).toBe(0);
    expect((await world.deps.loggedModels.get('default', model.model_id)).tags).toEqual({});
  });

  it('is not of one that is unknown, deleted, or in another workspace', async () => {
    const foreign = await logged(await world.token('contributor', 'elsewhere'));
    await world.deps.loggedModels.delete('default', other.model_id);
    for (const { model_id, artifact_uri } of [
      foreign,
      other,
      { ...model, model_id: `m-${'0'.repeat(32)}` },
    ]) {
      const { status, json } = await register(artifact_uri, { model_id });
      expect([status, json.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    }
    expect((await world.registry.getModel('default', 'm')).latestVersion).toBe(0);
  });

  it('named without its id is asked for it', async () => {
    for (const source of [model.artifact_uri, `models:/${model.model_id}`]) {
      expect((await register(source)).status, source).toBe(400);
    }
  });
});
