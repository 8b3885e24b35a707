import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_POINTS_PAGE, sampleIndices } from '../../../../lib/tracking/client-runs/history.ts';
import type { MetricPoint } from '../../../../lib/tracking/types.ts';
import { RUN, type World, WS, world } from '../helpers.ts';

const point = (step: number, timestamp: number, value: number): MetricPoint => ({
  key: 'm',
  value,
  step,
  timestamp,
});

let w: World;
const log = (metrics: MetricPoint[]) => w.runs.logMetrics(WS, RUN, metrics);

/** Every page of a history, to its end. */
async function pages(maxResults?: number): Promise<MetricPoint[][]> {
  const found: MetricPoint[][] = [];
  let token: string | undefined;
  do {
    const request = {
      ...(maxResults !== undefined && { maxResults }),
      ...(token !== undefined && { token }),
    };
    const page = await w.clientRuns.history(WS, RUN, 'm', request);
    found.push(page.items);
    token = page.cursor;
  } while (token !== undefined && found.length < 100);
  return found;
}

beforeEach(async () => {
  w = world();
  await w.clientRuns.create(WS, { runId: RUN, experimentId: '0', startTime: 0, name: 'n' });
});

describe('history', () => {
  it('is by time, then step, then value, a NaN after the 0 that it counts as', async () => {
    const ordered = [
      point(1, 5, -1),
      point(1, 5, 0),
      point(1, 5, Number.NaN),
      point(1, 5, 1),
      point(2, 5, 0),
      point(-3, 9, 2),
    ];
    await log(ordered.toReversed());
    expect(await pages()).toEqual([ordered]);
    expect(await pages(4)).toEqual([ordered.slice(0, 4), ordered.slice(4)]);
    expect(await pages(2)).toEqual([ordered.slice(0, 2), ordered.slice(2, 4), ordered.slice(4)]);
    expect((await w.clientRuns.history(WS, RUN, 'm', { maxResults: 2 })).cursor).toBe(
      Buffer.from('{"offset": 2}').toString('base64'),
    );
    expect(await pages(6)).toEqual([ordered]);
  });

  it('holds to pages of 25,000 however many are asked for, each point once', async () => {
    const total = 2 * MAX_POINTS_PAGE + 10;
    await log(Array.from({ length: total }, (_, i) => point(i, i, i / 2)));
    const found = await pages(1_000_000);
    expect(found.map((page) => page.length)).toEqual([MAX_POINTS_PAGE, MAX_POINTS_PAGE, 10]);
    expect(found.flat().map(({ step }) => step)).toEqual(Array.from({ length: total }, (_, i) => i));
    const small = await w.clientRuns.history(WS, RUN, 'm', { maxResults: 3 });
    expect(small.items.map(({ step }) => step)).toEqual([0, 1, 2]);
    const next = await w.clientRuns.history(WS, RUN, 'm', { maxResults: 3, token: small.cursor! });
    expect(next.items.map(({ step }) => step)).toEqual([3, 4, 5]);
    const sample = await w.clientRuns.sample(WS, RUN, 'm', { maxResults: 3 });
    expect(sample.map(({ step }) => step)).toEqual([0, 16_670, total - 1]);
  }, 60_000);

  it('goes on where a history grew long between two pages', async () => {
    await log(Array.from({ length: 10 }, (_, i) => point(i, i, 0)));
    const first = await w.clientRuns.history(WS, RUN, 'm', { maxResults: 6 });
    await log(Array.from({ length: MAX_POINTS_PAGE }, (_, i) => point(10 + i, 10 + i, 0)));
    const second = await w.clientRuns.history(WS, RUN, 'm', { maxResults: 6, token: first.cursor! });
    expect(second.items.map(({ step }) => step)).toEqual([6, 7, 8, 9, 10, 11]);
  });

  it.each([
    ['xx', 'Invalid page token, could not base64-decode'],
    ['****', 'Invalid page token, could not base64-decode'],
    [Buffer.from('ab{').toString('base64'), 'Invalid page token, decoded value=ab{'],
    [Buffer.from('{"a": 1}').toString('base64'), 'Invalid page token, parsed value={"a": 1}'],
    [Buffer.from('null').toString('base64'), 'Invalid page token, parsed value=null'],
    [Buffer.from('{"offset": "x"}').toString('base64'), 'Invalid page token, not stringable x'],
    [Buffer.from('{"offset": -1}').toString('base64'), 'Invalid page token, not stringable -1'],
  ])('refuses the token %s', async (token, message) => {
    await expect(w.clientRuns.history(WS, RUN, 'm', { token })).rejects.toThrow(message);
  });
});

describe('a sample', () => {
  it("takes the rows that SQL's NTILE begins its parts with, and the last", () => {
    // What MLflow's server answered for 50 and for 16 points, 7 wanted.
    expect(sampleIndices(50, 7)).toEqual([0, 8, 15, 22, 29, 36, 49]);
    expect(sampleIndices(16, 7)).toEqual([0, 3, 6, 8, 10, 12, 15]);
    expect([sampleIndices(0, 5), sampleIndices(3, 5), sampleIndices(9, 1)]).toEqual([[], [0, 1, 2], [8]]);
  });

  it('is ordered, without repeats, within the wanted number, first and last in it', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.integer({ min: 1, max: 2_500 }), (total, most) => {
        const indices = sampleIndices(total, most);
        expect(indices).toHaveLength(Math.min(total, most));
        expect(indices.every((index, i) => i === 0 || index > indices[i - 1]!)).toBe(true);
        if (total > 0) expect(indices.at(-1)).toBe(total - 1);
        if (indices.length > 1) expect(indices[0]).toBe(0);
      }),
    );
  });

  it('is by step, of the wanted steps alone, both ends included', async () => {
    const points = [point(-2, 9, 1), point(0, 5, 2), point(1, 4, 3), point(1, 6, 4), point(2, 1, 5)];
    await log(points.toReversed());
    const sample = (maxResults: number, steps?: readonly [number, number]) =>
      w.clientRuns.sample(WS, RUN, 'm', { maxResults, ...(steps && { steps }) });
    expect(await sample(10)).toEqual(points);
    expect(await sample(10, [0, 1])).toEqual(points.slice(1, 4));
    expect(await sample(10, [-2, -2])).toEqual(points.slice(0, 1));
    expect(await sample(10, [3, 9])).toEqual([]);
    expect(await sample(2)).toEqual([points[0], points[4]]);
    expect(await sample(1)).toEqual([points[4]]);
  });
});
