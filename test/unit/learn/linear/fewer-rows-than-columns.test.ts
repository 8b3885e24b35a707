import { describe, expect, it } from 'vitest';
import { leastSquares } from '../../../../lib/learn/linear/least-squares.ts';
import { matrixOf, uniform } from '../support.ts';

const near = (found: ArrayLike<number>, expected: ArrayLike<number>, within: number): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(within);
};

const rows = [
  [1, 2, 0, 4, 1.5],
  [0, 1, 3, 1, -2],
  [2, -1, 1, 0, 0.5],
];
const y = Float64Array.of(1, 2, 4);
const weights = Float64Array.of(1, 2, 3);

describe('three rows of five columns', () => {
  it.each([
    // Ridge(alpha=0.5, solver='svd').fit(X, y, sample_weight=...) of scikit-learn 1.9
    [
      'ridge',
      { alpha: 0.5, fitIntercept: true },
      [
        0.2154801720019111, -0.3865265169612999, -0.044433827042522966, -0.4070711896798851,
        0.07692307692307673,
      ],
      3.1132345914954613,
    ],
    [
      'ridge with weights',
      { alpha: 0.5, fitIntercept: true, weights },
      [
        0.22244224422442277, -0.3953795379537951, -0.04950495049504991, -0.4138613861386139,
        0.08349834983498314,
      ],
      3.141749174917492,
    ],
    [
      'ridge through the origin',
      { alpha: 0.5, fitIntercept: false },
      [1.1685012259377119, -0.4635087902342324, 0.8458970212321981, 0.1396003964734731, 0.1292190515937189],
      0,
    ],
    [
      'ridge through the origin with weights',
      { alpha: 0.5, fitIntercept: false, weights },
      [1.2279563687805968, -0.4958490776762279, 0.8750721292556263, 0.13562161457848615, 0.14361632820207323],
      0,
    ],
    // numpy.linalg.pinv of the centred columns over their deviations
    [
      'the least norm',
      { alpha: 0, fitIntercept: true },
      [
        0.4721210697364817, -0.44565174830651194, 0.04097654567524197, -0.28375230040330457,
        -0.014937938055523148,
      ],
      2.5765985355730447,
    ],
    [
      'the least norm with weights',
      { alpha: 0, fitIntercept: true, weights },
      [
        0.38208537915305035, -0.41810874742186155, -2.640838929742462e-5, -0.3462359906816584,
        0.021329175755969303,
      ],
      2.8070823147833512,
    ],
  ])('%s', (_, options, coefficients, intercept) => {
    const found = leastSquares(matrixOf(rows), y, options);
    near(found.coefficients, coefficients, 1e-13);
    expect(found.intercept).toBeCloseTo(intercept, 13);
    expect(found.rank).toBe(options.alpha > 0 ? 5 : 2);
    expect(found.dependent).toHaveLength(5 - found.rank);
  });

  it('a row of weight 0 is no row', () => {
    for (const alpha of [0, 2]) {
      const without = leastSquares(matrixOf(rows), y, { alpha, fitIntercept: true });
      const padded = leastSquares(matrixOf([...rows, [9, 9, 9, 9, 9]]), Float64Array.of(...y, 77), {
        ...{ alpha, fitIntercept: true },
        weights: Float64Array.of(1, 1, 1, 0),
      });
      near(padded.coefficients, without.coefficients, 1e-13);
      expect(padded.intercept).toBeCloseTo(without.intercept, 13);
    }
  });

  it('a constant column has no weight, and ridge does not count it', () => {
    const flat = rows.map((row) => [...row, 1e6]);
    const [plain, beside] = [rows, flat].map((each) =>
      leastSquares(matrixOf(each), y, { alpha: 0.5, fitIntercept: true }),
    );
    near(beside!.coefficients, [...plain!.coefficients, 0], 1e-13);
    expect([beside!.rank, beside!.dependent]).toEqual([5, [5]]);
  });

  it('rows that are the same share the residual', () => {
    const twice = leastSquares(matrixOf([...rows, rows[0]!]), Float64Array.of(1, 2, 4, 3), {
      ...{ alpha: 0.5, fitIntercept: true },
    });
    const mean = leastSquares(matrixOf(rows), Float64Array.of(2, 2, 4), {
      ...{ alpha: 0.5, fitIntercept: true, weights: Float64Array.of(2, 1, 1) },
    });
    near(twice.coefficients, mean.coefficients, 1e-13);
  });
});

