import { describe, expect, it } from 'vitest';
import { startRun } from '../../../../lib/pipeline/control/start.ts';
import { collectorUrl, env, httpBatches, randomForest, sharded } from '../../../../lib/pipeline/index.ts';
import { type PlannedModel, planTraining } from '../../../../lib/pipeline/stages/plan-training.ts';
import { collectedClasses } from '../../../support/collecting.ts';
import { tinyClasses, tinyClassesCsv } from '../../../support/definitions.ts';
import { pipelineWorld, runToEnd } from '../../../support/pipeline.ts';

describe('httpBatches', () => {
  it.each([
    ['5 minutes', 300],
    ['1 second', 1],
    ['2 hours', 7200],
    [45, 45],
  ])('takes a period of %s', (every, seconds) => {
    expect(httpBatches({ subsets: 10, every })).toEqual({
      kind: 'batches',
      subsets: 10,
      every: seconds,
      group: 1,
    });
  });

  it('refuses what is no period', () => {
    expect(() => httpBatches({ subsets: 10, every: 'often' })).toThrow(/no duration/);
    expect(() => tinyClasses({ source: httpBatches({ subsets: 10, every: 0 }) })).toThrow(/every/);
    expect(() => tinyClasses({ source: httpBatches({ subsets: 0, every: 5 }) })).toThrow(/subsets/);
  });

  it.each(['ftp://a.example/', 'https://user:secret@a.example/', 'nonsense', 'https://a.example/#part'])(
    'refuses the URL %s',
    (url) => {
      expect(() => tinyClasses({ source: httpBatches({ url, subsets: 10, every: 5 }) })).toThrow(/source/);
      expect(() => collectorUrl(collectedClasses(), { TINY_URL: url })).toThrow(/TINY_URL/);
    },
  );

  it("takes its URL from the deployer's environment where the definition says so", () => {
    const definition = collectedClasses();
    expect(collectorUrl(definition, { TINY_URL: 'https://a.example/data' })).toBe('https://a.example/data');
    expect(collectorUrl(definition, {})).toBeUndefined();
    expect(collectorUrl(definition, { TINY_URL: '' })).toBeUndefined();
    expect(collectorUrl(tinyClasses(), { TINY_URL: 'https://a.example/data' })).toBeUndefined();
    expect(env('A_B')).toEqual({ env: 'A_B' });
  });
});

describe('sharded', () => {
  const forest = randomForest({ trees: 12 });
  const files = { 'tiny-classes': tinyClassesCsv() };

  it('splits a candidate over the functions asked for, and not over more than it has trees', async () => {
    for (const [asked, shards] of [
      [3, 3],
      [64, 12],
    ]) {
      const world = pipelineWorld([tinyClasses({ candidates: [sharded(forest, asked!)] })], files);
      const run = await runToEnd(world.deps, 'tiny-classes', { to: 'clean' });
      expect(run.status).toBe('FINISHED');
      const started = await startRun(world.deps, 'default', 'tiny-classes', {
        trigger: 'caller',
        actor: 'test',
        from: 'train',
      });
      expect(started.status).toBe('RUNNING');
      const plan = await planTraining(world.deps, { workspace: 'default', runId: run.runId, attempt: 1 });
      expect(plan).toMatchObject({ sharded: true, merges: [{ item: '0', shards }] });
      expect(plan.items).toHaveLength(shards!);
      const key = world.objects.keys().find((one) => one.endsWith('training.json'))!;
      const [model] = JSON.parse(Buffer.from(await world.objects.get(key)).toString()) as PlannedModel[];
      expect(model?.shards).toBe(shards);
    }
  });

  it('gives the same model, byte for byte', async () => {
    const hashes = new Set<unknown>();
    for (const candidate of [forest, sharded(forest, 4)]) {
      const world = pipelineWorld([tinyClasses({ candidates: [candidate] })], files);
      await runToEnd(world.deps, 'tiny-classes');
      hashes.add((await world.deps.registry.getVersion('default', 'tiny-classes', '1')).modelSha256);
    }
    expect(hashes.size).toBe(1);
  });
});
