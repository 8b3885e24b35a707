import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readModelFile, toMatrix } from '../../../lib/learn/index.ts';
import {
  always,
  type DefinitionInput,
  definePipeline,
  file,
  gradientBoosting,
  randomForest,
} from '../../../lib/pipeline/index.ts';
import { childrenOf } from '../../../lib/pipeline/stages/child-runs.ts';
import { planTraining } from '../../../lib/pipeline/stages/index.ts';
import type { DatasetManifest, TrainOutputs } from '../../../lib/pipeline/stages/types.ts';
import { readParquet, requireColumn, type Table, tableToRows } from '../../../lib/table/index.ts';
import type { Run } from '../../../lib/tracking/types.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

/** 80 patients with four stays each; each patient is much like the stay before, so that a split by row flatters. */
function staysCsv(): Uint8Array {
  const lines = Array.from({ length: 320 }, (_, i) => {
    const patient = (i * 7) % 80;
    const habit = (patient * 37) % 101;
    const day = (i * 53) % 97;
    const back = (patient * 31) % 10 < 4 || day > 90 ? 'yes' : 'no';
    return `${patient},${habit},${day},${['home', 'ward', 'clinic'][i % 3]},${back}`;
  });
  return new TextEncoder().encode(`patient,habit,day,place,back\n${lines.join('\n')}\n`);
}

const stays = (overrides: Partial<DefinitionInput> = {}) =>
  definePipeline({
    name: 'stays',
    source: file('stays.csv'),
    row: z.object({
      patient: z.int(),
      habit: z.number(),
      day: z.number(),
      place: z.enum(['home', 'ward', 'clinic']),
      back: z.enum(['yes', 'no']),
    }),
    target: 'back',
    guards: { maxDuplicateShare: 1 },
    split: { train: 0.6, validation: 0.2, test: 0.2, groupBy: 'patient', compare: 'rows', seed: 3 },
    batches: { rows: 80, seed: 1, whole: true, merged: true },
    candidates: [randomForest({ trees: 12 })],
    select: { metric: 'accuracy' },
    promote: { to: 'production', when: always() },
    ...overrides,
  });

const worldOf = (overrides: Partial<DefinitionInput> = {}) =>
  pipelineWorld([stays(overrides)], { stays: staysCsv() });
const parquet = async (world: PipelineWorld, key: string): Promise<Table> =>
  readParquet(await world.objects.get(key));
const rowTexts = (table: Table): string[] =>
  tableToRows(table)
    .map(({ batch_id: _, ...row }) => JSON.stringify(row))
    .sort();

async function datasetOf(world: PipelineWorld, { runId }: Run): Promise<DatasetManifest> {
  const records = await world.deps.stages.list('default', runId);
  const { datasetKey } = records.find(({ stage }) => stage === 'clean')!.outputs as { datasetKey: string };
  return JSON.parse(new TextDecoder().decode(await world.objects.get(datasetKey)));
}
async function artifactText(world: PipelineWorld, { runId }: Run, path: string): Promise<string> {
  const found = (await world.deps.runs.listArtifacts('default', runId)).find((one) => one.path === path);
  return new TextDecoder().decode(await world.objects.get(found!.key));
}
const trained = async (world: PipelineWorld, { runId }: Run): Promise<TrainOutputs[]> =>
  (await world.deps.stages.list('default', runId))
    .filter(({ stage, item }) => stage === 'train' && item !== undefined)
    .sort((a, b) => Number(a.item) - Number(b.item))
    .map(({ outputs }) => outputs as TrainOutputs);

