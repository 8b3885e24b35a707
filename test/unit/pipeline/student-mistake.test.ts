import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { GRADES, studentsLikeUci } from '../../../data/student-performance/generator.ts';
import students from '../../../data/student-performance/pipeline.ts';
import { generate, type PipelineDefinition, randomForest } from '../../../lib/pipeline/index.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

// The pictures are not what this is about.
vi.mock('../../../lib/learn/report/png.ts', () => import('../../support/fake-png.ts'));

const columns = GRADES.map((grade) => `Performance_${grade}`);
const indicator = z.number().int().min(0).max(1);

/** The pipeline with the original's mistake: the one-hot target stays among the features. */
const mistaken = (allowLeakage: string[]): PipelineDefinition => ({
  ...students,
  source: generate({
    seed: 582,
    rows: 666,
    make: (random, rows) =>
      studentsLikeUci(random, rows).map((row) => ({
        ...row,
        ...Object.fromEntries(GRADES.map((grade, i) => [columns[i]!, Number(grade === row.Performance)])),
      })),
  }),
  row: students.row.extend(Object.fromEntries(columns.map((name) => [name, indicator]))),
  guards: { ...students.guards, allowLeakage },
  candidates: [randomForest({ trees: 20 })],
});
const honest: PipelineDefinition = {
  ...students,
  source: generate({ seed: 582, rows: 666, make: studentsLikeUci }),
  candidates: [randomForest({ trees: 20 })],
};
const run = async (definition: PipelineDefinition) => {
  const world = pipelineWorld([definition]);
  return { world, run: await runToEnd(world.deps, 'student-performance') };
};

describe("the original's mistake: the one-hot target left among the features", () => {
  it('ends the run in clean, with the columns by name, and registers nothing', async () => {
    const { world, run: ended } = await run(mistaken([]));
    expect(ended).toMatchObject({
      status: 'FAILED',
      error: { stage: 'clean', code: 'LEAKAGE', details: { target: 'Performance' } },
    });
    expect([...(ended.error!.details!.columns as string[])].sort()).toEqual([...columns].sort());
    for (const name of columns) expect(ended.error!.message).toContain(name);
    expect(ended.error!.remedy).toContain('dropColumns');
    expect((await world.deps.registry.listModels('default')).items).toEqual([]);
    expect(ended.metrics).toEqual({});
  });

  it('gives the fake figure where the guard is told to let it: that, and nothing else, is what it stops', async () => {
    const { run: fake } = await run(mistaken(columns));
    expect(fake.error).toBeUndefined();
    expect(fake.metrics.accuracy).toBeGreaterThan(0.98);
    expect(fake.metrics.f1_weighted).toBeGreaterThan(0.98);
    const { run: right } = await run(honest);
    expect(right.error).toBeUndefined();
    expect(right.metrics.accuracy).toBeLessThan(0.8);
  }, 120_000);

  it('stops it as well where one of the four columns was left out, as some encoders do', async () => {
    const [, ...rest] = columns;
    const { run: ended } = await run({
      ...mistaken([]),
      row: students.row.extend(Object.fromEntries(rest.map((name) => [name, indicator]))),
    });
    expect(ended.error).toMatchObject({ code: 'LEAKAGE' });
    expect([...(ended.error!.details!.columns as string[])].sort()).toEqual([...rest].sort());
  });
});
