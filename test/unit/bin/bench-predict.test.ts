import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { benchPredict, mistakes, mustBeSound } from '../../../bin/cli/bench/bench-predict.ts';
import { load } from '../../../bin/cli/bench/load.ts';
import { malformedRequests } from '../../../bin/cli/bench/malformed.ts';
import { ApiClient } from '../../../bin/cli/client.ts';
import { referenceQuery } from '../../../bin/cli/model-query.ts';
import { runCli } from '../../support/cli.ts';
import { addVersion, promote } from '../http/support/engine.ts';
import { type Served, serve } from '../http/support/server.ts';
import { makeWorld } from '../http/support/world.ts';

const schema = {
  model: 'm',
  version: '1',
  target: 'price',
  schema: {
    properties: { zone: { type: 'string' }, area: { type: ['number', 'null'] } },
    required: ['zone'],
  },
  example: { zone: 'A', area: 3 },
};

describe('malformed requests', () => {
  it('are wrong in every way that the schema allows, and name the field', () => {
    const made = malformedRequests(schema);
    const of = (what: string) => made.find((one) => one.what === what);
    expect(of('no zone')).toEqual({ what: 'no zone', body: '{"area":3}', field: 'zone', leftOut: 'zone' });
    expect(of('text for area')).toMatchObject({ body: '{"zone":"A","area":"many"}', field: 'area' });
    expect(of('a row that is no object')?.field).toBe('rows[1]');
    expect(new Set(made.map(({ body }) => body)).size).toBe(made.length);
    expect(made).toHaveLength(11);
  });

  it('leave out what a schema has nothing for', () => {
    const free = { ...schema, schema: { properties: { zone: { type: 'string' } }, required: [] } };
    expect(malformedRequests(free)).toHaveLength(7);
  });
});

describe('a column left out', () => {
  it('is no mistake where the model answers with a warning of it, as its pipeline fills the gap', async () => {
    const made = malformedRequests(schema);
    const fills = await mistakes(async () => ({ status: 200, warned: ['zone'] }), made);
    expect(made.length - fills.length).toBe(2);
    expect(fills.map(({ what }) => what)).not.toContain('no zone');
    const silent = await mistakes(async () => ({ status: 200, warned: ['area'] }), made);
    expect(silent).toEqual(made);
    expect(await mistakes(async () => ({ status: 400, warned: [] }), made)).toEqual(made);
  });
});

describe('load', () => {
  it('sends each request once, no more at a time than told, and counts statuses', async () => {
    const sent: number[] = [];
    let open = 0;
    let most = 0;
    const result = await load(
      async (n) => {
        sent.push(n);
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 2));
        open -= 1;
        return n % 4 === 0 ? 400 : 200;
      },
      { requests: 20, concurrency: 3 },
    );
    expect(sent.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(most).toBe(3);
    expect(result.statuses).toEqual({ 200: 15, 400: 5 });
    const { p50, p90, p95, p99, max, mean } = result.latency;
    expect([p50, p90, p95, p99]).toEqual([p50, p90, p95, p99].toSorted((a, b) => a - b));
    expect(max).toBeGreaterThanOrEqual(mean);
    expect(p50).toBeGreaterThanOrEqual(1);
  });

  it('counts a late start at a given rate as latency', async () => {
    const wait = () => new Promise<number>((resolve) => setTimeout(resolve, 30, 200));
    const { latency } = await load(wait, { requests: 5, concurrency: 1, rate: 1000 });
    // The fifth was due after 4 ms and began after 120.
    expect(latency.max).toBeGreaterThan(100);
  });

  it('keeps to the rate', async () => {
    const starts: number[] = [];
    const begun = performance.now();
    await load(
      async () => {
        starts.push(performance.now() - begun);
        return 200;
      },
      { requests: 5, concurrency: 5, rate: 50 },
    );
    for (const [n, at] of starts.sort((a, b) => a - b).entries())
      expect(at).toBeGreaterThanOrEqual(n * 20 - 2);
  });
});

describe('bench-predict', () => {
  let served: Served;
  let token: string;
  beforeAll(async () => {
    const world = makeWorld();
    served = await serve(world);
    token = await world.token('operator');
    await promote(world, await addVersion(world, { base: 100 }));
  });
  afterAll(() => served.close());
  const options = { requests: 22, concurrency: 2, batch: 10, warmUp: 2 };
  const api = () => new ApiClient({ apiUrl: served.url, token, name: 'test' });

  it('measures single rows and batches, and tells which malformed bodies were not refused as they must be', async () => {
    const report = await benchPredict(api(), 'housing', {}, options);
    expect(report).toMatchObject({ model: 'housing', version: '1' });
    expect(report.single).toMatchObject({ requests: 22, statuses: { 200: 22 } });
    expect(report.batch).toMatchObject({ requests: 22, rowsPerRequest: 10, statuses: { 200: 22 } });
    expect(report.batch.rowsPerSecond).toBeCloseTo(report.batch.throughput * 10);
    expect(report.malformed).toMatchObject({ requests: 22, kinds: 11 });
    // The fake model takes unknown columns: that is found out, and only that.
    expect(report.malformed.wrong).toEqual([
      { what: 'an unknown column', status: 200, expectedField: 'rows[0].no_such_column' },
    ]);
    expect(() => mustBeSound(report)).toThrow('a request with an unknown column was answered with 200');
  });

  it('ends with an error where well-formed requests fail', async () => {
    const report = await benchPredict(api(), 'housing', {}, options);
    const bad = { ...report, single: { ...report.single, statuses: { 200: 20, 503: 2 } } };
    expect(() => mustBeSound(bad)).toThrow('2 of 22 single requests failed: 20 of 200, 2 of 503');
    expect(() => mustBeSound({ ...report, malformed: { ...report.malformed, wrong: [] } })).not.toThrow();
  });

  it('ends with exit code 1 on the command line, with the report in the error', async () => {
    const env = { ARBOLEDA_API_URL: served.url, ARBOLEDA_TOKEN: token };
    const done = await runCli(['bench-predict', 'housing', '--requests', '11', '--json'], env);
    expect(done.code).toBe(1);
    const { error } = JSON.parse(done.stdout);
    expect(error).toMatchObject({ code: 'BENCH_FAILED', details: { single: { statuses: { 200: 11 } } } });
  });
});

describe('referenceQuery', () => {
  it.each([
    ['housing', { model: 'housing', query: {} }],
    ['models:/housing/staging', { model: 'housing', query: { stage: 'Staging' } }],
    ['models:/housing/latest', { model: 'housing', query: { version: 'latest' } }],
    ['housing/3', { model: 'housing', query: { version: '3' } }],
    ['housing@champion', { model: 'housing', query: { alias: 'champion' } }],
  ])('%s', (text, expected) => {
    expect(referenceQuery(text)).toEqual(expected);
  });

  it('refuses a second word on the version', () => {
    expect(referenceQuery('housing', { version: '2' }).query).toEqual({ version: '2' });
    expect(() => referenceQuery('housing/3', { alias: 'x' })).toThrow('names the version already');
  });
});
