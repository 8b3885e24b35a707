import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../../support/seed.ts';
import { Problem } from '../../../../console/lib/api.ts';
import {
  type BatchAnswer,
  type BatchOptions,
  BatchStopped,
  predictInParts,
  type RowResult,
} from '../../../../console/pages/try/batch.ts';
import type { CsvRow } from '../../../../console/pages/try/csv-rows.ts';

type Rows = Record<string, unknown>[];
const rowsOf = (count: number): CsvRow[] => Array.from({ length: count }, (_, x) => ({ row: { x } }));
const answer = (rows: Rows): BatchAnswer => ({
  version: '3',
  predictions: rows.map(({ x }) => ({ prediction: (x as number) * 2 })),
  warnings: [],
});

/** An API that refuses the rows of which `isBad` holds, the first one by its place, as the real one does. */
const refusing = (isBad: (x: number) => boolean) => async (rows: Rows) => {
  const at = rows.findIndex(({ x }) => isBad(x as number));
  if (at >= 0) {
    throw new Problem(400, {
      code: 'INVALID_INPUT',
      message: `rows[${at}].x is bad`,
      field: `rows[${at}].x`,
    });
  }
  return answer(rows);
};

const run = (options: Partial<BatchOptions> & Pick<BatchOptions, 'rows' | 'send'>) =>
  predictInParts({ signal: new AbortController().signal, pause: async () => undefined, ...options });

describe('a batch', () => {
  it('asks every row once, in parts, and tells how far it is', async () => {
    const sizes: number[] = [];
    const told: number[] = [];
    const results = await run({
      rows: rowsOf(23),
      chunk: 10,
      send: async (rows) => {
        sizes.push(rows.length);
        return answer(rows);
      },
      progress: (known) => told.push(known.filter((one) => one !== undefined).length),
    });
    expect(sizes.sort()).toEqual([10, 10, 3]);
    expect(results.map((one) => one?.answer?.prediction)).toEqual(
      Array.from({ length: 23 }, (_, i) => i * 2),
    );
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(23);
    expect(results[0]).toMatchObject({ version: '3', warnings: 0 });
  });

  it('gives each row its own answer or its own refusal, whichever rows are bad and however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('good', 'bad', 'unsent'), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (kinds, chunk) => {
          const rows = kinds.map(
            (kind, x): CsvRow => (kind === 'unsent' ? { problem: 'p' } : { row: { x } }),
          );
          const results = await run({ rows, chunk, send: refusing((x) => kinds[x] === 'bad') });
          expect(results).toEqual(
            kinds.map(
              (kind, x): RowResult =>
                kind === 'good'
                  ? { answer: { prediction: x * 2 }, version: '3', warnings: 0 }
                  : { error: kind === 'bad' ? 'x is bad' : 'p' },
            ),
          );
        },
      ),
    );
  });

  it('gives a part up after many refusals, and goes on with the next', async () => {
    let requests = 0;
    const refuse = refusing((x) => x < 40);
    const results = await run({
      rows: rowsOf(60),
      chunk: 40,
      send: (rows) => {
        requests++;
        return refuse(rows);
      },
    });
    expect(requests).toBe(27);
    expect(results.filter((one) => one?.error !== undefined)).toHaveLength(40);
    expect(results[59]?.answer?.prediction).toBe(118);
  });

  it('counts the warnings of each row', async () => {
    const send = async (rows: Rows) => ({ ...answer(rows), warnings: [{ row: 1 }, { row: 1 }] });
    const results = await run({ rows: rowsOf(2), send });
    expect(results.map((one) => one?.warnings)).toEqual([0, 2]);
  });

  it('waits for a busy API, longer each time', async () => {
    const pauses: number[] = [];
    let calls = 0;
    const results = await run({
      rows: rowsOf(2),
      pause: async (milliseconds) => void pauses.push(milliseconds),
      send: async (rows) => {
        if (++calls < 4) throw new Problem(503, { message: 'busy' });
        return answer(rows);
      },
    });
    expect(pauses).toEqual([500, 1000, 2000]);
    expect(results[1]?.answer?.prediction).toBe(2);
  });

  it.each([0, 401, 403, 503])('stops at %d, with what was done before kept', async (status) => {
    let known: readonly (RowResult | undefined)[] = [];
    let calls = 0;
    const stopped = run({
      rows: rowsOf(10),
      chunk: 2,
      progress: (results) => {
        known = results;
      },
      send: async (rows) => {
        if (++calls > 2) throw new Problem(status, { code: 'X', message: 'no more' });
        return answer(rows);
      },
    });
    await expect(stopped).rejects.toBeInstanceOf(BatchStopped);
    expect(known.map((one) => one?.answer?.prediction)).toEqual([
      0,
      2,
      4,
      6,
      ...new Array(6).fill(undefined),
    ]);
  });

  it('fails the rows of a part that is refused as a whole', async () => {
    const results = await run({
      rows: rowsOf(3),
      chunk: 2,
      send: async (rows) => {
        if (rows.length === 2) throw new Problem(413, { message: 'too large' });
        return answer(rows);
      },
    });
    expect(results.map((one) => one?.error ?? one?.answer?.prediction)).toEqual([
      'too large',
      'too large',
      4,
    ]);
  });

  it('ends when it is cancelled, with the rows until then', async () => {
    const controller = new AbortController();
    let calls = 0;
    const results = await run({
      rows: rowsOf(100),
      chunk: 5,
      signal: controller.signal,
      send: async (rows, signal) => {
        if (++calls === 3) controller.abort();
        signal.throwIfAborted();
        return answer(rows);
      },
    });
    expect(results.filter((one) => one?.answer !== undefined)).toHaveLength(10);
    expect(results.filter((one) => one === undefined)).toHaveLength(90);
    expect(calls).toBeLessThanOrEqual(4);
  });

  it('asks again only what it is told to', async () => {
    const asked: unknown[] = [];
    const send = async (rows: Rows) => {
      asked.push(...rows.map(({ x }) => x));
      return answer(rows);
    };
    await run({ rows: rowsOf(5), only: [1, 4], send });
    expect(asked).toEqual([1, 4]);
  });
});
