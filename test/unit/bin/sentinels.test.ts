import { describe, expect, it } from 'vitest';
import { lostIn32Bits, planSteps } from '../../../bin/local-train/plan.ts';
import { findSentinels } from '../../../bin/local-train/sentinels.ts';

const tableOf = (values: number[], kind: 'integer' | 'number' = 'integer') => ({
  rowCount: values.length,
  columns: [{ name: 'x', kind, values: Float64Array.from(values) }],
});
const ages = Array.from({ length: 100 }, (_, i) => 20 + (i % 60));

describe('findSentinels', () => {
  it.each([999, -1, -999, 9999])('%d among ages', (value) => {
    const found = findSentinels(tableOf([...ages, ...Array(10).fill(value)]), 'y');
    expect(found).toEqual(Math.abs(value) > 1 ? [{ column: 'x', value, rows: 10 }] : []);
  });

  it('not where it is near the others, rare, in the middle, or the target', () => {
    expect(findSentinels(tableOf([...ages, ...Array(10).fill(99)]), 'y')).toEqual([]);
    expect(findSentinels(tableOf([...ages, 999]), 'y')).toEqual([]);
    expect(findSentinels(tableOf([...ages, ...Array(10).fill(999), 2_000]), 'y')).toEqual([]);
    expect(findSentinels(tableOf([...ages, ...Array(10).fill(999)]), 'x')).toEqual([]);
    expect(findSentinels(tableOf([-1, 0, 1, -1, 0, 1, -1, -1, -1, -1].concat(ages)), 'y')).toEqual([]);
  });
  it('gaps are no values, and -1 below shares from 0 to 1/2 is one', () => {
    const shares = ages.map((age) => age / 200);
    expect(findSentinels(tableOf([...shares, Number.NaN, ...Array(10).fill(-1)], 'number'), 'y')).toEqual([
      { column: 'x', value: -1, rows: 10 },
    ]);
  });
});

describe('numbers that 32 bits do not hold', () => {
  it.each<[string, (i: number) => number, boolean]>([
    ['common ones', (i) => i * 0.1, false],
    ['equal ones', () => 7, false],
    ['an offset', (i) => 1e12 + i, true],
    ['too large', (i) => i * 1e300, true],
    ['too small', (i) => i * 1e-300, true],
    ['missing ones', () => Number.NaN, false],
  ])('%s', (_, make, lost) => {
    const values = Float64Array.from({ length: 50 }, (_, i) => make(i));
    expect(lostIn32Bits(values)).toBe(lost);
    const plan = planSteps(tableOf([...values], 'number'), 'y', 'native');
    expect(plan.steps.map(({ step }) => step)).toEqual(lost ? ['min-max-scale'] : []);
    expect(plan.notes).toHaveLength(lost ? 1 : 0);
  });
});
