import { beforeEach, describe, expect, it, vi } from 'vitest';
import { closeRun, startRun } from '../../../lib/pipeline/control/index.ts';
import { runStage } from '../../../lib/pipeline/run-stage.ts';
import { plan, planTraining, trainStage } from '../../../lib/pipeline/stages/index.ts';
import type { PartOutputs, TrainOutputs } from '../../../lib/pipeline/stages/types.ts';
import { DEFAULT_LIMITS, type TrainingLimits } from '../../../lib/pipeline/training/limits.ts';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { calls, resetCalls } from '../../support/fake-forest.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

vi.mock('../../../lib/learn/trainers.ts', async () => {
  const { trainersWithFake } = await import('../../support/fake-forest.ts');
  return trainersWithFake();
});
vi.mock('../../../lib/learn/algorithms.ts', async () => {
  const { algorithmsWithFake } = await import('../../support/fake-forest.ts');
  return algorithmsWithFake();
});
vi.mock('../../../lib/learn/report/png.ts', () => import('../../support/fake-png.ts'));

const WS = 'default';
const forest = (params: Record<string, unknown>) => ({ algorithm: 'fake-forest', params });
const hour = forest({ trees: 12, secondsPerTree: 300 });

const worldOf = (
  candidates: ReturnType<typeof forest>[] = [hour],
  limits: Partial<TrainingLimits> = {},
  overrides: Parameters<typeof tinyHouses>[0] = {},
): PipelineWorld =>
  pipelineWorld(
    [tinyHouses({ candidates, ...overrides })],
    { 'tiny-houses': tinyHousesCsv() },
    { training: { ...DEFAULT_LIMITS, ...limits }, threads: 1 },
  );

const trainRecords = async ({ deps }: PipelineWorld, runId: string) =>
  (await deps.stages.list(WS, runId)).filter(({ stage, item }) => stage === 'train' && item !== undefined);

const modelOf = async (world: PipelineWorld, runId: string, item = '0') => {
  const record = await world.deps.stages.find(WS, runId, 'train', item);
  return record?.outputs as TrainOutputs;
};

beforeEach(resetCalls);

describe('a candidate too large for one function', () => {
  it('is split, merged and promoted, and its bytes are those of one function', async () => {
    const split = worldOf();
    const run = await runToEnd(split.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FINISHED', tags: { 'promotion.promoted': 'true' } });
    const records = await trainRecords(split, run.runId);
    expect(records.map(({ item, status }) => `${item} ${status}`).sort()).toEqual([
      '0 DONE',
      '0_1of4 DONE',
      '0_2of4 DONE',
      '0_3of4 DONE',
      '0_4of4 DONE',
    ]);
    expect(calls).toEqual({ fit: 0, parts: ['0-3', '3-6', '6-9', '9-12'], merge: 1 });

    const whole = worldOf([hour], { seconds: 100_000 });
    const other = await runToEnd(whole.deps, 'tiny-houses');
    expect(calls.fit).toBe(1);
    expect((await trainRecords(whole, other.runId)).map(({ item }) => item)).toEqual(['0']);
    const models = [await modelOf(split, run.runId), await modelOf(whole, other.runId)];
    expect(models[0]).toEqual(models[1]);
    expect(run.metrics).toEqual(other.metrics);
  });

  it.each([
    [1, 100_000],
    [2, 1_200],
    [3, 800],
    [6, 400],
    [12, 200],
  ])('has the same bytes in %i shards', async (shards, seconds) => {
    const world = worldOf([hour], { seconds });
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.status).toBe('FINISHED');
    expect(calls.parts).toHaveLength(shards === 1 ? 0 : shards);
    const { modelSha256 } = await modelOf(world, run.runId);
    const whole = worldOf([hour], { seconds: 100_000 });
    expect(modelSha256).toBe(
      (await modelOf(whole, (await runToEnd(whole.deps, 'tiny-houses')).runId)).modelSha256,
    );
  });

  it('stands beside candidates that are not split, times batches', async () => {
    const world = worldOf([hour, forest({ trees: 3 })], {}, { batches: { rows: 50 } });
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.status).toBe('FINISHED');
    const items = (await trainRecords(world, run.runId)).map(({ item }) => item!);
    // 120 training rows are three batches: candidate 0 has items 0 to 2, each in four shards, candidate 1 has 3 to 5.
    expect(items.filter((item) => /^\d+$/.test(item)).sort()).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(items.filter((item) => /^\d_\dof4$/.test(item))).toHaveLength(12);
    const train = await world.deps.stages.find(WS, run.runId, 'train');
    expect(train?.outputs).toMatchObject({ count: 6 });
    expect(train?.note).toBe('6 models');
  });

  it('writes down what plan chose', async () => {
    const world = worldOf([hour, forest({ trees: 3, bytes: 4e9 })], { largeMemory: 10_240 });
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.tags['training.plan']).toMatch(
      /^fake-forest: 4 shards, 2 threads, 3008 MB \(train\), about \d+ s and 0\.3 GB each; fake-forest: one function, 6 threads, 10240 MB \(train-large\)/,
    );
    const artifacts = await world.deps.runs.listArtifacts(WS, run.runId);
    const { key } = artifacts.find(({ path }) => path === 'training.json')!;
    const models = JSON.parse(new TextDecoder().decode(await world.objects.get(key)));
    expect(models).toEqual([
      expect.objectContaining({ item: '0', algorithm: 'fake-forest', shards: 4, threads: 2, memory: 3_008 }),
      expect.objectContaining({ item: '1', shards: 1, threads: 6, function: 'train-large' }),
    ]);
    const log = new TextDecoder().decode(
      await world.objects.get(`${WS}/runs/${run.runId}/logs/train-1.jsonl`),
    );
    expect(log).toContain('fake-forest[0]: 4 shards, 2 threads');
    const item = new TextDecoder().decode(
      await world.objects.get(`${WS}/runs/${run.runId}/logs/train-0_2of4-1.jsonl`),
    );
    expect(item).toContain('trained on 1 thread: 3 trees');
  });

  it('names the function that each item takes', async () => {
    const world = worldOf([hour, forest({ trees: 3, bytes: 4e9 })], { largeMemory: 10_240 });
    const { runId } = await runToEnd(world.deps, 'tiny-houses', { to: 'clean' });
    expect(await planTraining(world.deps, { workspace: WS, runId, attempt: 1 })).toEqual({
      items: [
        ...[1, 2, 3, 4].map((number) => ({ item: `0_${number}of4`, large: false })),
        { item: '1', large: true },
      ],
      merges: [{ item: '0', large: false, shards: 4 }],
      sharded: true,
    });
  });
});

