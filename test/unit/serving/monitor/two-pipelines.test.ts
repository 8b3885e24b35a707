import { beforeEach, describe, expect, it } from 'vitest';
import { watchModel } from '../../../../lib/serving/monitor/monitor.ts';
import type { MonitorDeps, WatchRules } from '../../../../lib/serving/monitor/types.ts';
import { HOUR, labelOf, MINUTE, MODEL, type WatchedWorld, WS, watchedWorld } from './support.ts';

/** A rule on accuracy, as a pipeline's `alert: whenBelow(...)` gives it. */
const below = (pipeline: string, threshold: number, window = 2 * 86_400): WatchRules => ({
  pipeline,
  metric: {
    metric: 'accuracy',
    wrong: 'below',
    threshold,
    minLabels: 20,
    over: 7 * 86_400,
    retrain: { window },
  },
});

describe('two pipelines that make versions of one model, each with a rule on the same metric', () => {
  let world: WatchedWorld;
  let started: string[];
  /** Accuracy 0.5 on 30 labels. */
  beforeEach(async () => {
    world = await watchedWorld();
    started = [];
    const { requestId, predictions } = await world.answer(30);
    await world.monitoring.feedback(
      WS,
      MODEL,
      predictions.map(({ prediction }, row) => ({
        requestId,
        row,
        label: labelOf(prediction, row % 2 === 0),
        field: `labels[${row}]`,
      })),
    );
    world.clock.advance(2 * MINUTE);
  });

  const look = (rules: readonly WatchRules[]) => {
    const deps: MonitorDeps = {
      ...world.monitor,
      rules: () => [...rules],
      start: async (_ws, pipeline, identity) => {
        started.push(`${pipeline} ${identity}`);
        return { runId: pipeline };
      },
    };
    return watchModel(deps, WS, MODEL, { asked: true });
  };
  const told = () =>
    world.events.events
      .filter(({ detailType }) => detailType.startsWith('Model Alarm'))
      .map(({ detailType, detail }) => [detailType, (detail as { alarm: string }).alarm]);

  it.each([
    ['the first is broken', [below('strict', 0.6), below('lenient', 0.4)]],
    ['the second is broken', [below('lenient', 0.4), below('strict', 0.6)]],
  ])('raise one alarm that stays, and start the run of the broken rule alone: %s', async (_, rules) => {
    for (let i = 0; i < 3; i++) {
      const { alarms } = await look(rules);
      const accuracy = alarms.filter(({ name }) => name === 'accuracy');
      expect(accuracy).toMatchObject([{ state: 'alarm', version: '1', runId: 'strict' }]);
      expect(accuracy[0]!.reason).toContain('0.5 on 30 labels, below 0.6');
      expect(accuracy[0]!.remedy).toContain('pipeline strict');
      world.clock.advance(MINUTE);
    }
    expect(told()).toEqual([['Model Alarm', 'accuracy']]);
    expect(new Set(started)).toEqual(new Set([expect.stringMatching(/^strict monitor:/)]));
    expect(started).toHaveLength(1);
  });

  it('that are both broken start a run each, and are told once with both reasons', async () => {
    const { alarms } = await look([below('strict', 0.8), below('stricter', 0.9)]);
    const alarm = alarms.find(({ name }) => name === 'accuracy')!;
    expect(alarm.reason).toMatch(/below 0\.8.*below 0\.9/);
    expect(started.map((one) => one.split(' ')[0])).toEqual(['strict', 'stricter']);
    expect(told()).toHaveLength(1);
  });

  it('write one number a look, of the rule of the first', async () => {
    const quality = () => world.measured().filter(([name]) => name === 'ModelQuality');
    await look([below('first', 0.4), below('second', 0.6)]);
    expect(quality()).toEqual([['ModelQuality', 0.5, 'test', WS, MODEL]]);
    // A classifier has no such error: the number is of one metric always, so there is none.
    const { metric } = below('first', 0.4);
    await look([{ pipeline: 'first', metric: { ...metric!, metric: 'rmse' } }, below('second', 0.6)]);
    expect(quality()).toHaveLength(1);
  });

  it('end their alarm together, once neither is broken', async () => {
    await look([below('strict', 0.8), below('lenient', 0.4)]);
    world.clock.advance(HOUR);
    const { alarms } = await look([below('strict', 0.45), below('lenient', 0.4)]);
    expect(alarms.find(({ name }) => name === 'accuracy')).toMatchObject({ state: 'ok' });
    expect(told()).toEqual([
      ['Model Alarm', 'accuracy'],
      ['Model Alarm Ended', 'accuracy'],
    ]);
  });

  it('end it too where the rule itself is taken out of its definition', async () => {
    await look([below('strict', 0.8)]);
    for (let i = 0; i < 2; i++) {
      world.clock.advance(MINUTE);
      const { alarms } = await look([]);
      expect(alarms.find(({ name }) => name === 'accuracy')).toMatchObject({
        state: 'ok',
        reason: 'no pipeline has a rule on accuracy any more',
      });
    }
    expect(told()).toEqual([
      ['Model Alarm', 'accuracy'],
      ['Model Alarm Ended', 'accuracy'],
    ]);
  });

  it('are judged as one rule where the two are the same', async () => {
    for (let i = 0; i < 2; i++) await look([below('a', 0.6), below('b', 0.6)]);
    expect(told()).toEqual([['Model Alarm', 'accuracy']]);
    // Windows of one length begin at one time, so that a second look starts nothing.
    expect(started.map((one) => one.split(' ')[0])).toEqual(['a', 'b']);
  });
});
