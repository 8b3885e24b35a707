import { describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../../lib/errors/index.ts';
import { modelIdOf, ParamChangedError } from '../../../../lib/tracking/index.ts';
import { MOST_POINTS } from '../../../../lib/tracking/logged-models/items.ts';
import { LONGEST_VALUE } from '../../../../lib/tracking/logged-models/logged-models.ts';
import { RUN, WS, world } from '../helpers.ts';

const ID = `m-${'1'.repeat(32)}`;
const point = (modelId: string, key: string, value: number, more: object = {}) => ({
  modelId,
  key,
  value,
  step: 0,
  timestamp: 1_000,
  runId: RUN,
  ...more,
});

describe('a logged model', () => {
  it('is made PENDING under its experiment, with params and tags, and found again as it was made', async () => {
    const { loggedModels } = world();
    const made = await loggedModels.create(WS, {
      experimentId: '3',
      name: 'forest',
      modelType: 'classifier',
      sourceRunId: RUN,
      params: { trees: '100', ['__proto__']: 'x' },
      tags: { team: 'blue' },
    });
    expect(made.modelId).toMatch(/^m-[0-9a-f]{32}$/);
    expect(made).toMatchObject({
      experimentId: '3',
      name: 'forest',
      status: 'PENDING',
      modelType: 'classifier',
      sourceRunId: RUN,
      lifecycleStage: 'active',
      artifactLocation: `mlflow-artifacts:/3/models/${made.modelId}/artifacts`,
    });
    expect(made.updatedAt).toBe(made.createdAt);
    const found = await loggedModels.get(WS, made.modelId);
    expect(found).toEqual(made);
    expect(Object.entries(found.params)).toContainEqual(['__proto__', 'x']);
  });

  it('goes under the location that its experiment has', async () => {
    const { loggedModels } = world();
    const { artifactLocation, modelId } = await loggedModels.create(WS, {
      experimentId: '3',
      experimentLocation: 's3://elsewhere/runs/',
    });
    expect(artifactLocation).toBe(`s3://elsewhere/runs/models/${modelId}/artifacts`);
  });

  it('is given a name where nobody named it', async () => {
    const { name } = await world().loggedModels.create(WS, { experimentId: '0' });
    expect(name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
  });

  it.each(['', 'a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"])('may not be named %j', async (name) => {
    const { loggedModels, items } = world();
    const making = loggedModels.create(WS, { experimentId: '0', name, params: { a: '1' } });
    await expect(making).rejects.toThrow(
      /^Invalid model name \(.*\) provided. Model name must be a non-empty string and cannot contain/,
    );
    expect(items.dump()).toEqual([]);
  });

  it('with the same id is the same model, unchanged', async () => {
    const { loggedModels } = world();
    const modelId = modelIdOf(WS, RUN);
    const first = await loggedModels.create(WS, { experimentId: '1', modelId, name: 'first' });
    const again = await loggedModels.create(WS, {
      experimentId: '2',
      modelId,
      name: 'other',
      params: { a: '1' },
    });
    expect(again).toEqual(first);
    expect(modelIdOf(WS, RUN)).toBe(modelId);
    expect(modelIdOf(`${WS}${RUN}`)).not.toBe(modelId);
  });

  it('is READY once it is finalized, later than it was made', async () => {
    const { loggedModels } = world();
    const { modelId, createdAt } = await loggedModels.create(WS, { experimentId: '0' });
    const ready = await loggedModels.finalize(WS, modelId, 'READY');
    expect(ready.status).toBe('READY');
    expect(ready.updatedAt).toBeGreaterThan(createdAt);
    expect(await loggedModels.get(WS, modelId)).toEqual(ready);
  });

  it('once deleted is found only by who asks for the deleted, and keeps what it has', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0', params: { a: '1' } });
    await loggedModels.delete(WS, modelId);
    await loggedModels.delete(WS, modelId);
    await expect(loggedModels.get(WS, modelId)).rejects.toThrow(
      `Logged model with ID '${modelId}' not found.`,
    );
    const found = await loggedModels.get(WS, modelId, { deleted: true });
    expect([found.lifecycleStage, found.params]).toEqual(['deleted', { a: '1' }]);
  });

  it.each(['m-nope', ID, '../x', '', `${ID}#0`])('%j is not found by any operation', async (id) => {
    const { loggedModels } = world();
    await loggedModels.create(WS, { experimentId: '0' });
    const all = [
      loggedModels.get(WS, id),
      loggedModels.finalize(WS, id, 'READY'),
      loggedModels.delete(WS, id),
      loggedModels.setTags(WS, id, {}),
      loggedModels.deleteTag(WS, id, 'a'),
      loggedModels.logParams(WS, id, {}),
      loggedModels.logMetrics(WS, [point(id, 'm', 1)]),
    ];
    for (const result of await Promise.allSettled(all)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(NotFoundError) });
    }
  });

  it('of another workspace is not found', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0' });
    await expect(loggedModels.get('other', modelId)).rejects.toThrow(NotFoundError);
    expect((await loggedModels.search('other', { experimentIds: ['0'], limit: 9 })).models).toEqual([]);
  });
});

