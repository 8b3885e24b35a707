import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Fold,
  groupKFold,
  kFold,
  randomPoints,
  stratifiedGroupKFold,
  stratifiedKFold,
} from '../../../lib/learn/index.ts';

const seed = fc.nat();
const rows = fc.array(fc.record({ kind: fc.nat(4), group: fc.nat(9) }), { minLength: 12, maxLength: 80 });

/** Every row is judged once, and never learnt from where it is judged. */
function expectPartition(folds: readonly Fold[], count: number): void {
  const seen = new Int32Array(count);
  for (const { train, test } of folds) {
    expect(train.length + test.length).toBe(count);
    const inTest = new Set(test);
    expect(inTest.size).toBe(test.length);
    expect(train.every((row) => !inTest.has(row))).toBe(true);
    for (const row of test) seen[row]!++;
    for (const part of [train, test]) expect([...part]).toEqual([...part].sort((a, b) => a - b));
  }
  expect(seen.every((times) => times === 1)).toBe(true);
}

const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

describe('folds', () => {
  it('part the rows, sizes differing by at most one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 2, max: 12 }),
        seed,
        (count, wanted, drawn) => {
          const folds = kFold(count, { folds: Math.min(wanted, count), seed: drawn });
          expectPartition(folds, count);
          expect(spread(folds.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('stratified, keep each class within one row too', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 6 }), seed, (given, wanted, drawn) => {
        const classes = given.map(({ kind }) => kind);
        const folds = stratifiedKFold(classes, { folds: wanted, seed: drawn });
        expectPartition(folds, classes.length);
        expect(spread(folds.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
        for (const kind of new Set(classes)) {
          const counts = folds.map(({ test }) => test.filter((row) => classes[row] === kind).length);
          expect(spread(counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('grouped, have no group on both sides, and differ by no more than the largest group', () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 2, max: 4 }),
        seed,
        fc.boolean(),
        (given, wanted, drawn, stratify) => {
          const groups = given.map(({ group }) => group);
          const classes = given.map(({ kind }) => kind);
          const sizes = new Map<number, number>();
          for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
          fc.pre(sizes.size >= wanted);
          const options = { folds: wanted, seed: drawn };
          const folds = stratify
            ? stratifiedGroupKFold(classes, groups, options)
            : groupKFold(groups, options);
          expectPartition(folds, groups.length);
          for (const { train, test } of folds) {
            const inside = new Set(Array.from(test, (row) => groups[row]));
            expect(train.some((row) => inside.has(groups[row]!))).toBe(false);
          }
          if (!stratify) {
            const most = Math.max(...sizes.values());
            expect(spread(folds.map(({ test }) => test.length))).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  });

  it('depend on which rows belong together, not on the numbers that say so', () => {
    fc.assert(
      fc.property(rows, seed, (given, drawn) => {
        const groups = given.map(({ group }) => group);
        fc.pre(new Set(groups).size >= 3);
        const renamed = groups.map((group) => group * 10 + 100);
        const options = { folds: 3, seed: drawn };
        expect(groupKFold(renamed, options)).toEqual(groupKFold(groups, options));
      }),
    );
  });
});

describe('points of a random search', () => {
  it('are distinct, as many as asked for or all there are, and the same again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.integer({ min: 1, max: 40 }),
        seed,
        (lists, count, drawn) => {
          const space = Object.fromEntries(lists.map((values, i) => [`p${i}`, values]));
          const size = lists.reduce((product, values) => product * values.length, 1);
          const points = randomPoints(space, { count, seed: drawn });
          expect(points).toHaveLength(Math.min(count, size));
          expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(points.length);
          for (const point of points)
            for (const [name, value] of Object.entries(point)) expect(space[name]).toContain(value);
          expect(randomPoints(space, { count, seed: drawn })).toEqual(points);
        },
      ),
    );
  });
});
