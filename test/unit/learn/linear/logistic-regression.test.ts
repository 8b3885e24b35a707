import { describe, expect, it } from 'vitest';
import { logisticRegression } from '../../../../lib/learn/linear/logistic-regression.ts';
import { fitWith, labels, matrixOf, numbers, sklearnCases, thrownBy, uniform } from '../support.ts';

interface Case {
  name: string;
  C: number;
  fitIntercept: boolean;
  classWeight: string;
  X: number[][];
  y: number[];
  coefficients: number[][];
  intercepts: number[];
  probabilities: number[][];
  lbfgsProbabilities: number[][];
}
const cases = sklearnCases<Case>('logistic');
const largestGap = (found: ArrayLike<number>, expected: number[]): number =>
  expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(found[i]! - value) / Math.max(1, Math.abs(value))),
    0,
  );

describe("coefficients and probabilities are scikit-learn's (newton-cholesky, tol 1e-14) to 1e-6", () => {
  it.each(cases)('$name', ({ X, y, C, fitIntercept, classWeight, ...expected }) => {
    const classes = Array.from({ length: expected.probabilities[0]!.length }, (_, k) => String(k));
    const params = { C, fitIntercept, classWeight, tolerance: 1e-10 };
    const model = fitWith(logisticRegression, matrixOf(X), labels(y, classes), params);
    const { facts, sections } = model.toFile();
    expect(facts.converged).toBe(true);
    expect(largestGap(sections.coefficients!, expected.coefficients.flat())).toBeLessThan(1e-6);
    expect(largestGap(sections.intercepts!, expected.intercepts)).toBeLessThan(1e-6);
    expect(largestGap(model.predictProbability(matrixOf(X)), expected.probabilities.flat())).toBeLessThan(
      1e-6,
    );
  });

  it.each(cases)(
    '$name: at the default tolerance to 1e-4, nearer than its own lbfgs is asked to come',
    (given) => {
      const { X, y, C, fitIntercept, classWeight, probabilities } = given;
      const classes = Array.from({ length: probabilities[0]!.length }, (_, k) => String(k));
      const model = fitWith(logisticRegression, matrixOf(X), labels(y, classes), {
        C,
        fitIntercept,
        classWeight,
      });
      expect(model.notes).toEqual([]);
      expect(largestGap(model.predictProbability(matrixOf(X)), probabilities.flat())).toBeLessThan(1e-4);
    },
  );
});

const random = uniform(9);
const rows = Array.from({ length: 120 }, () => [random() * 4 - 2, random() * 4 - 2]);
const three = rows.map(([a, b]) => (a! > 0.5 ? 2 : b! > 0 ? 1 : 0));

