import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readModelFile } from '../../../lib/learn/index.ts';
import { foldsFor, groupCodes } from '../../../lib/learn/validation/folds-for.ts';
import { cancelRun, retryRun, startRun } from '../../../lib/pipeline/control/index.ts';
import {
  always,
  type DefinitionInput,
  definePipeline,
  dropColumns,
  file,
  gradientBoosting,
  gridSearch,
  integer,
  linearRegression,
  logisticRegression,
  logUniform,
  randomForest,
  randomSearch,
} from '../../../lib/pipeline/index.ts';
import { childRunId, childrenOf } from '../../../lib/pipeline/stages/child-runs.ts';
import { planTraining } from '../../../lib/pipeline/stages/index.ts';
import { PARENT_RUN_TAG, reconcile, trainingProgress } from '../../../lib/tracking/index.ts';
import type { Run } from '../../../lib/tracking/types.ts';
import { tinyClasses, tinyClassesCsv, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { execute, type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const ws = 'default';

/** Houses of 40 owners with five each; an owner's number must never be learnt from. */
function ownedCsv(): Uint8Array {
  const [head, ...lines] = new TextDecoder().decode(tinyHousesCsv()).trim().split('\n');
  const text = lines.map((line, i) => `${line},${1000 + Math.floor(i / 5)}`);
  return new TextEncoder().encode(`${head},owner\n${text.join('\n')}\n`);
}
const owned = (overrides: Partial<DefinitionInput> = {}) =>
  definePipeline({
    name: 'owned',
    source: file('owned.csv'),
    row: z.object({
      area: z.number().positive(),
      age: z.number().min(0),
      price: z.number(),
      owner: z.number().int(),
    }),
    target: 'price',
    guards: { maxDuplicateShare: 1 },
    split: { train: 0.6, validation: 0.2, test: 0.2, seed: 7, groupBy: 'owner' },
    candidates: gridSearch(linearRegression, { alpha: [0, 1e6] }),
    validate: { folds: 3, groupBy: 'owner' },
    select: { metric: 'rmse' },
    promote: { to: 'production', when: always() },
    ...overrides,
  });

const failing = () => {
  throw new Error('the store is away');
};

describe('candidates of a search', () => {
  it('are plain candidates, made at definition time', () => {
    expect(gridSearch(randomForest, { trees: [50, 100], maxDepth: [4, 8] }, { oobScore: true })).toEqual([
      { algorithm: 'random-forest', params: { oobScore: true, trees: 50, maxDepth: 4 } },
      { algorithm: 'random-forest', params: { oobScore: true, trees: 50, maxDepth: 8 } },
      { algorithm: 'random-forest', params: { oobScore: true, trees: 100, maxDepth: 4 } },
      { algorithm: 'random-forest', params: { oobScore: true, trees: 100, maxDepth: 8 } },
    ]);
    const drawn = () =>
      randomSearch(
        gradientBoosting,
        { learningRate: logUniform(0.01, 0.3), maxLeaves: integer(8, 64), subsample: [0.7, 1] },
        { count: 20, seed: 42, fixed: { rounds: 300 } },
      );
    expect(drawn()).toEqual(drawn());
    expect(drawn()).toHaveLength(20);
    for (const { algorithm, params } of drawn()) {
      expect(algorithm).toBe('gradient-boosting');
      expect(params.rounds).toBe(300);
      expect(params.learningRate).toBeGreaterThanOrEqual(0.01);
    }
  });

  it('stand in a definition, and are checked there', () => {
    const definition = tinyHouses({ candidates: [...gridSearch(linearRegression, { alpha: [0, 1, 10] })] });
    expect(definition.candidates).toHaveLength(3);
    expect(() => tinyHouses({ candidates: gridSearch(linearRegression, { alpha: [-1] }) })).toThrow('alpha');
    expect(() =>
      tinyHouses({ candidates: randomSearch(linearRegression, {}, { count: 1, seed: -1 }) }),
    ).toThrow('seed');
  });
});

describe('what a definition may ask to validate', () => {
  it.each([
    [{ folds: 1 }, 'folds'],
    [{ folds: 51 }, 'folds'],
    [{ repeats: 0 }, 'repeats'],
    [{ groupBy: 'nobody' }, 'nobody'],
    [{ groupBy: 'price' }, 'target'],
    [{ stratify: true }, 'stratify'],
    [{ fold: 5 }, 'fold'],
  ])('is not %j', (validate, named) => {
    expect(() => owned({ validate: validate as DefinitionInput['validate'] })).toThrow(named);
  });

  it('has five folds and one repeat by default, and leaves a definition without it as it was', () => {
    expect(owned({ validate: {} }).validate).toEqual({ folds: 5, repeats: 1 });
    expect('validate' in tinyHouses()).toBe(false);
  });
});

describe('folds of a definition', () => {
  const y = {
    task: 'classification' as const,
    classes: ['a', 'b'],
    values: Int32Array.from({ length: 40 }, (_, i) => (i < 8 ? 1 : 0)),
  };
  const ones = (test: Int32Array) => test.filter((row) => y.values[row] === 1).length;

  it('are stratified for classes unless told not to', () => {
    expect(foldsFor(y, { folds: 4, repeats: 1 }, undefined, 5).map(({ test }) => ones(test))).toEqual([
      2, 2, 2, 2,
    ]);
    const plain = foldsFor(y, { folds: 4, repeats: 6, stratify: false }, undefined, 5);
    expect(new Set(plain.map(({ test }) => ones(test))).size).toBeGreaterThan(1);
  });

  it('are as many as folds times repeats, and keep groups whole', () => {
    const groups = Int32Array.from({ length: 40 }, (_, i) => i % 13);
    for (const stratify of [true, false]) {
      const folds = foldsFor(y, { folds: 3, repeats: 2, stratify }, groups, 5);
      expect(folds).toHaveLength(6);
      for (const { train, test } of folds) {
        const inside = new Set(Array.from(test, (row) => groups[row]));
        expect(train.some((row) => inside.has(groups[row]!))).toBe(false);
      }
    }
  });

  it('take each row without a group for a group of its own', () => {
    const values = Float64Array.of(7, Number.NaN, 7, Number.NaN, 9);
    const numeric = { rowCount: 5, columns: [{ name: 'g', kind: 'integer' as const, values }] };
    expect([...groupCodes(numeric)]).toEqual([0, 1, 0, 2, 3]);
    const codes = Int32Array.of(1, -1, 1, -1);
    const named = {
      rowCount: 4,
      columns: [{ name: 'g', kind: 'text' as const, codes, categories: ['x', 'y'] }],
    };
    expect([...groupCodes(named)]).toEqual([0, 1, 0, 2]);
  });
});

describe('a run that validates over folds by group', () => {
  let world: PipelineWorld;
  let run: Run;
  let children: Run[];
  beforeAll(async () => {
    world = pipelineWorld([owned()], { owned: ownedCsv() });
    run = await runToEnd(world.deps, 'owned');
    children = await childrenOf(world.deps, run);
  });
  const results = async () => {
    const artifacts = await world.deps.runs.listArtifacts(ws, run.runId);
    const { key } = artifacts.find(({ path }) => path === 'reports/candidates.json')!;
    return JSON.parse(new TextDecoder().decode(await world.objects.get(key)));
  };

  it('finishes, and selects by the mean over the folds', async () => {
    expect(run.error).toBeUndefined();
    expect(run.status).toBe('FINISHED');
    const [plain, ridge] = await results();
    expect(plain.crossValidation).toMatchObject({ folds: 3, repeats: 1 });
    expect(plain.crossValidation.perFold).toHaveLength(3);
    expect(plain.validation).toEqual(plain.crossValidation.mean);
    expect(plain.crossValidation.deviation.rmse).toBeGreaterThan(0);
    expect(plain.validation.rmse).toBeLessThan(ridge.validation.rmse);
    expect(run.params.alpha).toBe('0');
  });

  it('never makes a feature of the column that parts the rows', async () => {
    const { key } = (await world.deps.runs.listArtifacts(ws, run.runId)).find(
      ({ path }) => path === 'model/model.arbm',
    )!;
    const { manifest, model } = readModelFile(await world.objects.get(key));
    expect([...model.features].sort()).toEqual(['age', 'area']);
    expect(manifest.preprocessing.input).not.toContain('owner');
    expect(JSON.stringify(manifest.profile)).not.toContain('owner');
  });

  it('has a child run for each candidate, by MLflow convention, with params, figures and the model', async () => {
    expect(children.map(({ status }) => status)).toEqual(['FINISHED', 'FINISHED']);
    expect(children.map(({ params }) => params)).toEqual([
      { algorithm: 'linear-regression', alpha: '0', fitIntercept: 'true' },
      { algorithm: 'linear-regression', alpha: '1000000', fitIntercept: 'true' },
    ]);
    const [first] = children as [Run];
    expect(first.tags[PARENT_RUN_TAG]).toBe(run.runId);
    expect(first.runId).toBe(childRunId(run.runId, 0));
    expect(first.experimentId).toBe(run.experimentId);
    const [plain] = await results();
    expect(first.metrics.cv_rmse).toBeCloseTo(plain.crossValidation.mean.rmse, 12);
    expect(first.metrics.cv_rmse_std).toBeCloseTo(plain.crossValidation.deviation.rmse, 12);
    const parent = await world.deps.runs.get(ws, run.runId);
    expect(parent.metrics.cv_rmse).toBe(first.metrics.cv_rmse);
    expect(parent.metrics.cv_rmse_std).toBe(first.metrics.cv_rmse_std);
    expect(Object.keys(parent.metrics).filter((name) => name.startsWith('validation_'))).toEqual([]);
    const history = await world.deps.runs.metricHistory(ws, first.runId, 'fold_rmse');
    expect(history.items.map(({ step, value }) => [step, value])).toEqual(
      plain.crossValidation.perFold.map(({ rmse }: { rmse: number }, step: number) => [step, rmse]),
    );
    const artifacts = await world.deps.runs.listArtifacts(ws, first.runId);
    expect(artifacts[0]).toMatchObject({ path: 'model/model.arbm', sha256: first.tags['model.sha256'] });
  });

  it("keeps children out of every list but their parent's", async () => {
    for (const filter of [{}, { pipeline: 'owned' }, { experimentId: run.experimentId }]) {
      const { items } = await world.deps.runs.list(ws, filter);
      expect(items.map(({ runId }) => runId)).toEqual([run.runId]);
    }
    const page = await world.deps.runs.list(ws, { parentRunId: run.runId, limit: 1 });
    expect(page.items).toHaveLength(1);
    expect(page.cursor).toBeDefined();
  });

  it('says how many items there were and that all are done', async () => {
    const held = await world.deps.runs.get(ws, run.runId);
    expect(trainingProgress(held, await world.deps.stages.list(ws, run.runId))).toEqual({
      done: 2,
      total: 2,
      share: 1,
    });
  });

  it('is not another run in progress: the next one starts at once, skips what is unchanged, and has children', async () => {
    const again = await runToEnd(world.deps, 'owned');
    expect(again.status).toBe('FINISHED');
    const records = await world.deps.stages.list(ws, again.runId);
    const items = records.filter(({ stage, item }) => stage === 'train' && item !== undefined);
    expect(items.map(({ status }) => status)).toEqual(['SKIPPED', 'SKIPPED']);
    const own = await childrenOf(world.deps, again);
    expect(own.map(({ metrics }) => metrics)).toEqual(children.map(({ metrics }) => metrics));
    expect(own.map(({ runId }) => runId)).not.toEqual(children.map(({ runId }) => runId));
  });

  it('refuses to cancel or retry a child by itself', async () => {
    const child = children[0]!.runId;
    await expect(cancelRun(world.deps, ws, child)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { parentRunId: run.runId },
    });
    await expect(retryRun(world.deps, ws, child)).rejects.toThrow('is a part of run');
  });

  it('is built again from S3 where DynamoDB was lost, each child in its place', async () => {
    const lost = pipelineWorld([owned()]);
    const { objects, clock, executions } = world;
    const stores = { items: lost.items, objects, clock, executions };
    await reconcile(ws, stores, { fix: true, graceSeconds: 0 });
    const again = await childrenOf(lost.deps, run);
    expect(again.map(({ runId, params, metrics, status }) => ({ runId, params, metrics, status }))).toEqual(
      children.map(({ runId, params, metrics, status }) => ({ runId, params, metrics, status })),
    );
    const { items } = await lost.deps.runs.list(ws);
    expect(items.map(({ runId }) => runId)).not.toContain(children[0]!.runId);
  });
});

describe('what may go wrong in between', () => {
  const start = async (world: PipelineWorld) => {
    const { runId } = await startRun(world.deps, ws, 'owned', { trigger: 'caller', actor: 'test' });
    return { workspace: ws, runId, attempt: 1 };
  };

  it('a call that is repeated after it lost its answer makes no second child and no second point', async () => {
    const world = pipelineWorld([owned()], { owned: ownedCsv() });
    const input = await start(world);
    const finish = world.deps.runs.finish.bind(world.deps.runs);
    let cut = 0;
    // The function dies after the figures are written, before the child is closed; Step Functions calls it again.
    world.deps.runs.finish = (...given) =>
      given[1] !== input.runId && cut++ === 0 ? failing() : finish(...given);
    const failed = await execute(world.deps, input);
    expect(failed.status).toBe('FAILED');
    world.clock.advance(60_000);
    const retried = await retryRun(world.deps, ws, input.runId);
    const run = await execute(world.deps, { ...input, attempt: retried.attempt });
    expect(run.status).toBe('FINISHED');
    const children = await childrenOf(world.deps, run);
    expect(children.map(({ status, attempt }) => [status, attempt])).toEqual([
      ['FINISHED', 2],
      ['FINISHED', 1],
    ]);
    expect(children[0]!.error).toBeUndefined();
    for (const { runId } of children) {
      const { items } = await world.deps.runs.metricHistory(ws, runId, 'fold_rmse');
      expect(items.map(({ step }) => step)).toEqual([0, 1, 2]);
    }
  });

  it('a candidate that fails leaves its child failed with its error, and the others killed', async () => {
    const world = pipelineWorld([owned()], { owned: ownedCsv() });
    const input = await start(world);
    const putIfAbsent = world.objects.putIfAbsent.bind(world.objects);
    world.objects.putIfAbsent = (key, ...rest) =>
      key.includes('/models/') ? failing() : putIfAbsent(key, ...rest);
    const run = await execute(world.deps, input);
    expect(run.status).toBe('FAILED');
    const [first] = await childrenOf(world.deps, run);
    expect(first).toMatchObject({ status: 'FAILED', error: { stage: 'train', code: run.error?.code } });
    expect(first!.endTime).toBeDefined();
  });

  it('a cancelled run ends its children with it', async () => {
    const world = pipelineWorld([owned()], { owned: ownedCsv() });
    const input = await start(world);
    const logBatch = world.deps.runs.logBatch.bind(world.deps.runs);
    world.deps.runs.logBatch = async (...given) => {
      // A caller cancels just while the first candidate is at work.
      if (given[1] === childRunId(input.runId, 0)) await cancelRun(world.deps, ws, input.runId);
      return logBatch(...given);
    };
    await execute(world.deps, input);
    const run = await world.deps.runs.get(ws, input.runId);
    expect(run.status).toBe('KILLED');
    const children = await childrenOf(world.deps, run);
    expect(children.length).toBeGreaterThan(0);
    expect(children.every(({ status }) => status === 'KILLED')).toBe(true);
  });
});

describe('scoring by folds in other shapes', () => {
  it('classes, stratified, repeated, without a validation split', async () => {
    const definition = tinyClasses({
      split: { train: 0.8, validation: 0, test: 0.2, seed: 7, stratify: true },
      candidates: gridSearch(logisticRegression, { C: [0.1, 1] }),
      validate: { folds: 4, repeats: 2 },
      select: { metric: 'f1_macro' },
    });
    const world = pipelineWorld([definition], { [definition.name]: tinyClassesCsv() });
    const run = await runToEnd(world.deps, definition.name);
    expect(run.error).toBeUndefined();
    const [child] = await childrenOf(world.deps, run);
    const { items } = await world.deps.runs.metricHistory(ws, child!.runId, 'fold_f1_macro');
    expect(items).toHaveLength(8);
    expect(child!.metrics.cv_f1_macro).toBeGreaterThan(0.6);
  });

  it('groups in batches: the groups follow their rows', async () => {
    const definition = owned({ batches: { rows: 60 } });
    const world = pipelineWorld([definition], { owned: ownedCsv() });
    const run = await runToEnd(world.deps, 'owned');
    expect(run.error).toBeUndefined();
    const children = await childrenOf(world.deps, run);
    expect(children.map(({ tags }) => tags.batch_id)).toEqual(['1', '2', '1', '2']);
  });

  it('a group column that clean drops anyway is kept until the rows are parted', async () => {
    const definition = owned({ clean: [dropColumns(['owner'])] });
    const world = pipelineWorld([definition], { owned: ownedCsv() });
    expect((await runToEnd(world.deps, 'owned')).error).toBeUndefined();
  });

  it('a candidate scored on the validation split has a child too, with those figures', async () => {
    const world = pipelineWorld([tinyHouses()], { 'tiny-houses': tinyHousesCsv() });
    const run = await runToEnd(world.deps, 'tiny-houses');
    const children = await childrenOf(world.deps, run);
    expect(children).toHaveLength(2);
    expect(children[0]!.metrics.validation_rmse).toBeGreaterThan(0);
    expect(Object.keys(children[0]!.metrics).some((name) => name.startsWith('cv_'))).toBe(false);
  });

  it('more folds than groups is told by the stage that cannot make them', async () => {
    const world = pipelineWorld([owned({ validate: { folds: 50, groupBy: 'owner' } })], {
      owned: ownedCsv(),
    });
    const run = await runToEnd(world.deps, 'owned');
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'train', code: 'BAD_DEFINITION' } });
    expect(run.error!.message).toContain('50 folds');
  });
});

