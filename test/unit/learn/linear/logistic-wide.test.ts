import { describe, expect, it } from 'vitest';
import { fitLogistic } from '../../../../lib/learn/linear/logistic-fit.ts';
import { uniform } from '../support.ts';

describe('far more columns than rows', () => {
  it('the search without factors ends at the minimum: the gradient is nothing there', () => {
    const [rows, width] = [40, 500];
    const next = uniform(5);
    const columns = Array.from({ length: width }, () =>
      Float64Array.from({ length: rows }, () => next() - 0.5),
    );
    const classes = Int32Array.from({ length: rows }, (_, i) =>
      Number(columns[0]![i]! + columns[1]![i]! > 0),
    );
    const fit = fitLogistic({
      x: { rowCount: rows, names: columns.map((_, j) => `x${j}`), columns },
      classes,
      classCount: 2,
      weights: new Float64Array(rows).fill(1),
      C: 1,
      fitIntercept: true,
      tolerance: 1e-9,
      maxIterations: 500,
    });
    // Of sum(loss) + |w|^2 / 2: w = -sum (p - y) x, and sum (p - y) = 0.
    const error = Array.from(classes, (truth, i) => {
      const score = columns.reduce(
        (sum, column, j) => sum + column[i]! * fit.coefficients[j]!,
        fit.intercepts[0]!,
      );
      return 1 / (1 + Math.exp(-score)) - truth;
    });
    expect(error.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 6);
    for (const j of [0, 1, 2, 250, 499]) {
      const gradient = error.reduce((sum, one, i) => sum + one * columns[j]![i]!, 0);
      expect(fit.coefficients[j]! + gradient).toBeCloseTo(0, 6);
    }
  });
});
