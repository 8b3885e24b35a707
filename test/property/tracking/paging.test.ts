import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Page } from '../../../lib/store/ports.ts';
import {
  newRun,
  newVersion,
  runId,
  type World,
  WS,
  withVersions,
  world,
} from '../../unit/tracking/helpers.ts';

/** A list that is read by pages: how one thing is added, and which page follows a cursor. */
interface Listed {
  name: string;
  prepare?(w: World): Promise<unknown>;
  /** Adds the i-th thing; what it is known by. */
  add(w: World, i: number): Promise<string>;
  page(w: World, page: { limit: number; cursor?: string }): Promise<Page<string>>;
  /** Newest first: what is added while pages are read comes before all of them. */
  newestFirst: boolean;
}

const by = { model: 'm', actor: 'x', reason: 'y' };
const named = <T>(page: Page<T>, name: (one: T) => string): Page<string> => ({
  items: page.items.map(name),
  ...(page.cursor !== undefined && { cursor: page.cursor }),
});
const predict = async (w: World, i: number): Promise<string> => {
  const requestId = `request-${i}`;
  await w.log.record(WS, {
    requestId,
    model: 'm',
    version: i % 3 === 0 ? '2' : '1',
    at: w.clock.now().toISOString(),
    rows: [{ i }],
    predictions: [{ prediction: i }],
  });
  return requestId;
};

const LISTS: Listed[] = [
  {
    name: 'runs',
    add: async (w, i) => {
      await w.runs.create(WS, newRun(runId(i)));
      return runId(i);
    },
    page: async (w, page) => named(await w.runs.list(WS, page), (run) => run.runId),
    newestFirst: true,
  },
  {
    name: 'runs of a pipeline that all began at one moment',
    add: async (w, i) => {
      const startTime = '2026-03-01T12:00:00.000Z';
      await w.runs.create(WS, newRun(runId(i), { pipeline: 'p', startTime }));
      return runId(i);
    },
    page: async (w, page) => named(await w.runs.list(WS, { pipeline: 'p', ...page }), (run) => run.runId),
    newestFirst: true,
  },
  {
    name: 'predictions',
    add: predict,
    page: async (w, page) => named(await w.log.list(WS, 'm', page), (one) => one.requestId),
    newestFirst: true,
  },
  {
    name: 'versions of a model',
    prepare: (w) => withVersions(w, 0),
    add: async (w, i) => (await w.registry.createVersion(WS, 'm', newVersion(`v${i}`))).version,
    page: async (w, page) => named(await w.registry.listVersions(WS, 'm', page), (one) => one.version),
    newestFirst: true,
  },
  {
    name: 'models',
    add: async (w, i) => {
      const name = `model-${String((i * 7_919) % 1_000).padStart(3, '0')}`;
      await w.registry.createModel(WS, { name });
      return name;
    },
    page: async (w, page) => named(await w.registry.listModels(WS, page), (one) => one.name),
    newestFirst: false,
  },
  {
    name: 'the audit of a model',
    prepare: async (w) => {
      await withVersions(w, 1);
    },
    add: async (w, i) => {
      await w.registry.moveAlias(WS, { ...by, alias: `a${i}`, version: '1' });
      return `a${i}`;
    },
    page: async (w, page) => named(await w.registry.audit(WS, 'm', page), (one) => one.alias ?? ''),
    newestFirst: true,
  },
];

const plan = fc.record({
  before: fc.integer({ min: 0, max: 30 }),
  limit: fc.integer({ min: 1, max: 9 }),
  /** How many are added after each page. */
  between: fc.array(fc.nat(3), { maxLength: 8 }),
});

describe.each(LISTS)('$name', ({ prepare, add, page, newestFirst }) => {
  /** All pages, with what is added meanwhile. */
  async function readAll(w: World, limit: number, between: () => Promise<unknown>): Promise<string[][]> {
    const pages: string[][] = [];
    for (let cursor: string | undefined; ; ) {
      const found = await page(w, { limit, ...(cursor !== undefined && { cursor }) });
      pages.push(found.items);
      cursor = found.cursor;
      if (cursor === undefined) return pages;
      await between();
    }
  }

  it('are each on one page, in one order, whatever is added while the pages are read', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ before, limit, between }) => {
        const w = world();
        await prepare?.(w);
        const there: string[] = [];
        for (let i = 1; i <= before; i++) there.push(await add(w, i));
        let count = before;
        const later: string[] = [];
        const rounds = [...between];
        const pages = await readAll(w, limit, async () => {
          for (let n = rounds.shift() ?? 0; n > 0; n--) later.push(await add(w, ++count));
        });
        const seen = pages.flat();
        expect(new Set(seen).size).toBe(seen.length);
        expect(pages.every((one) => one.length <= limit)).toBe(true);
        expect(seen.filter((one) => there.includes(one))).toHaveLength(before);
        expect(seen.every((one) => there.includes(one) || later.includes(one))).toBe(true);
        // A list read in one page has the same order, and holds all of them.
        const whole = (await readAll(w, 1000, async () => {})).flat();
        expect(whole).toHaveLength(before + later.length);
        expect(seen).toEqual(whole.filter((one) => seen.includes(one)));
      }),
      { numRuns: 25 },
    );
  });

  it('end with a page that has no cursor, also where the last one is full', async () => {
    const w = world();
    await prepare?.(w);
    for (let i = 1; i <= 6; i++) await add(w, i);
    for (const limit of [1, 2, 3, 6, 7]) {
      const pages = await readAll(w, limit, async () => {});
      expect(pages.flat()).toHaveLength(6);
      // One empty page at most, and that the last: a store may not know that nothing follows.
      expect(pages.slice(0, -1).every((one) => one.length === limit)).toBe(true);
    }
    if (newestFirst) {
      const newest = await add(w, 7);
      const [first] = await readAll(w, 1000, async () => {});
      expect(first![0]).toBe(newest);
    }
  });
});

describe('predictions of one version', () => {
  it('are each on one page though others lie between, and a page may be shorter than was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 9 }), async (count, limit) => {
        const w = world();
        for (let i = 1; i <= count; i++) await predict(w, i);
        const seen: string[] = [];
        for (let cursor: string | undefined; ; ) {
          const found = await w.log.list(WS, 'm', { version: '2', limit, ...(cursor && { cursor }) });
          seen.push(...found.items.map(({ requestId }) => requestId));
          cursor = found.cursor;
          if (cursor === undefined) break;
        }
        const expected = Array.from({ length: Math.floor(count / 3) }, (_, i) => `request-${3 * (i + 1)}`);
        expect(seen).toEqual(expected.reverse());
      }),
      { numRuns: 40 },
    );
  });
});
