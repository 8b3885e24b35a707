import { beforeEach, describe, expect, it } from 'vitest';
import { judgeAlarms } from '../../../../lib/serving/monitor/alarms.ts';
import type { MetricRule, WatchRules } from '../../../../lib/serving/monitor/types.ts';
import type { DriftSummary } from '../../../../lib/tracking/monitoring/index.ts';
import { CrashError } from '../../../support/memory.ts';
import { type BareMonitor, bareMonitor, HOUR, MODEL, NOON, WS } from './bare.ts';

const DAY = 86_400;
const metric = (more: Partial<MetricRule> = {}): MetricRule => ({
  metric: 'accuracy',
  wrong: 'below',
  threshold: 0.6,
  minLabels: 20,
  over: DAY,
  ...more,
});
const watching = (rule: MetricRule): WatchRules => ({ pipeline: 'p', metric: rule });
const onDrift: WatchRules = { pipeline: 'p', whenDrift: { window: DAY } };
const ago = (milliseconds: number) => new Date(Date.parse(NOON) - milliseconds).toISOString();

let bare: BareMonitor;
beforeEach(() => {
  bare = bareMonitor();
});
const judge = () => judgeAlarms(bare.deps, WS, MODEL);
const alarm = async (name: string) => (await judge()).alarms.find((one) => one.name === name);
const labels = (correct: number, of: number, at = ago(HOUR), version = '1', shadow = false) =>
  bare.traffic(at, { labels: of, correct }, version, shadow);

