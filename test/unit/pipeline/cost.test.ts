import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChoiceState, State } from '../../../lib/infra/state-machine/asl.ts';
import { pipelineDefinition, stageNames } from '../../../lib/infra/state-machine/index.ts';
import { callsOf, estimateCost, PRICES, transitionsOf } from '../../../lib/pipeline/cost/index.ts';
import { RunReports } from '../../../lib/pipeline/run-reports/index.ts';
import type { Stage, StageRecord } from '../../../lib/tracking/types.ts';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const record = (stage: Stage, more: Partial<StageRecord> = {}): StageRecord => ({
  runId: 'a'.repeat(32),
  stage,
  status: 'DONE',
  attempt: 1,
  outputs: {},
  startedAt: at(0),
  endedAt: at(10),
  memoryMb: 2048,
  ...more,
});
const ended = { attempt: 1, ended: true };
const now = at(100);

describe('the prices', () => {
  // As the sources named beside each in prices.ts have them: an order of magnitude is lost sooner than a digit.
  it('are those of us-east-1 on arm64, by the thousand, the million or the GB as AWS tells them', () => {
    const { lambdaGbSecond, lambdaRequest, transition, s3Put, s3Get, s3GbMonth, dynamoWrite, dynamoRead } =
      PRICES;
    expect(PRICES.region).toBe('us-east-1');
    // A fifth less than x86_64.
    expect(lambdaGbSecond / 0.0000166667).toBeCloseTo(0.8, 4);
    expect([lambdaRequest, dynamoWrite, dynamoRead].map((price) => price * 1e6)).toEqual([0.2, 0.625, 0.125]);
    expect([transition, s3Put, s3Get].map((price) => Number((price * 1e3).toPrecision(6)))).toEqual([
      0.025, 0.005, 0.0004,
    ]);
    expect(s3GbMonth).toBe(0.023);
    expect(PRICES.sources.every((source) => new URL(source).host === 'aws.amazon.com')).toBe(true);
  });

  it('are for the processor that every function has', () => {
    const text = readFileSync(new URL('../../../lib/infra/constructs/function.ts', import.meta.url), 'utf8');
    expect(text).toContain('lambda.Architecture.ARM_64');
    expect(text).not.toContain('X86_64');
  });
});

