import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readModelFile } from '../../../../lib/learn/index.ts';
import { registerFromRun } from '../../../../lib/pipeline/run-reports/register.ts';
import type { Item } from '../../../../lib/store/ports.ts';
import { readSnapshot } from '../../../../lib/tracking/snapshot.ts';
import type { Run } from '../../../../lib/tracking/types.ts';
import { tinyHouses, tinyHousesCsv } from '../../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../../support/pipeline.ts';

const WS = 'default';
const P = 'tiny-houses';
let world: PipelineWorld;
/** Ran to its end; to `evaluate`; to `clean`. */
let whole: Run;
let evaluated: Run;
let cleaned: Run;
let trained: Item[];

beforeAll(async () => {
  world = pipelineWorld([tinyHouses()], { [P]: tinyHousesCsv() });
  cleaned = await runToEnd(world.deps, P, { to: 'clean' });
  world.clock.advance(60_000);
  evaluated = await runToEnd(world.deps, P, { to: 'evaluate', force: true });
  world.clock.advance(60_000);
  whole = await runToEnd(world.deps, P, { force: true });
  trained = world.items.dump();
});
beforeEach(() => world.items.restore(trained));

const register = ({ runId }: Pick<Run, 'runId'>, request: Parameters<typeof registerFromRun>[3] = {}) =>
  registerFromRun(world.deps, WS, runId, request);
const outputsOf = async ({ runId }: Run) => {
  const records = await world.deps.stages.list(WS, runId);
  return records.find(({ stage, item }) => stage === 'evaluate' && item === undefined)!.outputs as {
    item: string;
    modelSha256: string;
    modelKey: string;
    sizeBytes: number;
    metrics: Record<string, number>;
    validation: Record<string, number>;
    datasetSha256: string;
  };
};
const other = async (run: Run) => (1 - Number((await outputsOf(run)).item)) as 0 | 1;

describe('the selected model of a run', () => {
  it('becomes a version with all that is known of it', async () => {
    const made = await register(evaluated, { description: 'by hand' });
    expect(made).toEqual({ model: P, version: '2', modelId: expect.stringMatching(/^m-/), created: true });
    const { modelSha256, modelKey, sizeBytes, metrics, validation, datasetSha256 } =
      await outputsOf(evaluated);
    const version = await world.deps.registry.getVersion(WS, P, '2');
    const figures = Object.entries(validation).map(([name, value]) => [`validation_${name}`, value]);
    expect(version).toMatchObject({
      name: P,
      runId: evaluated.runId,
      modelId: made.modelId,
      source: `models:/${made.modelId}`,
      modelKey,
      modelSha256,
      sizeBytes: (await world.objects.get(modelKey)).length,
      algorithm: 'linear-regression',
      task: 'regression',
      description: 'by hand',
      metrics: { ...metrics, ...Object.fromEntries(figures) },
      tags: { pipeline: P, datasetSha256, 'data.synthetic': 'false' },
    });
    expect(sizeBytes).toBe(version.sizeBytes);
    // Its bytes are a model that can be served.
    const bytes = await world.objects.get(modelKey);
    expect(readModelFile(bytes, { sha256: modelSha256 }).model.task).toBe('regression');
  });

  it('is logged for MLflow, with the figures on the dataset and params as text', async () => {
    const { modelId } = await register(evaluated);
    const { datasetSha256, metrics } = await outputsOf(evaluated);
    const logged = await world.deps.loggedModels.get(WS, modelId!);
    expect(logged).toMatchObject({
      status: 'READY',
      sourceRunId: evaluated.runId,
      name: P,
      tags: { 'arboleda.algorithm': 'linear-regression', 'data.synthetic': 'false' },
    });
    expect(Object.values(logged.params).every((value) => typeof value === 'string')).toBe(true);
    const rmse = logged.metrics.find(({ key }) => key === 'validation_rmse' || key === 'rmse');
    expect(rmse).toMatchObject({ datasetName: P, datasetDigest: datasetSha256.slice(0, 32) });
    expect(logged.metrics.find(({ key }) => key === 'rmse')?.value).toBe(metrics.rmse);
    const files = world.objects.keys().filter((key) => key.includes(`/models/${modelId}/artifacts/`));
    expect(files.map((key) => key.split('/').at(-1))).toContain('MLmodel');
  });

  it('is what the run tells of itself from then on, and what its snapshot has', async () => {
    expect(evaluated.tags['model.version']).toBeUndefined();
    const { modelId } = await register(evaluated);
    const run = await world.deps.runs.get(WS, evaluated.runId);
    expect(run.tags).toMatchObject({ 'model.name': P, 'model.version': '2' });
    const { modelOutputs } = await world.deps.runs.detail(WS, evaluated.runId);
    expect(modelOutputs).toEqual([{ modelId, step: 0 }]);
    const snapshot = await readSnapshot(world.objects, WS, evaluated.runId);
    expect(snapshot?.version).toMatchObject({ name: P, version: '2', runId: evaluated.runId });
  });

  it('gets no alias', async () => {
    const before = (await world.deps.registry.getModel(WS, P)).aliases;
    await register(evaluated);
    expect((await world.deps.registry.getModel(WS, P)).aliases).toEqual(before);
  });
});

