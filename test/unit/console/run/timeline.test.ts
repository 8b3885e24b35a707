import { describe, expect, it } from 'vitest';
import { timeline } from '../../../../console/pages/run/timeline.ts';
import type { Detail } from '../../../../console/pages/run/types.ts';
import type { Stage, StageRecord } from '../../../../lib/tracking/types.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const now = Date.parse(at(100));
const record = (stage: Stage, from: number, to?: number, more: Partial<StageRecord> = {}): StageRecord => ({
  runId: 'a'.repeat(32),
  stage,
  status: to === undefined ? 'RUNNING' : 'DONE',
  attempt: 1,
  outputs: {},
  startedAt: at(from),
  ...(to !== undefined && { endedAt: at(to) }),
  ...more,
});
const wants = (...stages: Stage[]) =>
  record('plan', 0, 1, {
    outputs: { stages: Object.fromEntries(ALL.map((one) => [one, stages.includes(one)])) },
  });
const ALL: Stage[] = ['ingest', 'clean', 'train', 'evaluate', 'register', 'promote'];
const run = (status: Detail['status'], stages: StageRecord[], more: Partial<Detail> = {}): Detail => ({
  workspace: 'default',
  runId: 'a'.repeat(32),
  experimentId: '1',
  name: 'one',
  status,
  startTime: at(0),
  attempt: 1,
  lineage: {},
  tags: {},
  params: {},
  metrics: {},
  stages,
  artifacts: [],
  ...more,
});
const states = (detail: Detail) => timeline(detail, now).map(({ state }) => state);

describe('the stages of a run', () => {
  it('wait, run and are done while it works', () => {
    const stages = [wants(...ALL), record('ingest', 1, 11), record('clean', 11)];
    const steps = timeline(run('RUNNING', stages), now);
    expect(steps.map(({ state }) => state)).toEqual([
      ...['DONE', 'DONE', 'RUNNING', 'WAITING', 'WAITING', 'WAITING', 'WAITING'],
    ]);
    expect(steps.map(({ took }) => took)).toEqual([1_000, 10_000, 89_000, ...Array(4).fill(undefined)]);
    // The bar of what runs goes to the end.
    expect((steps[2]?.from ?? 0) + (steps[2]?.length ?? 0)).toBeCloseTo(1);
    expect(steps[1]?.from).toBeCloseTo(0.01);
  });

  it('fail with the reason and what to do; those after are not reached', () => {
    const error = { code: 'BAD_DATA', message: 'one class', remedy: 'Bring two.' };
    const stages = [
      wants(...ALL),
      record('ingest', 1, 2, { status: 'SKIPPED', note: 'unchanged since run b: skipped. 3 rows' }),
      record('clean', 2, 3, { status: 'FAILED', error }),
    ];
    const steps = timeline(
      run('FAILED', stages, { error: { ...error, stage: 'clean' }, endTime: at(3) }),
      now,
    );
    expect(steps.map(({ state }) => state)).toEqual([
      ...['DONE', 'SKIPPED', 'FAILED', 'NOT_REACHED', 'NOT_REACHED', 'NOT_REACHED', 'NOT_REACHED'],
    ]);
    expect(steps[2]).toMatchObject({ note: 'one class', remedy: 'Bring two.' });
    expect(steps.filter(({ canStart }) => canStart).map(({ stage }) => stage)).toEqual(['ingest', 'clean']);
  });

  it('fail where a function was lost, of which no record tells', () => {
    const error = { code: 'OUT_OF_TIME', message: 'lost', remedy: 'Retry.', stage: 'train' };
    const stages = [wants(...ALL), record('ingest', 1, 2), record('clean', 2, 3), record('train', 3)];
    const steps = timeline(run('FAILED', stages, { error, endTime: at(9) }), now);
    expect(steps[3]).toMatchObject({ state: 'FAILED', note: 'lost', took: 6_000 });
  });

  it('that another run did are taken over, those not asked for left out', () => {
    const note = 'not asked for: the result of run b is used';
    const taken = (stage: Stage) => record(stage, 1, 1, { status: 'SKIPPED', note });
    const stages = [
      wants('train', 'evaluate'),
      taken('ingest'),
      taken('clean'),
      record('train', 1, 3),
      record('evaluate', 3, 4),
    ];
    expect(states(run('FINISHED', stages, { endTime: at(4) }))).toEqual([
      ...['DONE', 'TAKEN', 'TAKEN', 'DONE', 'DONE', 'LEFT_OUT', 'LEFT_OUT'],
    ]);
  });

  it('count the models of train, and forget the bars of attempts before', () => {
    const items = [
      record('train', 3, 5, { item: '0' }),
      record('train', 3, 3, { item: '1', status: 'SKIPPED' }),
      record('train', 3, 4, { item: '2', status: 'FAILED' }),
    ];
    const stages = [wants(...ALL), record('ingest', 1, 2), record('clean', 2, 3), ...items].map((one) =>
      one.stage === 'plan' ? { ...one, attempt: 2, startedAt: at(50), endedAt: at(51) } : one,
    );
    const steps = timeline(run('RUNNING', stages, { attempt: 2 }), now);
    expect(steps[3]?.items).toEqual({ total: 3, done: 2, unchanged: 1, failed: 1 });
    expect(steps[1]?.took).toBeUndefined();
    expect(steps[0]).toMatchObject({ from: 0, took: 1_000 });
  });

  it('of a cancelled run end with it; of a run without stages there are none', () => {
    const stages = [wants(...ALL), record('ingest', 1)];
    expect(states(run('KILLED', stages, { endTime: at(5) })).slice(0, 3)).toEqual([
      'DONE',
      'KILLED',
      'NOT_REACHED',
    ]);
    expect(timeline(run('FINISHED', []), now)).toEqual([]);
  });
});
