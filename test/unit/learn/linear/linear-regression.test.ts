import { describe, expect, it } from 'vitest';
import { linearRegression } from '../../../../lib/learn/linear/linear-regression.ts';
import { fitWith, matrixOf, numbers, sklearnCases, thrownBy, uniform } from '../support.ts';

interface Case {
  name: string;
  alpha: number;
  fitIntercept: boolean;
  X: number[][];
  y: number[];
  coefficients: number[];
  intercept: number;
  predictions: number[];
}

const near = (found: number, expected: number, digits = 1e-9): void =>
  expect(Math.abs(found - expected)).toBeLessThan(digits * Math.max(1, Math.abs(expected)));

describe("coefficients, intercepts and predictions are scikit-learn's to 1e-8", () => {
  it.each(sklearnCases<Case>('linear'))('$name', ({ alpha, fitIntercept, X, y, ...expected }) => {
    const model = fitWith(linearRegression, matrixOf(X), numbers(y), { alpha, fitIntercept });
    const { facts, sections } = model.toFile();
    for (const [j, value] of expected.coefficients.entries()) near(sections.coefficients![j]!, value, 1e-8);
    near(facts.intercept as number, expected.intercept, 1e-8);
    const predicted = model.predict(matrixOf(X));
    for (const [i, value] of expected.predictions.entries()) near(predicted[i]!, value, 1e-8);
  });
});

describe('rank-deficient input is answered, not NaN', () => {
  const random = uniform(3);
  const base = Array.from({ length: 30 }, () => [random() * 10, random() - 0.5]);
  const y = base.map(([a, b]) => 2 * a! - 3 * b! + 1);

  it('shares the weight among equal columns and says so in its notes', () => {
    const model = fitWith(linearRegression, matrixOf(base.map(([a, b]) => [a!, b!, a!, a!])), numbers(y));
    const { coefficients } = model.toFile().sections;
    near(coefficients![0]!, 2 / 3);
    near(coefficients![2]!, 2 / 3);
    near(coefficients![3]!, 2 / 3);
    near(coefficients![1]!, -3);
    expect(model.toFile().facts.rank).toBe(2);
    expect(model.notes[0]).toMatch(/2 of 4 columns are constant or sums of others \("f2", "f3"\)/);
  });

  it('gives a constant column no weight, however large', () => {
    const model = fitWith(linearRegression, matrixOf(base.map(([a, b]) => [a!, 1e12, b!])), numbers(y));
    const { facts, sections } = model.toFile();
    expect(sections.coefficients![1]).toBe(0);
    near(sections.coefficients![0]!, 2);
    near(facts.intercept as number, 1, 1e-8);
  });

  it('predicts rightly from fewer rows than columns', () => {
    const few = base.slice(0, 3).map(([a, b]) => [a!, b!, a! * b!, a! - b!, b! ** 2]);
    const model = fitWith(linearRegression, matrixOf(few), numbers(y.slice(0, 3)));
    for (const [i, value] of model.predict(matrixOf(few)).entries()) near(value, y[i]!, 1e-8);
  });

  it('answers one row with its own value', () => {
    const model = fitWith(linearRegression, matrixOf([[4, 5]]), numbers([7]));
    expect([
      ...model.predict(
        matrixOf([
          [4, 5],
          [9, 9],
        ]),
      ),
    ]).toEqual([7, 7]);
    expect([...model.importance()]).toEqual([0, 0]);
  });

  it('answers all-constant columns with the mean', () => {
    const model = fitWith(linearRegression, matrixOf([[1], [1], [1]]), numbers([1, 2, 6]));
    expect(model.predict(matrixOf([[1]]))[0]).toBeCloseTo(3, 12);
    expect(model.notes).toHaveLength(1);
  });

  it('keeps a flag beside a column of epoch milliseconds', () => {
    const rows = Array.from({ length: 200 }, (_, i) => [1.7e12 + i * 8.64e7, i % 3 === 0 ? 1 : 0]);
    const target = rows.map(([when, flag]) => (when! - 1.7e12) / 8.64e7 + 50 * flag!);
    const model = fitWith(linearRegression, matrixOf(rows), numbers(target));
    near(model.toFile().sections.coefficients![1]!, 50, 1e-6);
    expect(model.notes).toEqual([]);
  });
});

