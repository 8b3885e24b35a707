import { beforeAll, describe, expect, it } from 'vitest';
import { itemSize } from '../../../../lib/store/limits.ts';
import type { Item } from '../../../../lib/store/ports.ts';
import { ClientRuns, Runs, reconcile } from '../../../../lib/tracking/index.ts';
import type { RunQuery } from '../../../../lib/tracking/run-search/index.ts';
import { InvalidSearchError } from '../../../../lib/tracking/search/index.ts';
import { CrashError } from '../../../support/memory.ts';
import { newRun, runId, type World, WS, world } from '../helpers.ts';
import { afterReadOf } from '../interleave.ts';

const search = (w: World, query: Partial<RunQuery> = {}) =>
  w.runs.search(WS, { experimentIds: ['1'], maxResults: 100, ...query });
const idsOf = async (w: World, query: Partial<RunQuery> = {}) =>
  (await search(w, query)).runs.map((run) => Number.parseInt(run.runId, 16));
const indexOf = (w: World): Item[] => w.items.dump().filter(({ pk }) => pk.includes('#search#'));

describe('the search index', () => {
  it('keeps one entry of each value a run has, and none of one it had', async () => {
    const w = world();
    await w.runs.create(WS, newRun(runId(1), { tags: { t: 'a' } }));
    for (let n = 0; n < 5; n += 1) {
      await w.runs.logMetrics(WS, runId(1), [{ key: 'm', value: n, step: n, timestamp: n }]);
      await w.runs.setTags(WS, runId(1), { t: `v${n}` });
    }
    const entries = indexOf(w);
    expect(entries.map(({ pk }) => pk)).toEqual([
      `${WS}#search#1#a#`,
      `${WS}#search#1#m#m`,
      `${WS}#search#1#t#t`,
    ]);
  });

  it('tells long texts apart that begin alike', async () => {
    const w = world();
    const long = 'x'.repeat(2_000);
    await w.runs.create(WS, newRun(runId(1), { params: { p: long } }));
    await w.runs.create(WS, newRun(runId(2), { params: { p: `${long}y` } }));
    expect(await idsOf(w, { filter: `params.p = '${long}'` })).toEqual([1]);
    expect(await idsOf(w, { filter: "params.p LIKE '%y'" })).toEqual([2]);
    expect(await idsOf(w, { filter: `params.p != '${long}'` })).toEqual([2]);
  });

  it('has all entries of a batch that is more than one transaction, and none that it replaced', async () => {
    const w = world();
    await w.runs.create(WS, newRun(runId(1)));
    const metrics = (value: number) =>
      Array.from({ length: 250 }, (_, i) => ({ key: `m${i}`, value, step: value, timestamp: 0 }));
    await w.runs.logMetrics(WS, runId(1), metrics(1));
    await w.runs.logMetrics(WS, runId(1), metrics(2));
    expect(indexOf(w)).toHaveLength(251);
    expect(await idsOf(w, { filter: 'metrics.m249 = 2' })).toEqual([1]);
    expect(await idsOf(w, { filter: 'metrics.m0 = 1' })).toEqual([]);
  });

  it('finds a run by what it has, wherever a large batch ended, and a repeat completes the batch', async () => {
    for (let at = 1; at < 40; at += 1) {
      for (const mode of ['before', 'after'] as const) {
        const w = world();
        await w.runs.create(WS, newRun(runId(1), { tags: { t: 'old' } }));
        const tags = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`t${i}`, 'new']));
        const batch = { tags: { ...tags, t: 'new' } };
        w.items.failWrite({ at, mode });
        const ended = await w.runs.logBatch(WS, runId(1), batch).then(
          () => true,
          (error) => {
            expect(error).toBeInstanceOf(CrashError);
            return false;
          },
        );
        w.items.failWrite(undefined);
        const { tags: held } = await w.runs.get(WS, runId(1));
        expect(await idsOf(w, { filter: `tags.t = '${held.t}'` }), `${mode} ${at}`).toEqual([1]);
        await w.runs.logBatch(WS, runId(1), batch);
        expect(await idsOf(w, { filter: "tags.t = 'new' AND tags.t149 = 'new'" })).toEqual([1]);
        expect(await idsOf(w, { filter: "tags.t = 'old'" })).toEqual([]);
        if (ended) return;
      }
    }
  });

  it('is never without the present value while eight writers log one metric', async () => {
    const w = world();
    await w.runs.create(WS, newRun(runId(1)));
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        w.runs.logMetrics(WS, runId(1), [{ key: 'm', value: n, step: n, timestamp: 0 }]),
      ),
    );
    expect(await idsOf(w, { filter: 'metrics.m = 7' })).toEqual([1]);
    expect(indexOf(w)).toHaveLength(2);
  });

  it('has the name that came while the run ended, and the end that came with a name', async () => {
    for (const endsFirst of [false, true]) {
      const w = world();
      await w.runs.create(WS, newRun(runId(1), { status: 'RUNNING' }));
      const rename = (runs: ClientRuns) => runs.update(WS, runId(1), { name: 'other' });
      const end = (runs: Runs) => runs.finish(WS, runId(1), { status: 'FINISHED' });
      const slow = afterReadOf(w.items, { pk: `${WS}#run#${runId(1)}`, sk: '0#run' }, () =>
        endsFirst ? end(w.runs) : rename(w.clientRuns),
      );
      await (endsFirst ? rename(new ClientRuns(slow, w.clock)) : end(new Runs(slow, w.clock)));
      const filter = "attributes.run_name = 'other' AND attributes.status = 'FINISHED'";
      expect(await idsOf(w, { filter }), String(endsFirst)).toEqual([1]);
    }
  });

  it('lets a run be opened again that was renamed at the same time', async () => {
    const w = world();
    await w.runs.create(WS, newRun(runId(1), { status: 'RUNNING' }));
    await w.runs.finish(WS, runId(1), { status: 'FAILED' });
    const slow = afterReadOf(w.items, { pk: `${WS}#run#${runId(1)}`, sk: '0#run' }, () =>
      w.clientRuns.update(WS, runId(1), { name: 'other' }),
    );
    const run = await new Runs(slow, w.clock).nextAttempt(WS, runId(1), 1);
    expect(run).toMatchObject({ attempt: 2, status: 'RUNNING', name: 'other' });
    expect(await idsOf(w, { filter: "run_name = 'other' AND status = 'RUNNING'" })).toEqual([1]);
  });

  it('gives a run once though an entry of an old tag was left behind', async () => {
    const w = world();
    for (const n of [1, 2]) await w.runs.create(WS, newRun(runId(n), { tags: { t: `old ${n}` } }));
    const old = indexOf(w).filter(({ pk, sk }) => pk.includes('#t#t') && sk.includes('old 1'));
    expect(old).toHaveLength(1);
    await w.runs.setTags(WS, runId(1), { t: 'z'.repeat(2_000) });
    await w.items.batchPut(old);
    expect(await idsOf(w, { orderBy: ['tags.t'] })).toEqual([2, 1]);
    expect(await idsOf(w, { orderBy: ['tags.t DESC'] })).toEqual([1, 2]);
  });

  it('takes in a run of before it by reconcile, once', async () => {
    const w = world();
    await w.runs.create(WS, newRun(runId(1), { status: 'RUNNING', params: { p: 'a' }, tags: { t: 'b' } }));
    const whole = w.items.dump();
    const old = whole
      .filter(({ pk }) => !pk.includes('#search#'))
      .map(({ index: _, ...item }) => item as Item);
    w.items.restore(old);
    expect(await idsOf(w)).toEqual([]);
    const told = await reconcile(WS, w.stores, { fix: false });
    expect(told.filter(({ kind }) => kind === 'run-not-indexed')).toHaveLength(1);
    await reconcile(WS, w.stores, { fix: true });
    expect(await reconcile(WS, w.stores, { fix: true })).not.toContainEqual(
      expect.objectContaining({ kind: 'run-not-indexed' }),
    );
    const keys = (items: readonly Item[]) => items.map(({ pk, sk }) => pk + sk);
    expect(keys(indexOf(w))).toEqual(keys(whole.filter(({ pk }) => pk.includes('#search#'))));
    expect(await idsOf(w, { filter: "params.p = 'a' AND tags.t = 'b'" })).toEqual([1]);
  });
});