describe('the same model of the same run', () => {
  it('is the version that its stage made', async () => {
    const { writes } = world.items;
    const found = await register(whole);
    const version = await world.deps.registry.getVersion(WS, P, '1');
    expect(found).toEqual({ model: P, version: '1', modelId: version.modelId, created: false });
    expect(world.items.writes).toBe(writes);
  });

  it('is one version under a name, by its number or as the selected one', async () => {
    const { item } = await outputsOf(whole);
    expect(await register(whole, { candidate: Number(item) })).toMatchObject({
      version: '1',
      created: false,
    });
    for (const first of [{}, { candidate: Number(item) }]) {
      world.items.restore(trained);
      expect(await register(whole, { model: 'homes', ...first })).toMatchObject({
        version: '1',
        created: true,
      });
      expect(await register(whole, { model: 'homes' })).toMatchObject({ version: '1', created: false });
      const again = await register(whole, { model: 'homes', candidate: Number(item) });
      expect(again).toMatchObject({ version: '1', created: false });
      expect((await world.deps.registry.getModel(WS, 'homes')).latestVersion).toBe(1);
    }
  });

  it('keeps its first description', async () => {
    await register(evaluated, { description: 'first' });
    await register(evaluated, { description: 'second' });
    expect((await world.deps.registry.getVersion(WS, P, '2')).description).toBe('first');
  });

  it('is one version of callers who come at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => register(evaluated, { model: 'homes' })));
    expect(new Set(all.map(({ version, modelId }) => `${version} ${modelId}`)).size).toBe(1);
    expect((await world.deps.registry.getModel(WS, 'homes')).latestVersion).toBe(1);
  });

  it('may be made again where its version was deleted, under a number of its own', async () => {
    expect(await register(evaluated)).toMatchObject({ version: '2' });
    const gone = { model: P, version: '2', actor: 'test', reason: 'test' };
    await world.deps.registry.deleteVersion(WS, gone);
    expect(await register(evaluated)).toMatchObject({ version: '3', created: true });
    expect(await register(evaluated)).toMatchObject({ version: '3', created: false });
    // The run names the one that there is.
    expect((await world.deps.runs.get(WS, evaluated.runId)).tags['model.version']).toBe('3');
  });

  it('is made under its own name where the tags that name a version are of no such thing', async () => {
    for (const [name, version] of [
      ['no/name', '1'],
      [P, 'newest'],
      ['nothing', '7'],
    ] as const) {
      world.items.restore(trained);
      await world.deps.runs.setTags(WS, evaluated.runId, { 'model.name': name, 'model.version': version });
      expect(await register(evaluated)).toMatchObject({ model: P, version: '2', created: true });
      const { tags } = await world.deps.runs.get(WS, evaluated.runId);
      expect([tags['model.name'], tags['model.version']]).toEqual([P, '2']);
    }
  });

  it('of two names is a version of each, and the run keeps the first', async () => {
    await register(evaluated);
    const { modelId } = await register(evaluated, { model: 'homes' });
    expect((await world.deps.registry.getVersion(WS, 'homes', '1')).modelId).toBe(modelId);
    const { tags } = await world.deps.runs.get(WS, evaluated.runId);
    expect([tags['model.name'], tags['model.version']]).toEqual([P, '2']);
  });
});