describe('the alarm on a metric', () => {
  it.each([
    ['below', 12, 'ok', 'accuracy of version 1 is 0.6 on 20 labels, not below 0.6'],
    ['below', 11, 'alarm', 'accuracy of version 1 is 0.55 on 20 labels, below 0.6'],
    ['above', 12, 'ok', 'accuracy of version 1 is 0.6 on 20 labels, not above 0.6'],
    ['above', 13, 'alarm', 'accuracy of version 1 is 0.65 on 20 labels, above 0.6'],
  ] as const)('that is to be wrong %s its threshold: %i of 20', async (wrong, correct, state, reason) => {
    bare.state.rules = [watching(metric({ wrong }))];
    await labels(correct, 20);
    expect(await alarm('accuracy')).toMatchObject({ state, reason, version: '1', since: NOON });
  });

  it('judges from exactly so many labels on, and says what is wanting', async () => {
    bare.state.rules = [watching(metric({ minLabels: 1_500 }))];
    await labels(0, 1_499);
    expect(await alarm('accuracy')).toMatchObject({
      state: 'ok',
      reason: 'version 1 has 1,499 of the 1,500 labels that it is judged by',
    });
    await labels(0, 1);
    expect(await alarm('accuracy')).toMatchObject({
      state: 'alarm',
      reason: 'accuracy of version 1 is 0 on 1,500 labels, below 0.6',
    });
  });

  it('counts one label as one', async () => {
    bare.state.rules = [watching(metric({ minLabels: 1 }))];
    expect((await alarm('accuracy'))?.reason).toBe('version 1 has 0 of the 1 label that it is judged by');
    await labels(0, 1);
    expect((await alarm('accuracy'))?.reason).toBe('accuracy of version 1 is 0 on 1 label, below 0.6');
  });

  it('goes by the champion alone: not by another version, nor by what it did in the shadow', async () => {
    bare.state.rules = [watching(metric())];
    await labels(0, 500, ago(HOUR), '2');
    await labels(0, 500, ago(HOUR), '1', true);
    await labels(20, 20);
    expect(await alarm('accuracy')).toMatchObject({
      state: 'ok',
      reason: 'accuracy of version 1 is 1 on 20 labels, not below 0.6',
    });
  });

  it('looks back as far as it is told, to the hour in which that begins', async () => {
    bare.state.rules = [watching(metric({ over: 3_600 }))];
    bare.clock.advance(30 * 60_000);
    await labels(20, 20, '2026-03-01T11:00:00.000Z');
    await labels(0, 500, '2026-03-01T10:59:59.999Z');
    expect((await alarm('accuracy'))?.reason).toContain('is 1 on 20 labels');
    bare.clock.advance(30 * 60_000 - 1);
    expect((await alarm('accuracy'))?.reason).toContain('is 1 on 20 labels');
    // On the hour itself the one before last is over.
    bare.clock.advance(1);
    expect((await alarm('accuracy'))?.reason).toContain('0 of the 20 labels');
  });

  it('never reads as the threshold that it is not, and has its thousands apart', async () => {
    bare.state.rules = [watching(metric({ minLabels: 1 }))];
    await labels(599_999, 1_000_000);
    expect((await alarm('accuracy'))?.reason).toBe(
      'accuracy of version 1 is 0.599999 on 1,000,000 labels, below 0.6',
    );
    bare = bareMonitor({
      rules: [watching(metric({ metric: 'mae', wrong: 'above', threshold: 40_000, minLabels: 1 }))],
    });
    await bare.traffic(ago(HOUR), { labels: 2, squared: 1, absolute: 108_642.5 });
    expect((await alarm('mae'))?.reason).toBe('mae of version 1 is 54,320 on 2 labels, above 40,000');
  });

  it('says so where the labels are enough and yet give no value: R² of labels that are all one', async () => {
    bare.state.rules = [watching(metric({ metric: 'r2' }))];
    await bare.traffic(ago(HOUR), { labels: 30, squared: 3, absolute: 9, sum: 150, sumOfSquares: 750 });
    expect(await alarm('r2')).toMatchObject({
      state: 'ok',
      reason: 'r2 of version 1 has no value on its 30 labels',
    });
    expect(bare.measured).toEqual([]);
  });

  it('stays while too few labels are left to say that anything got better, and is not told again', async () => {
    bare.state.rules = [watching(metric({ over: 3_600 * 2, retrain: { window: DAY } }))];
    await labels(5, 20, ago(HOUR));
    const raised = await alarm('accuracy');
    expect(raised).toMatchObject({ state: 'alarm', runId: 'run of p' });
    for (let hours = 0; hours < 4; hours++) {
      bare.clock.advance(HOUR);
      expect(await alarm('accuracy')).toEqual(raised);
    }
    // Labels trickle in around the bound: 19, then 20.
    await labels(19, 19, new Date(bare.clock.now()).toISOString());
    expect(await alarm('accuracy')).toEqual(raised);
    expect(bare.told()).toEqual(['Model Alarm: accuracy']);
    await labels(1, 1, new Date(bare.clock.now()).toISOString());
    expect(await alarm('accuracy')).toMatchObject({
      state: 'ok',
      reason: expect.stringContaining('is 1 on 20'),
    });
    expect(bare.told()).toEqual(['Model Alarm: accuracy', 'Model Alarm Ended: accuracy']);
    expect(bare.started).toHaveLength(1);
  });

  it('ends with the version that it was about: the next has no labels yet', async () => {
    bare.state.rules = [watching(metric())];
    await labels(5, 20);
    await judge();
    bare.state.champion = '2';
    expect(await alarm('accuracy')).toMatchObject({
      state: 'ok',
      version: '2',
      reason: 'version 2 has 0 of the 20 labels that it is judged by',
    });
    expect(bare.told()).toEqual(['Model Alarm: accuracy', 'Model Alarm Ended: accuracy']);
  });

  it('of two pipelines is decided by the one that has labels enough', async () => {
    const few = watching(metric({ minLabels: 10 }));
    bare.state.rules = [few, { pipeline: 'q', metric: metric({ minLabels: 500 }) }];
    await labels(1, 20);
    expect(await alarm('accuracy')).toMatchObject({ state: 'alarm' });
    await labels(180, 180);
    // The other still lacks labels: that does not keep what the first raised.
    expect(await alarm('accuracy')).toMatchObject({
      state: 'ok',
      reason: 'accuracy of version 1 is 0.905 on 200 labels, not below 0.6',
    });
  });

  it('ends where nothing is in production any more', async () => {
    bare.state.rules = [watching(metric()), onDrift];
    await labels(5, 20);
    await bare.report(ago(HOUR), { status: 'drift', drifted: ['x'] });
    expect((await judge()).alarms.map(({ state }) => state)).toEqual(['alarm', 'alarm']);
    bare.state.champion = undefined;
    expect((await judge()).alarms).toMatchObject([
      { name: 'accuracy', state: 'ok', version: '1', reason: 'no version is in production any more' },
      { name: 'drift', state: 'ok', version: '1' },
    ]);
    expect(bare.told().sort()).toEqual([
      'Model Alarm Ended: accuracy',
      'Model Alarm Ended: drift',
      'Model Alarm: accuracy',
      'Model Alarm: drift',
    ]);
    const before = bare.items.dump();
    await judge();
    expect(bare.items.dump()).toEqual(before);
  });
});