describe('an estimate', () => {
  it('is time times memory times price, and the rest by the piece', () => {
    const calls = callsOf([record('clean')], { ...ended, ended: false, now });
    expect(calls).toEqual([{ stage: 'clean', milliseconds: 10_000, memoryMb: 2048, assumedMemory: false }]);
    const estimate = estimateCost({
      calls,
      transitions: 1_000,
      s3: { puts: 1_000, gets: 1_000, bytes: 2 ** 30 },
      dynamo: { writes: 1_000_000, reads: 1_000_000 },
    });
    // 10 s at 2 GB are 20 GB-seconds.
    expect(estimate.lines[0]).toMatchObject({ what: 'clean: 10.0 s at 2,048 MB', quantity: 20 });
    const sums = Object.groupBy(estimate.lines, ({ service }) => service);
    const sumOf = (service: keyof typeof sums) =>
      (sums[service] ?? []).reduce((sum, { cost }) => sum + cost, 0);
    expect(sumOf('lambda')).toBeCloseTo(20 * 0.0000133334 + 0.0000002, 12);
    expect(sumOf('step-functions')).toBeCloseTo(0.025, 12);
    expect(sumOf('s3')).toBeCloseTo(0.0054, 12);
    expect(sumOf('dynamodb')).toBeCloseTo(0.75, 12);
    expect(estimate.total).toBeCloseTo(20 * 0.0000133334 + 0.0000002 + 0.025 + 0.0054 + 0.75, 10);
    expect(estimate.storage.perMonth).toBeCloseTo(0.023, 12);
    expect(estimate.pricesAt).toBe(PRICES.asOf);
    expect(estimate.assumptions.join()).not.toContain('memory');
  });

  it('says where it assumed the memory, and counts a stage that runs until now', () => {
    const running = record('train', {
      item: '0',
      status: 'RUNNING',
      endedAt: undefined,
      memoryMb: undefined,
    });
    const calls = callsOf([running], { attempt: 1, ended: false, now });
    expect(calls).toEqual([
      { stage: 'train', item: '0', milliseconds: 100_000, memoryMb: 3008, assumedMemory: true },
    ]);
    const nothing = { puts: 0, gets: 0, bytes: 0 };
    const { assumptions } = estimateCost({
      calls,
      transitions: 0,
      s3: nothing,
      dynamo: { writes: 0, reads: 0 },
    });
    expect(assumptions.at(-1)).toContain('memory of train');
  });

  it('leaves out what another attempt or another run did, and the whole train stage, whose items count', () => {
    const records = [
      record('ingest', { status: 'SKIPPED', note: 'not asked for: the result of run x is used' }),
      record('clean', { attempt: 1 }),
      record('train', { attempt: 2, startedAt: at(0), endedAt: at(50) }),
      record('train', { attempt: 2, item: '0', startedAt: at(3), endedAt: at(13) }),
    ];
    const calls = callsOf(records, { attempt: 2, ended: true, now });
    expect(calls.map(({ stage, milliseconds }) => [stage, milliseconds])).toEqual([
      ['train', 10_000],
      // What planned the training: until the first item began.
      ['plan', 3_000],
      ['close', 1_000],
    ]);
  });

  it('never is negative, and grows with time, memory and pieces', () => {
    const amount = fc.integer({ min: 0, max: 1e6 });
    const usage = fc.record({
      milliseconds: amount,
      memoryMb: fc.integer({ min: 128, max: 10_240 }),
      more: amount,
    });
    fc.assert(
      fc.property(usage, ({ milliseconds, memoryMb, more }) => {
        const of = (ms: number, mb: number, pieces: number) =>
          estimateCost({
            calls: [{ stage: 'clean', milliseconds: ms, memoryMb: mb, assumedMemory: false }],
            transitions: pieces,
            s3: { puts: pieces, gets: pieces, bytes: pieces },
            dynamo: { writes: pieces, reads: pieces },
          }).total;
        const one = of(milliseconds, memoryMb, more);
        expect(one).toBeGreaterThan(0);
        expect(of(milliseconds + 1, memoryMb, more)).toBeGreaterThan(one);
        expect(of(milliseconds, memoryMb, more + 1)).toBeGreaterThan(one);
        expect(of(milliseconds, memoryMb + 1, more)).toBeGreaterThanOrEqual(one);
      }),
    );
  });
});

