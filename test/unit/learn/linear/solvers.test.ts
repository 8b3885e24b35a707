import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../../../lib/learn/index.ts';
import { factorCholesky, solveCholesky } from '../../../../lib/learn/linear/cholesky.ts';
import { columnStarts, type Design, makeDesign } from '../../../../lib/learn/linear/design.ts';
import { Gram, meanGram } from '../../../../lib/learn/linear/gram.ts';
import { leastNormSolution, norm, pivotedQr, StreamedQr } from '../../../../lib/learn/linear/householder.ts';
import { minimise } from '../../../../lib/learn/linear/lbfgs.ts';
import { leastSquares } from '../../../../lib/learn/linear/least-squares.ts';
import { moments } from '../../../../lib/learn/linear/moments.ts';
import { pivotedCholesky } from '../../../../lib/learn/linear/pivoted-cholesky.ts';
import {
  addGradient,
  addScores,
  blockOf,
  centreSums,
  shiftOf,
} from '../../../../lib/learn/linear/products.ts';
import { matrixOf, uniform } from '../support.ts';

const near = (found: ArrayLike<number>, expected: ArrayLike<number>, within = 1e-10): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(within * Math.max(1, Math.abs(expected[i]!)));
  }
};
const columnsOf = (rows: number[][]): Float64Array[] =>
  rows[0]!.map((_, j) => Float64Array.from(rows, (row) => row[j]!));

describe('moments', () => {
  it('are mean and population deviation', () => {
    const found = moments(Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9), { rowCount: 8 });
    expect(found.mean).toBe(5);
    expect(found.deviation).toBe(2);
  });

  it('count a weight of 3 as three rows', () => {
    const weights = Float64Array.of(3, 1);
    const weighted = moments(Float64Array.of(1, 5), { rowCount: 2, weights });
    const repeated = moments(Float64Array.of(1, 1, 1, 5), { rowCount: 4 });
    expect(weighted.mean).toBeCloseTo(repeated.mean, 14);
    expect(weighted.deviation).toBeCloseTo(repeated.deviation, 14);
  });

  it('count the rows that a sparse column leaves out as zeros', () => {
    const whole = moments(Float64Array.of(0, 3, 0, 0, -1), { rowCount: 5 });
    const rows = Uint32Array.of(1, 4);
    const sparse = moments(Float64Array.of(3, -1), { rowCount: 5, rows });
    expect(sparse.mean).toBeCloseTo(whole.mean, 14);
    expect(sparse.deviation).toBeCloseTo(whole.deviation, 14);
  });

  it('keep the digits of a small spread on a large offset', () => {
    const found = moments(Float64Array.of(1e9 + 1, 1e9 - 1), { rowCount: 2 });
    expect(found.deviation).toBeCloseTo(1, 6);
  });

  it('do not overflow where the values do not', () => {
    const { mean, deviation } = moments(Float64Array.of(1e308, 1e308, -1e308, -1e308), { rowCount: 4 });
    expect(mean).toBe(0);
    expect(deviation).toBe(1e308);
  });

  it('of a constant leave no more than the noise they tell', () => {
    const { deviation, noise } = moments(new Float64Array(1000).fill(1e12 / 3), { rowCount: 1000 });
    expect(deviation).toBeLessThanOrEqual(noise);
  });

  it('of nothing but zeros are zero', () => {
    expect(moments(new Float64Array(0), { rowCount: 9, rows: new Uint32Array(0) })).toEqual({
      mean: 0,
      deviation: 0,
      noise: 0,
    });
  });
});