describe('150 rows of 3,000 columns, in three blocks of rows', () => {
  const random = uniform(4);
  const many = Array.from({ length: 150 }, () => Array.from({ length: 3_000 }, () => random() - 0.5));
  const x = matrixOf(many);
  const wanted = Float64Array.from(many, (row) => 3 * row[7]! - row[2_999]! + 0.1 * random());
  const predicted = (found: ReturnType<typeof leastSquares>) =>
    Float64Array.from(many, (row) =>
      row.reduce((sum, value, j) => sum + value * found.coefficients[j]!, found.intercept),
    );

  it.each([1e-3, 1, 1e4])(
    'ridge %f: by each column the residuals add up to the penalty on its coefficient',
    (alpha) => {
      const found = leastSquares(x, wanted, { alpha, fitIntercept: true });
      const residuals = predicted(found).map((value, i) => wanted[i]! - value);
      expect(Math.abs(residuals.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-9);
      let furthest = 0;
      for (const [j, column] of x.columns.entries()) {
        const slope = column.reduce((sum, value, i) => sum + value * residuals[i]!, 0);
        furthest = Math.max(furthest, Math.abs(slope - alpha * found.coefficients[j]!));
      }
      expect(furthest).toBeLessThan(1e-10);
    },
  );

  it('without a penalty every row is answered with its own value', () => {
    const found = leastSquares(x, wanted, { alpha: 0, fitIntercept: true });
    near(predicted(found), wanted, 1e-11);
    expect([found.rank, found.method]).toEqual([149, 'qr']);
  });
});

it('a penalty that vanishes beside the columns is answered as by all of QR: finite, and the rows are met', () => {
  // Epoch milliseconds: in units of its deviation the first column is penalised by 1e-22.
  const random = uniform(6);
  const times = Array.from({ length: 6 }, () => [
    1.7e12 + random() * 3e11,
    ...Array.from({ length: 9 }, random),
  ]);
  const targets = Float64Array.from(times, random);
  const { coefficients, intercept, rank } = leastSquares(matrixOf(times), targets, {
    ...{ alpha: 1e-3, fitIntercept: true },
  });
  expect(rank).toBe(10);
  const answers = times.map((row) =>
    row.reduce((sum, value, j) => sum + value * coefficients[j]!, intercept),
  );
  const residuals = answers.map((answer, i) => targets[i]! - answer);
  for (let j = 1; j < 10; j++) {
    const slope = times.reduce((sum, row, i) => sum + row[j]! * residuals[i]!, 0);
    // An epoch of 13 digits leaves the answers 1e-10 or so.
    expect(Math.abs(slope - 1e-3 * coefficients[j]!)).toBeLessThan(1e-6);
  }
});

it('what centring leaves of columns that say the same is no column of its own', () => {
  // Beside the intercept both columns say which row is the third; 7 − 20/3 and 0 + 1/3 differ in their last bits.
  const same = [
    [7, 0],
    [7, 0],
    [6, -1],
  ];
  const { coefficients, intercept, rank } = leastSquares(matrixOf(same), Float64Array.of(1, 2, 3), {
    ...{ alpha: 0, fitIntercept: true },
  });
  expect(rank).toBe(1);
  near([...coefficients, intercept], [-0.75, -0.75, 6.75], 1e-13);
});
