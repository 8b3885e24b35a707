import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../../lib/pipeline/collect/delivery.ts';
import {
  answerQuery,
  type FaultRates,
  SAMPLE_FAULTS,
  SampleSource,
} from '../../../lib/pipeline/samples/index.ts';
import { answer, cells, collectedClasses } from '../../support/collecting.ts';
import { tinyHouses } from '../../support/definitions.ts';

const source = (faults: FaultRates = {}, more: object = {}) =>
  new SampleSource({
    rows: cells(300),
    batches: 3,
    every: 1000,
    share: 0.5,
    seed: 1,
    origin: 0,
    faults,
    ...more,
  });

const deliveryOf = ({ status, body }: { status: number; body: string }) =>
  readDelivery(answer(status, body), 3);

describe('the sample source', () => {
  it('answers another sample of the same batch at each call, of rows of that batch alone', () => {
    const [one, two] = [source().answer(1, 1500), source({}, { seed: 2 }).answer(1, 1500)];
    expect(one.body).not.toBe(two.body);
    const own = new Set(
      cells(300)
        .filter((_, i) => i % 3 === 1)
        .map(String),
    );
    for (const sample of [one, two]) {
      const delivery = deliveryOf(sample);
      if (delivery.kind !== 'subset') throw new Error(delivery.kind);
      expect(delivery.batch).toBe(1);
      expect(delivery.rows.length).toBeGreaterThan(25);
      expect(delivery.rows.length).toBeLessThan(75);
      expect(delivery.rows.every((row) => own.has(String(row)))).toBe(true);
    }
  });

  it('gives the same answers to the same calls', () => {
    const bodies = () => {
      const one = source({ truncated: 0.3, late: 0.3 });
      return Array.from({ length: 20 }, (_, i) => one.answer(1, i * 150).body);
    };
    expect(bodies()).toEqual(bodies());
  });

  it('goes from batch to batch, then answers 400 until it is restarted', () => {
    const one = source();
    expect([0, 999, 1000, 2999].map((now) => one.batchAt(now))).toEqual([0, 0, 1, 2]);
    expect(one.answer(1, 3000)).toMatchObject({ status: 400 });
    expect(deliveryOf(one.answer(1, 90_000))).toMatchObject({ kind: 'exhausted' });
    one.restart(90_000);
    expect(one.batchAt(90_500)).toBe(0);
    expect(one.counts).toEqual({ exhausted: 2 });
  });

  it('begins again by itself where it is told to, after a period of 400', () => {
    const one = source({}, { again: true });
    expect([2999, 3000, 3999, 4000].map((now) => one.batchAt(now))).toEqual([2, undefined, undefined, 0]);
  });

  it.each(SAMPLE_FAULTS)('does %s at every call where its rate is 1', (kind) => {
    const one = source();
    const before = one.answer(1, 2500);
    one.setFaults({ [kind]: 1 });
    const wrong = one.answer(1, 2500);
    expect(wrong.fault).toBe(kind);
    expect(one.counts).toEqual({ fresh: 1, [kind]: 1 });
    if (kind === 'server-error') expect(wrong.status).toBe(500);
    if (kind === 'timeout') expect(wrong.status).toBe(0);
    if (kind === 'truncated') expect(() => JSON.parse(wrong.body)).toThrow(SyntaxError);
    if (kind === 'duplicate') expect(wrong.body).toBe(before.body);
    if (kind === 'late') expect(wrong.batch).toBeLessThan(2);
  });

  it('does faults about as often as told', () => {
    const one = source({ 'server-error': 0.2, truncated: 0.1 }, { again: true });
    for (let i = 0; i < 1000; i++) one.answer(1, i);
    expect(one.counts['server-error']).toBeGreaterThan(150);
    expect(one.counts['server-error']).toBeLessThan(250);
    expect(one.counts.truncated).toBeGreaterThan(60);
    expect(one.counts.truncated).toBeLessThan(140);
  });
});

describe('the deployed sample source', () => {
  const definition = collectedClasses();
  const at = (seconds: number, parameters: Record<string, string> = {}, draw = 1) =>
    answerQuery(
      definition,
      { group_number: '1', batches: '3', every: '10', ...parameters },
      new Date(seconds * 1000),
      draw,
    );

  it('knows the batch by the clock alone', () => {
    expect([0, 10, 20, 40].map((seconds) => at(seconds).batch)).toEqual([0, 1, 2, 0]);
    expect(at(30).status).toBe(400);
    expect(at(0, {}, 1).body).not.toBe(at(0, {}, 2).body);
  });

  it('takes faults from the URL', () => {
    expect(at(0, { faults: 'server-error:1' })).toMatchObject({ status: 500, fault: 'server-error' });
    expect(at(0, { faults: 'truncated:0.5,timeout:0.5' }).fault).toMatch(/truncated|timeout/);
  });

  it.each([
    [{ faults: 'fire:1' }, 'faults'],
    [{ faults: 'late:2' }, 'faults'],
    [{ faults: 'late:0.6,timeout:0.6' }, 'faults'],
    [{ every: '0' }, 'every'],
    [{ group_number: 'x' }, 'group_number'],
  ])('refuses %j', (parameters, field) => {
    expect(() => at(0, parameters)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', field }));
  });

  it('serves generated rows only', () => {
    expect(() => answerQuery(tinyHouses(), {}, new Date(0), 1)).toThrow(/no generator/);
  });
});
