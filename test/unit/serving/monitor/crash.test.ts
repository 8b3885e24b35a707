import { beforeAll, describe, expect, it } from 'vitest';
import { watchModel } from '../../../../lib/serving/monitor/monitor.ts';
import type { Item } from '../../../../lib/store/ports.ts';
import { driftReportKey } from '../../../../lib/tracking/monitoring/index.ts';
import { CrashError } from '../../../support/memory.ts';
import { labelOf, MINUTE, MODEL, type WatchedWorld, WS, watchedWorld } from './support.ts';

beforeAll(async () => {
  await watchedWorld();
}, 60_000);

/** What was seen of the model, without what counts writes or names the moment of one. */
async function seen(world: WatchedWorld) {
  const items = world.items
    .dump()
    .filter(({ pk }: Item) => /#(monitor|watched|feedback)/.test(pk) || pk.includes('#prediction#'));
  return {
    items: items.map(({ rev: _, alarm, ...item }) => ({
      ...item,
      ...(alarm !== undefined && { alarm: { ...JSON.parse(alarm as string), since: '' } }),
    })),
    runs: (await world.deps.runs.list(WS, { pipeline: MODEL })).items.map(({ runId, status }) => [
      runId,
      status,
    ]),
    told: new Set(
      world.events.events.map(({ detailType, detail }) => `${detailType} ${detail.alarm ?? detail.runId}`),
    ),
  };
}

/** Rows that drifted and labels that are wrong: a look counts, reports, raises two alarms and starts two runs. */
async function prepared() {
  const world = await watchedWorld();
  const { requestId, predictions } = await world.answer(150, { shift: 60 });
  const labels = predictions.map(({ prediction }, row) => ({
    requestId,
    row,
    label: labelOf(prediction, false),
    field: `labels[${row}]`,
  }));
  const feedback = () => world.monitoring.feedback(WS, MODEL, labels);
  const look = () => watchModel(world.monitor, WS, MODEL, { asked: true });
  return { world, feedback, look };
}

describe('a look that ends between any two writes', () => {
  it('is completed by the next: the same counts, reports, alarms and runs', async () => {
    const whole = await prepared();
    await whole.feedback();
    whole.world.clock.advance(MINUTE);
    const before = whole.world.items.writes;
    await whole.look();
    const writes = whole.world.items.writes - before;
    expect(writes).toBeGreaterThan(10);
    const wanted = await seen(whole.world);
    expect(wanted.told).toContain('Model Alarm drift');
    expect(wanted.told).toContain('Model Alarm accuracy');
    for (const mode of ['before', 'after'] as const) {
      for (let at = 1; at <= writes; at++) {
        const { world, feedback, look } = await prepared();
        await feedback();
        world.clock.advance(MINUTE);
        world.items.failWrite({ at, mode, dead: true });
        await expect(look(), `${mode} write ${at}`).rejects.toThrow(CrashError);
        world.items.failWrite(undefined);
        await look();
        expect(await seen(world), `${mode} write ${at}`).toEqual(wanted);
      }
    }
  });

  it('leaves one report of the window, however much later the next one comes', async () => {
    const whole = await prepared();
    const { writes: before } = whole.world.items;
    whole.world.clock.advance(MINUTE);
    await whole.look();
    const writes = whole.world.items.writes - before;
    for (let at = 1; at <= writes; at++) {
      const { world, look } = await prepared();
      const stored = () => world.objects.keys().filter((key) => key.includes('/monitor/'));
      await world.objects.removeAll(stored());
      world.clock.advance(MINUTE);
      world.items.failWrite({ at, mode: 'before', dead: true });
      await expect(look()).rejects.toThrow(CrashError);
      world.items.failWrite(undefined);
      world.clock.advance(7 * MINUTE);
      await look();
      const { items } = await world.monitoring.reports(WS, MODEL, {});
      expect(items, `write ${at}`).toHaveLength(1);
      expect(stored(), `write ${at}`).toEqual([driftReportKey(WS, items[0]!.id)]);
      const {
        features: _features,
        prediction: _prediction,
        notes: _notes,
        ...listed
      } = await world.monitoring.report(WS, MODEL, items[0]!.id);
      expect(listed).toEqual(items[0]);
    }
  });

  it('is so for feedback', async () => {
    for (const mode of ['before', 'after'] as const) {
      const { world, feedback, look } = await prepared();
      world.items.failWrite({ at: 1, mode });
      await expect(feedback()).rejects.toThrow(CrashError);
      const repeated = await feedback();
      expect(repeated).toEqual(
        mode === 'before'
          ? { accepted: 150, corrected: 0, unchanged: 0 }
          : { accepted: 0, corrected: 0, unchanged: 150 },
      );
      world.clock.advance(MINUTE);
      expect(await look()).toMatchObject({ labels: 1 });
      const [bucket] = await world.monitoring.traffic(WS, MODEL, { by: 'day' });
      expect(bucket).toMatchObject({ labels: 150, metrics: { accuracy: 0 } });
    }
  });
});