describe('a run in batches, beside all rows, the merged model and a split by row', () => {
  const world = worldOf();
  let run: Run;
  let dataset: DatasetManifest;
  let models: TrainOutputs[];
  let children: Run[];
  beforeAll(async () => {
    run = await runToEnd(world.deps, 'stays');
    expect(run.error).toBeUndefined();
    dataset = await datasetOf(world, run);
    models = await trained(world, run);
    children = await childrenOf(world.deps, run);
  });

  it('parts the training rows into batches: each row once, each batch kept with its number', async () => {
    const batches = await Promise.all(dataset.batches.map(({ key }) => parquet(world, key)));
    expect(dataset.batches.map(({ batchId, rows }) => [batchId, rows])).toEqual([
      [1, 80],
      [2, 80],
      [3, dataset.splits.train.rows - 160],
    ]);
    for (const [k, batch] of batches.entries()) {
      const numbers = requireColumn(batch, 'batch_id') as { values: Float64Array };
      expect(new Set(numbers.values)).toEqual(new Set([k + 1]));
    }
    const train = await parquet(world, dataset.splits.train.key);
    expect(batches.flatMap(rowTexts).sort()).toEqual(rowTexts(train));
  });

  it('offers every batch of the run, and each batch and model of the child runs, as artifacts', async () => {
    const own = await world.deps.runs.listArtifacts('default', run.runId);
    const batches = own.filter(({ path }) => path.startsWith('data/batches/'));
    expect(batches.map(({ path, sha256 }) => [path, sha256])).toEqual(
      dataset.batches.map(({ sha256 }, k) => [`data/batches/batch-00${k + 1}.parquet`, sha256]),
    );
    for (const { key, size } of batches) expect((await world.objects.get(key)).byteLength).toBe(size);
    const files = await Promise.all(
      children.map(async ({ runId }) =>
        (await world.deps.runs.listArtifacts('default', runId)).map(({ path }) => path),
      ),
    );
    expect(files).toEqual([
      ['data/batch-001.parquet', 'model/model.arbm'],
      ['data/batch-002.parquet', 'model/model.arbm'],
      ['data/batch-003.parquet', 'model/model.arbm'],
      ['model/model.arbm'],
      ['model/model.arbm'],
      ['model/model.arbm'],
    ]);
  });

  it('tags each child with its part and batch, and judges all of them on validation and test rows', () => {
    expect(children.map(({ tags }) => [tags['data.part'], tags.batch_id])).toEqual([
      ['batch', '1'],
      ['batch', '2'],
      ['batch', '3'],
      ['whole', undefined],
      ['merged', undefined],
      ['row-split', undefined],
    ]);
    for (const { metrics } of children) {
      for (const name of ['accuracy', 'precision_weighted', 'recall_weighted', 'f1_weighted']) {
        expect(metrics[name], name).toBeGreaterThan(0);
        expect(metrics[`validation_${name}`], name).toBeGreaterThan(0);
      }
    }
    expect(children[1]!.params).toMatchObject({ batch_id: '2', trees: '12' });
  });

  it('merges the batch models: what it answers is the mean of what they answer', async () => {
    const loaded = await Promise.all(
      models
        .slice(0, 5)
        .map(async ({ modelKey, modelSha256 }) =>
          readModelFile(await world.objects.get(modelKey), { sha256: modelSha256 }),
        ),
    );
    const test = await parquet(world, dataset.splits.test.key);
    const answers = loaded.map(({ model }) => {
      const { features, categories } = model;
      return model.predictProbability(toMatrix(test, { target: 'back', features, categories }));
    });
    const merged = answers[4]!;
    for (const [i, share] of merged.entries()) {
      expect(share).toBeCloseTo((answers[0]![i]! + answers[1]![i]! + answers[2]![i]!) / 3, 6);
    }
    expect(loaded[4]!.manifest.facts.mergedTrees).toEqual([12, 12, 12]);
  });

  it('selects the best batch by validation, and tells what the other parts reach on the test rows', async () => {
    const batches = models.slice(0, 3);
    const best = Math.max(...batches.map(({ validation }) => validation.accuracy!));
    expect(run.metrics.validation_accuracy).toBe(best);
    expect(run.tags).toMatchObject({ 'model.part': 'batch', batch_id: expect.stringMatching(/^[123]$/) });
    expect(run.metrics.whole_accuracy).toBe(models[3]!.test!.accuracy);
    expect(run.metrics.merged_accuracy).toBe(models[4]!.test!.accuracy);
    const text = await artifactText(world, run, 'reports/batches.txt');
    expect(text).toMatch(/\* +batch \d/);
    expect(text).toMatch(/all rows +\d+/);
    expect(text).toContain('merged');
    expect(text).not.toContain('row split');
  });

  it('has no patient on two sides, in what it stores and in what it trains on', async () => {
    const assigned = tableToRows(await parquet(world, dataset.assignment!.key));
    const sides = new Map<unknown, Set<unknown>>();
    for (const { patient, split } of assigned) {
      sides.set(patient, (sides.get(patient) ?? new Set()).add(split));
    }
    expect(sides.size).toBe(80);
    expect([...sides.values()].every((side) => side.size === 1)).toBe(true);
    const inBatches = assigned.filter(({ batch_id }) => batch_id !== null);
    expect(inBatches.map(({ split }) => split)).toEqual(inBatches.map(() => 'train'));
    expect(inBatches).toHaveLength(dataset.splits.train.rows);
  });

  it('tells how much a split by row flatters', async () => {
    const { groupsShared, test } = dataset.rowSplit!;
    expect(groupsShared).toBeGreaterThan(0.5 * test.rows);
    expect(run.metrics.row_split_accuracy).toBe(models[5]!.test!.accuracy);
    expect(run.metrics.row_split_optimism_accuracy).toBeCloseTo(
      models[5]!.test!.accuracy! - models[3]!.test!.accuracy!,
      12,
    );
    // The log loss is better where it is less: a flattering split has a positive optimism there too.
    expect(run.metrics.row_split_optimism_log_loss).toBeCloseTo(
      models[3]!.test!.log_loss! - models[5]!.test!.log_loss!,
      12,
    );
    expect(run.metrics.row_split_optimism_accuracy).toBeGreaterThan(0.05);
    const text = await artifactText(world, run, 'reports/row_split.txt');
    expect(text).toContain(
      `${groupsShared} of ${test.rows} test rows have a patient that stands in training too`,
    );
    expect(text).toContain('looks better by');
  });

  it('does nothing again where nothing changed, and makes the same bytes by force', async () => {
    const again = await runToEnd(world.deps, 'stays');
    const records = await world.deps.stages.list('default', again.runId);
    expect(records.filter(({ stage, item }) => stage === 'train' && item !== undefined)).toHaveLength(6);
    for (const { stage, item, status } of records) {
      if (stage === 'train' && item !== undefined) expect(status, item).toBe('SKIPPED');
    }
    const forced = await runToEnd(world.deps, 'stays', { force: true });
    expect((await trained(world, forced)).map(({ modelSha256 }) => modelSha256)).toEqual(
      models.map(({ modelSha256 }) => modelSha256),
    );
  });
});

