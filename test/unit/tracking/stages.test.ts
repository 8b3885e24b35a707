import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import { RUN, SHA, type World, WS, world } from './helpers.ts';

const ref = (stage: 'ingest' | 'train' | 'clean', attempt = 1, item?: string) => ({
  runId: RUN,
  stage,
  attempt,
  item,
});
const error = { code: 'X', message: 'm', remedy: 'r' };

describe('Stages', () => {
  let w: World;
  beforeEach(() => {
    w = world();
  });

  it('records start and end', async () => {
    const started = await w.stages.start(WS, { ...ref('ingest'), contentKey: SHA });
    expect(started).toEqual({
      runId: RUN,
      stage: 'ingest',
      status: 'RUNNING',
      attempt: 1,
      contentKey: SHA,
      outputs: {},
      startedAt: started.startedAt,
    });
    const done = await w.stages.done(WS, {
      ...ref('ingest'),
      outputs: { key: 'a', n: 1e-200 },
      note: '3 rows',
    });
    expect(done).toMatchObject({
      status: 'DONE',
      contentKey: SHA,
      outputs: { key: 'a', n: 1e-200 },
      note: '3 rows',
    });
    expect(done.startedAt).toBe(started.startedAt);
    expect(await w.stages.find(WS, RUN, 'ingest')).toEqual(done);
    expect(await w.stages.find(WS, RUN, 'clean')).toBeUndefined();
  });

  it('records failures and skips', async () => {
    await w.stages.fail(WS, { ...ref('ingest'), error });
    await w.stages.skip(WS, { ...ref('clean'), outputs: { a: 1 }, note: 'unchanged' });
    expect(await w.stages.list(WS, RUN)).toMatchObject([
      { stage: 'ingest', status: 'FAILED', error },
      { stage: 'clean', status: 'SKIPPED', outputs: { a: 1 }, note: 'unchanged' },
    ]);
  });

  it('lists in the order of the work, Map items by number', async () => {
    for (const item of ['10', '2', '0', undefined]) await w.stages.start(WS, ref('train', 1, item));
    await w.stages.start(WS, ref('clean'));
    await w.stages.start(WS, ref('ingest'));
    const records = await w.stages.list(WS, RUN);
    expect(records.map(({ stage, item }) => [stage, item])).toEqual([
      ['ingest', undefined],
      ['clean', undefined],
      ['train', undefined],
      ['train', '0'],
      ['train', '2'],
      ['train', '10'],
    ]);
  });

  it('lets no late word of an earlier attempt through', async () => {
    await w.stages.start(WS, ref('train', 2));
    const late = await w.stages.done(WS, { ...ref('train', 1), outputs: { old: true } });
    expect(late).toMatchObject({ attempt: 2, status: 'RUNNING' });
    await w.stages.fail(WS, { ...ref('train', 1), error });
    expect(await w.stages.find(WS, RUN, 'train')).toMatchObject({
      attempt: 2,
      status: 'RUNNING',
      outputs: {},
    });
  });

  it('keeps what the attempt has done, whoever else fails at it; begun again, it may fail', async () => {
    const done = await w.stages.done(WS, { ...ref('ingest'), outputs: { rows: 3 } });
    expect(await w.stages.fail(WS, { ...ref('ingest'), error })).toEqual(done);
    const skipped = await w.stages.skip(WS, { ...ref('clean'), outputs: { rows: 3 }, note: 'unchanged' });
    expect(await w.stages.fail(WS, { ...ref('clean'), error })).toEqual(skipped);
    await w.stages.start(WS, ref('clean'));
    expect(await w.stages.fail(WS, { ...ref('clean'), error })).toMatchObject({
      status: 'FAILED',
      outputs: {},
    });
    expect(await w.stages.fail(WS, { ...ref('ingest', 2), error })).toMatchObject({
      status: 'FAILED',
      attempt: 2,
    });
  });

  it('keeps it too where it is done between the look at the record and the write of the failure', async () => {
    await w.stages.start(WS, ref('ingest'));
    const outcomes = await Promise.all([
      w.stages.done(WS, { ...ref('ingest'), outputs: { rows: 3 } }),
      w.stages.fail(WS, { ...ref('ingest'), error }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['DONE', 'DONE']);
    expect(await w.stages.find(WS, RUN, 'ingest')).toMatchObject({ status: 'DONE', outputs: { rows: 3 } });
  });

  it('forgets the error of the attempt before', async () => {
    await w.stages.fail(WS, { ...ref('train', 1), error });
    await w.stages.start(WS, ref('train', 2));
    expect(await w.stages.find(WS, RUN, 'train')).not.toHaveProperty('error');
  });

  it('remembers results by content key; the latest stands', async () => {
    const entry = {
      contentKey: SHA,
      stage: 'clean' as const,
      outputs: { a: 1 },
      runId: RUN,
      createdAt: 'now',
    };
    expect(await w.stages.cached(WS, SHA)).toBeUndefined();
    await w.stages.remember(WS, entry);
    await w.stages.remember(WS, { ...entry, outputs: { a: 2 } });
    expect(await w.stages.cached(WS, SHA)).toEqual({ ...entry, outputs: { a: 2 } });
    expect(await w.stages.cached('other', SHA)).toBeUndefined();
    await expect(w.stages.cached(WS, 'not a hash')).rejects.toThrow(InvalidInputError);
  });
});
