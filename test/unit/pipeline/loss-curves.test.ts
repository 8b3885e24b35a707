import { describe, expect, it } from 'vitest';
import { steppedMetrics } from '../../../console/pages/run/curve-data.ts';
import { startRun } from '../../../lib/pipeline/control/index.ts';
import { gradientBoosting, linearRegression, randomForest } from '../../../lib/pipeline/index.ts';
import { runStage } from '../../../lib/pipeline/run-stage.ts';
import { childRunId } from '../../../lib/pipeline/stages/child-runs.ts';
import * as stages from '../../../lib/pipeline/stages/index.ts';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { CrashError } from '../../support/memory.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const WS = 'default';
const BOOSTING = 1;
const candidates = [
  linearRegression({ alpha: 1e6 }),
  gradientBoosting({ rounds: 60, learningRate: 0.2, maxLeaves: 4, minSamplesLeaf: 2 }),
  randomForest({ trees: 7, maxDepth: 1 }),
];
const houses = (more: object = {}) => tinyHouses({ candidates, ...more });
const world = (more: object = {}) => pipelineWorld([houses(more)], { 'tiny-houses': tinyHousesCsv() });

type World = ReturnType<typeof world>;
const curve = async ({ deps }: World, runId: string, metric: string) =>
  (await deps.runs.metricHistory(WS, runId, metric)).items.map(({ step, value }) => [step, value] as const);

describe('the loss by trees', () => {
  it('is written into the run of each candidate, and of the chosen one into the run', async () => {
    const one = world();
    const run = await runToEnd(one.deps, 'tiny-houses');
    expect(run.tags['model.algorithm']).toBe('gradient-boosting');
    const child = childRunId(run.runId, BOOSTING);
    for (const metric of ['train_loss', 'validation_loss']) {
      const points = await curve(one, child, metric);
      expect(points).toHaveLength(50);
      expect([points[0]![0], points.at(-1)![0]]).toEqual([1, 60]);
      expect(await curve(one, run.runId, metric)).toEqual(points);
    }
    const train = await curve(one, child, 'train_loss');
    expect(train.every(([, loss], i) => i === 0 || loss < train[i - 1]![1])).toBe(true);
    // The whole model's figure on the same rows.
    const { metrics } = await one.deps.runs.get(WS, child);
    expect(metrics.validation_loss).toBeCloseTo(metrics.validation_rmse!, 3);
    const forest = childRunId(run.runId, 2);
    expect(await curve(one, forest, 'validation_loss')).toHaveLength(7);
    expect(await curve(one, forest, 'train_loss')).toEqual([]);
    const line = await one.deps.runs.get(WS, childRunId(run.runId, 0));
    expect(Object.keys(line.metrics).filter((name) => name.endsWith('_loss'))).toEqual([]);
  });

  it('is what the page of the run draws', async () => {
    const one = world();
    const { runId } = await runToEnd(one.deps, 'tiny-houses');
    const latest = await Promise.all(
      ['train_loss', 'validation_loss', 'rmse'].map(async (key) => {
        const { items } = await one.deps.runs.metricHistory(WS, runId, key);
        return { ...items.at(-1)!, key };
      }),
    );
    expect(steppedMetrics(latest)).toEqual(['train_loss', 'validation_loss']);
  });

  it('stops where early stopping did', async () => {
    const stopped = [gradientBoosting({ rounds: 400, learningRate: 0.5, earlyStoppingRounds: 5 })];
    const one = world({ candidates: stopped });
    const { runId } = await runToEnd(one.deps, 'tiny-houses');
    const points = await curve(one, childRunId(runId, 0), 'validation_loss');
    const last = points.at(-1)!;
    expect(last[0]).toBeLessThan(400);
    expect(last[1]).toBe(Math.min(...points.map(([, loss]) => loss)));
  });

  it('is written once, whichever write a function was ended at', async () => {
    const one = [gradientBoosting({ rounds: 6, maxLeaves: 4, minSamplesLeaf: 2 })];
    const prepared = async () => {
      const made = world({ candidates: one });
      const options = { trigger: 'caller' as const, actor: 'test', identity: 'once' };
      const { runId } = await startRun(made.deps, WS, 'tiny-houses', options);
      const input = { workspace: WS, runId, attempt: 1 };
      await stages.plan(made.deps, input);
      await runStage(made.deps, stages.ingestStage, input);
      await runStage(made.deps, stages.cleanStage, input);
      await stages.planTraining(made.deps, input);
      return { made, input };
    };
    type Prepared = Awaited<ReturnType<typeof prepared>>;
    const train = ({ made, input }: Prepared) =>
      runStage(made.deps, stages.trainStage, { ...input, item: '0' });
    const judge = ({ made, input }: Prepared) => runStage(made.deps, stages.evaluateStage, input);
    /** A function that was killed is called again a minute later. */
    const again = async (one: Prepared, stage: (one: Prepared) => Promise<unknown>) => {
      await expect(stage(one)).rejects.toThrow(CrashError);
      one.made.clock.advance(60_000);
      await stage(one);
    };
    const found = async ({ made, input }: Prepared, runId = input.runId) => [
      await curve(made, runId, 'train_loss'),
      await curve(made, runId, 'validation_loss'),
    ];
    const ofChild = (one: Prepared) => found(one, childRunId(one.input.runId, 0));
    const calm = await prepared();
    const begun = calm.made.items.writes;
    await train(calm);
    const trained = calm.made.items.writes;
    await judge(calm);
    const judged = calm.made.items.writes;
    const wanted = await ofChild(calm);
    expect(wanted.map((points) => points.map(([step]) => step))).toEqual(Array(2).fill([1, 2, 3, 4, 5, 6]));
    expect(await found(calm)).toEqual(wanted);
    for (let at = 1; at <= trained - begun; at++) {
      for (const mode of ['before', 'after'] as const) {
        const killed = await prepared();
        killed.made.items.failWrite({ at, mode });
        await again(killed, train);
        expect(await ofChild(killed), `train, ${mode} write ${at}`).toEqual(wanted);
      }
    }
    for (let at = 1; at <= judged - trained; at++) {
      const killed = await prepared();
      await train(killed);
      killed.made.items.failWrite({ at, mode: 'after' });
      await again(killed, judge);
      expect(await found(killed), `evaluate, after write ${at}`).toEqual(wanted);
    }
  }, 120_000);
});
