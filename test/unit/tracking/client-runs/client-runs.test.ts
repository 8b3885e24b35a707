import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../../lib/errors/index.ts';
import { ParamChangedError, RunDeletedError } from '../../../../lib/tracking/errors.ts';
import { newRun, OTHER_RUN, RUN, type World, WS, world } from '../helpers.ts';

const at = (step: number, value: number, key = 'm', timestamp = 1) => ({ key, value, step, timestamp });
const entry = (key: string, value: string) => ({ key, value });

let w: World;
const make = (more: object = {}) =>
  w.clientRuns.create(WS, { runId: RUN, experimentId: '0', startTime: 1_000, name: 'n', ...more });
const get = () => w.clientRuns.get(WS, RUN);

beforeEach(() => {
  w = world();
});

describe('ClientRuns.create', () => {
  it('makes a running run with its name in both places, seen by the native lists', async () => {
    const run = await make({ userId: 'ana', tags: [entry('a', 'b')] });
    expect(run).toMatchObject({
      runId: RUN,
      experimentId: '0',
      name: 'n',
      status: 'RUNNING',
      startTime: '1970-01-01T00:00:01.000Z',
      userId: 'ana',
      artifactUri: `mlflow-artifacts:/0/${RUN}/artifacts`,
      tags: { a: 'b', 'mlflow.runName': 'n' },
      latest: [],
      datasets: [],
      modelInputs: [],
      modelOutputs: [],
    });
    expect((await w.runs.list(WS)).items.map(({ runId }) => runId)).toEqual([RUN]);
    expect((await w.runs.get(WS, RUN)).name).toBe('n');
  });

  it('takes the name from the tag, or makes one up; two that differ are refused', async () => {
    const tagged = await w.clientRuns.create(WS, {
      experimentId: '0',
      startTime: 0,
      tags: [entry('mlflow.runName', 'tagged')],
    });
    expect([tagged.name, tagged.startTime]).toEqual(['tagged', '1970-01-01T00:00:00.000Z']);
    const unnamed = await w.clientRuns.create(WS, { experimentId: '0', startTime: 0 });
    expect(unnamed.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(unnamed.tags['mlflow.runName']).toBe(unnamed.name);
    expect(unnamed.runId).not.toBe(tagged.runId);
    await expect(make({ name: 'x', tags: [entry('mlflow.runName', 'y')] })).rejects.toThrow(
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='x', mlflow.runName='y').",
    );
  });

  it('is the run there is where the id is taken', async () => {
    await make();
    expect(await make({ name: 'again', startTime: 5 })).toEqual(await get());
    expect((await get()).name).toBe('n');
  });

  it('stands in its parent where the tag names a run, in the lists where it is any other text', async () => {
    await make({ tags: [entry('mlflow.parentRunId', OTHER_RUN)] });
    await w.clientRuns.create(WS, {
      experimentId: '0',
      startTime: 0,
      name: 'odd',
      tags: [entry('mlflow.parentRunId', 'no run')],
    });
    expect((await w.runs.list(WS)).items.map(({ name }) => name)).toEqual(['odd']);
    expect((await w.runs.list(WS, { parentRunId: OTHER_RUN })).items.map(({ name }) => name)).toEqual(['n']);
  });

  it('stands under the id that its experiment has, however that was written', async () => {
    const { experimentId } = await w.experiments.create(WS, { name: 'e' });
    const run = await make({ experimentId: `00${experimentId}` });
    expect(run).toMatchObject({
      experimentId,
      artifactUri: `mlflow-artifacts:/${experimentId}/${RUN}/artifacts`,
    });
    expect((await w.runs.list(WS, { experimentId })).items.map(({ runId }) => runId)).toEqual([RUN]);
    const { runs } = await w.runs.search(WS, { experimentIds: [experimentId], maxResults: 5 });
    expect(runs).toHaveLength(1);
  });

  it('refuses an unknown experiment and a time no calendar has, and writes nothing', async () => {
    await expect(make({ experimentId: '7' })).rejects.toThrow(NotFoundError);
    await expect(make({ startTime: 9e15 })).rejects.toThrow(InvalidInputError);
    expect(w.items.dump()).toEqual([]);
  });
});