describe('a page token', () => {
  it('belongs to its query', async () => {
    const w = world();
    for (const n of [1, 2, 3]) await w.runs.create(WS, newRun(runId(n)));
    const { nextPageToken: pageToken } = await search(w, { maxResults: 1 });
    expect(pageToken).toEqual(expect.any(String));
    expect(await idsOf(w, { pageToken })).toHaveLength(2);
    for (const other of [
      { filter: 'metrics.a > 1' },
      { orderBy: ['metrics.a'] },
      { experimentIds: ['2'] },
      { viewType: 'ALL' as const },
    ]) {
      await expect(search(w, { ...other, pageToken })).rejects.toThrow(InvalidSearchError);
    }
    for (const bad of ['x', '!', 'e30=', Buffer.from('[1,2]').toString('base64')]) {
      await expect(search(w, { pageToken: bad })).rejects.toThrow('Invalid page token');
    }
  });

  it('leads to the next page though runs came before its place', async () => {
    const w = world();
    for (const n of [1, 2, 3]) await w.runs.create(WS, newRun(runId(n)));
    const first = await search(w, { maxResults: 2 });
    await w.runs.create(WS, newRun(runId(4)));
    const second = await search(w, { maxResults: 2, pageToken: first.nextPageToken });
    expect([...first.runs, ...second.runs].map((run) => run.runId)).toEqual([3, 2, 1].map(runId));
    expect(second.nextPageToken).toBeUndefined();
  });
});