describe('what the definition chooses', () => {
  it('trains again nothing but what is new where a merged model is asked for later', async () => {
    const first = worldOf({ batches: { rows: 80, seed: 1, whole: true } });
    const before = await runToEnd(first.deps, 'stays');
    const second = pipelineWorld(
      [stays()],
      { stays: staysCsv() },
      { ...first.deps, catalog: worldOf().deps.catalog },
    );
    const after = await runToEnd(second.deps, 'stays');
    expect([before.error, after.error]).toEqual([undefined, undefined]);
    const records = await second.deps.stages.list('default', after.runId);
    const status = (stage: string, item?: string) =>
      records.find((one) => one.stage === stage && one.item === item)?.status;
    expect(status('clean')).toBe('SKIPPED');
    expect(['0', '1', '2', '3', '4', '5'].map((item) => status('train', item))).toEqual([
      ...Array(4).fill('SKIPPED'),
      'DONE',
      'SKIPPED',
    ]);
  });

  it('lets the model on all rows win where `among` says so', async () => {
    const world = worldOf({ select: { metric: 'accuracy', among: 'all' } });
    const run = await runToEnd(world.deps, 'stays');
    const models = await trained(world, run);
    const allowed = models.filter(({ part }) => part !== 'row-split');
    expect(run.metrics.validation_accuracy).toBe(
      Math.max(...allowed.map(({ validation }) => validation.accuracy!)),
    );
  });

  it('merges after the batches, in the second Map', async () => {
    const world = worldOf();
    const run = await runToEnd(world.deps, 'stays');
    const plan = await planTraining(world.deps, { workspace: 'default', runId: run.runId, attempt: 1 });
    expect(plan.items.map(({ item }) => item)).toEqual(['0', '1', '2', '3', '5']);
    expect(plan.merges).toEqual([{ item: '4', large: false, shards: 3 }]);
    expect(plan.sharded).toBe(true);
  });

  it('merges for the candidates whose models can be put together, and no others', async () => {
    const world = worldOf({ candidates: [randomForest({ trees: 3 }), gradientBoosting({ rounds: 3 })] });
    const run = await runToEnd(world.deps, 'stays');
    expect(run.error).toBeUndefined();
    const parts = (await trained(world, run)).map(({ candidate, part }) => `${candidate} ${part}`);
    expect(parts.filter((part) => part.endsWith('merged'))).toEqual(['0 merged']);
    expect(parts).toHaveLength(6 + 5);
  });

  it('takes a name of a batch for what a batch says of itself, and so no column of that name', () => {
    const row = z.object({ batch_id: z.int(), back: z.enum(['yes', 'no']) });
    const split = { train: 0.6, validation: 0.2, test: 0.2, seed: 3 };
    expect(() => stays({ row, split, batches: { rows: 10 } })).toThrow(/"batch_id" is the column/);
    expect(stays({ row, split, batches: undefined }).batches).toBeUndefined();
  });

  it.each<[string, Partial<DefinitionInput>, string]>([
    ['a merged model of what cannot be merged', { candidates: [gradientBoosting()] }, 'batches.merged'],
    ['a merged model judged by folds', { validate: { folds: 3 }, split: stays().split }, 'batches.merged'],
    [
      'a comparison of splits without groups',
      { split: { train: 0.6, validation: 0.2, test: 0.2, seed: 1, compare: 'rows' } },
      'split.compare',
    ],
    ['a comparison with no model on all rows', { batches: { rows: 80 } }, 'split.compare'],
    ['a comparison judged by folds', { batches: undefined, validate: { folds: 3 } }, 'split.compare'],
  ])('refuses %s', (_, overrides, field) => {
    expect(() => stays(overrides)).toThrow(expect.objectContaining({ code: 'BAD_DEFINITION', field }));
  });

  it('refuses batches too large for one function where they shall be merged', async () => {
    const world = pipelineWorld(
      [stays({ candidates: [randomForest({ trees: 1000 })] })],
      { stays: staysCsv() },
      {
        training: { memory: 3008, seconds: 5.003, concurrency: 4 },
      },
    );
    const run = await runToEnd(world.deps, 'stays');
    expect(run.error).toMatchObject({
      code: 'BAD_DEFINITION',
      message: expect.stringContaining('a merged model wants batches that one function trains'),
    });
  });

  it('has no parts to speak of without batches', async () => {
    const world = worldOf({
      batches: undefined,
      split: { train: 0.6, validation: 0.2, test: 0.2, seed: 3 },
      candidates: [randomForest({ trees: 3 })],
    });
    const run = await runToEnd(world.deps, 'stays');
    const [child] = await childrenOf(world.deps, run);
    expect(child!.tags).not.toHaveProperty('data.part');
    expect(Object.keys(run.metrics).filter((name) => /^(whole|merged|row_split)/.test(name))).toEqual([]);
    const paths = (await world.deps.runs.listArtifacts('default', run.runId)).map(({ path }) => path);
    expect(paths.filter((path) => /^data\/(batches|split)|batches\.txt|row_split/.test(path))).toEqual([]);
  });
});
