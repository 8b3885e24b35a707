import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getTrainer, type Model } from '../../../lib/learn/index.ts';
import { fitWeighted as fitted, labels, matrixOf, numbers } from '../../unit/learn/support.ts';

const linear = getTrainer('linear-regression');
const logistic = getTrainer('logistic-regression');

const cell = fc.integer({ min: -8000, max: 8000 }).map((n) => n / 1000);
const weight = fc.integer({ min: 1, max: 40 }).map((n) => n / 8);
const seeds = { numRuns: 60 };

/** A table of 3 to 14 rows and 1 to 4 columns, with a target and weights; columns may repeat and rows be fewer than columns. */
const tables = fc
  .tuple(fc.integer({ min: 3, max: 14 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, columns]) =>
    fc.record({
      rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
      y: fc.array(cell, { minLength: rows, maxLength: rows }),
      weights: fc.array(weight, { minLength: rows, maxLength: rows }),
    }),
  );
type Table = typeof tables extends fc.Arbitrary<infer T> ? T : never;

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, within: number): void => {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i]! - wanted[i]!)).toBeLessThan(within);
};

describe('least squares', () => {
  it('leaves residuals that add up to 0 and, by each column, to the penalty on its coefficient', () => {
    fc.assert(
      fc.property(tables, fc.constantFrom(0, 0.01, 1, 100), ({ rows, y, weights }, alpha) => {
        const x = matrixOf(rows);
        const model = fitted(linear, x, numbers(y), { alpha }, weights);
        const predicted = model.predict(x);
        const residuals = y.map((value, i) => weights[i]! * (value - predicted[i]!));
        // Cells are below 8 and weights at most 5: sums of 14 products reach 5,000.
        expect(Math.abs(residuals.reduce((sum, r) => sum + r, 0))).toBeLessThan(1e-9);
        for (const [f, column] of x.columns.entries()) {
          const slope = column.reduce((sum, value, i) => sum + value * residuals[i]!, 0);
          expect(Math.abs(slope - alpha * model.linear!.coefficients[f]!)).toBeLessThan(1e-8);
        }
      }),
      seeds,
    );
  });

  it('answers a target that is stretched and moved with what it answered, stretched and moved', () => {
    fc.assert(
      fc.property(tables, cell, cell, ({ rows, y, weights }, stretch, move) => {
        const x = matrixOf(rows);
        const plain = fitted(linear, x, numbers(y), { alpha: 0.5 }, weights).predict(x);
        const other = y.map((value) => stretch * value + move);
        const moved = fitted(linear, x, numbers(other), { alpha: 0.5 }, weights).predict(x);
        near(
          moved,
          plain.map((value) => stretch * value + move),
          1e-9,
        );
      }),
      seeds,
    );
  });

  it('does not depend on the order of the rows, nor on the units of full-rank columns', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: -20, max: 20 }), ({ rows, y, weights }, power) => {
        const x = matrixOf(rows);
        const first = fitted(linear, x, numbers(y), {}, weights);
        const turned = fitted(
          linear,
          matrixOf([...rows].reverse()),
          numbers([...y].reverse()),
          {},
          [...weights].reverse(),
        );
        near(turned.predict(x), first.predict(x), 1e-6);
        const scaled = {
          ...x,
          columns: x.columns.map((column) => column.map((value) => value * 2 ** power)),
        };
        near(fitted(linear, scaled, numbers(y), {}, weights).predict(scaled), first.predict(x), 1e-6);
      }),
      seeds,
    );
  });

  it('shares the weight among columns that are the same, with ridge and without', () => {
    fc.assert(
      fc.property(tables, fc.constantFrom(0, 1), ({ rows, y }, alpha) => {
        const model = fitted(linear, matrixOf(rows.map(([a]) => [a!, a!, a!])), numbers(y), { alpha });
        const [first, ...others] = model.linear!.coefficients;
        for (const other of others) expect(Math.abs(other - first!)).toBeLessThan(1e-9);
      }),
      seeds,
    );
  });

  it('goes through its file unchanged', () => {
    fc.assert(
      fc.property(tables, ({ rows, y }) => {
        const x = matrixOf(rows);
        const model = fitted(linear, x, numbers(y));
        const again = linear.fromFile(model.toFile(), { task: 'regression', features: x.names, classes: [] });
        expect(again.predict(x)).toEqual(model.predict(x));
        expect(again.importance()).toEqual(model.importance());
      }),
      seeds,
    );
  });
});

