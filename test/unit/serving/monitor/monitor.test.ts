import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DriftReport } from '../../../../lib/serving/monitor/index.ts';
import { hasNews, watchModel, watchModels } from '../../../../lib/serving/monitor/monitor.ts';
import { HOUR, labelOf, MINUTE, MODEL, type WatchedWorld, WS, watchedWorld } from './support.ts';

let world: WatchedWorld;
beforeAll(async () => {
  await watchedWorld();
}, 60_000);
beforeEach(async () => {
  world = await watchedWorld();
});

const look = (asked = false) => watchModel(world.monitor, WS, MODEL, { asked });
const day = () => world.monitoring.traffic(WS, MODEL, { by: 'day' });
const runs = async () =>
  (await world.deps.runs.list(WS, { pipeline: MODEL })).items.filter((run) => run.trigger === 'event');

describe('traffic', () => {
  it('counts requests, rows, failures and latencies by version, shadows apart', async () => {
    await world.answer(1);
    await world.answer(3, { latencyMs: 100, shadows: [{ version: '2', latencyMs: 40 }] });
    await world.answer(1, { predictions: [], error: { code: 'MODEL_FILE_BROKEN' }, latencyMs: 5 });
    await world.answer(1, {
      failedOver: { version: '3', latencyMs: 7, error: { code: 'MODEL_FILE_BROKEN' } },
    });
    world.clock.advance(MINUTE);
    expect(await look()).toMatchObject({ requests: 4, labels: 0 });
    const buckets = await day();
    expect(
      buckets.map(({ version, shadow, requests, rows, errors }) => [version, shadow, requests, rows, errors]),
    ).toEqual([
      ['1', undefined, 4, 5, 1],
      ['2', true, 1, 3, 0],
      ['3', undefined, 1, 0, 1],
    ]);
    const [own] = buckets;
    expect(own!.latencyMs.p50! / 10).toBeCloseTo(1, 1);
    expect(own!.latencyMs.p99! / 100).toBeCloseTo(1, 1);
  });

  it('is none of it what tries a version', async () => {
    await world.answer(1);
    await world.answer(1, { probe: true, latencyMs: 900 });
    await world.answer(300, { probe: true, shift: 60 });
    world.clock.advance(MINUTE);
    expect(await look()).toMatchObject({ requests: 1 });
    expect(await day()).toMatchObject([{ version: '1', requests: 1, rows: 1 }]);
    expect((await look()).requests).toBe(0);
  });

  it('leaves what is younger than 40 s to the next look, and then counts it once', async () => {
    await world.answer(1);
    world.clock.advance(39_000);
    expect(await look()).toMatchObject({ requests: 0 });
    world.clock.advance(2_000);
    expect(await look()).toMatchObject({ requests: 1 });
    expect(await look()).toMatchObject({ requests: 0 });
    expect((await day())[0]!.requests).toBe(1);
  });

  it('is in buckets of five minutes, an hour and a day', async () => {
    for (let i = 0; i < 3; i++) {
      await world.answer(1);
      world.clock.advance(4 * MINUTE);
    }
    await look();
    const at = async (by: '5m' | 'hour') =>
      (await world.monitoring.traffic(WS, MODEL, { by })).map((one) => [one.at.slice(11, 16), one.requests]);
    expect(await at('5m')).toEqual([
      ['00:00', 2],
      ['00:05', 1],
    ]);
    expect(await at('hour')).toEqual([['00:00', 3]]);
  });

  it('counts each request once where many look at the same time', async () => {
    for (let i = 0; i < 30; i++) await world.answer(1);
    world.clock.advance(MINUTE);
    await Promise.all(Array.from({ length: 6 }, () => look()));
    expect((await day())[0]).toMatchObject({ requests: 30, rows: 30 });
  });

  it('refuses a time that ends before it begins, and one of too many buckets', async () => {
    const asked = { from: '2026-01-02T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' };
    await expect(world.monitoring.traffic(WS, MODEL, asked)).rejects.toMatchObject({ field: 'from' });
    const wide = { from: '2020-01-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z', by: '5m' as const };
    await expect(world.monitoring.traffic(WS, MODEL, wide)).rejects.toMatchObject({ field: 'from' });
  });
});

