import { describe, expect, it } from 'vitest';
import { changeCollector, collectorReport } from '../../../../lib/pipeline/collect/control.ts';
import { SourceFaultError } from '../../../../lib/pipeline/collect/errors.ts';
import { batchName, pollOnce } from '../../../../lib/pipeline/collect/poll.ts';
import { runIdOf, startRun } from '../../../../lib/pipeline/control/start.ts';
import {
  answer,
  collectingWorld,
  noMore,
  P,
  SOURCE_URL,
  sampleOf,
  scripted,
  WS,
} from '../../../support/collecting.ts';

const poll = (world: ReturnType<typeof collectingWorld>) => pollOnce(world.deps, WS, P);
const outcomes = async (world: ReturnType<typeof collectingWorld>, times: number) => {
  const seen: string[] = [];
  for (let i = 0; i < times; i++) seen.push((await poll(world)).outcome);
  return seen;
};

describe('a collector', () => {
  it('keeps the first sample of each batch and ignores every other', async () => {
    const world = collectingWorld(
      scripted([sampleOf(0, 7), sampleOf(0, 8), sampleOf(1, 9), sampleOf(0, 10)]),
    );
    expect(await outcomes(world, 4)).toEqual(['stored', 'known', 'stored', 'known']);
    const { open } = await collectorReport(world.deps, WS, P);
    expect(open).toMatchObject({ round: 1, stored: 2, rows: 4 });
    const kept = await Promise.all(
      open.subsets.map(async ({ key }) => String(Buffer.from(await world.objects.get(key)))),
    );
    expect(kept).toEqual(['[7,1,"yes"]\n[7,2,"no"]\n', '[9,1,"yes"]\n[9,2,"no"]\n']);
    expect(open.subsets.map(({ key }) => key)).toEqual([
      'default/collected/tiny-classes/1/b000000000000.jsonl',
      'default/collected/tiny-classes/1/b000000000001.jsonl',
    ]);
  });

  it("asks for its group at the URL that the deploy names, and keeps that URL's own query", async () => {
    const get = scripted([sampleOf(0)]);
    const world = collectingWorld(get, { collectorUrls: { [P]: `${SOURCE_URL}?faults=late:0.1` } });
    await poll(world);
    expect(get.urls).toEqual([`${SOURCE_URL}?faults=late%3A0.1&group_number=1`]);
  });

  it('starts one run for a full round and goes on with the next', async () => {
    const world = collectingWorld(
      scripted([sampleOf(2), sampleOf(0), sampleOf(1), sampleOf(1, 5), sampleOf(3)]),
    );
    const polls = [];
    for (let i = 0; i < 5; i++) polls.push(await poll(world));
    const runId = runIdOf(WS, P, 'round:1');
    expect(polls.map(({ started }) => started)).toEqual([[], [], [runId], [], []]);
    expect(polls[4]!.state).toMatchObject({ round: 2, stored: 1, lastClosed: 1 });
    expect(await world.deps.runs.get(WS, runId)).toMatchObject({ status: 'RUNNING', trigger: 'event' });
    const { rounds } = await collectorReport(world.deps, WS, P);
    expect(rounds).toMatchObject([{ round: 1, state: 'closed', subsets: 3, rows: 6, runId }]);
    expect((await world.deps.runs.list(WS, { pipeline: P })).items).toHaveLength(1);
  });

  it('misses no batch while runs cannot be started, and starts the run once they can', async () => {
    const world = collectingWorld(
      scripted([sampleOf(0), sampleOf(1), sampleOf(2), sampleOf(3), sampleOf(4)]),
    );
    const start = world.executions.start.bind(world.executions);
    let broken = true;
    world.executions.start = async (name, input) => {
      if (broken) throw new Error('Step Functions are away');
      return start(name, input);
    };
    expect(await outcomes(world, 2)).toEqual(['stored', 'stored']);
    for (let i = 0; i < 2; i++) await expect(poll(world)).rejects.toThrow('are away');
    const { open, rounds } = await collectorReport(world.deps, WS, P);
    expect([rounds[0]?.state, open.round, open.stored]).toEqual(['closed', 2, 1]);
    broken = false;
    expect(await poll(world)).toMatchObject({ outcome: 'stored', started: [runIdOf(WS, P, 'round:1')] });
    expect(world.executions.all.size).toBe(1);
  });

  it("queues a round's run while another runs", async () => {
    const world = collectingWorld(scripted([sampleOf(0), sampleOf(1), sampleOf(2)]));
    await startRun(world.deps, WS, P, { trigger: 'caller', actor: 'me' });
    await outcomes(world, 3);
    expect((await world.deps.runs.get(WS, runIdOf(WS, P, 'round:1'))).status).toBe('SCHEDULED');
  });

  it('lets no batch of a closed round into the next while the source has not ended', async () => {
    const world = collectingWorld(
      scripted([sampleOf(0), sampleOf(1), sampleOf(2), sampleOf(2, 1), sampleOf(0, 1), sampleOf(3)]),
    );
    expect(await outcomes(world, 6)).toEqual(['stored', 'stored', 'stored', 'known', 'known', 'stored']);
    expect((await world.deps.collection.subsets(WS, P, 2)).map(({ batch }) => batch)).toEqual([
      'b000000000003',
    ]);
  });

  it('takes the same numbers for new batches once the source has ended', async () => {
    const pass = [sampleOf(0), sampleOf(1), sampleOf(2), noMore(), noMore()];
    const world = collectingWorld(scripted([...pass, sampleOf(0, 4), sampleOf(1, 4), sampleOf(2, 4)]));
    expect(await outcomes(world, 8)).toEqual([
      ...['stored', 'stored', 'stored', 'exhausted', 'exhausted', 'stored', 'stored', 'stored'],
    ]);
    const { rounds, pass: passes } = await collectorReport(world.deps, WS, P);
    expect(rounds.map(({ round, state }) => [round, state])).toEqual([
      [2, 'closed'],
      [1, 'closed'],
    ]);
    expect(passes).toBe(2);
  });

  it('ends a round that the source leaves short, says why, and starts no run for it', async () => {
    const world = collectingWorld(scripted([sampleOf(0), sampleOf(1), noMore(), sampleOf(0, 2)]));
    expect(await outcomes(world, 4)).toEqual(['stored', 'stored', 'exhausted', 'stored']);
    const { rounds, open } = await collectorReport(world.deps, WS, P);
    expect(rounds).toMatchObject([{ round: 1, state: 'incomplete', subsets: 2, rows: 4 }]);
    expect(rounds[0]!.reason).toContain('all the data was collected');
    expect(open).toMatchObject({ round: 2, stored: 1 });
    expect((await world.deps.runs.list(WS, { pipeline: P })).items).toEqual([]);
  });

  it('tells a batch without number by its time window', async () => {
    const world = collectingWorld(scripted([sampleOf(undefined)]));
    expect(await outcomes(world, 2)).toEqual(['stored', 'known']);
    world.clock.advance(10_000);
    expect(await outcomes(world, 2)).toEqual(['stored', 'known']);
    expect(batchName(undefined, new Date(25_000), 10)).toBe('w000000000002');
    expect(batchName(7, new Date(25_000), 10)).toBe('b000000000007');
  });

  it('counts faults by kind and stores nothing of them', async () => {
    const whole = JSON.stringify({ batch_number: 0, data: [[1, 2, 'yes']] });
    const world = collectingWorld(
      scripted([
        answer(500, 'oops'),
        answer(503, ''),
        answer(302, 'see elsewhere'),
        answer(200, whole.slice(0, -5)),
        answer(200, { batch_number: 0, data: [[1, 2]] }),
        answer(200, { batch_number: 0, data: [] }),
        answer(200, { batch_number: -1, data: [[1, 2, 'yes']] }),
        answer(200, [1]),
        new SourceFaultError('timeout', 'no answer'),
        new SourceFaultError('unreachable', 'refused'),
      ]),
    );
    const kinds = [
      'server-error',
      'server-error',
      'refused',
      'truncated',
      'malformed',
      'malformed',
      'malformed',
      'malformed',
    ];
    expect(await outcomes(world, 10)).toEqual([...kinds, 'timeout', 'unreachable']);
    const { counts, open } = await collectorReport(world.deps, WS, P);
    expect(counts).toMatchObject({
      polls: 10,
      outcomes: { 'server-error': 2, refused: 1, truncated: 1, malformed: 4, timeout: 1, unreachable: 1 },
      last: { outcome: 'unreachable', detail: 'refused' },
    });
    expect(open.stored).toBe(0);
    expect(world.objects.keys()).toEqual([]);
  });

  it('does not hide an error that is its own', async () => {
    const world = collectingWorld(scripted([new RangeError('a fault of ours')]));
    await expect(poll(world)).rejects.toThrow(RangeError);
  });

  it('asks nothing while it is paused or knows no URL', async () => {
    const get = scripted([sampleOf(0)]);
    const world = collectingWorld(get, { collectorUrls: {} });
    expect(await poll(world)).toMatchObject({ outcome: 'idle', detail: 'no URL is set' });
    await changeCollector(world.deps, WS, P, { url: SOURCE_URL, state: 'paused' });
    expect(await poll(world)).toMatchObject({ outcome: 'idle', detail: 'paused' });
    expect(get.urls).toEqual([]);
    await changeCollector(world.deps, WS, P, { state: 'active' });
    expect((await poll(world)).outcome).toBe('stored');
  });
});

