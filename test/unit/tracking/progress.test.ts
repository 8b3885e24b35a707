import { beforeEach, describe, expect, it } from 'vitest';
import { PARENT_RUN_TAG, Runs, Stages, trainingProgress } from '../../../lib/tracking/index.ts';
import type { StageStatus } from '../../../lib/tracking/types.ts';
import { FixedClock, MemoryItemStore } from '../../support/memory.ts';

const item = (name: string, status: StageStatus, progress?: number) => ({
  stage: 'train' as const,
  item: name,
  status,
  ...(progress === undefined ? {} : { progress }),
});
const planned = (total: string) => ({ tags: { 'training.items': total } });

describe('progress of a training', () => {
  it('counts items with a result, and adds what those at work have done', () => {
    const stages = [
      item('0', 'DONE'),
      item('1', 'SKIPPED'),
      item('2', 'RUNNING', 0.5),
      item('3', 'RUNNING'),
      item('4', 'FAILED', 0.9),
    ];
    expect(trainingProgress(planned('10'), stages)).toEqual({ done: 2, total: 10, share: 0.25 });
  });

  it('looks at items of the train stage only', () => {
    const stages = [
      { stage: 'train' as const, item: undefined, status: 'DONE' as const },
      { stage: 'clean' as const, item: undefined, status: 'DONE' as const },
    ];
    expect(trainingProgress(planned('2'), stages)).toEqual({ done: 0, total: 2, share: 0 });
  });

  it('is unknown before the plan, and never above the whole', () => {
    expect(trainingProgress({ tags: {} }, [])).toBeUndefined();
    expect(trainingProgress(planned('many'), [])).toBeUndefined();
    expect(trainingProgress(planned('0'), [])).toBeUndefined();
    const more = [item('0', 'DONE'), item('1', 'DONE'), item('2', 'RUNNING', 1)];
    expect(trainingProgress(planned('1'), more)).toEqual({ done: 1, total: 1, share: 1 });
  });
});

describe('what a stage says of itself while it runs', () => {
  const ws = 'default';
  const ref = { runId: 'a'.repeat(32), stage: 'train' as const, item: '3', attempt: 2 };
  let stages: Stages;
  beforeEach(async () => {
    stages = new Stages(new MemoryItemStore(new FixedClock()), new FixedClock());
    await stages.start(ws, ref);
  });
  const told = async () => (await stages.find(ws, ref.runId, 'train', '3'))?.progress;

  it('is the last word, between 0 and 1', async () => {
    expect(await told()).toBeUndefined();
    await stages.progress(ws, ref, 0.25);
    expect(await told()).toBe(0.25);
    await stages.progress(ws, ref, 7);
    expect(await told()).toBe(1);
    await stages.progress(ws, ref, -1);
    expect(await told()).toBe(0);
  });

  it('is nothing where the stage has ended, is at another attempt, or never began', async () => {
    await stages.progress(ws, { ...ref, attempt: 1 }, 0.5);
    expect(await told()).toBeUndefined();
    await stages.done(ws, { ...ref, outputs: {} });
    await stages.progress(ws, ref, 0.5);
    expect(await told()).toBeUndefined();
    await stages.progress(ws, { ...ref, item: '9' }, 0.5);
    expect(await stages.find(ws, ref.runId, 'train', '9')).toBeUndefined();
  });

  it('is forgotten when the stage ends or begins again', async () => {
    await stages.progress(ws, ref, 0.5);
    await stages.done(ws, { ...ref, outputs: {} });
    expect(await told()).toBeUndefined();
    await stages.start(ws, { ...ref, attempt: 3 });
    expect(await told()).toBeUndefined();
  });
});

describe('child runs', () => {
  const ws = 'default';
  const id = (digit: string) => digit.repeat(32);
  let runs: Runs;
  beforeEach(async () => {
    runs = new Runs(new MemoryItemStore(new FixedClock()), new FixedClock());
    await runs.create(ws, { runId: id('a'), experimentId: '0', name: 'parent', pipeline: 'p' });
    for (const digit of ['1', '2']) {
      await runs.create(ws, {
        runId: id(digit),
        experimentId: '0',
        name: digit,
        pipeline: 'p',
        tags: { [PARENT_RUN_TAG]: id('a') },
      });
    }
  });
  const listed = async (filter: Parameters<Runs['list']>[1]) =>
    (await runs.list(ws, filter)).items.map(({ runId }) => runId).sort();

  it('stand in the list of their parent, and in no other', async () => {
    expect(await listed({ parentRunId: id('a') })).toEqual([id('1'), id('2')]);
    expect(await listed({})).toEqual([id('a')]);
    expect(await listed({ pipeline: 'p' })).toEqual([id('a')]);
    expect(await listed({ experimentId: '0' })).toEqual([id('a')]);
    expect(await listed({ parentRunId: id('1') })).toEqual([]);
  });

  it('are made once, and read by their own id', async () => {
    const again = { runId: id('1'), experimentId: '0', name: 'x', tags: { [PARENT_RUN_TAG]: id('a') } };
    expect(await runs.create(ws, again)).toBe('exists');
    expect((await runs.get(ws, id('1'))).name).toBe('1');
  });

  it('cannot name what is no run', async () => {
    await expect(runs.list(ws, { parentRunId: 'a#b' })).rejects.toMatchObject({ field: 'runId' });
    const stray = { runId: id('3'), experimentId: '0', name: 'x', tags: { [PARENT_RUN_TAG]: '../../x' } };
    // A client's tag may be any text: such a run is nobody's child, and stands in the list.
    await runs.create(ws, stray);
    expect((await runs.list(ws, {})).items.map(({ runId }) => runId)).toContain(id('3'));
  });
});