describe('logistic-regression', () => {
  it('predicts the class of the largest probability', () => {
    const model = fitWith(logisticRegression, matrixOf(rows), labels(three, ['x', 'y', 'z']));
    const probabilities = model.predictProbability(matrixOf(rows));
    for (const [i, predicted] of model.predict(matrixOf(rows)).entries()) {
      const row = [...probabilities.subarray(i * 3, i * 3 + 3)];
      expect(row.indexOf(Math.max(...row))).toBe(predicted);
    }
  });

  it('gives a class without training rows probability 0, and converges', () => {
    const model = fitWith(
      logisticRegression,
      matrixOf(rows),
      labels(
        three.map((k) => (k === 1 ? 3 : k)),
        ['w', 'x', 'y', 'z'],
      ),
    );
    const probabilities = model.predictProbability(matrixOf(rows));
    expect(model.notes).toEqual([]);
    for (let i = 0; i < rows.length; i++) {
      expect(probabilities[i * 4 + 1]).toBe(0);
      expect(probabilities[i * 4]! + probabilities[i * 4 + 2]! + probabilities[i * 4 + 3]!).toBeCloseTo(
        1,
        12,
      );
    }
  });

  it('answers the two-class case alike whichever of three names is absent', () => {
    const y = three.map((k) => (k === 2 ? 1 : 0));
    const two = fitWith(logisticRegression, matrixOf(rows), labels(y, ['a', 'b']));
    const withAbsent = fitWith(
      logisticRegression,
      matrixOf(rows),
      labels(
        y.map((k) => k * 2),
        ['a', 'absent', 'b'],
      ),
    );
    const p = two.predictProbability(matrixOf(rows));
    const q = withAbsent.predictProbability(matrixOf(rows));
    for (let i = 0; i < rows.length; i++) expect(q[i * 3 + 2]).toBe(p[i * 2 + 1]);
  });

  it('says so where it did not converge', () => {
    const model = fitWith(logisticRegression, matrixOf(rows), labels(three, ['x', 'y', 'z']), {
      maxIterations: 2,
    });
    expect(model.toFile().facts).toMatchObject({ converged: false, iterations: 2 });
    expect(model.notes[0]).toMatch(/did not converge in 2 iterations .*raise maxIterations/);
  });

  it('converges on columns of any scale and offset', () => {
    const scaled = rows.map(([a, b]) => [1.7e12 + a! * 8.64e7, b! * 1e-6]);
    const plain = fitWith(logisticRegression, matrixOf(rows), labels(three, ['x', 'y', 'z']), { C: 1e6 });
    const model = fitWith(logisticRegression, matrixOf(scaled), labels(three, ['x', 'y', 'z']), {
      C: 1e18 / 1e6,
    });
    expect(model.notes).toEqual([]);
    expect(plain.notes).toEqual([]);
    const hits = (m: typeof model, x: number[][]) =>
      m.predict(matrixOf(x)).filter((k, i) => k === three[i]).length;
    expect(hits(model, scaled)).toBeGreaterThanOrEqual(hits(plain, rows) - 2);
  });

  it('holds on separable data, constant columns and extreme scores', () => {
    const x = matrixOf([
      [-5, 1],
      [-4, 1],
      [4, 1],
      [5, 1],
    ]);
    const model = fitWith(logisticRegression, x, labels([0, 0, 1, 1], ['n', 'y']), { C: 1000 });
    expect([...model.predict(x)]).toEqual([0, 0, 1, 1]);
    const far = model.predictProbability(
      matrixOf([
        [-1e6, 1],
        [1e6, 1],
      ]),
    );
    expect([...far]).toEqual([1, 0, 0, 1]);
    expect(model.importance()[1]).toBe(0);
  });

  it('gives the same bits each time, whatever the seed', () => {
    const train = (seed: number) =>
      fitWith(logisticRegression, matrixOf(rows), labels(three, ['x', 'y', 'z']), {}, seed).toFile();
    expect(train(1)).toEqual(train(2));
  });

  it('reports progress between 0 and 1', () => {
    const shares: number[] = [];
    const params = logisticRegression.parseParams({});
    logisticRegression.fit(matrixOf(rows), labels(three, ['x', 'y', 'z']), params, {
      seed: 1,
      onProgress: (s) => shares.push(s),
    });
    expect(shares.length).toBeGreaterThan(3);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  });

  it('refuses one class, numbers, and missing values', () => {
    expect(
      thrownBy(() => fitWith(logisticRegression, matrixOf([[1], [2]]), labels([0, 0], ['a', 'b']))).code,
    ).toBe('BAD_TARGET');
    expect(thrownBy(() => fitWith(logisticRegression, matrixOf([[1], [2]]), numbers([1, 2]))).code).toBe(
      'BAD_DEFINITION',
    );
    expect(
      thrownBy(() => fitWith(logisticRegression, matrixOf([[1], [Number.NaN]]), labels([0, 1], ['a', 'b'])))
        .code,
    ).toBe('MISSING_VALUES');
  });

  it('names a wrong parameter', () => {
    expect(thrownBy(() => logisticRegression.parseParams({ C: 0 })).field).toBe('C');
    expect(thrownBy(() => logisticRegression.parseParams({ classWeight: 'heavy' })).field).toBe(
      'classWeight',
    );
  });

  it('refuses a size that would not end in time', () => {
    const params = logisticRegression.parseParams({});
    expect(() => logisticRegression.checkSize(92_962, 54, params)).not.toThrow();
    const error = thrownBy(() => logisticRegression.checkSize(5_000_000, 100, params));
    expect(error.code).toBe('TRAINING_TOO_LARGE');
    expect(error.remedy).toContain('maxIterations');
  });

  it('refuses parts whose classes or lengths do not fit', () => {
    const model = fitWith(logisticRegression, matrixOf(rows), labels(three, ['x', 'y', 'z']));
    const shape = { task: 'classification' as const, features: model.features, classes: model.classes };
    const { facts, sections } = model.toFile();
    expect(logisticRegression.fromFile({ facts, sections }, shape).predict(matrixOf(rows))).toEqual(
      model.predict(matrixOf(rows)),
    );
    const wrong = [
      { facts: { ...facts, seen: [0, 1, 3] }, sections },
      { facts: { ...facts, seen: [1, 0, 2] }, sections },
      { facts: { ...facts, seen: [0, 1] }, sections },
      { facts, sections: { ...sections, intercepts: new Float64Array(2) } },
      { facts, sections: { ...sections, coefficients: new Float32Array(6) } },
      { facts, sections: { ...sections, importance: Float64Array.of(Number.NaN, 1) } },
      { facts: {}, sections },
    ];
    for (const parts of wrong)
      expect(thrownBy(() => logisticRegression.fromFile(parts, shape)).code).toBe('INTEGRITY');
  });
});