describe('tags of a logged model', () => {
  it('may change and be deleted; one that is not there is an error in the words of MLflow', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0', tags: { a: '1', b: '2' } });
    await loggedModels.setTags(WS, modelId, { b: '3', 'c#%d': '4' });
    expect((await loggedModels.get(WS, modelId)).tags).toEqual({ a: '1', b: '3', 'c#%d': '4' });
    await loggedModels.deleteTag(WS, modelId, 'c#%d');
    await expect(loggedModels.deleteTag(WS, modelId, 'c#%d')).rejects.toThrow(
      `No tag with key 'c#%d' found for model with ID '${modelId}'.`,
    );
    expect((await loggedModels.get(WS, modelId)).tags).toEqual({ a: '1', b: '3' });
  });
});

describe('params of a logged model', () => {
  it('are written once; the same value again is fine, another one leaves all as it was', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0', params: { a: '1' } });
    await loggedModels.logParams(WS, modelId, { a: '1', b: '2' });
    await expect(loggedModels.logParams(WS, modelId, { c: '3', b: '9' })).rejects.toThrow(ParamChangedError);
    expect((await loggedModels.get(WS, modelId)).params).toEqual({ a: '1', b: '2' });
  });

  it('may be many and long, and keys that share a long beginning stay apart', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0' });
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`p${i}`, 'v'.repeat(20_000)]));
    const long = { [`${'漢'.repeat(249)}1`]: 'x', [`${'漢'.repeat(249)}2`]: 'y' };
    await loggedModels.logParams(WS, modelId, { ...many, ...long });
    expect((await loggedModels.get(WS, modelId)).params).toEqual({ ...many, ...long });
  });

  it('over the limit are refused before anything is written', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0' });
    const over = { fine: '1', long: 'x'.repeat(LONGEST_VALUE + 1) };
    await expect(loggedModels.logParams(WS, modelId, over)).rejects.toThrow(InvalidInputError);
    await expect(loggedModels.setTags(WS, modelId, over)).rejects.toThrow(InvalidInputError);
    expect(await loggedModels.get(WS, modelId)).toMatchObject({ params: {}, tags: {} });
  });
});

describe('metrics of a logged model', () => {
  it('are kept with run, step, time and dataset; a point again counts once', async () => {
    const { loggedModels } = world();
    const a = await loggedModels.create(WS, { experimentId: '0' });
    const b = await loggedModels.create(WS, { experimentId: '0' });
    const points = [
      point(a.modelId, 'acc', 0.9, { datasetName: 'test', datasetDigest: 'd1' }),
      point(a.modelId, 'acc', 0.9),
      point(a.modelId, 'acc', Number.NaN, { step: 2 }),
      point(b.modelId, 'acc', -1, { step: -3 }),
      point(b.modelId, 'acc', -1, { step: -3 }),
    ];
    await loggedModels.logMetrics(WS, points);
    await loggedModels.logMetrics(WS, points);
    const withoutId = points.map(({ modelId: _, ...rest }) => rest);
    expect((await loggedModels.get(WS, a.modelId)).metrics).toEqual(
      expect.arrayContaining(withoutId.slice(0, 3)),
    );
    expect((await loggedModels.get(WS, a.modelId)).metrics).toHaveLength(3);
    expect((await loggedModels.get(WS, b.modelId)).metrics).toEqual([withoutId[3]]);
  });

  it('for a model that is not there are refused, those beside them too', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0' });
    const both = [point(modelId, 'acc', 1), point(ID, 'acc', 1)];
    await expect(loggedModels.logMetrics(WS, both)).rejects.toThrow(
      `Logged model with ID '${ID}' not found.`,
    );
    expect((await loggedModels.get(WS, modelId)).metrics).toEqual([]);
  });

  it('are answered up to a bound, the newest of them', async () => {
    const { loggedModels } = world();
    const { modelId } = await loggedModels.create(WS, { experimentId: '0' });
    const points = Array.from({ length: MOST_POINTS + 5 }, (_, i) =>
      point(modelId, 'loss', i, { step: i, timestamp: i }),
    );
    await loggedModels.logMetrics(WS, points);
    const { metrics } = await loggedModels.get(WS, modelId);
    expect(metrics).toHaveLength(MOST_POINTS);
    expect(Math.min(...metrics.map(({ step }) => step))).toBe(5);
  });
});
