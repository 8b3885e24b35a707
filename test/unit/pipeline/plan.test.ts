import { describe, expect, it } from 'vitest';
import { startRun } from '../../../lib/pipeline/control/index.ts';
import { linearRegression, mlRandomForest } from '../../../lib/pipeline/index.ts';
import { pickBest } from '../../../lib/pipeline/stages/evaluate.ts';
import { plan, planTraining, WORK_STAGES } from '../../../lib/pipeline/stages/index.ts';
import { MAX_TRAIN_ITEMS } from '../../../lib/pipeline/training/limits.ts';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const begin = async (definition = tinyHouses(), options: { from?: 'train'; to?: 'clean' } = {}) => {
  const world = pipelineWorld([definition], { 'tiny-houses': tinyHousesCsv() });
  const { runId } = await startRun(world.deps, 'default', 'tiny-houses', {
    trigger: 'caller',
    actor: 'test',
    ...options,
  });
  return { world, input: { workspace: 'default', runId, attempt: 1 } };
};

describe('plan', () => {
  it('asks for every stage by default, and its answer is small', async () => {
    const { world, input } = await begin();
    const state = await plan(world.deps, input);
    expect(state).toMatchObject({ ...input, pipeline: 'tiny-houses' });
    expect(Object.keys(state.stages)).toEqual([...WORK_STAGES]);
    expect(Object.values(state.stages).every(Boolean)).toBe(true);
    expect(JSON.stringify(state).length).toBeLessThan(1000);
  });

  it('leaves promote out where the definition promotes nothing', async () => {
    const { world, input } = await begin(tinyHouses({ promote: undefined }));
    expect((await plan(world.deps, input)).stages).toMatchObject({ register: true, promote: false });
  });

  it('asks for the stages up to `to`', async () => {
    const { world, input } = await begin(tinyHouses(), { to: 'clean' });
    expect((await plan(world.deps, input)).stages).toMatchObject({
      ingest: true,
      clean: true,
      train: false,
      promote: false,
    });
  });

  it('keeps the definition as an artifact, with its hash in the lineage', async () => {
    const { world, input } = await begin();
    await plan(world.deps, input);
    const [artifact] = await world.deps.runs.listArtifacts('default', input.runId);
    const stored = JSON.parse(new TextDecoder().decode(await world.objects.get(artifact!.key)));
    expect(stored).toMatchObject({
      name: 'tiny-houses',
      target: 'price',
      candidates: [{ algorithm: 'linear-regression' }, {}],
    });
    expect((await world.deps.runs.get('default', input.runId)).lineage.definitionSha256).toMatch(
      /^[0-9a-f]{64}$/,
    );
  });
});

describe('planTraining', () => {
  const planned = async (overrides: Parameters<typeof tinyHouses>[0]) => {
    const world = pipelineWorld([tinyHouses(overrides)], { 'tiny-houses': tinyHousesCsv() });
    const run = await runToEnd(world.deps, 'tiny-houses', { to: 'clean' });
    return () => planTraining(world.deps, { workspace: 'default', runId: run.runId, attempt: 1 });
  };

  it('names one item a candidate, times one a batch', async () => {
    const candidates = [linearRegression(), linearRegression({ alpha: 1 })];
    expect(await (await planned({ candidates }))()).toEqual({
      items: [
        { item: '0', large: false },
        { item: '1', large: false },
      ],
      merges: [],
      sharded: false,
    });
    const batched = await planned({ candidates, batches: { rows: 40 } });
    expect((await batched()).items).toHaveLength(6);
  });

  it('refuses more items than an inline Map holds', async () => {
    const tooMany = await planned({ batches: { rows: 1 } });
    await expect(tooMany()).rejects.toMatchObject({ code: 'BAD_DEFINITION', field: 'candidates' });
    expect(120 * 2).toBeGreaterThan(MAX_TRAIN_ITEMS);
  });

  it('refuses a forest that cannot finish, before any function is started for it', async () => {
    const rows = pipelineWorld([tinyHouses({ candidates: [mlRandomForest({ trees: 10_000 })] })], {
      'tiny-houses': tinyHousesCsv(5000),
    });
    const run = await runToEnd(rows.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FAILED', error: { stage: 'train' } });
    const records = await rows.deps.stages.list('default', run.runId);
    expect(records.filter(({ item }) => item !== undefined)).toEqual([]);
  });

  it('needs clean', async () => {
    const { world, input } = await begin();
    await expect(planTraining(world.deps, input)).rejects.toMatchObject({
      code: 'MISSING_STAGE',
      status: 409,
    });
  });
});

describe('pickBest', () => {
  const scored = [{ score: 0.5 }, { score: Number.NaN }, { score: 0.7 }, { score: 0.7 }];
  it('takes the greatest of a metric to maximize, the first of equals', () => {
    expect(pickBest(scored, 'r2')).toBe(scored[2]);
  });
  it('takes the least of an error', () => {
    expect(pickBest(scored, 'rmse')).toBe(scored[0]);
  });
  it('refuses to choose where no score is a number', () => {
    expect(() => pickBest([{ score: Number.NaN }], 'r2')).toThrow(/r2/);
  });
});