describe('the alarm on drift', () => {
  const drift: Partial<DriftSummary> = { status: 'drift', drifted: ['x'], rows: 1_234 };

  it('goes by the last report of the champion that could be judged', async () => {
    await bare.report(ago(5 * HOUR), drift);
    await bare.report(ago(4 * HOUR), { status: 'too-few-rows', rows: 50 });
    await bare.report(ago(3 * HOUR), { version: '2' });
    expect(await alarm('drift')).toMatchObject({
      state: 'alarm',
      reason: 'in the last 1,234 rows of version 1 drifted: x',
    });
    await bare.report(ago(2 * HOUR), { rows: 100 });
    expect(await alarm('drift')).toMatchObject({
      state: 'ok',
      reason: 'nothing drifted in the last 100 rows of version 1',
    });
  });

  it('is not forgotten behind a hundred reports that say nothing', async () => {
    bare.state.rules = [onDrift];
    await bare.report(ago(200 * HOUR), drift);
    const raised = await alarm('drift');
    for (let i = 0; i < 101; i++) await bare.report(ago((150 - i) * HOUR), { status: 'too-few-rows' });
    expect(await alarm('drift')).toEqual(raised);
    expect(bare.told()).toEqual(['Model Alarm: drift']);
  });

  it('is unknown, and no alarm, before there is a report', async () => {
    expect(await alarm('drift')).toMatchObject({
      state: 'ok',
      reason: 'version 1 has not answered enough rows to be judged',
    });
    expect(bare.told()).toEqual([]);
  });

  it('names ten features and counts the others', async () => {
    await bare.report(ago(HOUR), { ...drift, drifted: Array.from({ length: 12 }, (_, i) => `f${i}`) });
    expect((await alarm('drift'))?.reason).toMatch(/: f0, .*, f9 and 2 more$/);
  });

  it('that comes and goes within one window starts one run, and tells each change', async () => {
    bare.state.rules = [onDrift];
    for (let i = 0; i < 6; i++) {
      await bare.report(ago((10 - i) * HOUR), i % 2 === 0 ? drift : {});
      bare.clock.advance(1_000);
      await judge();
      await judge();
    }
    expect(bare.started).toHaveLength(1);
    expect(bare.told()).toEqual(
      Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? 'Model Alarm: drift' : 'Model Alarm Ended: drift')),
    );
  });

  it('counts windows from where they begin: the last moment of one, the first of the next', async () => {
    bare.state.rules = [onDrift];
    for (const to of ['2026-03-01T23:59:59.999Z', '2026-03-02T00:00:00.000Z', '2026-03-02T23:59:59.999Z']) {
      await bare.report(to, drift);
      await judge();
    }
    const first = Date.parse('2026-03-01T00:00:00.000Z') / 1000 / DAY;
    expect(bare.started).toEqual([
      `p monitor:m:drift:${DAY}:${first}`,
      `p monitor:m:drift:${DAY}:${first + 1}`,
    ]);
  });
});

