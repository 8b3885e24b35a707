import { describe, expect, it } from 'vitest';
import type { RunDetail } from '../../../bin/cli/api-types.ts';
import type { ApiClient } from '../../../bin/cli/client.ts';
import { outcomeOf, outcomesText } from '../../../bin/cli/outcomes.ts';
import type { PipelineSummary } from '../../../lib/http/types.ts';

const reference = { by: 'scikit-learn 1.9, a forest of 100 trees', metrics: { r2: 0.736, rmse: 46_008 } };
const summary: PipelineSummary = {
  name: 'housing',
  target: 'price',
  task: 'regression',
  model: 'house-price',
  scheduleState: 'active',
  collects: false,
};

/** An API that knows one model and one definition. */
const api = (aliases: Record<string, string>, definition: object = { reference }) => {
  const answers: Record<string, unknown> = {
    '/models': {
      models: [
        { name: 'house-price', aliases },
        { name: 'another', aliases: { production: '2' } },
      ],
    },
    '/pipelines/housing': { definition },
  };
  return { get: async (address: string) => answers[address] } as unknown as ApiClient;
};

const stage = (name: string, status: string, item?: string) => ({ stage: name, status, item });
const run = (more: Partial<Record<keyof RunDetail, unknown>> = {}): RunDetail =>
  ({
    runId: 'a'.repeat(32),
    status: 'FINISHED',
    tags: { 'data.rows': '2930', 'data.synthetic': 'false', 'model.version': '2' },
    metrics: { mae: 31_926, r2: 0.66364, rmse: 47_152, validation_r2: 0.7 },
    stages: [
      stage('ingest', 'SKIPPED'),
      stage('clean', 'DONE'),
      stage('train', 'DONE'),
      stage('train', 'DONE', '0'),
      stage('train', 'SKIPPED', '1'),
    ],
    artifacts: [
      { path: 'model/model.arbm', size: 61_240 },
      { path: 'reports/evaluation.json', size: 9 },
    ],
    ...more,
  }) as unknown as RunDetail;

describe('outcomeOf', () => {
  it('tells rows, stages, model and version of a run', async () => {
    expect(await outcomeOf(api({ production: '2', shadow: '2', old: '1' }), summary, run(), 12.345)).toEqual({
      pipeline: 'housing',
      runId: 'a'.repeat(32),
      status: 'FINISHED',
      rows: 2930,
      synthetic: false,
      stages: { done: 2, skipped: 1 },
      seconds: 12.3,
      metrics: { mae: 31_926, r2: 0.66364, rmse: 47_152, validation_r2: 0.7 },
      reference,
      modelBytes: 61_240,
      version: '2',
      aliases: ['production', 'shadow'],
    });
  });

  it('sets no reference beside made-up rows, as it compares nothing', async () => {
    const made = run({ tags: { 'data.rows': '2000', 'data.synthetic': 'true', 'model.version': '2' } });
    const outcome = await outcomeOf(api({ production: '2' }), summary, made, 1);
    expect(outcome.synthetic).toBe(true);
    expect(outcome).not.toHaveProperty('reference');
  });

  it('leaves out what a failed run never had', async () => {
    const failed = run({ status: 'FAILED', tags: {}, metrics: {}, stages: [], artifacts: [] });
    expect(await outcomeOf(api({}, {}), summary, failed, 1)).toEqual({
      pipeline: 'housing',
      runId: 'a'.repeat(32),
      status: 'FAILED',
      synthetic: false,
      stages: { done: 0, skipped: 0 },
      seconds: 1,
      metrics: {},
      aliases: [],
    });
  });

  it('claims no alias that another version holds', async () => {
    expect((await outcomeOf(api({ production: '1' }), summary, run(), 1)).aliases).toEqual([]);
  });
});

describe('outcomesText', () => {
  it('has one line a pipeline, its figures beside the reference of the same name', async () => {
    const text = outcomesText([await outcomeOf(api({ production: '2' }), summary, run(), 12.345)]);
    const rows = text.split('\n').map((line) => line.split('│').map((cell) => cell.trim()));
    const lineOf = (name: string) => rows.find((cells) => cells.includes(name));
    expect(lineOf('housing')).toEqual([
      '',
      'housing',
      'FINISHED',
      '2,930',
      'real',
      '2, 1 skipped',
      '12.3',
      'r2',
      '0.6636',
      '0.736',
      '61.24 kB',
      '2 (production)',
      '',
    ]);
    expect(lineOf('rmse')?.slice(7, 10)).toEqual(['rmse', '47,152', '46,008']);
    expect(lineOf('mae')?.slice(7, 10)).toEqual(['mae', '31,926', '']);
    expect(text).not.toContain('validation_r2');
    expect(text.trimEnd().split('\n').at(-1)).toBe('reference: scikit-learn 1.9, a forest of 100 trees');
  });

  it('says synthetic where the rows were made up, and names no reference', async () => {
    const tags = { 'data.rows': '2000', 'data.synthetic': 'true', 'model.version': '2' };
    const text = outcomesText([await outcomeOf(api({}), summary, run({ tags }), 1)]);
    expect(text).toContain('synthetic');
    expect(text).not.toContain('reference:');
  });

  it('writes large models in MB', async () => {
    const artifacts = [{ path: 'model/model.arbm', size: 25_600_000 }];
    expect(outcomesText([await outcomeOf(api({}), summary, run({ artifacts }), 1)])).toContain('25.6 MB');
  });
});
