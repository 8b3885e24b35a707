import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FeatureMatrix, getTrainer, type Model, type Target } from '../../../lib/learn/index.ts';
import { fitWith, labels, matrixOf, numbers } from '../../unit/learn/support.ts';

const value = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8);
/** Between 1 and 12 rows of 1 to 4 columns, with a target of each task. */
const data = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc
    .array(fc.tuple(fc.array(value, { minLength: width, maxLength: width }), fc.nat(2), value), {
      minLength: 1,
      maxLength: 12,
    })
    .map((rows) => ({
      x: matrixOf(rows.map(([row]) => row)),
      kinds: labels(
        rows.map(([, kind]) => kind),
        ['a', 'b', 'c'],
      ),
      numbers: numbers(rows.map(([, , number]) => number)),
    })),
);
type Data = typeof data extends fc.Arbitrary<infer T> ? T : never;

const classifiers: [string, (given: Data) => Model | undefined][] = [
  ['ml-random-forest', ({ x, kinds }) => fitWith(getTrainer('ml-random-forest'), x, kinds, { trees: 4 })],
  [
    'logistic-regression',
    ({ x, kinds }) =>
      new Set(kinds.values).size < 2 ? undefined : fitWith(getTrainer('logistic-regression'), x, kinds),
  ],
];
const regressors: [string, (given: Data) => Model][] = [
  ['ml-random-forest', ({ x, numbers: y }) => fitWith(getTrainer('ml-random-forest'), x, y, { trees: 4 })],
  ['linear-regression', ({ x, numbers: y }) => fitWith(getTrainer('linear-regression'), x, y)],
];

const reorder = (x: FeatureMatrix, order: readonly number[]): FeatureMatrix => ({
  ...x,
  columns: x.columns.map((column) => Float64Array.from(order, (i) => column[i]!)),
});
const reload = (model: Model): Model => getTrainer(model.algorithm).fromFile(model.toFile(), model);

describe.each(classifiers)('%s, classification', (_, train) => {
  it('gives probabilities in [0, 1] that sum to 1, and predicts the largest', () => {
    fc.assert(
      fc.property(data, (given) => {
        const model = train(given);
        if (model === undefined) return;
        const probabilities = model.predictProbability(given.x);
        for (const [i, predicted] of model.predict(given.x).entries()) {
          const row = [...probabilities.subarray(i * 3, i * 3 + 3)];
          expect(Math.abs(row[0]! + row[1]! + row[2]! - 1)).toBeLessThan(1e-12);
          expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
          expect(row[predicted]).toBe(Math.max(...row));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('answers permuted rows with the permuted answers, and the same after a file', () => {
    fc.assert(
      fc.property(data, fc.infiniteStream(fc.nat()), (given, stream) => {
        const model = train(given);
        if (model === undefined) return;
        const keys = [...Array(given.x.rowCount).keys()].map(
          (i) => [stream.next().value as number, i] as const,
        );
        const order = keys.sort((a, b) => a[0] - b[0]).map(([, i]) => i);
        const straight = model.predict(given.x);
        expect([...model.predict(reorder(given.x, order))]).toEqual(order.map((i) => straight[i]));
        expect(reload(model).predictProbability(given.x)).toEqual(model.predictProbability(given.x));
        expect(reload(model).importance()).toEqual(model.importance());
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(regressors)('%s, regression', (_, train) => {
  it('gives finite numbers, the same after a file, permuted with the rows', () => {
    fc.assert(
      fc.property(data, (given) => {
        const model = train(given);
        const straight = model.predict(given.x);
        const backwards = [...straight.keys()].reverse();
        expect(straight.every(Number.isFinite)).toBe(true);
        expect([...model.predict(reorder(given.x, backwards))]).toEqual(backwards.map((i) => straight[i]));
        expect(reload(model).predict(given.x)).toEqual(straight);
        const total = model.importance().reduce((sum, share) => sum + share, 0);
        expect(Math.min(Math.abs(total - 1), total)).toBeLessThan(1e-9);
      }),
      { numRuns: 60 },
    );
  });
});

it('a forest of numbers stays between the least and the greatest target', () => {
  fc.assert(
    fc.property(data, ({ x, numbers: y }) => {
      const values = (y as Extract<Target, { task: 'regression' }>).values;
      const model = fitWith(getTrainer('ml-random-forest'), x, y, { trees: 3 });
      for (const predicted of model.predict(x)) {
        expect(predicted).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(predicted).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }
    }),
    { numRuns: 40 },
  );
});

it('a forest without bootstrap and limits repeats rows that differ in a column', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 15 }),
      fc.infiniteStream(value),
      (xs, ys) => {
        const target = xs.map(() => ys.next().value as number);
        const x = matrixOf(xs.map((v) => [v]));
        const model = fitWith(getTrainer('ml-random-forest'), x, numbers(target), {
          trees: 1,
          bootstrap: false,
        });
        for (const [i, predicted] of model.predict(x).entries()) expect(predicted).toBeCloseTo(target[i]!, 9);
      },
    ),
    { numRuns: 60 },
  );
});

it('linear regression is exact on linear data', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 4 }),
      value,
      fc.infiniteStream(value),
      (weights, bias, stream) => {
        const rows = Array.from({ length: 12 }, () => weights.map(() => stream.next().value as number));
        const target = rows.map((row) => row.reduce((sum, v, j) => sum + v * weights[j]!, bias));
        const scale = Math.max(1, ...target.map(Math.abs));
        const model = fitWith(getTrainer('linear-regression'), matrixOf(rows), numbers(target));
        for (const [i, predicted] of model.predict(matrixOf(rows)).entries()) {
          expect(Math.abs(predicted - target[i]!) / scale).toBeLessThan(1e-9);
        }
      },
    ),
    { numRuns: 100 },
  );
});

it('linear regression leaves residuals that no column explains', () => {
  fc.assert(
    fc.property(data, ({ x, numbers: y }) => {
      const model = fitWith(getTrainer('linear-regression'), x, y);
      const residuals = model.predict(x).map((predicted, i) => predicted - y.values[i]!);
      for (const column of x.columns) {
        const product = residuals.reduce((sum, residual, i) => sum + residual * column[i]!, 0);
        const size = Math.hypot(...column) * Math.hypot(...y.values) + 1;
        expect(Math.abs(product) / size).toBeLessThan(1e-9);
      }
    }),
    { numRuns: 100 },
  );
});

it('logistic regression does not mind which class comes first', () => {
  fc.assert(
    fc.property(data, ({ x, kinds }) => {
      if (new Set(kinds.values).size < 2) return;
      const params = { tolerance: 1e-10 };
      const straight = fitWith(getTrainer('logistic-regression'), x, kinds, params).predictProbability(x);
      const turned = labels(
        [...kinds.values].map((k) => 2 - k),
        ['a', 'b', 'c'],
      );
      const other = fitWith(getTrainer('logistic-regression'), x, turned, params).predictProbability(x);
      for (let i = 0; i < straight.length; i++) {
        const mirrored = other[Math.floor(i / 3) * 3 + 2 - (i % 3)]!;
        expect(Math.abs(straight[i]! - mirrored)).toBeLessThan(1e-5);
      }
    }),
    { numRuns: 40 },
  );
});