describe('another candidate of a run', () => {
  it('becomes a version by what it was selected by', async () => {
    const candidate = await other(whole);
    const made = await register(whole, { candidate });
    expect(made).toMatchObject({ version: '2', created: true });
    const { modelSha256, metrics } = await world.deps.registry.getVersion(WS, P, '2');
    expect(modelSha256).not.toBe((await outputsOf(whole)).modelSha256);
    // It was never asked about the test rows.
    expect(Object.keys(metrics).every((name) => name.startsWith('validation_'))).toBe(true);
    const children = await world.deps.runs.list(WS, { parentRunId: whole.runId });
    const child = children.items.find(({ tags }) => tags['arboleda.item'] === String(candidate));
    expect(metrics.validation_rmse).toBe(child?.metrics.validation_rmse);
    expect(child?.tags['model.sha256']).toBe(modelSha256);
    expect(await register(whole, { candidate })).toMatchObject({ version: '2', created: false });
  });

  it('is registered beside the selected one, and the run still names that', async () => {
    await register(whole, { candidate: await other(whole) });
    const { tags } = await world.deps.runs.get(WS, whole.runId);
    expect(tags['model.version']).toBe('1');
    expect(await register(whole)).toMatchObject({ version: '1', created: false });
  });

  it.each([2, -1, 99])('%i is none', async (candidate) => {
    await expect(register(whole, { candidate })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      status: 400,
      field: 'candidate',
      message: `run ${whole.runId} has no candidate ${candidate}`,
      remedy: 'Name one of: 0, 1.',
    });
    expect((await world.deps.registry.getModel(WS, P)).latestVersion).toBe(1);
  });
});

describe('a run without a model to register', () => {
  const refused = async (run: Pick<Run, 'runId'>, why: string, request = {}) => {
    const { writes } = world.items;
    const objects = world.objects.keys();
    await expect(register(run, request)).rejects.toMatchObject({
      code: 'CONFLICT',
      status: 409,
      message: `run ${run.runId} has no model to register: ${why}`,
    });
    expect([world.items.writes, world.objects.keys()]).toEqual([writes, objects]);
  };

  it('is one that stopped before any was trained, or selected', async () => {
    await refused(cleaned, 'no candidate was selected in it');
    await refused(cleaned, 'its training did not end', { candidate: 0 });
  });

  it.each(['SCHEDULED', 'RUNNING'] as const)('is one that is %s', async (status) => {
    const runId = 'b'.repeat(32);
    const run = { runId, experimentId: '0', name: 'open', status, trigger: 'caller' as const, pipeline: P };
    await world.deps.runs.create(WS, run);
    await refused({ runId }, `it is ${status}`);
  });

  it('is one of a client', async () => {
    const runId = 'c'.repeat(32);
    await world.deps.runs.create(WS, {
      runId,
      experimentId: '0',
      name: 'by hand',
      status: 'RUNNING',
      trigger: 'caller',
    });
    await refused({ runId }, 'it is of no pipeline');
  });

  it('is none of those that failed or were killed after the evaluation', async () => {
    for (const status of ['FAILED', 'KILLED'] as const) {
      world.items.restore(trained);
      const next = await world.deps.runs.get(WS, evaluated.runId);
      expect(next.status).toBe('FINISHED');
      const item = world.items
        .dump()
        .find(
          ({ pk, sk, status: is }) => is === 'FINISHED' && JSON.stringify([pk, sk]).includes(evaluated.runId),
        );
      await world.items.put({ ...item!, status });
      expect((await world.deps.runs.get(WS, evaluated.runId)).status).toBe(status);
      expect(await register(evaluated)).toMatchObject({ version: '2', created: true });
    }
  });

  it('is not found where it is not there, or in another workspace', async () => {
    await expect(register({ runId: 'f'.repeat(32) })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const elsewhere = registerFromRun(world.deps, 'other', whole.runId, {});
    await expect(elsewhere).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('nor one whose model file is gone or is another: no version names it', async () => {
    const { modelKey } = await outputsOf(evaluated);
    const bytes = await world.objects.get(modelKey);
    await world.objects.put(modelKey, bytes.slice(0, -1), { contentType: 'application/octet-stream' });
    await expect(register(evaluated, { model: 'homes' })).rejects.toMatchObject({ code: 'INTEGRITY' });
    await world.objects.remove(modelKey);
    await expect(register(evaluated, { model: 'homes' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(world.deps.registry.getModel(WS, 'homes')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await world.objects.put(modelKey, bytes, { contentType: 'application/octet-stream' });
  });

  it.each(['', 'a/b', 'a:b'])('nor where the name is none: %j', async (model) => {
    await expect(register(evaluated, { model })).rejects.toMatchObject({ status: 400 });
  });
});