describe('an idle model', () => {
  it('costs three reads and no write', async () => {
    await world.answer(1);
    world.clock.advance(MINUTE);
    await look();
    const [reads, writes] = [world.items.reads, world.items.writes];
    expect(await hasNews(world.monitor, WS, MODEL)).toBe(false);
    expect([world.items.reads - reads, world.items.writes - writes]).toEqual([3, 0]);
    const told: object[] = [];
    expect(await watchModels(world.monitor, WS, (line) => told.push(line))).toEqual([]);
    expect([world.items.writes - writes, told]).toEqual([0, []]);
  });

  it('is looked at again once there is something new, and a failing one does not keep others', async () => {
    await world.answer(1);
    world.clock.advance(MINUTE);
    const looks = await watchModels(world.monitor, WS, () => undefined);
    expect(looks.map(({ model, requests }) => [model, requests])).toEqual([[MODEL, 1]]);
    await world.answer(1);
    world.clock.advance(MINUTE);
    const told: Record<string, unknown>[] = [];
    const broken = {
      ...world.monitor,
      rules: () => {
        throw new Error('no rules');
      },
    };
    expect(await watchModels(broken, WS, (line) => told.push(line))).toEqual([]);
    expect(told).toEqual([
      expect.objectContaining({ message: 'watch failed', model: MODEL, error: 'Error: no rules' }),
    ]);
    // What the failed look had counted is still judged by the next.
    expect(await hasNews(world.monitor, WS, MODEL)).toBe(true);
  });
});