describe('what is there already', () => {
  it('is skipped, the model and each of its shards', async () => {
    const world = worldOf();
    await runToEnd(world.deps, 'tiny-houses');
    resetCalls();
    const again = await runToEnd(world.deps, 'tiny-houses');
    expect(calls).toEqual({ fit: 0, parts: [], merge: 0 });
    expect((await trainRecords(world, again.runId)).every(({ status }) => status === 'SKIPPED')).toBe(true);
    expect((await world.deps.stages.find(WS, again.runId, 'train'))?.status).toBe('SKIPPED');
  });

  it('needs no parts: a shard whose part has expired is not trained for a model that is there', async () => {
    const world = worldOf();
    const first = await runToEnd(world.deps, 'tiny-houses');
    for (const { item, outputs } of await trainRecords(world, first.runId)) {
      const { partKey } = outputs as PartOutputs;
      if (item?.includes('of')) await world.objects.remove(partKey!);
    }
    resetCalls();
    const again = await runToEnd(world.deps, 'tiny-houses');
    expect(again.status).toBe('FINISHED');
    expect(calls).toEqual({ fit: 0, parts: [], merge: 0 });
    const shard = await world.deps.stages.find(WS, again.runId, 'train', '0_1of4');
    expect(shard).toMatchObject({ status: 'DONE', outputs: { partKey: null } });
    expect(shard?.note).toContain('whole model of fake-forest is there already');
    // Were the model lost after that, its shards are trained again.
    await world.objects.remove((await modelOf(world, first.runId)).modelKey);
    resetCalls();
    expect((await runToEnd(world.deps, 'tiny-houses')).status).toBe('FINISHED');
    expect(calls).toEqual({ fit: 0, parts: ['0-3', '3-6', '6-9', '9-12'], merge: 1 });
  });

  it('is the same model however it was made: a model of one function is not made again in shards', async () => {
    const world = worldOf([hour], { seconds: 100_000 });
    await runToEnd(world.deps, 'tiny-houses');
    resetCalls();
    const run = await runToEnd({ ...world.deps, training: DEFAULT_LIMITS }, 'tiny-houses');
    expect(run.status).toBe('FINISHED');
    expect(calls).toEqual({ fit: 0, parts: [], merge: 0 });
  });

  it('is done again where the run is forced, to the same bytes', async () => {
    const world = worldOf();
    const first = await runToEnd(world.deps, 'tiny-houses');
    resetCalls();
    const forced = await runToEnd(world.deps, 'tiny-houses', { force: true });
    expect(calls.parts).toHaveLength(4);
    expect(await modelOf(world, forced.runId)).toEqual(await modelOf(world, first.runId));
  });

  it('one shard alone is trained again where only its part is gone, and no model was made', async () => {
    const world = worldOf();
    const cut = await cutOffBeforeMerge(world);
    const { partKey } = (await world.deps.stages.find(WS, cut, 'train', '0_3of4'))!.outputs as PartOutputs;
    await world.objects.remove(partKey!);
    resetCalls();
    expect((await runToEnd(world.deps, 'tiny-houses')).status).toBe('FINISHED');
    expect(calls).toEqual({ fit: 0, parts: ['6-9'], merge: 1 });
  });
});