describe('an answer that is late', () => {
  /** A source whose next answer is held back until `release`. */
  const held = (world: ReturnType<typeof collectingWorld>) => {
    const before = world.deps.get;
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.deps.get = async () => {
      world.deps.get = before;
      await gate;
      return sampleOf(0, 99);
    };
    return () => release();
  };

  it('does not enter the next pass as its first batch', async () => {
    const world = collectingWorld(scripted([sampleOf(1), noMore(), sampleOf(0, 1)]));
    await poll(world);
    const release = held(world);
    const late = poll(world);
    // The late call has read where the collector stands before the others move it on.
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await outcomes(world, 2)).toEqual(['exhausted', 'stored']);
    release();
    expect((await late).outcome).toBe('late');
    const { open } = await collectorReport(world.deps, WS, P);
    expect(open.subsets.map(({ pass, batch, rows }) => [pass, batch, rows])).toEqual([
      [2, 'b000000000000', 2],
    ]);
  });

  it('of the source before means nothing once an operator has named another', async () => {
    const world = collectingWorld(scripted([sampleOf(5)]));
    await poll(world);
    const release = held(world);
    const late = poll(world);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const report = await changeCollector(world.deps, WS, P, { url: 'https://other.example/data' });
    expect(report.rounds).toMatchObject([
      { round: 1, state: 'incomplete', reason: 'an operator named another source' },
    ]);
    release();
    expect((await late).outcome).toBe('late');
    expect(await outcomes(world, 2)).toEqual(['stored', 'known']);
  });
});

