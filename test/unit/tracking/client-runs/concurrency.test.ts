import { beforeEach, describe, expect, it } from 'vitest';
import { CrashError } from '../../../support/memory.ts';
import { RUN, type World, WS, world } from '../helpers.ts';

const WRITERS = 8;
const ROUNDS = 12;

let w: World;
beforeEach(async () => {
  w = world();
  await w.clientRuns.create(WS, { runId: RUN, experimentId: '0', startTime: 0, name: 'n' });
});

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** What one writer logs in one round: points of a shared metric, a param and a tag of its own. */
const batch = (writer: number, round: number) => ({
  metrics: [
    { key: 'shared', value: writer, step: round, timestamp: 1 },
    { key: `own${writer}`, value: round, step: round, timestamp: 1 },
  ],
  params: [{ key: `p${writer}.${round}`, value: String(round) }],
  tags: [{ key: `t${writer}`, value: String(round) }],
});

async function everything() {
  const run = await w.clientRuns.get(WS, RUN);
  const { items } = await w.clientRuns.history(WS, RUN, 'shared', {});
  return { params: run.params, tags: run.tags, latest: run.latest, shared: items };
}

describe('eight writers of one run at once', () => {
  it('lose nothing and double nothing, also where each sends all of it twice', async () => {
    const write = async (writer: number) => {
      for (const round of range(ROUNDS)) {
        const one = batch(writer, round);
        await Promise.all([w.clientRuns.logBatch(WS, RUN, one), w.clientRuns.logBatch(WS, RUN, one)]);
      }
    };
    await Promise.all(range(WRITERS).map(write));
    const { params, tags, latest, shared } = await everything();
    expect(Object.keys(params)).toHaveLength(WRITERS * ROUNDS);
    expect(range(WRITERS).map((writer) => tags[`t${writer}`])).toEqual(
      range(WRITERS).map(() => String(ROUNDS - 1)),
    );
    expect(shared).toHaveLength(WRITERS * ROUNDS);
    const last = { step: ROUNDS - 1, timestamp: 1 };
    expect(latest).toHaveLength(WRITERS + 1);
    expect(latest).toEqual(
      expect.arrayContaining([
        { key: 'shared', value: WRITERS - 1, ...last },
        ...range(WRITERS).map((writer) => ({ key: `own${writer}`, value: ROUNDS - 1, ...last })),
      ]),
    );
  }, 60_000);

  it('leave one value of a param: the first stands, the others are told which', async () => {
    const tries = range(WRITERS).map((writer) =>
      w.clientRuns.logBatch(WS, RUN, { params: [{ key: 'lr', value: String(writer) }] }),
    );
    const results = await Promise.allSettled(tries);
    const { params } = await w.clientRuns.get(WS, RUN);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(params).toEqual({ lr: String(winner) });
    const loser = results.find((result) => result.status === 'rejected') as PromiseRejectedResult;
    expect(loser.reason.details.changes[0].before).toBe(String(winner));
  });

  it('keep each dataset and model once, whoever logs them', async () => {
    const dataset = (name: string) => ({
      dataset: { name, digest: 'g', sourceType: 'local', source: '{}' },
      tags: {},
    });
    const tries = range(WRITERS).flatMap((writer) => [
      w.clientRuns.logInputs(WS, RUN, {
        datasets: [dataset('shared'), dataset(`own${writer}`)],
        models: ['m-1'],
      }),
      w.clientRuns.logOutputs(WS, RUN, [{ modelId: `m-${writer}`, step: writer }]),
    ]);
    await Promise.all(tries);
    const run = await w.clientRuns.get(WS, RUN);
    expect(run.datasets.map(({ dataset: { name } }) => name).sort()).toEqual(
      ['shared', ...range(WRITERS).map((writer) => `own${writer}`)].sort(),
    );
    expect(run.modelInputs).toEqual(['m-1']);
    expect(run.modelOutputs).toHaveLength(WRITERS);
  });

  it('never log to a run after its deletion was answered', async () => {
    const writers = range(WRITERS).map(async (writer) => {
      for (const round of range(ROUNDS)) await w.clientRuns.logBatch(WS, RUN, batch(writer, round));
    });
    await w.clientRuns.setLifecycle(WS, RUN, 'deleted');
    const { params, tags } = await everything();
    const results = await Promise.allSettled(writers);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    const after = await everything();
    expect([after.params, after.tags]).toEqual([params, tags]);
  });
});

describe('a batch of 1,000 metrics', () => {
  const whole = { metrics: range(1_000).map((i) => ({ key: `m${i}`, value: i, step: i, timestamp: i })) };

  it('ends at any write, and is whole once it is sent again', async () => {
    const before = w.items.writes;
    await w.clientRuns.logBatch(WS, RUN, whole);
    const writes = w.items.writes - before;
    expect(writes).toBeGreaterThanOrEqual(41);
    const wanted = new Map(whole.metrics.map(({ key, value }) => [key, value]));
    for (const at of [1, 2, 20, writes - 1, writes]) {
      for (const mode of ['before', 'after'] as const) {
        const broken = world();
        await broken.clientRuns.create(WS, { runId: RUN, experimentId: '0', startTime: 0, name: 'n' });
        broken.items.failWrite({ at, mode });
        await expect(broken.clientRuns.logBatch(WS, RUN, whole)).rejects.toThrow(CrashError);
        await broken.clientRuns.logBatch(WS, RUN, whole);
        const run = await broken.clientRuns.get(WS, RUN);
        expect(new Map(Object.entries(run.metrics))).toEqual(wanted);
        const history = await broken.clientRuns.history(WS, RUN, 'm999', {});
        expect(history.items).toEqual([whole.metrics[999]]);
      }
    }
  }, 60_000);
});
