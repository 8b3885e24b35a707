import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import {
  type Column,
  compareProfiles,
  populationStability,
  profileTable,
  seededRandom,
  type Table,
} from '../../../lib/table/index.ts';

const numbers = (name: string, values: number[], kind: 'number' | 'integer' = 'number'): Column => ({
  name,
  kind,
  values: Float64Array.from(values),
});
const words = (name: string, values: (string | null)[]): Column => {
  const categories = [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : categories.indexOf(value)));
  return { name, kind: 'category', codes, categories };
};
const tableOf = (...columns: Column[]): Table => ({
  rowCount:
    columns[0] === undefined
      ? 0
      : 'values' in columns[0]
        ? columns[0].values.length
        : columns[0].codes.length,
  columns,
});
const compare = (a: Table, b: Table) => compareProfiles(profileTable(a), profileTable(b));
const only = (a: Column, b: Column) => compare(tableOf(a), tableOf(b)).columns[0]!;

const normal = (seed: number, count: number, mean = 0, deviation = 1): number[] => {
  const random = seededRandom(seed);
  return Array.from(
    { length: count },
    () => mean + deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
};

describe('populationStability', () => {
  it('is the sum of (b - a) ln(b / a) over the bins', () => {
    // 0.1 ln 2 + 0.1 ln (4/3) by hand.
    expect(populationStability({ a: [0.1, 0.4, 0.5], b: [0.2, 0.3, 0.5] })).toBeCloseTo(
      0.1 * Math.log(2) + 0.1 * Math.log(4 / 3),
      12,
    );
  });

  it('is zero for equal shares, never below, and the same from either side', () => {
    const shares = fc
      .array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 12 })
      .map((counts) => counts.map((count) => count / counts.reduce((sum, one) => sum + one, 0)));
    fc.assert(
      fc.property(shares, (a) => {
        expect(populationStability({ a, b: a })).toBe(0);
        const b = [...a].reverse();
        const psi = populationStability({ a, b });
        expect(psi).toBeGreaterThanOrEqual(0);
        expect(populationStability({ a: b, b: a })).toBeCloseTo(psi, 12);
      }),
    );
  });
});

describe('compareProfiles', () => {
  it('finds nothing in a table and itself', () => {
    const table = tableOf(
      numbers('x', normal(1, 500)),
      words(
        'c',
        Array.from({ length: 500 }, (_, i) => 'abc'[i % 3]!),
      ),
    );
    const diff = compare(table, table);
    expect(diff.schema).toEqual({ added: [], removed: [], changed: [] });
    expect(diff.columns.map(({ psi, shift }) => [psi, shift])).toEqual([
      [0, 'none'],
      [0, 'none'],
    ]);
  });

  it('calls two samples of one distribution unmoved, and tells a moved mean by its size', () => {
    const base = normal(1, 4000);
    const psi = (values: number[]) => only(numbers('x', base), numbers('x', values)).psi!;
    expect(psi(normal(2, 4000))).toBeLessThan(0.02);
    // For equal normals a shift d has PSI d² without binning; bins lose some of it.
    expect(psi(normal(3, 4000, 0.5))).toBeGreaterThan(0.18);
    expect(psi(normal(3, 4000, 0.5))).toBeLessThan(0.3);
    expect(only(numbers('x', base), numbers('x', normal(3, 4000, 1))).shift).toBe('large');
  });

  it('is not fooled by other edges of the histogram over whole numbers', () => {
    const random = seededRandom(7);
    const rooms = Array.from({ length: 3000 }, () => 2 + Math.floor(6 * random()));
    const again = Array.from({ length: 3000 }, () => 2 + Math.floor(6 * random()));
    // One outlier stretches the second histogram, so that its bins lie elsewhere.
    const stretched = only(numbers('rooms', rooms, 'integer'), numbers('rooms', [...again, 15], 'integer'));
    expect(stretched.psi).toBeLessThan(0.02);
  });

  it('sees a constant move', () => {
    const constant = (value: number) => numbers('x', Array(100).fill(value));
    expect(only(constant(5), constant(5)).psi).toBe(0);
    expect(only(constant(5), constant(6)).shift).toBe('large');
    expect(only(constant(5), numbers('x', normal(1, 100))).shift).toBe('large');
  });

  it('gives moments, quantiles and the share of missing values of both sides', () => {
    const moved = only(numbers('x', [1, 2, 3, 4]), numbers('x', [11, 12, 13, Number.NaN]));
    expect(moved).toMatchObject({
      mean: { a: 2.5, b: 12 },
      min: { a: 1, b: 11 },
      missing: { a: 0, b: 0.25 },
    });
    expect(moved.quantiles?.find(({ p }) => p === 0.5)).toEqual({ p: 0.5, a: 2.5, b: 12 });
  });

  it('gives the shares of categories, the most changed first', () => {
    const a = words('c', ['x', 'x', 'x', 'y']);
    const b = words('c', ['x', 'y', 'y', 'z', null]);
    expect(only(a, b)).toMatchObject({
      shift: 'large',
      missing: { a: 0, b: 0.2 },
      categories: [
        { value: 'x', a: 0.75, b: 0.25 },
        { value: 'y', a: 0.25, b: 0.5 },
        { value: 'z', a: 0, b: 0.25 },
      ],
    });
  });

  it('does not take a category for gone that a profile only sums up', () => {
    const many = Array.from({ length: 200 }, (_, i) => `c${i % 60}`);
    const few = words('c', ['c59', 'c59', 'c0']);
    const { categories = [] } = only(words('c', many), few);
    expect(categories.find(({ value }) => value === 'c59')?.a).toBeNull();
  });

  it('names columns that came, went or changed their kind', () => {
    const a = tableOf(numbers('x', [1, 2]), numbers('old', [1, 2]), numbers('k', [1, 2]));
    const b = tableOf(numbers('x', [1, 2]), words('k', ['1', '2']), numbers('new', [1, 2]));
    const diff = compare(a, b);
    expect(diff.schema).toEqual({
      added: [{ name: 'new', kind: 'number' }],
      removed: [{ name: 'old', kind: 'number' }],
      changed: [{ name: 'k', a: 'number', b: 'category' }],
    });
    expect(diff.columns.map(({ name }) => name)).toEqual(['x']);
  });

  it('has no figure where a side has no value', () => {
    expect(only(numbers('x', [1]), numbers('x', [Number.NaN]))).toMatchObject({
      psi: null,
      shift: null,
      mean: { a: 1, b: null },
    });
  });

  it('gives finite figures for any numbers', () => {
    const column = fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(column, column, (a, b) => {
        const { psi } = only(numbers('x', a), numbers('x', b));
        expect(psi === null || (Number.isFinite(psi) && psi >= 0)).toBe(true);
      }),
    );
  });
});