describe('what fails for one alarm', () => {
  const drift: Partial<DriftSummary> = { status: 'drift', drifted: ['x'] };
  beforeEach(async () => {
    bare.state.rules = [
      { pipeline: 'p', whenDrift: { window: DAY }, metric: metric({ retrain: { window: DAY } }) },
      { pipeline: 'q', whenDrift: { window: DAY } },
    ];
    await bare.report(ago(HOUR), drift);
    await labels(1, 20);
  });

  it('keeps neither it nor another from being told where a run cannot be started', async () => {
    const { start } = bare.deps;
    bare.deps.start = async (ws, pipeline, identity) => {
      if (pipeline === 'p') throw new Error('no such pipeline any more');
      return start(ws, pipeline, identity);
    };
    for (let i = 0; i < 2; i++) await expect(judge()).rejects.toThrow('no such pipeline any more');
    expect(bare.told().sort()).toEqual(['Model Alarm: accuracy', 'Model Alarm: drift']);
    // The other pipeline's run is started, under one identity however often it is asked for.
    expect(new Set(bare.started)).toEqual(new Set([expect.stringMatching(/^q monitor:m:drift:/)]));
    bare.deps.start = start;
    bare.started.length = 0;
    const { alarms } = await judge();
    expect(alarms.map(({ runId }) => runId)).toEqual(['run of p', 'run of q']);
    expect(bare.started.map((one) => one.split(':')[0])).toEqual(['p monitor', 'q monitor', 'p monitor']);
    await judge();
    expect(bare.started).toHaveLength(3);
    expect(bare.told()).toHaveLength(2);
  });

  it('keeps no other from being told where the bus refuses it, and the next look tells it', async () => {
    const publish = bare.events.publish.bind(bare.events);
    bare.events.publish = async (type, detail) => {
      if (detail.alarm === 'drift') throw new Error('no bus');
      return publish(type, detail);
    };
    await expect(judge()).rejects.toThrow('no bus');
    expect(bare.told()).toEqual(['Model Alarm: accuracy']);
    bare.events.publish = publish;
    await judge();
    expect(bare.told()).toEqual(['Model Alarm: accuracy', 'Model Alarm: drift']);
  });

  it('leaves the end of an alarm without a rule to be told by the next look', async () => {
    await judge();
    bare.state.rules = [];
    const before = bare.items.writes;
    await judge();
    const writes = bare.items.writes - before;
    expect(bare.told()).toContain('Model Alarm Ended: accuracy');
    for (let at = 1; at <= writes; at++) {
      for (const mode of ['before', 'after'] as const) {
        bare = bareMonitor({ rules: [watching(metric())] });
        await labels(1, 20);
        await judge();
        bare.state.rules = [];
        bare.items.failWrite({ at, mode, dead: true });
        await judge().catch((error) => expect(error).toBeInstanceOf(CrashError));
        bare.items.failWrite(undefined);
        await judge();
        expect(bare.told(), `${mode} write ${at}`).toContain('Model Alarm Ended: accuracy');
      }
    }
  });

  it('is to be judged again where another wrote an alarm at the same time', async () => {
    const publish = bare.events.publish.bind(bare.events);
    // The first is ended before it tells; the second came too late to write.
    bare.events.publish = async () => {
      throw new CrashError('ended');
    };
    const outcomes = await Promise.allSettled([judge(), judge()]);
    const later = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.again] : []));
    expect(later.every((again) => again)).toBe(true);
    bare.events.publish = publish;
    expect((await judge()).again).toBe(false);
    expect(bare.told().sort()).toEqual(['Model Alarm: accuracy', 'Model Alarm: drift']);
  });
});