describe('linear-regression', () => {
  it('shrinks with alpha', () => {
    const rows = [[1], [2], [3], [4]];
    const slope = (alpha: number): number =>
      fitWith(linearRegression, matrixOf(rows), numbers([2, 4, 6, 8]), { alpha }).toFile().sections
        .coefficients![0]!;
    near(slope(0), 2);
    near(slope(5), 1); // Σx² = 5 about the mean: 2 · 5 / (5 + alpha)
  });

  it('weighs importance by the spread of the column', () => {
    const random = uniform(5);
    const rows = Array.from({ length: 50 }, () => [random(), random() * 100]);
    const model = fitWith(linearRegression, matrixOf(rows), numbers(rows.map(([a, b]) => 10 * a! + b!)));
    const [a, b] = model.importance();
    expect(a! + b!).toBeCloseTo(1, 12);
    expect(b! / a!).toBeGreaterThan(7);
    expect(b! / a!).toBeLessThan(14);
  });

  it('has no probabilities', () => {
    const model = fitWith(linearRegression, matrixOf([[1], [2]]), numbers([1, 2]));
    expect(thrownBy(() => model.predictProbability(matrixOf([[1]]))).code).toBe('BAD_DEFINITION');
  });

  it('names the columns with missing values and the step to add', () => {
    const x = matrixOf(
      [
        [1, Number.NaN],
        [2, 3],
      ],
      ['area', 'bedrooms'],
    );
    const error = thrownBy(() => fitWith(linearRegression, x, numbers([1, 2])));
    expect(error.code).toBe('MISSING_VALUES');
    expect(error.message).toContain('"bedrooms"');
    expect(error.message).not.toContain('"area"');
    expect(error.remedy).toContain('fillMissing(["bedrooms"]');
  });

  it('refuses infinite values as missing ones', () => {
    expect(thrownBy(() => fitWith(linearRegression, matrixOf([[1], [Infinity]]), numbers([1, 2]))).code).toBe(
      'MISSING_VALUES',
    );
  });

  it('refuses classes', () => {
    const error = thrownBy(() =>
      fitWith(linearRegression, matrixOf([[1], [2]]), {
        task: 'classification',
        classes: ['a', 'b'],
        values: Int32Array.of(0, 1),
      }),
    );
    expect(error.message).toBe('linear-regression does regression, and the target asks for classification');
  });

  it('refuses no rows, no columns, and a target of another length', () => {
    expect(() => fitWith(linearRegression, matrixOf([], ['a']), numbers([]))).toThrow(/0 rows/);
    expect(() => fitWith(linearRegression, { rowCount: 1, names: [], columns: [] }, numbers([1]))).toThrow(
      /0 features/,
    );
    expect(() => fitWith(linearRegression, matrixOf([[1]]), numbers([1, 2]))).toThrow(/2 target values/);
  });

  it('names a wrong parameter', () => {
    expect(thrownBy(() => linearRegression.parseParams({ alpha: -1 })).field).toBe('alpha');
    expect(thrownBy(() => linearRegression.parseParams({ alhpa: 1 })).field).toBe('alhpa');
    expect(linearRegression.parseParams(undefined)).toEqual({ alpha: 0, fitIntercept: true });
  });

  it('refuses a size that would not end in time, and says what to do', () => {
    const params = linearRegression.parseParams({});
    expect(() => linearRegression.checkSize(100_000, 500, params)).not.toThrow();
    const error = thrownBy(() => linearRegression.checkSize(1_000_000, 1_000, params));
    expect(error.code).toBe('TRAINING_TOO_LARGE');
    expect(error.remedy).toContain('sample of the rows');
  });

  it('refuses numbers that overflow instead of answering NaN', () => {
    const error = thrownBy(() =>
      fitWith(linearRegression, matrixOf([[1e308], [-1e308], [5]]), numbers([1e308, -1e308, 0])),
    );
    expect(error.code).toBe('BAD_DATA');
  });
});