describe('ClientRuns.update', () => {
  it('takes any status at any time, keeps what is absent, and takes the end away for 0', async () => {
    await make();
    const ended = await w.clientRuns.update(WS, RUN, { status: 'FINISHED', endTime: 2_000, name: 'two' });
    expect(ended).toMatchObject({ status: 'FINISHED', endTime: '1970-01-01T00:00:02.000Z', name: 'two' });
    expect(ended.tags['mlflow.runName']).toBe('two');
    const again = await w.clientRuns.update(WS, RUN, { status: 'RUNNING', name: '' });
    expect(again).toMatchObject({ status: 'RUNNING', endTime: '1970-01-01T00:00:02.000Z', name: 'two' });
    expect(await w.clientRuns.update(WS, RUN, { endTime: 0 })).not.toHaveProperty('endTime');
    expect(await get()).not.toHaveProperty('endTime');
  });

  it("changes a pipeline's run by its name alone", async () => {
    await w.runs.create(WS, newRun(RUN, { pipeline: 'housing' }));
    const run = await w.clientRuns.update(WS, RUN, { status: 'KILLED', endTime: 5, name: 'mine' });
    expect([run.status, run.endTime, run.name]).toEqual(['SCHEDULED', undefined, 'mine']);
  });
});

describe('a deleted run', () => {
  it('keeps what it has, takes nothing, and is as it was when it is restored', async () => {
    await make();
    await w.clientRuns.logBatch(WS, RUN, { params: [entry('a', '1')] });
    const before = await get();
    await w.clientRuns.setLifecycle(WS, RUN, 'deleted');
    await w.clientRuns.setLifecycle(WS, RUN, 'deleted');
    expect(await get()).toEqual({ ...before, lifecycleStage: 'deleted' });
    const items = w.items.dump();
    const tries = [
      w.clientRuns.update(WS, RUN, { status: 'FAILED' }),
      w.clientRuns.logBatch(WS, RUN, { metrics: [at(0, 1)] }),
      w.clientRuns.deleteTag(WS, RUN, 'mlflow.runName'),
      w.clientRuns.logInputs(WS, RUN, { models: ['m-1'] }),
      w.clientRuns.logOutputs(WS, RUN, [{ modelId: 'm-1', step: 0 }]),
      w.clientRuns.addModelToHistory(WS, RUN, '{}'),
    ];
    for (const one of await Promise.allSettled(tries)) {
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(RunDeletedError) });
    }
    expect(w.items.dump()).toEqual(items);
    await w.clientRuns.setLifecycle(WS, RUN, 'active');
    expect(await get()).toEqual({ ...before, lifecycleStage: 'active' });
    await w.clientRuns.logBatch(WS, RUN, { params: [entry('b', '2')] });
    expect((await get()).params).toEqual({ a: '1', b: '2' });
  });
});

describe('ClientRuns.logBatch', () => {
  beforeEach(() => make());

  it('keeps infinities as the greatest doubles, one zero, NaN as it is, and cuts what is too long', async () => {
    await w.clientRuns.logBatch(WS, RUN, {
      metrics: [
        at(0, Number.POSITIVE_INFINITY, 'up'),
        at(0, Number.NEGATIVE_INFINITY, 'down'),
        at(0, -0, 'zero'),
        at(0, Number.NaN, 'nan'),
      ],
      params: [entry('p', 'x'.repeat(6_001))],
      tags: [entry('t', '🌳'.repeat(8_001)), entry('t2', 'a'), entry('t2', 'b')],
    });
    const { metrics, params, tags } = await get();
    expect(metrics).toEqual({ up: Number.MAX_VALUE, down: -Number.MAX_VALUE, zero: 0, nan: Number.NaN });
    expect(Object.is(metrics.zero, 0)).toBe(true);
    expect(params.p).toBe('x'.repeat(6_000));
    expect(tags.t).toBe('🌳'.repeat(8_000));
    expect(tags.t2).toBe('b');
  });

  it('takes a param of the same value again, and tells all that would change, nothing written', async () => {
    await w.clientRuns.logBatch(WS, RUN, { params: [entry('a', '1'), entry('b', '2'), entry('c', '3')] });
    await w.clientRuns.logBatch(WS, RUN, { params: [entry('a', '1')] });
    const items = w.items.dump();
    const batch = {
      params: [entry('a', '9'), entry('b', '2'), entry('c', '8'), entry('d', '4')],
      tags: [entry('t', 'x')],
      metrics: [at(0, 1)],
    };
    const refused = await w.clientRuns.logBatch(WS, RUN, batch).catch((error) => error);
    expect(refused).toBeInstanceOf(ParamChangedError);
    expect(refused.details.changes).toEqual([
      { key: 'a', before: '1', now: '9' },
      { key: 'c', before: '3', now: '8' },
    ]);
    expect(w.items.dump()).toEqual(items);
  });

  it('renames by the tag of the name; an empty one changes nothing', async () => {
    await w.clientRuns.logBatch(WS, RUN, { tags: [entry('mlflow.runName', 'new')] });
    await w.clientRuns.logBatch(WS, RUN, { tags: [entry('mlflow.runName', '')] });
    const run = await get();
    expect([run.name, run.tags['mlflow.runName']]).toEqual(['new', 'new']);
  });

  it('counts a point once, and finds the latest by step, time and value', async () => {
    const points = [at(1, 5), at(0, 9), at(1, 5), at(1, 4), at(1, 3, 'm', 2), at(1, 2, 'm', 2)];
    for (const metrics of [points, points.toReversed()]) await w.clientRuns.logBatch(WS, RUN, { metrics });
    expect((await w.runs.metricHistory(WS, RUN, 'm')).items).toHaveLength(5);
    expect((await get()).latest).toEqual([at(1, 3, 'm', 2)]);
  });
});

