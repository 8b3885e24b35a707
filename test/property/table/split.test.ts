import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SplitSpec, splitRows, type Table } from '../../../lib/table/index.ts';

/** Shares in hundredths that sum to 1, each at least a tenth. */
const shares = fc
  .tuple(fc.integer({ min: 10, max: 80 }), fc.integer({ min: 10, max: 80 }))
  .filter(([train, validation]) => train + validation <= 90)
  .map(([train, validation]) => ({
    train: train / 100,
    validation: validation / 100,
    test: (100 - train - validation) / 100,
  }));

const seed = fc.maxSafeInteger().map(Math.abs);
const tableWith = (values: readonly number[]): Table => ({
  rowCount: values.length,
  columns: [{ name: 'y', kind: 'integer', values: Float64Array.from(values) }],
});
const partsOf = (table: Table, spec: SplitSpec) => {
  const { train, validation, test } = splitRows(table, spec, 'y');
  return [train, validation, test];
};
const sharesOf = ({ train, validation, test }: SplitSpec) => [train, validation, test];

function expectPartition(parts: readonly Int32Array[], count: number) {
  const all = parts.flatMap((part) => [...part]).sort((a, b) => a - b);
  expect(all).toEqual(Array.from({ length: count }, (_, i) => i));
}

describe('splits', () => {
  it('at random: each row once, each part within a row of its share, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 500 }), shares, seed, (count, some, one) => {
        const table = tableWith(Array.from({ length: count }, (_, i) => i));
        const spec = { ...some, seed: one };
        const parts = partsOf(table, spec);
        expectPartition(parts, count);
        parts.forEach((part, i) => {
          expect(Math.abs(part.length - sharesOf(spec)[i]! * count)).toBeLessThan(1);
        });
        expect(partsOf(table, spec)).toEqual(parts);
      }),
    );
  });

  it('stratified: each class within a row of its share in each part, the parts within two', () => {
    const classes = fc.array(fc.integer({ min: 10, max: 120 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(classes, shares, seed, (sizes, some, one) => {
        const labels = sizes.flatMap((size, label) => Array<number>(size).fill(label));
        const spec = { ...some, seed: one, stratify: true };
        const parts = partsOf(tableWith(labels), spec);
        expectPartition(parts, labels.length);
        parts.forEach((part, i) => {
          const share = sharesOf(spec)[i]!;
          expect(Math.abs(part.length - share * labels.length)).toBeLessThan(2);
          sizes.forEach((size, label) => {
            const count = part.filter((row) => labels[row] === label).length;
            expect(Math.abs(count - share * size)).toBeLessThan(1 + 1e-9);
          });
        });
      }),
    );
  });

  it('by group: a group never on two sides, each part within two groups of its share', () => {
    const groups = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(groups, shares, seed, (sizes, some, one) => {
        const ids = sizes.flatMap((size, group) => Array<number>(size).fill(group));
        const spec = { ...some, seed: one, groupBy: 'y' };
        const parts = partsOf(tableWith(ids), spec);
        expectPartition(parts, ids.length);
        const sides = parts.map((part) => new Set([...part].map((row) => ids[row])));
        expect(sides.reduce((sum, side) => sum + side.size, 0)).toBe(sizes.length);
        parts.forEach((part, i) => {
          expect(Math.abs(part.length - sharesOf(spec)[i]! * ids.length)).toBeLessThanOrEqual(
            2 * Math.max(...sizes) + 1,
          );
        });
      }),
    );
  });
});
