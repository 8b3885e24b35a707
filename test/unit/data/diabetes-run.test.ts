import { beforeAll, describe, expect, it, vi } from 'vitest';
import { encountersLikeUci } from '../../../data/diabetes/generator.ts';
import diabetes from '../../../data/diabetes/pipeline.ts';
import { generate, type PipelineDefinition, randomForest } from '../../../lib/pipeline/index.ts';
import { childrenOf } from '../../../lib/pipeline/stages/child-runs.ts';
import type { Run } from '../../../lib/tracking/types.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';
import { hereWith, reproduceFrom } from '../../support/reproduce.ts';

// The pictures are not what this is about.
vi.mock('../../../lib/learn/report/png.ts', () => import('../../support/fake-png.ts'));

/** The pipeline as it is, on fewer made-up rows, with fewer trees. */
const fewer: PipelineDefinition = {
  ...diabetes,
  source: generate({ seed: 296, rows: 4_000, make: encountersLikeUci }),
  batches: { rows: 1_000, seed: 42, whole: true, merged: true },
  candidates: [randomForest({ trees: 12, minSamplesLeaf: 5, classWeight: { '>30': 1.25, '<30': 2.5 } })],
};

describe('diabetes on made-up rows', () => {
  const world = pipelineWorld([fewer]);
  let run: Run;
  beforeAll(async () => {
    run = await runToEnd(world.deps, 'diabetes');
  }, 120_000);

  it('runs to its end, and says that its rows are made up', () => {
    expect(run.error).toBeUndefined();
    expect(run).toMatchObject({
      status: 'FINISHED',
      tags: {
        'data.source': 'generate',
        'data.synthetic': 'true',
        'data.rows': '4000',
        'data.badRows': '0',
      },
    });
  });

  it('trains a model a batch, one on all rows, the merged one and that of the split by row', async () => {
    const parts = (await childrenOf(world.deps, run)).map(({ tags }) => tags['data.part']);
    expect(parts).toEqual(['batch', 'batch', 'batch', 'batch', 'whole', 'merged', 'row-split']);
    for (const name of ['accuracy', 'whole_f1_weighted', 'merged_f1_weighted', 'row_split_f1_weighted']) {
      expect(run.metrics[name], name).toBeGreaterThan(0.35);
      expect(run.metrics[name], name).toBeLessThan(0.75);
    }
    expect(run.tags).toMatchObject({ 'model.part': 'batch', batch_id: expect.stringMatching(/^[1-4]$/) });
  });

  it('is identical when it is done again: each batch, the whole, the merged model, figures, reports', async () => {
    const found = await reproduceFrom(world, run.runId, hereWith(fewer));
    expect(found).toMatchObject({ identical: true, sameConditions: true, sameResults: true, failure: null });
    expect(found.candidates.map(({ key }) => key)).toHaveLength(7);
    expect(found.metrics.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['merged_f1_weighted', 'row_split_f1_weighted', 'whole_accuracy']),
    );
    expect(found.reports.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['reports/batches.txt', 'reports/row_split.txt']),
    );
  }, 120_000);

  it('is not where the batches are others, and the candidates say which', async () => {
    const other = { ...fewer, batches: { ...fewer.batches!, seed: 43 } };
    const found = await reproduceFrom(world, run.runId, hereWith(other));
    expect(found).toMatchObject({ identical: false, sameConditions: false, sameResults: false });
    expect(found.definition).toEqual([{ path: 'batches.seed', recorded: 42, again: 43 }]);
    const differing = found.candidates.filter(({ same }) => !same).map(({ key }) => key.split(' ')[0]);
    expect(differing).toEqual(expect.arrayContaining(['0', '1', '2', '3']));
  }, 120_000);
});
