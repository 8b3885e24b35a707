import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors/index.ts';
import { BadCursorError } from '../../../lib/store/errors.ts';
import { NotRetryableError, ParamChangedError, RunEndedError } from '../../../lib/tracking/index.ts';
import { newRun, OTHER_RUN, RUN, runId, type World, WS, world } from './helpers.ts';

describe('Runs', () => {
  let w: World;
  beforeEach(() => {
    w = world();
  });

  it('makes a run once; the same id again changes nothing', async () => {
    const first = newRun(RUN, {
      pipeline: 'housing',
      trigger: 'caller',
      params: { a: '1' },
      tags: { t: 'x' },
    });
    expect(await w.runs.create(WS, first)).toBe('created');
    expect(await w.runs.create(WS, newRun(RUN, { name: 'other', params: { a: '2' } }))).toBe('exists');
    expect(await w.runs.get(WS, RUN)).toEqual({
      workspace: WS,
      runId: RUN,
      experimentId: '1',
      name: 'first',
      status: 'SCHEDULED',
      startTime: '2026-03-01T12:00:00.000Z',
      pipeline: 'housing',
      trigger: 'caller',
      attempt: 1,
      lineage: {},
      params: { a: '1' },
      tags: { t: 'x' },
      metrics: {},
    });
  });

  it('has one maker among many', async () => {
    const tries = Array.from({ length: 10 }, () => w.runs.create(WS, newRun()));
    expect((await Promise.all(tries)).filter((result) => result === 'created')).toHaveLength(1);
    expect((await w.runs.list(WS)).items).toHaveLength(1);
  });

  it('says what it does not know', async () => {
    await expect(w.runs.get(WS, RUN)).rejects.toThrow(NotFoundError);
    expect(await w.runs.find(WS, RUN)).toBeUndefined();
    await expect(w.runs.setTags(WS, RUN, { a: 'b' })).rejects.toThrow(NotFoundError);
    await expect(w.runs.finish(WS, RUN, { status: 'FINISHED' })).rejects.toThrow(NotFoundError);
    await expect(w.runs.logMetrics(WS, RUN, [{ key: 'k', value: 1, step: 0, timestamp: 0 }])).rejects.toThrow(
      NotFoundError,
    );
    expect(w.items.dump()).toEqual([]);
  });

  it('refuses ids, values and times that break a rule, and writes nothing', async () => {
    const refused = [
      { runId: 'A'.repeat(32) },
      { runId: 'abc' },
      { experimentId: 'one' },
      { pipeline: 'Not OK' },
      { startTime: 'yesterday' },
      { params: { '': 'x' } },
      { params: { a: 'x'.repeat(6001) } },
      { tags: { [`${'k'.repeat(251)}`]: 'x' } },
      { tags: { a: 1 as unknown as string } },
    ];
    for (const more of refused)
      await expect(w.runs.create(WS, newRun(RUN, more))).rejects.toThrow(InvalidInputError);
    expect(w.items.dump()).toEqual([]);
  });

  describe('listing', () => {
    beforeEach(async () => {
      for (let i = 0; i < 7; i += 1) {
        const pipeline = i % 2 ? 'odd' : 'even';
        const startTime = `2026-01-0${i + 1}T00:00:00.000Z`;
        await w.runs.create(WS, newRun(runId(i), { pipeline, startTime, experimentId: String(i % 3) }));
      }
    });
    const ids = (page: { items: { runId: string }[] }) =>
      page.items.map((run) => Number.parseInt(run.runId, 16));

    it('is newest first, by pipeline and by experiment', async () => {
      expect(ids(await w.runs.list(WS))).toEqual([6, 5, 4, 3, 2, 1, 0]);
      expect(ids(await w.runs.list(WS, { pipeline: 'odd' }))).toEqual([5, 3, 1]);
      expect(ids(await w.runs.list(WS, { experimentId: '0' }))).toEqual([6, 3, 0]);
      expect(ids(await w.runs.list(WS, { experimentId: '0', pipeline: 'even' }))).toEqual([6, 0]);
    });

    it('pages, and refuses the cursor of another list', async () => {
      const first = await w.runs.list(WS, { limit: 3 });
      const rest = await w.runs.list(WS, { limit: 10, cursor: first.cursor });
      expect([...ids(first), ...ids(rest)]).toEqual([6, 5, 4, 3, 2, 1, 0]);
      await expect(w.runs.list(WS, { pipeline: 'odd', cursor: first.cursor })).rejects.toThrow(
        BadCursorError,
      );
      await expect(w.runs.list('other', { cursor: first.cursor })).rejects.toThrow(BadCursorError);
    });
  });

  describe('status', () => {
    beforeEach(() => w.runs.create(WS, newRun()));
    const error = { stage: 'train', code: 'X', message: 'm', remedy: 'r' };

    it('begins, and begins again without change', async () => {
      expect((await w.runs.begin(WS, RUN)).status).toBe('RUNNING');
      const writes = w.items.writes;
      expect((await w.runs.begin(WS, RUN)).status).toBe('RUNNING');
      expect(w.items.writes).toBe(writes);
    });

    it('ends once: the first end stands', async () => {
      await w.runs.begin(WS, RUN);
      const ended = await w.runs.finish(WS, RUN, { status: 'KILLED', error });
      expect(ended).toMatchObject({ status: 'KILLED', error });
      const again = await w.runs.finish(WS, RUN, { status: 'FINISHED' });
      expect(again).toEqual(ended);
      expect(await w.runs.get(WS, RUN)).toEqual(ended);
      await expect(w.runs.begin(WS, RUN)).rejects.toThrow(RunEndedError);
      await expect(w.runs.requestCancel(WS, RUN)).rejects.toThrow(RunEndedError);
    });

    it('has one end among racing ones', async () => {
      const ends = await Promise.all(
        (['FINISHED', 'FAILED', 'KILLED'] as const).map((status) => w.runs.finish(WS, RUN, { status })),
      );
      expect(new Set(ends.map((run) => `${run.status} ${run.endTime}`)).size).toBe(1);
    });

    it('asks for the end, twice if need be', async () => {
      expect((await w.runs.requestCancel(WS, RUN)).cancelRequested).toBe(true);
      expect((await w.runs.requestCancel(WS, RUN)).cancelRequested).toBe(true);
    });

    it('opens a failed run again, once for all callers', async () => {
      await w.runs.requestCancel(WS, RUN);
      await w.runs.finish(WS, RUN, { status: 'FAILED', error });
      const tries = await Promise.allSettled(Array.from({ length: 5 }, () => w.runs.nextAttempt(WS, RUN)));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const run = await w.runs.get(WS, RUN);
      expect(run).toMatchObject({ status: 'RUNNING', attempt: 2 });
      for (const gone of ['error', 'endTime', 'cancelRequested']) expect(run).not.toHaveProperty(gone);
      await expect(w.runs.nextAttempt(WS, RUN)).rejects.toThrow(NotRetryableError);
      expect((await w.runs.nextAttempt(WS, RUN, 1)).attempt).toBe(2);
    });

    it('opens no run that finished, nor one of another attempt than the caller saw', async () => {
      await w.runs.finish(WS, RUN, { status: 'FAILED' });
      await expect(w.runs.nextAttempt(WS, RUN, 7)).rejects.toThrow(NotRetryableError);
      await w.runs.nextAttempt(WS, RUN, 1);
      await w.runs.finish(WS, RUN, { status: 'FINISHED' });
      await expect(w.runs.nextAttempt(WS, RUN)).rejects.toThrow(NotRetryableError);
    });

    it('ignores the late end of an earlier attempt', async () => {
      await w.runs.finish(WS, RUN, { status: 'FAILED', attempt: 1 });
      await w.runs.nextAttempt(WS, RUN);
      expect((await w.runs.finish(WS, RUN, { status: 'KILLED', attempt: 1 })).status).toBe('RUNNING');
      expect((await w.runs.finish(WS, RUN, { status: 'FINISHED', attempt: 2 })).status).toBe('FINISHED');
    });
  });

  describe('logging', () => {
    beforeEach(() => w.runs.create(WS, newRun()));
    const point = (key: string, value: number, step = 0, timestamp = 0) => ({ key, value, step, timestamp });

    it('keeps params: the same value is fine, another is not, and then nothing is written', async () => {
      await w.runs.logParams(WS, RUN, { a: '1' });
      await w.runs.logParams(WS, RUN, { a: '1', b: '' });
      const changed = w.runs.logBatch(WS, RUN, {
        params: { c: '3', a: '2' },
        tags: { t: 'x' },
        metrics: [point('m', 1)],
      });
      await expect(changed).rejects.toThrow(ParamChangedError);
      expect(await w.runs.get(WS, RUN)).toMatchObject({ params: { a: '1', b: '' }, tags: {}, metrics: {} });
      expect((await w.runs.metricHistory(WS, RUN, 'm')).items).toEqual([]);
    });

    it('lets the last tag stand', async () => {
      await w.runs.setTags(WS, RUN, { a: '1' });
      await w.runs.setTags(WS, RUN, { a: '2', b: 'ü#' });
      expect((await w.runs.get(WS, RUN)).tags).toEqual({ a: '2', b: 'ü#' });
    });

    it('keeps hostile keys as they are', async () => {
      const tags = JSON.parse('{"__proto__": "p", "constructor": "c", "a#b%": "d", "toString": "e"}');
      await w.runs.setTags(WS, RUN, tags);
      expect(Object.entries((await w.runs.get(WS, RUN)).tags)).toEqual(Object.entries(tags));
    });

    it('counts a point once, and keeps history by step, time and value', async () => {
      const points = [point('m', 2, 1, 5), point('m', 1, 1, 5), point('m', 9, -3, 100), point('m', 3, 1, 4)];
      await w.runs.logMetrics(WS, RUN, points);
      await w.runs.logMetrics(WS, RUN, points);
      const { items } = await w.runs.metricHistory(WS, RUN, 'm');
      expect(items.map((found) => found.value)).toEqual([9, 3, 1, 2]);
      expect((await w.runs.get(WS, RUN)).metrics).toEqual({ m: 2 });
    });

    it('knows the latest by step, then time, then value, in whatever order they come', async () => {
      const points = [point('m', 5, 2, 1), point('m', 7, 1, 9), point('m', 1, 2, 0), point('m', 4, 2, 1)];
      for (const each of points) await w.runs.logMetrics(WS, RUN, [each]);
      expect((await w.runs.get(WS, RUN)).metrics).toEqual({ m: 5 });
    });

    it('keeps every float', async () => {
      const values = [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        5e-324,
        1.7976931348623157e308,
        0.1 + 0.2,
      ];
      await w.runs.logMetrics(
        WS,
        RUN,
        values.map((value, i) => point(`m${i}`, value)),
      );
      const { metrics } = await w.runs.get(WS, RUN);
      expect(values.map((_, i) => metrics[`m${i}`])).toEqual(values);
      expect((await w.runs.metricHistory(WS, RUN, 'm0')).items[0]!.value).toBeNaN();
    });

    it('refuses a step or time that is no integer, and a value that is no number', async () => {
      for (const bad of [
        point('m', 1, 0.5),
        point('m', 1, 0, Number.NaN),
        point('m', 1, 2 ** 60),
        point('m', '1' as never),
      ]) {
        await expect(w.runs.logMetrics(WS, RUN, [bad])).rejects.toThrow(InvalidInputError);
      }
      expect((await w.runs.metricHistory(WS, RUN, 'm')).items).toEqual([]);
    });

    it('loses nothing of eight writers at once', async () => {
      const writers = Array.from({ length: 8 }, async (_, i) => {
        for (let n = 0; n < 5; n += 1) {
          await w.runs.logBatch(WS, RUN, {
            params: { [`p${i}-${n}`]: 'x' },
            tags: { [`t${i}`]: String(n) },
            metrics: [point('shared', i * 10 + n, n, i)],
          });
        }
      });
      await Promise.all(writers);
      const run = await w.runs.get(WS, RUN);
      expect(Object.keys(run.params)).toHaveLength(40);
      expect(Object.values(run.tags)).toEqual(Array(8).fill('4'));
      expect(run.metrics).toEqual({ shared: 74 });
      expect((await w.runs.metricHistory(WS, RUN, 'shared', { limit: 100 })).items).toHaveLength(40);
    });

    it('holds 10,000 params in items under 400 KB', async () => {
      for (let n = 0; n < 5; n += 1) {
        const params = Object.fromEntries(
          Array.from({ length: 2_000 }, (_, i) => [`p${n}-${i}`, `${i}`.repeat(20)]),
        );
        await w.runs.logParams(WS, RUN, params);
      }
      await w.runs.setTags(WS, RUN, { last: 'one' });
      const run = await w.runs.get(WS, RUN);
      expect(Object.keys(run.params)).toHaveLength(10_000);
      expect(run.tags).toEqual({ last: 'one' });
      const sizes = w.items.dump().map((item) => JSON.stringify(item).length);
      expect(Math.max(...sizes)).toBeLessThan(400_000);
    });
  });

  it('merges lineage', async () => {
    await w.runs.create(WS, newRun());
    await w.runs.setLineage(WS, RUN, {
      codeVersions: { ingest: 'a' },
      nodeVersion: 'v24',
      parentVersions: ['m/2'],
    });
    await Promise.all([
      w.runs.setLineage(WS, RUN, { codeVersions: { clean: 'b' }, sourceSha256: undefined }),
      w.runs.setLineage(WS, RUN, { parentVersions: ['m/1', 'm/2'] }),
    ]);
    expect((await w.runs.get(WS, RUN)).lineage).toEqual({
      codeVersions: { ingest: 'a', clean: 'b' },
      nodeVersion: 'v24',
      parentVersions: ['m/1', 'm/2'],
    });
  });

  it('records artifacts by path, and lets none leave the run', async () => {
    const artifact = (path: string, size = 1) => ({ path, key: `${WS}/x`, size, contentType: 'text/plain' });
    await w.runs.addArtifact(WS, RUN, artifact('b/ü #%.txt'));
    await w.runs.addArtifact(WS, RUN, artifact('a.txt'));
    await w.runs.addArtifact(WS, RUN, artifact('a.txt', 2));
    expect(await w.runs.listArtifacts(WS, RUN)).toEqual([artifact('a.txt', 2), artifact('b/ü #%.txt')]);
    expect(await w.runs.listArtifacts(WS, OTHER_RUN)).toEqual([]);
    for (const path of [
      '',
      '/a',
      '../a',
      'a/../b',
      'a//b',
      'a/./b',
      'a\\b',
      'a/',
      'a\u0000b',
      'x'.repeat(901),
    ]) {
      await expect(w.runs.addArtifact(WS, RUN, artifact(path))).rejects.toThrow(InvalidInputError);
    }
  });
});