describe('a run whose execution was lost', () => {
  it('is ended by reconcile, and its open children with it', async () => {
    const world = pipelineWorld([owned()], { owned: ownedCsv() });
    const { runId } = await startRun(world.deps, ws, 'owned', { trigger: 'caller', actor: 'test' });
    const input = { workspace: ws, runId, attempt: 1 };
    // Killed at the end of the first candidate: nobody closes anything.
    const logBatch = world.deps.runs.logBatch.bind(world.deps.runs);
    const finish = world.deps.runs.finish.bind(world.deps.runs);
    world.deps.runs.logBatch = (...given) => (given[1] === runId ? logBatch(...given) : failing());
    world.deps.runs.finish = failing;
    await expect(execute(world.deps, input)).rejects.toThrow('the store is away');
    Object.assign(world.deps.runs, { logBatch, finish });
    const [open] = await childrenOf(world.deps, { workspace: ws, runId });
    expect(open!.status).toBe('RUNNING');
    world.clock.advance(60_000);
    const { items, objects, clock } = world;
    // Step Functions keeps no execution of that name.
    const executions = pipelineWorld([]).executions;
    const findings = await reconcile(
      ws,
      { items, objects, clock, executions },
      { fix: true, graceSeconds: 0 },
    );
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'run-without-execution', fixed: true }));
    const [child] = await childrenOf(world.deps, { workspace: ws, runId });
    expect(child).toMatchObject({ status: 'KILLED', error: { code: 'RUN_LOST' } });
  });
});

describe('the plan of the training', () => {
  it('writes down how many items there are, before any is done', async () => {
    const world = pipelineWorld([owned()], { owned: ownedCsv() });
    const { runId } = await startRun(world.deps, ws, 'owned', {
      trigger: 'caller',
      actor: 'test',
      to: 'clean',
    });
    const input = { workspace: ws, runId, attempt: 1 };
    await execute(world.deps, input);
    await planTraining(world.deps, input);
    const run = await world.deps.runs.get(ws, runId);
    expect(trainingProgress(run, [])).toEqual({ done: 0, total: 2, share: 0 });
  });
});
