import { describe, expect, it } from 'vitest';
import housing from '../../../data/housing/pipeline.ts';
import { describeDefinition } from '../../../lib/pipeline/catalog.ts';
import type { CustomMetrics } from '../../../lib/pipeline/definition/index.ts';
import { tinyClasses, tinyClassesCsv, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const run = async (metrics: CustomMetrics) => {
  const world = pipelineWorld([tinyHouses({ metrics })], { 'tiny-houses': tinyHousesCsv() });
  return { world, run: await runToEnd(world.deps, 'tiny-houses') };
};

describe('metrics of a pipeline of its own', () => {
  it('stand beside the built-in ones, in the run, in the version and in the report', async () => {
    const { world, run: done } = await run(({ actual, predicted, rows, metrics, task }) => ({
      r2_score: metrics.r2 as number,
      worst: Math.max(...actual.map((y, i) => Math.abs(Number(predicted[i]) - Number(y)))),
      // Rows are as they were before the scaling of the clean step.
      mean_area: rows.reduce((sum, row) => sum + Number(row.area), 0) / rows.length,
      rows: task === 'regression' ? rows.length : -1,
    }));
    expect(done.status).toBe('FINISHED');
    expect(done.metrics.r2_score).toBe(done.metrics.r2);
    expect(done.metrics.rows).toBe(40);
    expect(done.metrics.worst).toBeGreaterThanOrEqual(done.metrics.rmse as number);
    expect(done.metrics.mean_area).toBeGreaterThan(50);
    expect(done.metrics.mean_area).toBeLessThan(151);
    const version = await world.deps.registry.getVersion('default', 'tiny-houses', '1');
    expect(version.metrics.worst).toBe(done.metrics.worst);
    const report = (await world.deps.runs.listArtifacts('default', done.runId)).find(
      ({ path }) => path === 'reports/evaluation.json',
    );
    const evaluation = JSON.parse(new TextDecoder().decode(await world.objects.get(report?.key ?? '')));
    expect(evaluation.metrics).toMatchObject({ worst: done.metrics.worst, r2: done.metrics.r2 });
  });

  it('see names of classes and their probabilities', async () => {
    const metrics: CustomMetrics = ({ actual, predicted, probabilities = [] }) => ({
      hits: actual.filter((name, i) => name === predicted[i]).length / actual.length,
      yes: actual.filter((name) => name === 'yes').length,
      sure: Math.min(
        ...probabilities.map(
          (each, i) =>
            (each[predicted[i] as string] as number) -
            (each[predicted[i] === 'yes' ? 'no' : 'yes'] as number),
        ),
      ),
    });
    const world = pipelineWorld([tinyClasses({ metrics })], { 'tiny-classes': tinyClassesCsv() });
    const done = await runToEnd(world.deps, 'tiny-classes');
    expect(done.metrics.hits).toBe(done.metrics.accuracy);
    expect(done.metrics.yes).toBeGreaterThan(5);
    // The class answered is never the less likely one.
    expect(done.metrics.sure).toBeGreaterThanOrEqual(0);
  });

  it.each<[string, CustomMetrics, RegExp]>([
    [
      'a throw',
      () => {
        throw new RangeError('no such column');
      },
      /metrics threw RangeError: no such column/,
    ],
    ['a built-in name', () => ({ r2: 1 }), /"r2", which is a built-in metric/],
    ['a reserved name', () => ({ validation_r2: 1 }), /validation_.* is taken/],
    ['a name that no URL holds', () => ({ 'a/b': 1 }), /"a\/b"/],
    ['no finite number', () => ({ share: 1 / 0 }), /metric share is Infinity, not a finite number/],
    ['text', () => ({ share: '1' }) as never, /metric share is a string/],
    ['a promise', (async () => ({ share: 1 })) as never, /not a promise/],
    ['nothing', () => undefined as never, /not undefined/],
  ])('end the run for %s, as the definition’s fault in evaluate', async (_, metrics, message) => {
    const { run: done } = await run(metrics);
    expect(done.status).toBe('FAILED');
    expect(done.error).toMatchObject({ stage: 'evaluate', code: 'BAD_METRIC', field: 'metrics' });
    expect(done.error?.message).toMatch(message);
    expect(done.metrics.r2).toBeUndefined();
  });

  it('are part of the definition: no function but its hash is shown', () => {
    const described = describeDefinition(tinyHouses({ metrics: () => ({ one: 1 }) }));
    expect(described).toMatchObject({ metrics: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    expect(described).not.toEqual(describeDefinition(tinyHouses({ metrics: () => ({ one: 2 }) })));
    expect('metrics' in describeDefinition(tinyHouses())).toBe(false);
  });
});

describe('housing', () => {
  it('keeps R2 as r2_score too, and counts the homes priced within a tenth', () => {
    const metrics = housing.metrics?.({
      task: 'regression',
      actual: [100_000, 200_000, 300_000, 400_000],
      predicted: [110_000, 170_000, 300_000, 520_000],
      rows: [],
      metrics: { r2: 0.75 },
    });
    expect(metrics).toEqual({ r2_score: 0.75, within_10_percent: 0.5, within_20_percent: 0.75 });
  });
});