describe('calls', () => {
  const times = fc.tuple(
    fc.integer({ min: -1_000, max: 100_000 }),
    fc.option(fc.integer({ min: -1_000, max: 100_000 })),
  );
  const stages = fc.constantFrom<Stage>(
    'plan',
    'ingest',
    'clean',
    'train',
    'evaluate',
    'register',
    'promote',
  );
  const any = fc.record({
    stage: stages,
    item: fc.option(fc.constantFrom('0', '1', '0_1of2'), { nil: undefined }),
    times,
    attempt: fc.integer({ min: 1, max: 3 }),
    memoryMb: fc.option(fc.integer({ min: 128, max: 10_240 }), { nil: undefined }),
    status: fc.constantFrom<StageRecord['status']>('RUNNING', 'DONE', 'SKIPPED', 'FAILED'),
    taken: fc.boolean(),
  });

  it('never take less than no time, are of one attempt, and cost what their lines sum to', () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), fc.boolean(), (given, over) => {
        const records = given.map(({ times: [start, end], taken, ...one }) =>
          record(one.stage, {
            ...one,
            startedAt: at(start / 1_000),
            endedAt: end === null ? undefined : at(end / 1_000),
            ...(taken && { note: 'not asked for: the result of run x is used' }),
          }),
        );
        const calls = callsOf(records, { attempt: 2, ended: over, now: at(50) });
        const own = records.filter((one) => one.attempt === 2 && !one.note);
        const counted = own.filter(({ stage, item }) => stage !== 'train' || item !== undefined).length;
        const planned = own.some(({ stage, item }) => stage === 'train' && item === undefined) ? 1 : 0;
        expect(calls).toHaveLength(counted + planned + (over ? 1 : 0));
        expect(calls.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
        const transitions = transitionsOf(records, { attempt: 2, ended: over });
        expect(Number.isInteger(transitions) && transitions >= 0).toBe(true);
        const nothing = { s3: { puts: 0, gets: 0, bytes: 0 }, dynamo: { writes: 0, reads: 0 } };
        const { total, lines } = estimateCost({ calls, transitions, ...nothing });
        expect(total).toBeCloseTo(
          lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
          12,
        );
        expect(lines.every(({ cost }) => Number.isFinite(cost) && cost >= 0)).toBe(true);
      }),
    );
  });

  it.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [42, '42 ms'],
    [999.4, '999 ms'],
    [999.5, '1.0 s'],
    [12_449, '12.4 s'],
    [900_000, '900.0 s'],
  ])('of %d ms read as %s', (milliseconds, text) => {
    const call = { stage: 'train' as const, item: '0', milliseconds, memoryMb: 10_240, assumedMemory: false };
    const { lines } = estimateCost({
      calls: [call],
      transitions: 0,
      s3: { puts: 0, gets: 0, bytes: 0 },
      dynamo: { writes: 0, reads: 0 },
    });
    expect(lines[0]?.what).toBe(`train 0: ${text} at 10,240 MB`);
  });

  it('that plan the training end where its first item begins, and after a minute at most', () => {
    const of = (more: Partial<StageRecord>, ...items: number[]) =>
      callsOf(
        [
          record('train', { startedAt: at(0), ...more }),
          ...items.map((start, i) =>
            record('train', { item: String(i), startedAt: at(start), endedAt: at(start) }),
          ),
        ],
        { attempt: 1, ended: false, now: at(45) },
      ).find(({ stage }) => stage === 'plan')?.milliseconds;
    expect(of({}, 9, 4, 7)).toBe(4_000);
    // An item's clock behind the plan's.
    expect(of({}, -3)).toBe(0);
    expect(of({ endedAt: at(20) })).toBe(20_000);
    expect(of({ endedAt: undefined, status: 'RUNNING' })).toBe(45_000);
    expect(of({ endedAt: at(600) })).toBe(60_000);
  });
});

describe('a batch prediction', () => {
  const chunk = (item: string, status = 'DONE') =>
    ({ ...record('predict', { item }), status }) as StageRecord;

  it('enters the states of its own way', () => {
    const counted = (records: readonly StageRecord[]) => transitionsOf(records, { attempt: 1, ended: true });
    const whole = [record('plan'), chunk('0'), chunk('1'), chunk('2'), record('join')];
    // Batch?, Plan batch, Predict and three items, Join, Close, Succeeded.
    expect(counted(whole)).toBe(9);
    // Batch?, Plan batch, Predict and two items, Predict failed, Close as failed, Failed.
    expect(counted([record('plan'), chunk('0'), chunk('1', 'FAILED')])).toBe(8);
  });
});

/** Walks the deployed state machine as Step Functions does, and counts the states that it enters. */
function entered(
  wanted: ReadonlySet<string>,
  { items = 1, merges = 0, fails }: { items?: number; merges?: number; fails?: string } = {},
) {
  const arns = Object.fromEntries(['plan', ...stageNames, 'close'].map((name) => [name, name]));
  const timeouts = Object.fromEntries(['plan', ...stageNames, 'close'].map((name) => [name, 1]));
  const definition = pipelineDefinition({
    functions: arns as never,
    invoke: 'invoke',
    timeouts: timeouts as never,
    mapConcurrency: 5,
    bucket: 'bucket',
    getObject: 'getObject',
  });
  let count = 0;
  let name: string | undefined = definition.StartAt;
  while (name !== undefined) {
    const state: State | undefined = definition.States[name];
    if (state === undefined) throw new Error(`no state ${name}`);
    count += 1;
    if (state.Type === 'Choice') {
      const choice: ChoiceState['Choices'][number] | undefined = state.Choices[0];
      const variable: string = String(choice?.Variable);
      const yes: boolean =
        variable === '$.train.sharded' ? merges > 0 : wanted.has(variable.split('.').at(-1) ?? '');
      name = yes ? choice?.Next : state.Default;
      continue;
    }
    if (state.Type === 'Map') count += name === 'Merge' ? merges : items;
    if (state.Type === 'Succeed' || state.Type === 'Fail') return count;
    const failed = name === fails && 'Catch' in state;
    name = failed ? state.Catch?.[0]?.Next : 'Next' in state ? state.Next : undefined;
  }
  return count;
}

