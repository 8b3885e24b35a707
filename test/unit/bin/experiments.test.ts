import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../../bin/cli/client.ts';
import { ApiError } from '../../../bin/cli/client.ts';
import { experimentsOf, experimentsText, ranked } from '../../../bin/cli/experiments.ts';
import type { Run } from '../../../lib/tracking/types.ts';

const runOf = (runId: string, more: Partial<Run> = {}): Run => ({
  runId,
  experimentId: '1',
  workspace: 'default',
  name: runId,
  status: 'FINISHED',
  startTime: '2026-01-01T00:00:00.000Z',
  attempt: 1,
  lineage: {},
  tags: {},
  params: {},
  metrics: {},
  ...more,
});

/** A child of a batched run. */
const child = (item: number, part: string, f1: number, batch?: number): Run =>
  runOf(`child${item}`, {
    tags: {
      'arboleda.item': String(item),
      'data.part': part,
      'data.trainRows': '15000',
      ...(batch === undefined ? {} : { batch_id: String(batch) }),
    },
    params: {
      algorithm: 'random-forest',
      trees: '100',
      ...(batch === undefined ? {} : { batch_id: String(batch) }),
    },
    metrics: { validation_f1_weighted: f1, validation_accuracy: 0.5, f1_weighted: f1 - 0.01 },
  });

const batched = [
  child(0, 'batch', 0.52, 1),
  child(1, 'batch', 0.55, 2),
  child(2, 'batch', 0.54, 3),
  child(3, 'whole', 0.58),
  child(4, 'merged', 0.56),
  child(5, 'row-split', 0.6),
];

/** An API with one pipeline and its runs. */
function api(definition: object, task: string, runs: Run[], children: Record<string, Run[]>): ApiClient {
  const get = async (path: string, query: Record<string, unknown> = {}) => {
    if (path === '/pipelines') return { pipelines: [{ name: 'diabetes' }, { name: 'housing' }] };
    if (path === '/pipelines/diabetes') return { definition, task };
    if (path === '/runs' && query.parent !== undefined)
      return { runs: children[query.parent as string] ?? [] };
    if (path === '/runs') return { runs };
    throw new ApiError(404, { code: 'NOT_FOUND', message: 'no such pipeline', remedy: '' });
  };
  return { get } as unknown as ApiClient;
}

const byF1 = { metric: 'f1_weighted', on: 'validation' };

describe('the models of a run, ranked', () => {
  it('puts the best first, and marks the best batch though others are better', () => {
    const models = ranked(batched, byF1);
    expect(models.map(({ model }) => model)).toEqual([
      'row split',
      'all rows',
      'merged',
      'batch 2',
      'batch 3',
      'batch 1',
    ]);
    expect(models.filter(({ best }) => best).map(({ model }) => model)).toEqual(['batch 2']);
  });

  it('marks any but the row split where the definition lets all win', () => {
    const models = ranked(batched, { ...byF1, among: 'all' });
    expect(models.find(({ best }) => best)!.model).toBe('all rows');
  });

  it('ranks errors from the least, names candidates by what differs, and puts those without a figure last', () => {
    const candidates = [
      runOf('a', {
        params: { algorithm: 'random-forest', trees: '50', seed: '1' },
        metrics: { cv_rmse: 20 },
      }),
      runOf('b', { params: { algorithm: 'linear-regression', seed: '1' } }),
      runOf('c', {
        params: { algorithm: 'random-forest', trees: '200', seed: '1' },
        metrics: { cv_rmse: 18 },
      }),
    ];
    const models = ranked(candidates, { metric: 'rmse', on: 'validation' });
    expect(models.map(({ model, best }) => [model, best])).toEqual([
      ['random-forest trees=200', true],
      ['random-forest trees=50', false],
      ['linear-regression', false],
    ]);
  });

  it('ranks by test figures where the pipeline selects by them', () => {
    const models = ranked(
      [
        runOf('a', { metrics: { validation_r2: 0.9, r2: 0.5 } }),
        runOf('b', { metrics: { validation_r2: 0.8, r2: 0.7 } }),
      ],
      { metric: 'r2', on: 'test' },
    );
    expect(models.map(({ runId }) => runId)).toEqual(['b', 'a']);
  });
});

describe('the experiments table', () => {
  const run = runOf('run1', {
    tags: { 'model.algorithm': 'random-forest', 'data.rows': '101766', 'data.synthetic': 'true' },
    metrics: { f1_weighted: 0.54, accuracy: 0.59 },
  });

  it('has a line a run, and its models under it', async () => {
    const client = api({ select: byF1 }, 'classification', [run], { run1: batched });
    const experiments = await experimentsOf(client, 'diabetes', 20);
    const lines = experimentsText(experiments)
      .split('\n')
      .filter((line) => line.includes('run1') || line.includes('child'));
    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(/run1.*random-forest.*101766 synthetic.*FINISHED.*test.*0\.59.*0\.54/);
    expect(lines[4]).toMatch(/child1.*\* batch 2.*15000.*validation.*0\.5.*0\.55.*0\.54/);
    const text = experimentsText(experiments);
    expect(text).toContain('test F1');
    expect(text).toContain('best by f1_weighted on validation');
    expect(experiments.runs[0]!.children).toHaveLength(6);
  });

  it('has the columns of a regression', async () => {
    const candidate = runOf('c1', {
      params: { algorithm: 'linear-regression' },
      metrics: { validation_r2: 0.9571 },
    });
    const one = runOf('run1', { metrics: { r2: 0.95, rmse: 20.2, mae: 15 } });
    const client = api({ select: { metric: 'r2', on: 'validation' } }, 'regression', [one], {
      run1: [candidate],
    });
    const text = experimentsText(await experimentsOf(client, 'diabetes', 20));
    expect(text).toMatch(/R2.*RMSE.*MAE/);
    expect(text).toMatch(/\* linear-regression.*0\.9571/);
    expect(text).not.toContain('test R2');
  });

  it('says so where there is no run', async () => {
    const client = api({ select: byF1 }, 'classification', [], {});
    expect(experimentsText(await experimentsOf(client, 'diabetes', 20))).toBe('no run yet');
  });

  it('names the pipeline that was probably meant', async () => {
    const client = api({ select: byF1 }, 'classification', [], {});
    await expect(experimentsOf(client, 'diabtes', 20)).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      remedy: expect.stringContaining('"diabetes"'),
    });
  });
});