describe('settings', () => {
  it('stand over the definition, one by one', async () => {
    const world = collectingWorld(scripted([sampleOf(0), sampleOf(1)]));
    const { settings } = await changeCollector(world.deps, WS, P, { subsets: 2, every: 60 });
    expect(settings).toEqual({ url: SOURCE_URL, every: 60, subsets: 2, group: 1, state: 'active' });
    await outcomes(world, 2);
    expect((await collectorReport(world.deps, WS, P)).rounds).toMatchObject([
      { state: 'closed', subsets: 2 },
    ]);
  });

  it('begin another pass where the source begins anew', async () => {
    const world = collectingWorld(scripted([sampleOf(0), sampleOf(0, 1), sampleOf(0, 2)]));
    expect(await outcomes(world, 2)).toEqual(['stored', 'known']);
    await changeCollector(world.deps, WS, P, { restart: true });
    expect(await outcomes(world, 1)).toEqual(['stored']);
    expect(await world.deps.collection.state(WS, P)).toMatchObject({ round: 2, stored: 1, pass: 3 });
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://0.0.0.0/',
  ])('refuse %s', async (url) => {
    const world = collectingWorld(scripted([sampleOf(0)]));
    await expect(changeCollector(world.deps, WS, P, { url })).rejects.toMatchObject({
      code: 'FORBIDDEN_ADDRESS',
    });
    expect(await world.deps.collection.settings(WS, P)).toEqual({});
  });
});