/** What DynamoDB counts for strongly consistent reads: a unit for each 4 KB of a query's page, or of an item that is got. */
function counted(w: World) {
  const cost = { requests: 0, units: 0 };
  const units = (bytes: number): number => Math.ceil(bytes / 4_096);
  const size = (items: readonly Item[]): number => items.reduce((sum, item) => sum + itemSize(item), 0);
  const query = w.items.query.bind(w.items);
  w.items.query = async (request) => {
    const page = await query(request);
    cost.requests += 1;
    cost.units += units(size(page.items));
    return page;
  };
  const batchGet = w.items.batchGet.bind(w.items);
  w.items.batchGet = async (keys, options) => {
    const items = await batchGet(keys, options);
    cost.requests += Math.ceil(keys.length / 100);
    for (const item of items) cost.units += units(itemSize(item));
    return items;
  };
  return cost;
}

describe('a search among 10,000 runs of one experiment', () => {
  let w: World;

  beforeAll(async () => {
    w = world();
    for (let n = 0; n < 10_000; n += 1) {
      // In an order that has nothing to do with the metric's.
      const accuracy = ((n * 7_919) % 10_000) / 10_000;
      await w.runs.create(
        WS,
        newRun(runId(n), {
          startTime: new Date(1_700_000_000_000 + n * 1_000).toISOString(),
          params: { lr: String(n % 10), note: 'n'.repeat(500) },
        }),
      );
      await w.runs.logMetrics(WS, runId(n), [{ key: 'accuracy', value: accuracy, step: 1, timestamp: 1 }]);
    }
  }, 120_000);

  it.each([
    { filter: 'metrics.accuracy > 0.5', orderBy: ['metrics.accuracy DESC'] },
    { filter: 'metrics.accuracy > 0.999', orderBy: ['metrics.accuracy DESC'] },
    { filter: 'metrics.accuracy < 0.5', orderBy: ['metrics.accuracy ASC'] },
    { filter: "params.lr = '3' AND metrics.accuracy > 0.2", orderBy: ['metrics.accuracy DESC'] },
    { filter: "params.lr = '3'", orderBy: [] },
    { filter: '', orderBy: ['metrics.accuracy'] },
    { filter: '', orderBy: [] },
  ])('$filter by $orderBy: 15 requests and 300 read units at most', async ({ filter, orderBy }) => {
    const cost = counted(w);
    const { runs } = await search(w, { filter, orderBy, maxResults: 100 });
    expect(runs).toHaveLength(filter.includes('0.999') ? 9 : 100);
    const values = runs.map((run) => run.metrics.accuracy as number);
    if (orderBy.length > 0) {
      const sign = orderBy[0]?.endsWith('DESC') ? -1 : 1;
      expect(values).toEqual([...values].sort((a, b) => sign * (a - b)));
    }
    expect(cost.requests).toBeLessThanOrEqual(15);
    expect(cost.units).toBeLessThanOrEqual(300);
  });
});
