import { describe, expect, it } from 'vitest';
import { collectorReport } from '../../../../lib/pipeline/collect/control.ts';
import { nextPoll } from '../../../../lib/pipeline/collect/next-poll.ts';
import { pollOnce } from '../../../../lib/pipeline/collect/poll.ts';
import { pollEvery } from '../../../../lib/pipeline/collect/schedule.ts';
import { collectingWorld, P, sampleOf, scripted, WS } from '../../../support/collecting.ts';
import { FixedClock } from '../../../support/memory.ts';

const clock = new FixedClock('2026-01-01T12:00:00.000Z');
const settings = { url: 'https://source.example/', state: 'active' as const, every: 300 };
const of = (more: object = {}, last?: string, schedulesOff = false, workspace = 'default') =>
  nextPoll({ clock, schedulesOff }, workspace, { ...settings, ...more }, last);

describe('the next poll of a collector', () => {
  it('is a minute after the last, or four times a batch where that is shorter', () => {
    expect(of({}, '2026-01-01T11:59:30.000Z')).toEqual({ nextPoll: '2026-01-01T12:00:30.000Z' });
    expect(of({ every: 20 }, '2026-01-01T11:59:58.000Z')).toEqual({ nextPoll: '2026-01-01T12:00:03.000Z' });
  });

  it('is within the minute of the rule before the first', () => {
    expect(of()).toEqual({ nextPoll: '2026-01-01T12:01:00.000Z' });
  });

  it('is past where it is due: the reader sees that the rule does not fire', () => {
    expect(of({}, '2026-01-01T09:00:00.000Z')).toEqual({ nextPoll: '2026-01-01T09:01:00.000Z' });
  });

  it.each([
    [{ url: undefined }, false, 'default', 'no URL is set'],
    [{ state: 'paused' }, false, 'default', 'paused'],
    [{}, true, 'default', 'schedules are off in this deployment'],
    [{}, false, 'other', 'collectors work in the workspace default alone'],
  ])('is none for %j, and why', (more, off, workspace, reason) => {
    expect(of(more, '2026-01-01T11:59:30.000Z', off, workspace)).toEqual({ noNextPoll: reason });
  });

  it('stands in the report', async () => {
    const world = collectingWorld(scripted([sampleOf(0)]));
    await pollOnce(world.deps, WS, P);
    const report = await collectorReport(world.deps, WS, P);
    const pause = Date.parse(report.nextPoll!) - Date.parse(report.counts.last!.at);
    expect(pause).toBe(pollEvery(report.settings.every));
  });
});
