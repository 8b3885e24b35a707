import { describe, expect, it } from 'vitest';
import {
  gridPoints,
  integer,
  logUniform,
  randomPoints,
  uniform,
} from '../../../../lib/learn/validation/index.ts';
import { thrownBy } from '../support.ts';

describe('a grid', () => {
  it('is every combination, the last parameter changing fastest', () => {
    expect(gridPoints({ trees: [50, 100], maxDepth: [4, 8] })).toEqual([
      { trees: 50, maxDepth: 4 },
      { trees: 50, maxDepth: 8 },
      { trees: 100, maxDepth: 4 },
      { trees: 100, maxDepth: 8 },
    ]);
  });

  it('holds equal points once', () => {
    expect(gridPoints({ a: [1, 1, 2], b: ['x'] })).toEqual([
      { a: 1, b: 'x' },
      { a: 2, b: 'x' },
    ]);
  });

  it('of nothing is one point without parameters', () => {
    expect(gridPoints({})).toEqual([{}]);
  });

  it('takes values of any kind as they are', () => {
    expect(gridPoints({ classWeight: ['balanced', { yes: 2 }], oobScore: [true] })).toHaveLength(2);
  });

  it.each([
    ['an empty list', { trees: [] }, 'trees'],
    ['a range', { rate: uniform(0, 1) }, 'rate'],
  ])('refuses %s, naming the parameter', (_, space, field) => {
    expect(thrownBy(() => gridPoints(space))).toMatchObject({ code: 'BAD_DEFINITION', field });
  });

  it('refuses more points than a search may have', () => {
    const hundred = Array.from({ length: 101 }, (_, i) => i);
    expect(thrownBy(() => gridPoints({ a: hundred, b: hundred })).message).toContain('10201');
  });
});

describe('a random search', () => {
  const space = {
    rate: logUniform(0.001, 1),
    leaves: integer(8, 64),
    share: uniform(0.5, 1),
    rule: ['a', 'b'],
  };

  it('draws within its ranges, whole numbers where asked for', () => {
    for (const point of randomPoints(space, { count: 200, seed: 1 })) {
      const { rate, leaves, share, rule } = point as {
        rate: number;
        leaves: number;
        share: number;
        rule: string;
      };
      expect(rate).toBeGreaterThanOrEqual(0.001);
      expect(rate).toBeLessThanOrEqual(1);
      expect(Number.isInteger(leaves) && leaves >= 8 && leaves <= 64).toBe(true);
      expect(share).toBeGreaterThanOrEqual(0.5);
      expect(share).toBeLessThanOrEqual(1);
      expect(['a', 'b']).toContain(rule);
    }
  });

  it('spreads the logarithm evenly: about a third of the draws in each decade of three', () => {
    const rates = randomPoints({ rate: logUniform(0.001, 1) }, { count: 3000, seed: 4 }).map(
      ({ rate }) => rate as number,
    );
    for (const [from, to] of [
      [0.001, 0.01],
      [0.01, 0.1],
      [0.1, 1],
    ] as const) {
      const share = rates.filter((rate) => rate >= from && rate < to).length / rates.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.04);
    }
  });

  it('reaches both ends of whole numbers', () => {
    const found = randomPoints({ n: integer(1, 3), x: uniform(0, 1) }, { count: 100, seed: 2 });
    expect(new Set(found.map(({ n }) => n))).toEqual(new Set([1, 2, 3]));
  });

  it('is the same for the same seed, and another for another', () => {
    const draw = (seed: number) => randomPoints(space, { count: 10, seed });
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });

  it('begins alike however many are asked for', () => {
    expect(randomPoints(space, { count: 20, seed: 3 }).slice(0, 7)).toEqual(
      randomPoints(space, { count: 7, seed: 3 }),
    );
  });

  it('gives no point twice, and all there are where fewer are left', () => {
    const small = { a: integer(1, 3), b: ['x', 'y'] };
    const all = randomPoints(small, { count: 50, seed: 9 });
    expect(all).toHaveLength(6);
    expect(new Set(all.map((point) => JSON.stringify(point))).size).toBe(6);
    const some = randomPoints({ a: integer(1, 1000) }, { count: 300, seed: 9 });
    expect(new Set(some.map(({ a }) => a)).size).toBe(300);
    const most = randomPoints({ a: integer(1, 1000) }, { count: 900, seed: 9 });
    expect(new Set(most.map(({ a }) => a)).size).toBe(900);
  });

  it('writes numbers of six digits at most', () => {
    for (const { x } of randomPoints({ x: uniform(0, 1) }, { count: 50, seed: 7 })) {
      expect(Number((x as number).toPrecision(6))).toBe(x);
    }
  });

  it.each([
    ['min above max', { a: uniform(2, 1) }],
    ['a logarithm of zero', { a: logUniform(0, 1) }],
    ['broken whole numbers', { a: integer(0.5, 2) }],
    ['no number', { a: uniform(Number.NaN, 1) }],
    ['another kind of thing', { a: { range: 'normal', min: 0, max: 1 } as never }],
    ['an empty list', { a: [] }],
  ])('refuses %s', (_, wrong) => {
    expect(thrownBy(() => randomPoints(wrong, { count: 3, seed: 1 }))).toMatchObject({
      code: 'BAD_DEFINITION',
      field: 'a',
    });
  });

  it.each([0, -1, 1.5, 10_001])('refuses a count of %d', (count) => {
    expect(thrownBy(() => randomPoints({ a: uniform(0, 1) }, { count, seed: 1 })).code).toBe(
      'BAD_DEFINITION',
    );
  });

  it.each([-1, 0.5, Number.NaN])('refuses a seed of %d', (seed) => {
    expect(thrownBy(() => randomPoints({ a: uniform(0, 1) }, { count: 1, seed })).field).toBe('seed');
  });
});
