import { describe, expect, it } from 'vitest';
import { linearRegression } from '../../../../lib/learn/linear/linear-regression.ts';
import { logisticRegression } from '../../../../lib/learn/linear/logistic-regression.ts';
import { fitWeighted as fitted, labels, matrixOf, numbers } from '../support.ts';

const near = (found: ArrayLike<number>, wanted: readonly number[], digits: number): void => {
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, digits);
};

describe('linear regression, by hand', () => {
  it('of one column is covariance over variance and the penalty', () => {
    // x - 2 is -1, 0, 1 and y - 3 is -2, 1, 1: the products add up to 3, the squares to 2.
    const [x, y] = [matrixOf([[1], [2], [3]]), numbers([1, 4, 4])];
    for (const [alpha, slope] of [
      [0, 3 / 2],
      [1, 3 / 3],
      [4, 3 / 6],
    ] as const) {
      const { coefficients, intercepts } = fitted(linearRegression, x, y, { alpha }).linear!;
      near(coefficients, [slope], 12);
      near(intercepts, [3 - 2 * slope], 12);
    }
  });

  it('through the origin is Σxy / Σx²', () => {
    const model = fitted(linearRegression, matrixOf([[1], [2], [3]]), numbers([1, 4, 4]), {
      fitIntercept: false,
    });
    near(model.linear!.coefficients, [21 / 14], 12);
    near(model.linear!.intercepts, [0], 12);
  });

  it('weighs rows: a line through two groups goes to their weighted means', () => {
    // At 0 the mean of 0 and 4 by weights 3 and 1 is 1; at 1 the one row says 5.
    const model = fitted(linearRegression, matrixOf([[0], [0], [1]]), numbers([0, 4, 5]), {}, [3, 1, 2]);
    near(model.linear!.coefficients, [4], 12);
    near(model.linear!.intercepts, [1], 12);
  });

  it('takes the smallest coefficients, each column in units of its own spread, where rows are fewer than columns', () => {
    // Rows differ by 3, 3 and 4, and the target by 1: each column gives a third of that.
    const model = fitted(
      linearRegression,
      matrixOf([
        [1, 2, 3],
        [4, 5, 7],
      ]),
      numbers([1, 2]),
    );
    near(model.linear!.coefficients, [1 / 9, 1 / 9, 1 / 12], 12);
    near(model.linear!.intercepts, [1 - 3 / 9 - 3 / 12], 12);
  });

  it('with weights and penalty is what scikit-learn 1.9 has', () => {
    const x = matrixOf([
      [1, 2],
      [2, 1],
      [3, 5],
      [4, 3],
    ]);
    const y = numbers([1, 3, 2, 7]);
    // Ridge(alpha=2).fit(X, y, sample_weight=[1, 2, 3, 4])
    const weighted = fitted(linearRegression, x, y, { alpha: 2 }, [1, 2, 3, 4]).linear!;
    near(weighted.coefficients, [2.0460636515912904, -0.7587939698492463], 12);
    near(weighted.intercepts, [0.31407035175879194], 12);
    // Ridge(alpha=2, fit_intercept=False).fit(X, y)
    const origin = fitted(linearRegression, x, y, { alpha: 2, fitIntercept: false }).linear!;
    near(origin.coefficients, [1.6096866096866087, -0.3390313390313384], 12);
  });
});

describe('logistic regression, by hand', () => {
  const exact = { tolerance: 1e-12, maxIterations: 1000 };

  it('of two rows at -1 and 1 solves b = 2C / (1 + e^b)', () => {
    for (const C of [0.25, 1, 10]) {
      const { coefficients, intercepts } = fitted(
        logisticRegression,
        matrixOf([[-1], [1]]),
        labels([0, 1], ['no', 'yes']),
        { C, ...exact },
      ).linear!;
      const [b] = coefficients as unknown as [number];
      expect(b).toBeCloseTo((2 * C) / (1 + Math.exp(b)), 9);
      near(intercepts, [0], 9);
    }
  });

  it('of a column that says nothing has the log odds as intercept', () => {
    const model = fitted(
      logisticRegression,
      matrixOf([[0], [0], [0], [0], [0]]),
      labels([0, 1, 1, 1, 1], ['no', 'yes']),
      exact,
    );
    near(model.linear!.coefficients, [0], 12);
    near(model.linear!.intercepts, [Math.log(4)], 9);
    near(model.predictProbability(matrixOf([[7]])), [0.2, 0.8], 9);
  });

  const steps = matrixOf([[0], [1], [2], [3], [4], [5]]);

  it.each([
    [1, 0.767053722783571, -1.917634306638827],
    [0.1, 0.24530542055438145, -0.6132635507318114],
  ])('at C = %d is what scikit-learn 1.9 has', (C, slope, intercept) => {
    const y = labels([0, 0, 1, 0, 1, 1], ['no', 'yes']);
    const { coefficients, intercepts } = fitted(logisticRegression, steps, y, { C, ...exact }).linear!;
    near(coefficients, [slope], 6);
    near(intercepts, [intercept], 6);
  });

  it.each([
    // LogisticRegression(class_weight=...).fit(X, [0, 1, 2, 0, 1, 2], sample_weight=[1, 2, 3, 1, 2, 3])
    [
      'none',
      [-0.3612590167694914, -0.0023353094843890894, 0.3635943262538809],
      [0.261210584, 0.211240291, -0.472450875],
    ],
    ['balanced', [-0.36190012315532316, 0, 0.36190012239999747], [0.848117962, 0.113264684, -0.961382645]],
  ])(
    'of three classes with weighted rows and classWeight %s is what scikit-learn 1.9 has',
    (classWeight, slopes, starts) => {
      const y = labels([0, 1, 2, 0, 1, 2], ['a', 'b', 'c']);
      const params = { classWeight, ...exact };
      const { coefficients, intercepts } = fitted(logisticRegression, steps, y, params, [1, 2, 3, 1, 2, 3])
        .linear!;
      near(coefficients, slopes, 5);
      // Intercepts are not penalised: only their differences mean something.
      near(
        [intercepts[1]! - intercepts[0]!, intercepts[2]! - intercepts[0]!],
        [starts[1]! - starts[0]!, starts[2]! - starts[0]!],
        5,
      );
    },
  );
});
