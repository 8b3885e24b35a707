import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boosted, bytesOf, features, logLoss, meanSquare } from '../../unit/learn/boosting/support.ts';
import { labels, numbers } from '../../unit/learn/support.ts';

/** Columns of few or many values, some missing, and categories. */
const table = fc
  .record({
    rows: fc.integer({ min: 2, max: 120 }),
    kinds: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
  })
  .chain(({ rows, kinds }) =>
    fc.record({
      columns: fc.tuple(
        ...kinds.map((distinct) =>
          fc.array(
            fc.oneof(
              { weight: 9, arbitrary: fc.integer({ min: 0, max: distinct - 1 }) },
              { weight: 1, arbitrary: fc.constant(Number.NaN) },
            ),
            {
              minLength: rows,
              maxLength: rows,
            },
          ),
        ),
      ),
      categories: fc.tuple(
        ...kinds.map((distinct) => fc.boolean().map((yes) => (yes ? namesOf(distinct) : undefined))),
      ),
      values: fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: rows, maxLength: rows }),
    }),
  )
  .map(({ columns, categories, values }) => ({ x: features(columns, categories), values }));
const namesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `c${String(i).padStart(3, '0')}`);

const params = fc.record({
  rounds: fc.integer({ min: 1, max: 5 }),
  maxLeaves: fc.integer({ min: 2, max: 20 }),
  minSamplesLeaf: fc.integer({ min: 1, max: 5 }),
  l2: fc.constantFrom(0, 0.5),
  subsample: fc.constantFrom(1, 0.6),
  colsample: fc.constantFrom(1, 0.5),
});
/** At least two classes are seen. */
const classesOf = (values: readonly number[], count: number) =>
  labels(
    values.map((v, i) => (i < 2 ? i : Math.abs(v) % count)),
    namesOf(count),
  );

describe('gradient boosting', () => {
  it('gives the same bytes by the kernel, on any threads, and by the twin', () => {
    fc.assert(
      fc.property(table, params, fc.constantFrom(0, 2, 3, 30), ({ x, values }, p, classes) => {
        const y = classes === 0 ? numbers(values) : classesOf(values, classes);
        const kernel = bytesOf(boosted(x, y, p));
        expect(bytesOf(boosted(x, y, p, {}, false))).toBe(kernel);
        expect(bytesOf(boosted(x, y, p, { threads: 2, allThreads: true }))).toBe(kernel);
      }),
      { numRuns: 40 },
    );
  });

  it('gives probabilities that sum to 1', () => {
    fc.assert(
      fc.property(table, params, fc.constantFrom(2, 3, 30), ({ x, values }, p, count) => {
        const probabilities = boosted(x, classesOf(values, count), p).predictProbability(x);
        for (let i = 0; i < x.rowCount; i++) {
          const own = probabilities.subarray(i * count, (i + 1) * count);
          expect(own.every((share) => share >= 0 && share <= 1)).toBe(true);
          expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('never raises the loss on its training rows, in small steps on all of them', () => {
    fc.assert(
      fc.property(table, fc.constantFrom(0, 2, 3), ({ x, values }, count) => {
        const y = count === 0 ? numbers(values) : classesOf(values, count);
        const classes = Array.from(y.values);
        let before = Number.POSITIVE_INFINITY;
        for (const rounds of [1, 2, 4, 8]) {
          const model = boosted(x, y, { rounds, learningRate: 0.05, minSamplesLeaf: 1 });
          const loss =
            count === 0
              ? meanSquare(model.predict(x), values)
              : logLoss(model.predictProbability(x), classes);
          expect(loss).toBeLessThanOrEqual(before * (1 + 1e-6) + 1e-9);
          before = loss;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('takes a weight of 2 for the row twice', () => {
    fc.assert(
      fc.property(table, fc.constantFrom(2, 3), ({ x, values }, count) => {
        const rows = values.flatMap((v, i) => (v % 2 === 0 ? [i, i] : [i]));
        const twice = {
          ...x,
          rowCount: rows.length,
          columns: x.columns.map((c) => Float64Array.from(rows, (i) => c[i]!)),
        };
        const own = classesOf(values, count);
        const doubled = { ...own, values: Int32Array.from(rows, (i) => (own.values as Int32Array)[i]!) };
        const weights = Float64Array.from(values, (v) => (v % 2 === 0 ? 2 : 1));
        const p = { rounds: 3, minSamplesLeaf: 1 };
        expect(bytesOf(boosted(x, own, p, { weights }))).toBe(bytesOf(boosted(twice, doubled as never, p)));
      }),
      { numRuns: 40 },
    );
  });

  it('gives the same bytes where the columns come in another order', () => {
    fc.assert(
      fc.property(table, params, ({ x, values }, p) => {
        const turned = {
          rowCount: x.rowCount,
          names: x.names.toReversed(),
          columns: x.columns.toReversed(),
          categories: x.categories!.toReversed(),
        };
        expect(bytesOf(boosted(turned, numbers(values), p))).toBe(bytesOf(boosted(x, numbers(values), p)));
      }),
      { numRuns: 30 },
    );
  });
});
