import { beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../../lib/errors/index.ts';
import { watchModel } from '../../../../lib/serving/monitor/monitor.ts';
import { endWindows, judgeWindows, windowIsOver } from '../../../../lib/serving/monitor/windows.ts';
import { type OpenWindow, WatchStates } from '../../../../lib/tracking/monitoring/index.ts';
import { type BareMonitor, bareMonitor, MODEL, NOON, WS } from './bare.ts';
import { MINUTE, MODEL as TRAINED, watchedWorld } from './support.ts';

const HOUR = 3_600_000;
const later = (milliseconds: number) => new Date(Date.parse(NOON) + milliseconds).toISOString();

describe('a window', () => {
  it.each([
    // milliseconds, rows, over
    [HOUR - 1, 1_000_000, false],
    [HOUR, 99, false],
    [HOUR, 100, true],
    [24 * HOUR - 1, 99, false],
    [24 * HOUR, 1, true],
    [24 * HOUR, 0, true],
    [0, 100, false],
    // A clock behind the one that logged its first row.
    [-48 * HOUR, 1_000, false],
  ])('of %i ms and %i rows is over: %s', (length, rows, over) => {
    expect(windowIsOver({ from: NOON, rows }, later(length))).toBe(over);
  });

  it('that has its end is over, whatever the time', () => {
    expect(windowIsOver({ from: NOON, to: later(1), rows: 0 }, NOON)).toBe(true);
  });
});

describe('ending windows', () => {
  let bare: BareMonitor;
  beforeEach(() => {
    bare = bareMonitor();
  });
  const begin = async (windows: Record<string, OpenWindow>) => {
    const states = new WatchStates(bare.items);
    const watched = await states.read(WS, MODEL);
    return states.write(WS, MODEL, watched, { ...watched.state, windows });
  };

  it('ends those that are over, and writes nothing where none is', async () => {
    const watched = await begin({ '1': { from: NOON, rows: 100 }, '2': { from: later(1), rows: 100 } });
    const before = bare.items.dump();
    expect(await endWindows(bare.deps, WS, MODEL, { watched, now: later(HOUR - 1), asked: false })).toBe(
      watched,
    );
    expect(bare.items.dump()).toEqual(before);
    const ended = await endWindows(bare.deps, WS, MODEL, { watched, now: later(HOUR), asked: false });
    expect(ended.state.windows).toEqual({
      '1': { from: NOON, to: later(HOUR), rows: 100 },
      '2': { from: later(1), rows: 100 },
    });
  });

  it('keeps an end that one has, and is not undone by who comes with an older state', async () => {
    const watched = await begin({ '1': { from: NOON, to: later(5), rows: 1 }, '2': { from: NOON, rows: 1 } });
    const ended = await endWindows(bare.deps, WS, MODEL, { watched, now: later(99), asked: true });
    expect(ended.state.windows).toEqual({
      '1': { from: NOON, to: later(5), rows: 1 },
      '2': { from: NOON, to: later(99), rows: 1 },
    });
    await expect(
      endWindows(bare.deps, WS, MODEL, { watched, now: later(77), asked: true }),
    ).rejects.toMatchObject({ code: 'CONDITION_FAILED' });
  });

  it('ends none before its first row, though asked by a clock that is behind', async () => {
    const watched = await begin({ '1': { from: NOON, rows: 500 } });
    for (const now of [later(-1), NOON]) {
      expect(await endWindows(bare.deps, WS, MODEL, { watched, now, asked: true })).toBe(watched);
    }
  });

  it('opens no report for a version that is no more, and goes on to the next', async () => {
    const gone = async () => {
      throw new NotFoundError('no such version');
    };
    const watched = await begin({
      '1': { from: NOON, to: later(1), rows: 1 },
      '2': { from: NOON, to: later(1), rows: 1 },
      '3': { from: NOON, rows: 7 },
    });
    const deps = { ...bare.deps, registry: { ...bare.deps.registry, getVersion: gone } };
    const judged = await judgeWindows(deps, WS, MODEL, watched);
    expect(judged.reports).toEqual([]);
    expect(judged.watched.state).toMatchObject({ windows: { '3': { from: NOON, rows: 7 } }, due: true });
    expect(await new WatchStates(bare.items).read(WS, MODEL)).toEqual(judged.watched);
  });
});

describe('rows whose record is gone by the time that they are looked at', () => {
  it('are left out, and said to be; the look goes on', async () => {
    const world = await watchedWorld();
    await world.answer(120);
    await world.answer(60);
    world.clock.advance(MINUTE);
    const { predictions } = world.monitor;
    const deps = {
      ...world.monitor,
      predictions: {
        // As of records that make a page too large.
        list: async (...given: Parameters<typeof predictions.list>) => {
          const page = await predictions.list(...given);
          return { ...page, items: page.items.map(({ rows: _, predictions: __, ...facts }) => facts) };
        },
        get: async (ws: string, requestId: string) => {
          if (requestId === 'request-2') throw new NotFoundError('the bucket has ended it');
          return predictions.get(ws, requestId);
        },
      },
    } as typeof world.monitor;
    const { reports } = await watchModel(deps, WS, TRAINED, { asked: true });
    expect(reports).toMatchObject([{ rows: 120, status: 'ok' }]);
    const report = await world.monitoring.report(WS, TRAINED, reports[0]!.id);
    expect(report.notes).toEqual(['120 of 180 rows were looked at, from all parts of the window.']);
  });
});