describe('drift', () => {
  it('is judged once the window is over: an hour with rows enough', async () => {
    await world.answer(150);
    world.clock.advance(MINUTE);
    expect((await look()).reports).toEqual([]);
    world.clock.advance(HOUR);
    const { reports, alarms } = await look();
    expect(reports).toMatchObject([{ version: '1', rows: 150, status: 'ok', drifted: [] }]);
    expect(alarms).toMatchObject(
      [
        { name: 'drift', state: 'ok' },
        { name: 'accuracy', state: 'ok' },
      ].reverse(),
    );
    expect((await look()).reports).toEqual([]);
    expect(world.events.events.filter(({ detailType }) => detailType.startsWith('Model Alarm'))).toEqual([]);
  });

  it('is not of rows that a switch of versions was tried with', async () => {
    await world.answer(120);
    for (let i = 0; i < 30; i++) await world.answer(1, { probe: true, shift: 500 });
    await world.answer(150, { probe: true, shift: 500 });
    world.clock.advance(MINUTE);
    const { reports, alarms } = await look(true);
    expect(reports).toMatchObject([{ version: '1', rows: 120, status: 'ok', drifted: [] }]);
    expect(alarms.every(({ state }) => state === 'ok')).toBe(true);
  });

  it('waits for rows up to a day, and raises no alarm on 50', async () => {
    await world.answer(50, { shift: 500 });
    world.clock.advance(2 * HOUR);
    expect((await look()).reports).toEqual([]);
    world.clock.advance(23 * HOUR);
    const { reports, alarms } = await look();
    expect(reports).toMatchObject([{ rows: 50, status: 'too-few-rows', drifted: [] }]);
    expect(alarms.every(({ state }) => state === 'ok')).toBe(true);
  });

  it('raises an alarm, tells it once, writes its metrics and starts one run in a window', async () => {
    await world.answer(300, { shift: 60 });
    world.clock.advance(MINUTE);
    const { reports, alarms } = await look(true);
    expect(reports).toMatchObject([{ status: 'drift', drifted: expect.arrayContaining(['x']) }]);
    const drift = alarms.find(({ name }) => name === 'drift')!;
    expect(drift).toMatchObject({ state: 'alarm', version: '1', reason: expect.stringContaining('x') });
    const [run] = await runs();
    expect(drift.runId).toBe(run!.runId);
    await look(true);
    // More drift in the same day: another report, no other run.
    await world.answer(300, { shift: 70 });
    world.clock.advance(HOUR);
    expect((await look(true)).reports).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
    const told = world.events.events.filter(({ detailType }) => detailType === 'Model Alarm');
    expect(told).toEqual([
      {
        detailType: 'Model Alarm',
        detail: expect.objectContaining({
          workspace: WS,
          model: MODEL,
          alarm: 'drift',
          state: 'alarm',
          runId: run!.runId,
        }),
      },
    ]);
    expect(world.measured()).toEqual([
      ['ModelDrift', expect.any(Number), 'test', WS, MODEL],
      ['ModelAlarms', 1, 'test', undefined, undefined],
      ['ModelDrift', expect.any(Number), 'test', WS, MODEL],
    ]);
    // The next day is another window.
    world.clock.advance(24 * HOUR);
    await world.answer(300, { shift: 70 });
    world.clock.advance(MINUTE);
    await look(true);
    expect(await runs()).toHaveLength(2);
  });

  it('is written as a number of its champion alone', async () => {
    const { registry } = world.monitor;
    const measured = async (production: string) => {
      await world.answer(300, { shift: 60 });
      world.clock.advance(MINUTE);
      const getModel: typeof registry.getModel = async (ws, name) => {
        const model = await registry.getModel(ws, name);
        return { ...model, aliases: { ...model.aliases, production } };
      };
      const version: typeof registry.getVersion = (ws, name, which) => registry.getVersion(ws, name, which);
      const listModels: typeof registry.listModels = (...sent) => registry.listModels(...sent);
      const deps = { ...world.monitor, registry: { getModel, getVersion: version, listModels } };
      const { reports } = await watchModel(deps, WS, MODEL, { asked: true });
      expect(reports).toMatchObject([{ version: '1', status: 'drift' }]);
      return world.measured().filter(([name]) => name === 'ModelDrift').length;
    };
    expect(await measured('2')).toBe(0);
    expect(await measured('1')).toBe(1);
  });

  it('ends its alarm once a later report finds nothing', async () => {
    await world.answer(300, { shift: 60 });
    world.clock.advance(MINUTE);
    await look(true);
    await world.answer(300);
    world.clock.advance(MINUTE);
    const { alarms } = await look(true);
    expect(alarms.find(({ name }) => name === 'drift')).toMatchObject({ state: 'ok' });
    expect(world.events.events.at(-1)).toMatchObject({
      detailType: 'Model Alarm Ended',
      detail: { alarm: 'drift' },
    });
  });

  it('gives the whole report by its id, to its model only', async () => {
    await world.answer(200, { shift: 60 });
    world.clock.advance(MINUTE);
    const { reports } = await look(true);
    const listed = await world.monitoring.reports(WS, MODEL, {});
    expect(listed.items).toEqual(reports);
    const report: DriftReport = await world.monitoring.report(WS, MODEL, reports[0]!.id);
    expect(report).toMatchObject({
      ...reports[0],
      prediction: { name: 'prediction', test: 'chi2' },
      notes: [],
    });
    const x = report.features.find(({ name }) => name === 'x')!;
    expect(x.reasons).toEqual(['distribution']);
    expect(x.bins.reduce((sum, { current }) => sum + current, 0)).toBeCloseTo(1, 10);
    for (const id of ['no-such', 'f'.repeat(32)]) {
      await expect(world.monitoring.report(WS, MODEL, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(world.monitoring.report(WS, 'other', reports[0]!.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('labels', () => {
  const label = (requestId: string, values: string[]) =>
    world.monitoring.feedback(
      WS,
      MODEL,
      values.map((one, row) => ({ requestId, row, label: one, field: `labels[${row}]` })),
    );

  it('give accuracy by the time of the prediction, and a correction takes the old label out', async () => {
    const { requestId, predictions } = await world.answer(4);
    const right = predictions.map(({ prediction }) => labelOf(prediction, true));
    const wrong = predictions.map(({ prediction }, i) => labelOf(prediction, i > 0));
    expect(await label(requestId, wrong)).toEqual({ accepted: 4, corrected: 0, unchanged: 0 });
    expect(await label(requestId, wrong)).toEqual({ accepted: 0, corrected: 0, unchanged: 4 });
    world.clock.advance(2 * HOUR);
    expect(await look()).toMatchObject({ labels: 1 });
    const hour = async () => (await world.monitoring.traffic(WS, MODEL, { by: 'hour' }))[0];
    expect(await hour()).toMatchObject({
      at: '2026-01-01T00:00:00.000Z',
      labels: 4,
      metrics: { accuracy: 0.75 },
    });
    expect(await label(requestId, right)).toEqual({ accepted: 0, corrected: 1, unchanged: 3 });
    world.clock.advance(MINUTE);
    await look();
    expect(await hour()).toMatchObject({ labels: 4, metrics: { accuracy: 1 } });
  });

  it('raise the alarm of whenBelow from minLabels on, and start the run that it asks for', async () => {
    const { requestId, predictions } = await world.answer(30);
    const wrong = predictions.map(({ prediction }) => labelOf(prediction, false));
    await label(requestId, wrong.slice(0, 19));
    world.clock.advance(MINUTE);
    const few = (await look()).alarms.find(({ name }) => name === 'accuracy');
    expect(few).toMatchObject({ state: 'ok', reason: expect.stringContaining('19 of the 20 labels') });
    await label(requestId, wrong);
    world.clock.advance(MINUTE);
    const { alarms } = await look();
    const accuracy = alarms.find(({ name }) => name === 'accuracy')!;
    expect(accuracy).toMatchObject({ state: 'alarm', reason: expect.stringContaining('below 0.6') });
    expect((await runs()).map(({ runId }) => runId)).toEqual([accuracy.runId]);
    expect(world.measured().map(([name, value]) => [name, value])).toEqual([
      ['ModelQuality', 0],
      ['ModelQuality', 0],
      ['ModelAlarms', 1],
    ]);
  });
});