describe('tags, inputs and outputs', () => {
  beforeEach(() => make({ tags: [entry('t', 'x')] }));

  it('deletes a tag once; the name stays where its tag goes', async () => {
    await w.clientRuns.deleteTag(WS, RUN, 't');
    await expect(w.clientRuns.deleteTag(WS, RUN, 't')).rejects.toThrow(
      `No tag with name: t in run with id ${RUN}`,
    );
    await w.clientRuns.deleteTag(WS, RUN, 'mlflow.runName');
    const run = await get();
    expect([run.tags, run.name]).toEqual([{}, 'n']);
  });

  it('keeps what was read and made, each once', async () => {
    const input = {
      dataset: { name: 'd', digest: 'g', sourceType: 'local', source: '{}' },
      tags: { 'mlflow.data.context': 'train' },
    };
    await w.clientRuns.logInputs(WS, RUN, { datasets: [input], models: ['m-1'] });
    await w.clientRuns.logInputs(WS, RUN, { datasets: [{ ...input, tags: {} }], models: ['m-1', 'm-2'] });
    await w.clientRuns.logOutputs(WS, RUN, [{ modelId: 'm-3', step: 1 }]);
    await w.runs.addModelOutputs(WS, RUN, [
      { modelId: 'm-3', step: 2 },
      { modelId: 'm-4', step: 0 },
    ]);
    expect(await get()).toMatchObject({
      datasets: [input],
      modelInputs: ['m-1', 'm-2'],
      modelOutputs: [
        { modelId: 'm-3', step: 1 },
        { modelId: 'm-4', step: 0 },
      ],
    });
  });

  it('lists the models of old clients once each, beyond the length of another tag', async () => {
    const model = (n: number) => `{"artifact_path": "m${n}", "flavors": {"sklearn": {"a": 1.0}}}`;
    for (let n = 0; n < 200; n += 1) await w.clientRuns.addModelToHistory(WS, RUN, model(n));
    await w.clientRuns.addModelToHistory(WS, RUN, model(7));
    const text = (await get()).tags['mlflow.log-model.history']!;
    expect(text.length).toBeGreaterThan(8_000);
    expect(text.startsWith(`[${model(0)}, ${model(1)}, `)).toBe(true);
    expect(JSON.parse(text)).toHaveLength(200);
  });
});

describe('a run that is not there', () => {
  it('is said in the words of the protocol, whatever was asked for', async () => {
    for (const id of [OTHER_RUN, 'zz', 'a#b', '', 'A'.repeat(32), '../..']) {
      await expect(w.clientRuns.get(WS, id)).rejects.toThrow(`Run with id=${id} not found`);
      await expect(w.clientRuns.logBatch(WS, id, { metrics: [at(0, 1)] })).rejects.toThrow(NotFoundError);
      await expect(w.clientRuns.setLifecycle(WS, id, 'deleted')).rejects.toThrow(NotFoundError);
      expect(await w.clientRuns.history(WS, id, 'm', {})).toEqual({ items: [] });
      expect(await w.clientRuns.sample(WS, id, 'm', { maxResults: 5 })).toEqual([]);
    }
    expect(w.items.dump()).toEqual([]);
  });

  it('is so too in another workspace than its own', async () => {
    await make();
    await expect(w.clientRuns.get('other', RUN)).rejects.toThrow(`Run with id=${RUN} not found`);
    await expect(w.clientRuns.update('other', RUN, { name: 'x' })).rejects.toThrow(NotFoundError);
    expect((await get()).name).toBe('n');
  });
});
