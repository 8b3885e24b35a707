import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import { BadCursorError } from '../../../lib/store/errors.ts';
import { type PredictionFilter, PredictionLog, type PredictionRecord } from '../../../lib/tracking/index.ts';
import { type World, WS, world } from './helpers.ts';

const START = Date.parse('2026-03-01T00:00:00.000Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

const record = (id: number, more: Partial<PredictionRecord> = {}): PredictionRecord => ({
  requestId: `request-${String(id).padStart(4, '0')}`,
  model: 'm',
  version: '1',
  alias: 'production',
  at: at(id),
  rows: [{ area: id }],
  predictions: [{ prediction: 'yes', probabilities: { yes: 0.75, no: 0.25 } }],
  ...more,
});

let w: World;
beforeEach(() => {
  w = world();
});

const list = (filter?: PredictionFilter, model = 'm') => w.log.list(WS, model, filter);
const ids = async (filter?: PredictionFilter) => (await list(filter)).items.map((one) => one.requestId);

/** Page after page. */
async function all(filter: PredictionFilter): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ ...filter, cursor });
    pages.push(page.items.map((one) => one.requestId));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
}

describe('the list of predictions', () => {
  it('has records with their probabilities, newest first', async () => {
    await w.log.record(WS, record(1));
    await w.log.record(WS, record(2));
    expect((await list()).items).toEqual([
      { ...record(2), count: 1 },
      { ...record(1), count: 1 },
    ]);
  });

  it('holds a repeated request once', async () => {
    await w.log.record(WS, record(1));
    await w.log.record(WS, record(1));
    expect(await ids()).toEqual(['request-0001']);
  });

  it('has a batch as one record with its rows', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ area: i }));
    await w.log.recordBatch(WS, record(1, { rows }));
    expect((await list()).items).toEqual([{ ...record(1, { rows }), count: 30 }]);
  });

  it('pages together are all, in order, whatever the page and the filter', async () => {
    const some = fc.record({
      records: fc.array(
        fc.record({
          second: fc.nat(20),
          version: fc.constantFrom('1', '2'),
          rows: fc.integer({ min: 1, max: 3 }),
        }),
        { maxLength: 25 },
      ),
      limit: fc.integer({ min: 1, max: 9 }),
      version: fc.constantFrom(undefined, '1', '2'),
      from: fc.option(fc.nat(20), { nil: undefined }),
      length: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(some, async ({ records, limit, version, from, length }) => {
        w = world();
        const to = length === undefined ? undefined : (from ?? 0) + length;
        const made = records.map((one, i) =>
          record(i, { at: at(one.second), version: one.version, rows: Array(one.rows).fill({ area: 1 }) }),
        );
        for (const one of made)
          await (one.rows.length === 1 ? w.log.record(WS, one) : w.log.recordBatch(WS, one));
        await w.log.record(WS, record(999, { model: 'other' }));
        await w.log.record('elsewhere', record(998));
        const wanted = made
          .filter((one) => version === undefined || one.version === version)
          .filter((one) => from === undefined || one.at >= at(from))
          .filter((one) => to === undefined || one.at < at(to))
          .sort((a, b) => (`${a.at}#${a.requestId}` < `${b.at}#${b.requestId}` ? 1 : -1))
          .map((one) => one.requestId);
        const filter = {
          limit,
          version,
          from: from === undefined ? undefined : at(from),
          to: to === undefined ? undefined : at(to),
        };
        const pages = await all(filter);
        expect(pages.flat()).toEqual(wanted);
        expect(pages.every((page) => page.length <= limit)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('finds a rare version among thousands, over pages that are short', async () => {
    for (let i = 0; i < 2_500; i++) await w.log.record(WS, record(i, { version: i === 3 ? '2' : '1' }));
    expect(await all({ version: '2', limit: 5 })).toEqual([[], ['request-0003']]);
  });

  it('ends a page before it is too large, and gives a huge batch without its rows', async () => {
    const large = (id: number, characters: number) =>
      record(id, { rows: [{ text: 'x'.repeat(characters) }, {}] });
    await w.log.recordBatch(WS, large(1, 900_000));
    await w.log.recordBatch(WS, large(2, 3_000_000));
    await w.log.recordBatch(WS, large(3, 900_000));
    await w.log.recordBatch(WS, large(4, 900_000));
    expect(await all({})).toEqual([['request-0004', 'request-0003'], ['request-0002'], ['request-0001']]);
    const { cursor } = await list();
    const [huge] = (await list({ cursor })).items;
    expect(huge).toEqual({ requestId: 'request-0002', model: 'm', version: '1', at: at(2), count: 2 });
    expect((await w.log.get(WS, 'request-0002')).rows).toHaveLength(2);
  });

  it('leaves out what has expired, and a batch whose object the bucket has ended', async () => {
    await new PredictionLog(w.items, w.objects, w.clock, { days: 1 }).record(WS, record(1));
    await w.log.recordBatch(WS, record(2, { rows: [{}, {}] }));
    await w.log.record(WS, record(3));
    for (const key of w.objects.keys()) await w.objects.remove(key);
    w.clock.advance(86_400_000);
    expect(await ids()).toEqual(['request-0003']);
    w.clock.advance(30 * 86_400_000);
    expect(await ids()).toEqual([]);
  });

  it('refuses a cursor of another model or range, and a range that ends before it begins', async () => {
    for (const model of ['m', 'n'])
      for (const i of [1, 2])
        await w.log.record(WS, record(i, { model, requestId: `${model}-request-${i}` }));
    const { cursor } = await list({ limit: 1 });
    expect(cursor).toBeDefined();
    await expect(list({ cursor }, 'n')).rejects.toThrow(BadCursorError);
    await expect(list({ cursor, from: at(1) })).rejects.toThrow(BadCursorError);
    await expect(list({ from: at(2), to: at(1) })).rejects.toThrow(InvalidInputError);
  });
});