describe('cholesky', () => {
  it('factors and solves a hand-checked system', () => {
    // [[4, 2], [2, 5]] = L Lᵀ with L = [[2, 0], [1, 2]].
    const a = Float64Array.of(4, 2, 2, 5);
    expect(factorCholesky(a, 2)).toBe(4);
    expect([a[0], a[2], a[3]]).toEqual([2, 1, 2]);
    const b = Float64Array.of(0, 8, 9, 0);
    solveCholesky(a, 2, b, 1);
    near(b, [0, 22 / 16, 20 / 16, 0]);
  });

  it('says where a matrix is not definite', () => {
    expect(factorCholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeLessThanOrEqual(0);
    expect(factorCholesky(Float64Array.of(1, 1, 1, 1), 2)).toBe(0);
    expect(factorCholesky(Float64Array.of(Number.NaN), 1)).toBeNaN();
  });

  it('with pivots finds the rank and the columns that depend', () => {
    // Column 2 is (column 0 + column 1) / √2 of orthonormal ones.
    const h = Math.SQRT1_2;
    const found = pivotedCholesky(Float64Array.of(1, 0, h, 0, 1, h, h, h, 1), 3);
    expect(found.rank).toBe(2);
    expect([...found.order.slice(0, 1)]).toEqual([0]);
    const [first, second] = found.r;
    near([first![0]!, second![0]! ** 2 + second![1]! ** 2], [1, 1]);
  });

  it('with pivots does not trust a pivot between zero and safe', () => {
    const r = 1 - 1e-8;
    expect(pivotedCholesky(Float64Array.of(1, r, r, 1), 2).rank).toBeUndefined();
    expect(pivotedCholesky(Float64Array.of(1, 0.9, 0.9, 1), 2).rank).toBe(2);
  });
});

describe('householder', () => {
  const random = uniform(2);
  const rows = Array.from({ length: 25 }, () => Array.from({ length: 4 }, () => random() * 6 - 3));

  it('streams blocks into the R of the whole: RᵀR = XᵀX', () => {
    const qr = new StreamedQr(4);
    for (const [from, to] of [
      [0, 1],
      [1, 3],
      [3, 20],
      [20, 25],
    ])
      qr.add(columnsOf(rows.slice(from, to)));
    const columns = columnsOf(rows);
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        const wanted = columns[i]!.reduce((sum, value, n) => sum + value * columns[j]![n]!, 0);
        const found = qr.r[i]!.reduce((sum, value, n) => sum + value * qr.r[j]![n]!, 0);
        expect(found).toBeCloseTo(wanted, 9);
        if (i > j) expect(qr.r[j]![i]).toBe(0);
      }
    }
  });

  it('solves a square system', () => {
    const columns = columnsOf([
      [2, 1],
      [1, 3],
    ]);
    near(leastNormSolution(pivotedQr(columns, Float64Array.of(3, 5), 1e-12)), [0.8, 1.4]);
  });

  it('answers with the least norm where columns are equal', () => {
    const columns = columnsOf([
      [1, 1, 0],
      [1, 1, 1],
      [1, 1, 2],
    ]);
    const found = pivotedQr(columns, Float64Array.of(4, 5, 6), 1e-12);
    expect(found.rank).toBe(2);
    near(leastNormSolution(found), [2, 2, 1]);
  });

  it('takes the earlier of equally long columns for independent', () => {
    const columns = columnsOf([
      [1, 1, 3],
      [2, 2, 1],
    ]);
    const { order, rank } = pivotedQr(columns, Float64Array.of(1, 1), 1e-12);
    expect(rank).toBe(2);
    expect([...order]).toEqual([2, 0, 1]);
  });

  it('answers fewer rows than columns, and none of rank', () => {
    const wide = pivotedQr(columnsOf([[3, 4]]), Float64Array.of(10), 1e-12);
    near(leastNormSolution(wide), [1.2, 1.6]);
    const zero = pivotedQr(
      columnsOf([
        [0, 0],
        [0, 0],
      ]),
      Float64Array.of(1, 2),
      1e-12,
    );
    expect(zero.rank).toBe(0);
    near(leastNormSolution(zero), [0, 0]);
  });

  it('measures length without overflow or underflow', () => {
    expect(norm(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -190);
    expect(norm(Float64Array.of(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 12);
    expect(norm(new Float64Array(3))).toBe(0);
  });
});

/** A column of numbers, one with many zeros, and categories with one missing. */
const x: FeatureMatrix = {
  rowCount: 200,
  names: ['x', 'count', 'kind'],
  columns: [
    Float64Array.from({ length: 200 }, (_, i) => Math.sin(i) + 3),
    Float64Array.from({ length: 200 }, (_, i) => (i % 7 === 0 ? (i % 5) + 1 : 0)),
    Float64Array.from({ length: 200 }, (_, i) => (i === 13 ? Number.NaN : i % 3)),
  ],
  categories: [undefined, undefined, ['a', 'b', 'c']],
};

/** The design's columns as one matrix of plain numbers. */
function plain(design: Design): number[][] {
  const rows = Array.from({ length: design.rows }, () => new Array<number>(design.width).fill(0));
  for (const { at, values } of design.dense) for (const [i, value] of values.entries()) rows[i]![at] = value;
  for (const { at, rows: within, values, starts, shift } of design.sparse) {
    for (const row of rows) row[at] = -shift;
    for (let b = 0; b < design.blocks; b++) {
      for (let n = starts[b]!; n < starts[b + 1]!; n++)
        rows[b * design.blockRows + within[n]!]![at]! += values[n]!;
    }
  }
  return rows;
}

describe.each([true, false])('a design, centred: %s', (centre) => {
  const design = makeDesign(x, { centre, scaleOf: ({ rootMeanSquare }) => rootMeanSquare });
  // The blocks of so narrow a design hold all rows: another cut is made by hand, to see their seams.
  const cut: Design = { ...design, blockRows: 64, blocks: 4, sparse: [] };
  cut.sparse = design.sparse.map((column) => {
    const starts = new Uint32Array(5);
    for (let b = 0; b < 4; b++) starts[b + 1] = column.rows.filter((row) => row < (b + 1) * 64).length;
    return { ...column, starts, rows: column.rows.map((row) => row % 64) };
  });
  const rows = plain(design);
  const random = uniform(3);

  it('has one column a number and one a category, each of mean square 1', () => {
    expect(design.width).toBe(5);
    expect(design.dense.map(({ at }) => at)).toEqual([0]);
    expect(design.sparse.map(({ at }) => at)).toEqual([1, 2, 3, 4]);
    for (let j = 0; j < 5; j++) {
      const square = rows.reduce((sum, row) => sum + row[j]! ** 2, 0) / 200;
      expect(square).toBeCloseTo(1, 10);
      if (centre) expect(rows.reduce((sum, row) => sum + row[j]!, 0)).toBeCloseTo(0, 9);
    }
    expect(plain(cut)).toEqual(rows);
  });

  it('leaves out what has no scale', () => {
    const none = makeDesign(x, { centre, scaleOf: ({ rootMeanSquare }) => (rootMeanSquare > 1 ? 1 : 0) });
    const kept = [...none.dense, ...none.sparse].map(({ at }) => at);
    expect(kept.every((at) => none.scales[at] === 1)).toBe(true);
    expect(kept.length).toBe([...none.scales].filter((scale) => scale !== 0).length);
  });

  it.each([
    ['one block', design],
    ['four blocks', cut],
  ] as const)('multiplies as the plain matrix: %s', (_, of) => {
    const point = Float64Array.from({ length: 8 }, () => random() - 0.5);
    const out = new Float64Array(200);
    const shift = shiftOf(of, point, 2);
    for (let b = 0; b < of.blocks; b++) {
      const [from] = blockOf(of, b);
      addScores(of, b, point, 2, out, from);
    }
    near(
      out.map((value) => value - shift),
      rows.map((row) => row.reduce((sum, v, j) => sum + v * point[2 + j]!, 0)),
    );
    const residuals = Float64Array.from({ length: 200 }, () => random() - 0.5);
    const sums = new Float64Array(7);
    for (let b = 0; b < of.blocks; b++) addGradient(of, b, residuals, blockOf(of, b)[0], sums, 1);
    centreSums(
      of,
      sums,
      1,
      residuals.reduce((sum, value) => sum + value, 0),
    );
    near(
      sums.slice(1, 6),
      Array.from({ length: 5 }, (__, j) => rows.reduce((sum, row, i) => sum + row[j]! * residuals[i]!, 0)),
    );
  });

  it.each([
    ['one block', design],
    ['four blocks', cut],
  ] as const)('sums products as the plain matrix: %s', (_, of) => {
    const weights = Float64Array.from({ length: 200 }, () => random() + 0.1);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const wanted = Array.from({ length: 25 }, (__, n) =>
      rows.reduce((sum, row, i) => sum + (weights[i]! * row[n % 5]! * row[Math.floor(n / 5)]!) / total, 0),
    );
    near(meanGram(of, weights), wanted);
    const bordered = new Gram(of);
    for (let b = 0; b < of.blocks; b++) {
      const [from, count] = blockOf(of, b);
      bordered.add(b, weights.subarray(from, from + count));
    }
    const whole = bordered.finish(total, true);
    expect(whole[35]).toBeCloseTo(1, 12);
    for (let j = 0; j < 5; j++) {
      const mean = rows.reduce((sum, row, i) => sum + (weights[i]! * row[j]!) / total, 0);
      expect(whole[j * 6 + 5]).toBeCloseTo(mean, 10);
      expect(whole[30 + j]).toBe(whole[j * 6 + 5]);
    }
  });
});

describe('the place of columns', () => {
  it('counts a category column for each of its names', () => {
    expect([...columnStarts(3, x.categories)]).toEqual([0, 1, 2, 5]);
    expect([...columnStarts(2)]).toEqual([0, 1, 2]);
  });
});

describe('least squares', () => {
  const random = uniform(8);
  const base = Array.from({ length: 300 }, () => [random(), random(), random()]);
  const y = Float64Array.from(base, ([a, b, c]) => 4 * a! - b! + 0.5 * c! + 2 + 0.1 * random());
  const options = { alpha: 0, fitIntercept: true };

  it('takes the normal equations where columns are apart, QR where they nearly meet, and both agree', () => {
    const apart = leastSquares(matrixOf(base), y, options);
    expect(apart.method).toBe('normal-equations');
    const close = base.map(([a, b, c]) => [a!, b!, c!, a! + 1e-5 * (random() - 0.5)]);
    const nearly = leastSquares(matrixOf(close), y, options);
    expect(nearly.method).toBe('qr');
    expect(nearly.rank).toBe(4);
    // Few rows are left to QR too: the same system twice over stands on the other side of that line.
    const few = base.slice(0, 6);
    const once = leastSquares(matrixOf(few), y.slice(0, 6), options);
    const twice = leastSquares(
      matrixOf([...few, ...few]),
      Float64Array.of(...y.slice(0, 6), ...y.slice(0, 6)),
      options,
    );
    expect([once.method, twice.method]).toEqual(['qr', 'normal-equations']);
    near(twice.coefficients, once.coefficients, 1e-9);
  });

  it.each([1e-3, 1e-6])('is right to the last digits where two columns differ by %f', (gap) => {
    // y lies in the span, so the answer is known, and the residual shows every lost digit.
    const close = base.map(([a, b]) => [a!, a! + gap * b!]);
    const exact = Float64Array.from(close, ([p, q]) => p! + q! + 1);
    const { coefficients, intercept } = leastSquares(matrixOf(close), exact, options);
    near(coefficients, [1, 1], 1e-15 / gap / gap + 1e-9);
    expect(intercept).toBeCloseTo(1, 6);
  });

  it('says which columns depend on others, by either way', () => {
    const dependent = base.map(([a, b, c]) => [a!, b!, a! + b!, c!, 5]);
    const many = leastSquares(matrixOf(dependent), y, options);
    expect(many.method).toBe('normal-equations');
    expect(many.rank).toBe(3);
    expect(many.dependent).toHaveLength(2);
    expect(many.dependent).toContain(4);
    const few = leastSquares(matrixOf(dependent.slice(0, 7)), y.slice(0, 7), options);
    expect(few.method).toBe('qr');
    expect(few.rank).toBe(3);
    expect(few.dependent).toHaveLength(2);
  });

  it('answers the ridge of dependent columns by both ways alike', () => {
    const twins = base.map(([a]) => [a!, a!]);
    const { coefficients, rank } = leastSquares(matrixOf(twins), y, { alpha: 1, fitIntercept: true });
    expect(rank).toBe(2);
    expect(coefficients[0]).toBeCloseTo(coefficients[1]!, 12);
    const tiny = leastSquares(matrixOf(twins), y, { alpha: 1e-9, fitIntercept: true });
    expect(tiny.method).toBe('qr');
    expect(tiny.coefficients[0]! + tiny.coefficients[1]!).toBeCloseTo(
      leastSquares(matrixOf(base.map(([a]) => [a!])), y, options).coefficients[0]!,
      6,
    );
  });

  it('tells how far it is', () => {
    const shares: number[] = [];
    const close = base.map(([a]) => [a!, a! * (1 + 1e-9)]);
    leastSquares(matrixOf(close), y, { ...options, onProgress: (share) => shares.push(share) });
    expect(shares.length).toBeGreaterThan(0);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  });
});

describe('minimise', () => {
  /** ½ xᵀ D x − bᵀ x with a diagonal D over three orders of magnitude: the minimum is b / D. */
  const d = Float64Array.from({ length: 30 }, (_, i) => 10 ** (i / 10));
  const b = Float64Array.from({ length: 30 }, (_, i) => Math.cos(i));
  const bowl = (point: Float64Array, gradient: Float64Array): number => {
    let value = 0;
    for (let i = 0; i < 30; i++) {
      gradient[i] = d[i]! * point[i]! - b[i]!;
      value += 0.5 * d[i]! * point[i]! ** 2 - b[i]! * point[i]!;
    }
    return value;
  };
  const options = { tolerance: 1e-8, maxIterations: 500 };

  it('takes one step where it is told the curvature, and many where not', () => {
    const told = minimise(bowl, new Float64Array(30), {
      ...options,
      preconditioner: {
        apply: (vector) => vector.set(vector.map((value, i) => value / d[i]!)),
        refresh: () => undefined,
      },
    });
    const alone = minimise(bowl, new Float64Array(30), options);
    expect(told.converged && alone.converged).toBe(true);
    expect(told.iterations).toBe(1);
    expect(alone.iterations).toBeGreaterThan(20);
    near(
      told.point,
      b.map((value, i) => value / d[i]!),
      1e-9,
    );
    near(alone.point, told.point, 1e-8);
  });

  it('asks for the curvature at the start and after each iteration', () => {
    const asked: number[] = [];
    minimise(bowl, new Float64Array(30), {
      tolerance: 1e-10,
      maxIterations: 3,
      preconditioner: { apply: () => undefined, refresh: (_, iteration) => void asked.push(iteration) },
    });
    expect(asked).toEqual([0, 1, 2, 3]);
  });

  it('says where it stopped short', () => {
    const { converged, iterations, gradientNorm } = minimise(bowl, new Float64Array(30), {
      tolerance: 1e-10,
      maxIterations: 2,
    });
    expect(converged).toBe(false);
    expect(iterations).toBe(2);
    expect(gradientNorm).toBeGreaterThan(1e-10);
  });
});
