import { describe, expect, it } from 'vitest';
import { askedFor, change, compareRows, direction } from '../../../../console/pages/compare/rows.ts';
import type { Run } from '../../../../lib/tracking/types.ts';

const run = (letter: string, more: Partial<Run> = {}): Run => ({
  workspace: 'default',
  runId: letter.repeat(32),
  experimentId: '1',
  name: letter,
  status: 'FINISHED',
  startTime: '2026-01-01T00:00:00.000Z',
  endTime: '2026-01-01T00:00:10.000Z',
  attempt: 1,
  lineage: {},
  tags: {},
  params: {},
  metrics: {},
  ...more,
});

describe('the runs that are asked for', () => {
  it('are ids, each once, ten at most', () => {
    const ids = Array.from({ length: 12 }, (_, i) => i.toString(16).repeat(32));
    expect(askedFor(['x', ids[0] ?? '', ids[0] ?? '', '<script>'])).toEqual([ids[0]]);
    expect(askedFor(ids)).toEqual(ids.slice(0, 10));
  });
});

describe('rows', () => {
  const a = run('a', {
    params: { trees: '10', seed: '1' },
    metrics: { rmse: 2, r2: 0.5, own: 1, candidate_rmse: 3 },
    lineage: { sourceSha256: 'f'.repeat(64), codeVersions: { clean: 'x' } },
    tags: { 'model.name': 'm', 'model.version': '1', note: 'hi' },
  });
  const b = run('b', {
    params: { trees: '20', seed: '1' },
    metrics: { rmse: 1, r2: 0.7, own: 2 },
    lineage: { sourceSha256: 'f'.repeat(64), codeVersions: { clean: 'y' } },
    endTime: '2026-01-01T00:00:30.000Z',
  });
  const rows = compareRows([a, b]);
  const row = (name: string) => rows.find((one) => one.name === name);

  it('say what differs, and what a run does not have', () => {
    expect(row('trees')).toMatchObject({ group: 'params', values: ['10', '20'], differs: true });
    expect(row('seed')?.differs).toBe(false);
    expect(row('source')?.differs).toBe(false);
    expect(row('code of clean')?.differs).toBe(true);
    expect(row('version')?.values).toEqual(['m 1', undefined]);
    expect(row('seconds')?.values).toEqual([10, 30]);
    expect(row('note')).toMatchObject({ group: 'tags', values: ['hi', undefined] });
    // What another row says is not said twice, and what nobody has is no row.
    expect(row('model.name')).toBeUndefined();
    expect(row('Node.js')).toBeUndefined();
  });

  it('name the best of a metric whose better side is known', () => {
    expect(row('rmse')?.best).toEqual([1]);
    expect(row('r2')?.best).toEqual([1]);
    expect(row('own')?.best).toEqual([]);
    expect(row('candidate_rmse')?.best).toEqual([]);
    expect(compareRows([a, a]).find(({ name }) => name === 'rmse')?.best).toEqual([]);
    const metrics = rows.filter(({ group }) => group === 'metrics').map(({ name }) => name);
    expect(metrics).toEqual(['own', 'r2', 'rmse', 'candidate_rmse']);
  });

  it('hold figures against the first run, less error being better', () => {
    expect(change(row('rmse')!, 1)).toEqual({ by: -1, isBetter: true });
    expect(change(row('own')!, 1)).toEqual({ by: 1, isBetter: undefined });
    expect(change(row('rmse')!, 0)).toBeUndefined();
    expect(change(row('trees')!, 1)).toBeUndefined();
    expect([direction('validation_rmse'), direction('cv_accuracy'), direction('mine')]).toEqual([
      ...['minimize', 'maximize', undefined],
    ]);
  });
});
