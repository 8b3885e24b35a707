import { beforeEach, describe, expect, it } from 'vitest';
import { countNew } from '../../../../lib/serving/monitor/count.ts';
import { Feedback, Traffic, WatchStates } from '../../../../lib/tracking/monitoring/index.ts';
import type { PredictionRecord } from '../../../../lib/tracking/types.ts';
import { CrashError } from '../../../support/memory.ts';
import { type World, WS, world } from '../../tracking/helpers.ts';

const MODEL = 'm';
const START = Date.parse('2026-03-01T10:00:00.000Z');
const at = (milliseconds: number) => new Date(START + milliseconds).toISOString();

let w: World;
let logged: number;
beforeEach(() => {
  w = world();
  logged = 0;
});

async function log(when: number, rows: number, more: Partial<PredictionRecord> = {}): Promise<string> {
  const requestId = `request-${String(logged++).padStart(5, '0')}`;
  await w.log.record(WS, {
    requestId,
    model: MODEL,
    version: '1',
    at: at(when),
    rows: Array<object>(rows).fill({}),
    predictions: more.error ? [] : Array.from({ length: rows }, () => ({ prediction: 'a' })),
    latencyMs: 10,
    ...more,
  });
  return requestId;
}
const state = () => new WatchStates(w.items).read(WS, MODEL);
const count = async (until: number) => countNew(w, WS, MODEL, await state(), at(until));
const buckets = async (by: '5m' | 'hour' = 'hour') =>
  (await new Traffic(w.items).list(WS, MODEL, { from: at(-3_600_000), to: at(7_200_000), by })).map(
    ({ version, shadow, requests, rows, errors }) => [
      `${version}${shadow ? ' shadow' : ''}`,
      requests,
      rows,
      errors,
    ],
  );

describe('a count', () => {
  it('ends before the very moment up to which it is made, and goes on at it', async () => {
    await log(-1, 1);
    await log(0, 2);
    expect(await count(0)).toMatchObject({ requests: 1 });
    expect(await count(0)).toMatchObject({ requests: 0 });
    expect(await count(1)).toMatchObject({ requests: 1 });
    expect(await count(1)).toMatchObject({ requests: 0 });
    expect((await state()).state.windows).toEqual({ '1': { from: at(-1), rows: 3 } });
  });

  it('writes nothing where there is nothing, nor where the clock has gone back', async () => {
    await count(0);
    expect(w.items.dump()).toEqual([]);
    await log(0, 1);
    await count(10);
    const before = w.items.dump();
    await count(-10);
    expect(w.items.dump()).toEqual(before);
  });

  it('takes in what comes later at a moment that it has counted already', async () => {
    await log(5, 1);
    await count(10);
    await log(5, 1);
    expect(await count(10)).toMatchObject({ requests: 1 });
    expect(await buckets()).toEqual([['1', 2, 2, 0]]);
  });

  it('parts buckets at their edge: the last millisecond of five minutes and the first of the next', async () => {
    await log(299_999, 1);
    await log(300_000, 2);
    await log(3_599_999, 4);
    await log(3_600_000, 8);
    await count(3_600_001);
    expect((await buckets('5m')).map(([, , rows]) => rows)).toEqual([1, 2, 4, 8]);
    expect((await buckets('hour')).map(([, , rows]) => rows)).toEqual([7, 8]);
  });

  it('counts rows for the version that answered them alone: none of a request that failed, or was failed over', async () => {
    const error = { code: 'INTERNAL' };
    await log(0, 3, { version: '2', failedOver: { version: '1', latencyMs: 4, error } });
    await log(1, 5, { version: '2', error });
    await log(2, 7, {
      version: '2',
      shadows: [
        { version: '3', latencyMs: 1 },
        { version: '4', latencyMs: 1, error },
      ],
    });
    await count(10);
    expect(await buckets()).toEqual([
      ['1', 1, 0, 1],
      ['2', 3, 10, 1],
      ['3 shadow', 1, 7, 0],
      ['4 shadow', 1, 0, 1],
    ]);
    // Shadows, and what failed, have no window: their rows are not what callers got.
    expect((await state()).state.windows).toEqual({ '2': { from: at(0), rows: 10 } });
  });

  it('passes probes by and remembers that it has', async () => {
    for (let i = 0; i < 3; i++) await log(i, 100, { probe: true });
    expect(await count(10)).toMatchObject({ requests: 0 });
    expect(await buckets()).toEqual([]);
    expect((await state()).state).toMatchObject({ predictions: `${at(2)}#request-00002`, windows: {} });
  });

  it('goes through more than a page and more versions than a transaction takes', async () => {
    for (let i = 0; i < 620; i++) {
      await log(i * 1_000, 1, {
        version: String(1 + (i % 60)),
        shadows: [{ version: String(100 + (i % 7)), latencyMs: 1 }],
      });
    }
    expect(await count(3_600_000)).toMatchObject({ requests: 620 });
    const found = await buckets();
    const sum = (shadow: boolean) =>
      found
        .filter(([version]) => String(version).endsWith('shadow') === shadow)
        .reduce((total, [, requests]) => total + Number(requests), 0);
    expect([sum(false), sum(true)]).toEqual([620, 620]);
    expect(Object.keys((await state()).state.windows)).toHaveLength(60);
  });

  it('that ends at any write is completed by the next, to the same buckets and windows', async () => {
    const fill = async () => {
      w = world();
      logged = 0;
      for (let i = 0; i < 120; i++) await log(i * 1_000, 1, { version: String(1 + i) });
      const requestId = await log(200_000, 2);
      await new Feedback(w.items, w.clock).give(
        WS,
        {
          requestId,
          model: MODEL,
          version: '1',
          at: at(200_000),
          predictions: [{ prediction: 'a' }, { prediction: 'b' }],
        },
        'classification',
        new Map([
          [0, 'a'],
          [1, 'a'],
        ]),
      );
    };
    // Labels come at the clock's time, two hours on.
    const until = 3 * 3_600_000;
    const seen = async () => [
      await buckets(),
      (await state()).state,
      (await new Traffic(w.items).total(WS, MODEL, '1', at(0))).labels,
    ];
    await fill();
    const before = w.items.writes;
    await count(until);
    const writes = w.items.writes - before;
    const whole = await seen();
    expect(whole[2]).toBe(2);
    expect(writes).toBeGreaterThan(3);
    for (const mode of ['before', 'after'] as const) {
      for (let n = 1; n <= writes; n++) {
        await fill();
        w.items.failWrite({ at: n, mode, dead: true });
        await expect(count(until)).rejects.toThrow(CrashError);
        w.items.failWrite(undefined);
        await count(until);
        expect(await seen(), `${mode} write ${n}`).toEqual(whole);
      }
    }
  });
});
