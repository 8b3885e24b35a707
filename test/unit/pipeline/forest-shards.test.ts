import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { predictRows, readModelFile } from '../../../lib/learn/index.ts';
import { betterThanCurrent, type Candidate, definePipeline, file } from '../../../lib/pipeline/index.ts';
import type { TrainOutputs } from '../../../lib/pipeline/stages/types.ts';
import { DEFAULT_LIMITS } from '../../../lib/pipeline/training/limits.ts';
import type { Run } from '../../../lib/tracking/types.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';
import { uniform } from '../../support/random.ts';

/** Rows with numbers that may be missing, a category, an open text, and two classes. */
function rowsCsv(rows: number): Uint8Array {
  const next = uniform(12);
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, b, c] = [next() * 10, next() * 10, next()];
    const town = ['north', 'south', 'east', 'west'][Math.floor(next() * 4)]!;
    const street = `street ${Math.floor(next() * 60)}`;
    const label = a + (town === 'north' ? 4 : 0) + (b > 5 ? 2 : 0) + c > 8 ? 'yes' : 'no';
    return `${a.toFixed(4)},${i % 17 === 0 ? '' : b.toFixed(4)},${c.toFixed(4)},${town},${street},${label}`;
  });
  return new TextEncoder().encode(`a,b,c,town,street,label\n${lines.join('\n')}\n`);
}

/** No clean step at all: gaps, categories and text reach the trainer as they are. */
const bare = (candidates: Candidate[]) =>
  definePipeline({
    name: 'bare',
    source: file('bare.csv'),
    row: z.object({
      a: z.number(),
      b: z.number().optional(),
      c: z.number(),
      town: z.enum(['north', 'south', 'east', 'west']),
      street: z.string(),
      label: z.enum(['yes', 'no']),
    }),
    target: 'label',
    split: { train: 0.8, validation: 0.1, test: 0.1, seed: 5, stratify: true },
    candidates,
    select: { metric: 'accuracy' },
    promote: { to: 'production', when: betterThanCurrent() },
  });

const forest = (params: Record<string, unknown>): Candidate => ({ algorithm: 'random-forest', params });

async function runOf(rows: number, candidates: Candidate[], seconds = 600, threads = 1) {
  const world = pipelineWorld(
    [bare(candidates)],
    { bare: rowsCsv(rows) },
    {
      training: { ...DEFAULT_LIMITS, seconds },
      threads,
    },
  );
  return { world, run: await runToEnd(world.deps, 'bare') };
}

const modelOf = async ({ deps }: PipelineWorld, run: Run, item = '0') =>
  (await deps.stages.find('default', run.runId, 'train', item))?.outputs as TrainOutputs;

const shardsOf = async ({ deps }: PipelineWorld, run: Run) =>
  (await deps.stages.list('default', run.runId)).filter(({ item }) => item?.includes('of')).length;

describe('a random forest on 20,000 rows', () => {
  const candidates = [forest({ trees: 24, minSamplesLeaf: 3 })];
  let whole: { world: PipelineWorld; run: Run };
  beforeAll(async () => {
    whole = await runOf(20_000, candidates);
  }, 120_000);

  it('finishes in one function, and is good', async () => {
    expect(whole.run).toMatchObject({ status: 'FINISHED' });
    expect(await shardsOf(whole.world, whole.run)).toBe(0);
    expect(whole.run.metrics.accuracy).toBeGreaterThan(0.9);
  });

  // What a function may take, in seconds, so that plan splits 24 trees into so many shards.
  it.each([
    [3, 2],
    [8, 1],
  ])(
    'has the same bytes in %i shards, on %i threads',
    async (shards, threads) => {
      const limits = await secondsFor(shards, whole);
      const { world, run } = await runOf(20_000, candidates, limits, threads);
      expect(run.status).toBe('FINISHED');
      expect(await shardsOf(world, run)).toBe(shards);
      const [merged, single] = [await modelOf(world, run), await modelOf(whole.world, whole.run)];
      expect(merged.modelSha256).toBe(single.modelSha256);
      expect(await world.objects.get(merged.modelKey)).toEqual(
        await whole.world.objects.get(single.modelKey),
      );
      expect(run.metrics).toEqual(whole.run.metrics);
    },
    120_000,
  );
});