const child = (item: string, outputs = {}) => record('train', { item, outputs });
const whole = (stages: readonly Stage[]) => [record('plan'), ...stages.map((stage) => record(stage))];

describe('transitions', () => {
  it('are those that the state machine makes: a whole run, one of some stages, one of none', () => {
    const all = [...stageNames] as Stage[];
    expect(transitionsOf([...whole(all), child('0'), child('1')], ended)).toBe(
      entered(new Set(all), { items: 2 }),
    );
    const some: Stage[] = ['ingest', 'clean'];
    expect(transitionsOf(whole(some), ended)).toBe(entered(new Set(some)));
    expect(transitionsOf(whole([]), ended)).toBe(entered(new Set()));
  });

  it('of shards and of batches count the merge', () => {
    const all = [...stageNames] as Stage[];
    const shards = [child('0_1of2'), child('0_2of2'), child('0')];
    expect(transitionsOf([...whole(all), ...shards], ended)).toBe(
      entered(new Set(all), { items: 2, merges: 1 }),
    );
    const batches = [child('0'), child('1'), child('2', { part: 'merged' })];
    expect(transitionsOf([...whole(all), ...batches], ended)).toBe(
      entered(new Set(all), { items: 2, merges: 1 }),
    );
  });

  it.each(['clean', 'evaluate'] as const)('of a run that failed at %s end there', (stage) => {
    const all = [...stageNames] as Stage[];
    const until = all.slice(0, all.indexOf(stage));
    const records = [
      ...whole(until),
      record(stage, { status: 'FAILED' }),
      ...(stage === 'evaluate' ? [child('0')] : []),
    ];
    const title = `${stage[0]?.toUpperCase()}${stage.slice(1)}`;
    expect(transitionsOf(records, ended)).toBe(entered(new Set(all), { fails: title }));
  });
});

describe('the cost of a run', () => {
  it('is near what the run did: writes and reads of the table, objects put', async () => {
    const world = pipelineWorld([tinyHouses()], { 'tiny-houses': tinyHousesCsv() }, { memoryMb: 512 });
    let puts = 0;
    for (const name of ['put', 'putIfAbsent'] as const) {
      const own = world.objects[name].bind(world.objects) as (...given: unknown[]) => Promise<never>;
      world.objects[name] = ((...given: unknown[]) => {
        puts += 1;
        return own(...given);
      }) as never;
    }
    const run = await runToEnd(world.deps, 'tiny-houses');
    const cost = await new RunReports(world.deps).cost('default', run.runId);
    expect(cost.final).toBe(true);
    const quantity = (unit: string) => cost.lines.find((line) => line.unit === unit)?.quantity ?? 0;
    expect(quantity('PUT') / puts).toBeGreaterThan(0.6);
    expect(quantity('PUT') / puts).toBeLessThan(1.7);
    // A call writes one unit at least, in a transaction two for each item: so units are some times the calls.
    expect(quantity('write unit') / world.items.writes).toBeGreaterThan(1);
    expect(quantity('write unit') / world.items.writes).toBeLessThan(8);
    expect(quantity('read unit') / world.items.reads).toBeGreaterThan(0.5);
    expect(quantity('read unit') / world.items.reads).toBeLessThan(3);
    expect(cost.storage.bytes).toBeGreaterThan(10_000);
    // The memory is each record's own: nothing but the two calls without a record was assumed.
    expect(cost.assumptions.at(-1)).toContain('memory of plan, close');
    expect(cost.lines.find(({ what }) => what.startsWith('clean'))?.what).toContain('at 512 MB');
  });

  it("of a client's run is that of its records alone", async () => {
    const world = pipelineWorld([tinyHouses()], {});
    const runId = 'c'.repeat(32);
    await world.deps.runs.create('default', { runId, experimentId: '0', name: 'mine', status: 'RUNNING' });
    const cost = await new RunReports(world.deps).cost('default', runId);
    expect(cost.lines.filter(({ service, cost }) => service === 'lambda' && cost > 0)).toEqual([]);
    expect(cost.final).toBe(false);
  });
});