describe('logistic regression', () => {
  const exact = { tolerance: 1e-10, maxIterations: 5000 };
  const classOf = (y: readonly number[], classes: number): number[] =>
    y.map((value, i) => (i < classes ? i : Math.abs(Math.round(value)) % classes));
  const names = (count: number): string[] => Array.from({ length: count }, (_, k) => `c${k}`);
  const classCounts = fc.integer({ min: 2, max: 4 });

  /** What the gradient of C × Σ w × loss + |b|² / 2 leaves of each coefficient, and of each intercept, at the model. */
  function gradient({ rows, weights }: Table, given: readonly number[], model: Model, C: number) {
    const x = matrixOf(rows);
    const { coefficients, intercepts } = model.linear!;
    const width = x.columns.length;
    const probabilities = model.predictProbability(x);
    const classes = model.classes.length;
    // Two classes share the score of the second.
    const ofOutput = (k: number): number => (intercepts.length === 1 ? 1 : k);
    const left: number[] = [];
    for (let k = 0; k < intercepts.length; k++) {
      const off = given.map(
        (label, i) =>
          weights[i]! * (probabilities[i * classes + ofOutput(k)]! - Number(label === ofOutput(k))),
      );
      left.push(C * off.reduce((sum, value) => sum + value, 0));
      for (let f = 0; f < width; f++) {
        const slope = off.reduce((sum, value, i) => sum + value * rows[i]![f]!, 0);
        left.push(C * slope + coefficients[k * width + f]!);
      }
    }
    return left;
  }

  it('is where the gradient of its loss and penalty is 0, for two classes and for more', () => {
    fc.assert(
      fc.property(tables, classCounts, fc.constantFrom(0.1, 1), (table, classes, C) => {
        fc.pre(table.rows.length >= classes);
        const given = classOf(table.y, classes);
        const y = labels(given, names(classes));
        const model = fitted(logistic, matrixOf(table.rows), y, { C, ...exact }, table.weights);
        for (const left of gradient(table, given, model, C)) expect(Math.abs(left)).toBeLessThan(1e-5);
      }),
      seeds,
    );
  });

  it('gives probabilities whose weighted means are the shares of the classes', () => {
    fc.assert(
      fc.property(tables, classCounts, ({ rows, y, weights }, classes) => {
        fc.pre(rows.length >= classes);
        const given = classOf(y, classes);
        const x = matrixOf(rows);
        const model = fitted(logistic, x, labels(given, names(classes)), exact, weights);
        const found = model.predictProbability(x);
        const total = weights.reduce((sum, value) => sum + value, 0);
        for (let k = 0; k < classes; k++) {
          let [mean, share] = [0, 0];
          for (const [i, w] of weights.entries()) {
            mean += (w * found[i * classes + k]!) / total;
            share += (w * Number(given[i] === k)) / total;
          }
          expect(Math.abs(mean - share)).toBeLessThan(1e-6);
        }
      }),
      seeds,
    );
  });

  it('answers classes in another order with the same probabilities in that order', () => {
    fc.assert(
      fc.property(tables, classCounts, ({ rows, y }, classes) => {
        fc.pre(rows.length >= classes);
        const given = classOf(y, classes);
        const x = matrixOf(rows);
        const straight = fitted(logistic, x, labels(given, names(classes)), exact).predictProbability(x);
        const turned = given.map((label) => classes - 1 - label);
        const mirrored = fitted(logistic, x, labels(turned, names(classes)), exact).predictProbability(x);
        const back = mirrored.map((_, i) => {
          const [row, k] = [Math.floor(i / classes), i % classes];
          return mirrored[row * classes + classes - 1 - k]!;
        });
        near(back, straight, 1e-6);
      }),
      seeds,
    );
  });

  it('fits the rows no worse where it is penalised less, and has larger coefficients', () => {
    const norm = (model: Model) => model.linear!.coefficients.reduce((sum, value) => sum + value * value, 0);
    fc.assert(
      fc.property(tables, ({ rows, y }) => {
        const given = classOf(y, 2);
        const x = matrixOf(rows);
        const target = labels(given, names(2));
        const [tight, loose] = [0.05, 5].map((C) => fitted(logistic, x, target, { C, ...exact })) as [
          Model,
          Model,
        ];
        const loss = (model: Model): number => {
          const found = model.predictProbability(x);
          return given.reduce((sum, label, i) => sum - Math.log(found[2 * i + label]!), 0);
        };
        expect(loss(loose)).toBeLessThanOrEqual(loss(tight) + 1e-7);
        expect(norm(loose)).toBeGreaterThanOrEqual(norm(tight) - 1e-7);
      }),
      seeds,
    );
  });
});