/** The limit at which the plan makes that many shards of 24 trees, from its own estimate of the whole. */
async function secondsFor(
  shards: number,
  { world, run }: { world: PipelineWorld; run: Run },
): Promise<number> {
  const artifacts = await world.deps.runs.listArtifacts('default', run.runId);
  const { key } = artifacts.find(({ path }) => path === 'training.json')!;
  const [{ rows, columns }] = JSON.parse(new TextDecoder().decode(await world.objects.get(key)));
  const { getTrainer } = await import('../../../lib/learn/index.ts');
  const trainer = getTrainer('random-forest');
  const params = trainer.parseParams({ trees: 24, minSamplesLeaf: 3 });
  const { seconds } = trainer.cost!(rows, columns, params, 'classification', 2);
  const fitting = seconds / (1 + (3008 / 1769 - 1) * 0.85);
  return 5 + rows * columns * 4e-7 + (fitting * (24 / shards + 0.01)) / 24;
}

describe('a pipeline without any clean step', () => {
  const candidates = [
    forest({ trees: 20 }),
    { algorithm: 'gradient-boosting', params: { rounds: 20, earlyStoppingRounds: 5 } },
  ];
  let done: { world: PipelineWorld; run: Run };
  beforeAll(async () => {
    done = await runOf(1_500, candidates);
  }, 60_000);

  it('trains, judges and promotes models of native categories and gaps', async () => {
    expect(done.run).toMatchObject({ status: 'FINISHED', tags: { 'promotion.promoted': 'true' } });
    for (const item of ['0', '1']) {
      const outputs = await modelOf(done.world, done.run, item);
      expect(outputs.validation.accuracy, outputs.algorithm).toBeGreaterThan(0.85);
      const { model } = readModelFile(await done.world.objects.get(outputs.modelKey));
      const categories = Object.fromEntries(model.features.map((name, j) => [name, model.categories?.[j]]));
      expect(categories.town).toEqual(['east', 'north', 'south', 'west']);
      expect(categories.street).toHaveLength(60);
      expect(categories.a).toBeUndefined();
    }
  });

  it('predicts rows of unknown categories and without a value, with warnings', async () => {
    for (const item of ['0', '1']) {
      const outputs = await modelOf(done.world, done.run, item);
      const loaded = readModelFile(await done.world.objects.get(outputs.modelKey));
      const row = { a: 9.5, b: 9, c: 0.9, town: 'north', street: 'street 7' };
      const { predictions, warnings } = predictRows(loaded, [
        row,
        { ...row, street: 'nowhere', b: null },
        { ...row, a: 0, town: 'south', b: 1 },
      ]);
      expect(predictions.map(({ prediction }) => prediction)).toEqual(['yes', 'yes', 'no']);
      expect(warnings.map(({ row: at, field, code }) => `${at} ${field} ${code}`)).toEqual([
        '1 b missing_value',
        '1 street unknown_category',
      ]);
    }
  });

  it('judges the champion by its own categories on the test rows, and keeps it where nothing is better', async () => {
    const again = await runToEnd(done.world.deps, 'bare', { force: true });
    expect(again).toMatchObject({ status: 'FINISHED', tags: { 'promotion.promoted': 'false' } });
    // The same model again: its figure on the same rows is the champion's, read through the champion's own file.
    const score = again.metrics.accuracy!.toFixed(4);
    expect(again.tags['promotion.reason']).toBe(
      `not better by more than 0: accuracy ${score} against ${score} of version 1 on the same test rows`,
    );
  });
});