/** A run that begins at train, whose plan is made and whose stages a test runs one by one. */
async function beginTraining(world: PipelineWorld) {
  await runToEnd(world.deps, 'tiny-houses', { to: 'clean' });
  const { runId } = await startRun(world.deps, WS, 'tiny-houses', {
    trigger: 'caller',
    actor: 'test',
    from: 'train',
  });
  const input = { workspace: WS, runId, attempt: 1 };
  await plan(world.deps, input);
  return { input, ...(await planTraining(world.deps, input)) };
}

/** A run that trains its shards and is cut off before they are merged. */
async function cutOffBeforeMerge(world: PipelineWorld): Promise<string> {
  const { input, items } = await beginTraining(world);
  for (const { item } of items) await runStage(world.deps, trainStage, { ...input, item });
  await closeRun(world.deps, input, { outcome: 'failed', error: { Error: 'States.Timeout' } });
  return input.runId;
}

describe('what goes wrong', () => {
  it('a merge without one of its parts says which', async () => {
    const world = worldOf();
    const { input, items, merges } = await beginTraining(world);
    for (const { item } of items.slice(1)) await runStage(world.deps, trainStage, { ...input, item });
    const { item, shards } = merges[0]!;
    await expect(runStage(world.deps, trainStage, { ...input, item, shards })).rejects.toMatchObject({
      code: 'MISSING_STAGE',
      message: 'shard 0_1of4 left no part of the model',
    });
  });

  it('a part that was changed is refused', async () => {
    const world = worldOf();
    const cut = await cutOffBeforeMerge(world);
    const { partKey } = (await world.deps.stages.find(WS, cut, 'train', '0_2of4'))!.outputs as PartOutputs;
    const bytes = (await world.objects.get(partKey!)).slice();
    bytes[bytes.length - 1]! ^= 1;
    await world.objects.put(partKey!, bytes, { contentType: 'application/octet-stream' });
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'train', code: 'INTEGRITY' } });
  });

  it('an algorithm that cannot be split gets no shards', async () => {
    const world = worldOf([{ algorithm: 'linear-regression', params: {} }]);
    const { input } = await beginTraining(world);
    await expect(runStage(world.deps, trainStage, { ...input, item: '0_1of2' })).rejects.toMatchObject({
      code: 'BAD_DEFINITION',
      message: /linear-regression cannot be split/,
    });
  });

  it('a strange item is refused', async () => {
    const world = worldOf();
    const { input } = await beginTraining(world);
    for (const item of ['0_5of4', 'all', '0_1of4_1']) {
      await expect(runStage(world.deps, trainStage, { ...input, item }), item).rejects.toMatchObject({
        code: 'BAD_DEFINITION',
        field: 'item',
      });
    }
  });

  it('too many items are refused with advice, shards counted', async () => {
    const many = Array.from({ length: 60 }, (_, k) => forest({ trees: 12 + k, secondsPerTree: 300 }));
    const world = worldOf(many);
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'train', code: 'BAD_DEFINITION' } });
    expect(run.error?.message).toMatch(
      /items to train \(candidates times batches times shards\), 200 at most/,
    );
    expect(run.error?.remedy).toContain('fewer candidates');
    expect(calls).toEqual({ fit: 0, parts: [], merge: 0 });
  });

  it('training that would outlast the whole run is refused before it begins', async () => {
    const world = worldOf([forest({ trees: 190, secondsPerTree: 900 })], { concurrency: 2 });
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.error).toMatchObject({ stage: 'train', code: 'BAD_DEFINITION' });
    expect(run.error?.message).toMatch(/would take about 1\d\.\d hours, 2 items at once/);
    expect(run.error?.remedy).toContain('mapConcurrency');
  });

  it('what cannot fit is refused by plan, and no item is begun', async () => {
    const world = worldOf([forest({ trees: 4, bytes: 50e9 })]);
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.error).toMatchObject({ stage: 'train', code: 'TRAINING_TOO_LARGE' });
    expect(run.error?.message).toMatch(/needs about 4\d\.\d GB/);
    expect(await trainRecords(world, run.runId)).toEqual([]);
  });
});

it('evaluate reads models only, never parts', async () => {
  const world = worldOf([hour, forest({ trees: 3 })]);
  const { runId } = await runToEnd(world.deps, 'tiny-houses', { to: 'train' });
  const { outputs } = (await world.deps.stages.find(WS, runId, 'train'))!;
  const results = JSON.parse(
    new TextDecoder().decode(await world.objects.get((outputs as { resultsKey: string }).resultsKey)),
  ) as { item: number; modelKey: string }[];
  expect(results.map(({ item }) => item)).toEqual([0, 1]);
  expect(results.every(({ modelKey }) => modelKey.endsWith('.arbm'))).toBe(true);
  const run = await runToEnd(world.deps, 'tiny-houses', { from: 'evaluate', to: 'evaluate' });
  expect(run.status).toBe('FINISHED');
});
