import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastNormSolution, pivotedQr, StreamedQr } from '../../../lib/learn/linear/householder.ts';
import { leastSquares } from '../../../lib/learn/linear/least-squares.ts';
import { pivotedCholesky } from '../../../lib/learn/linear/pivoted-cholesky.ts';
import { matrixOf } from '../../unit/learn/support.ts';

const whole = fc.integer({ min: -9, max: 9 });
const matrix = (rows: number, columns: number) =>
  fc.array(fc.array(whole, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

/** Whole numbers, so that ranks are exact: `left` × `right` has at most the rank that lies between. */
const products = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }))
  .chain(([rows, between, columns]) =>
    fc.record({
      left: matrix(rows, between),
      right: matrix(between, columns),
      rhs: fc.array(whole, { minLength: rows, maxLength: rows }),
    }),
  );

const times = (left: number[][], right: number[][]): number[][] =>
  left.map((row) => right[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * right[k]![j]!, 0)));
const columnsOf = (rows: number[][]): Float64Array[] =>
  rows[0]!.map((_, j) => Float64Array.from(rows, (row) => row[j]!));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** Rank by elimination over fractions of big integers: no rounding. */
function exactRank(rows: number[][]): number {
  const left = rows.map((row) => row.map(BigInt));
  let rank = 0;
  for (let j = 0; j < rows[0]!.length; j++) {
    const at = left.findIndex((row, i) => i >= rank && row[j] !== 0n);
    if (at < 0) continue;
    [left[rank], left[at]] = [left[at]!, left[rank]!];
    const pivot = left[rank]!;
    for (let i = rank + 1; i < left.length; i++) {
      const factor = left[i]![j]!;
      left[i] = left[i]!.map((value, c) => value * pivot[j]! - factor * pivot[c]!);
    }
    rank++;
  }
  return rank;
}

const factored = (rows: number[][], rhs: readonly number[]) =>
  pivotedQr(columnsOf(rows), Float64Array.from(rhs), 1e-10);

describe('pivoted QR', () => {
  it('finds the rank that exact elimination finds', () => {
    fc.assert(
      fc.property(products, ({ left, right, rhs }) => {
        const rows = times(left, right);
        expect(factored(rows, rhs).rank).toBe(exactRank(rows));
      }),
    );
  });

  it('keeps inner products: RᵀR is XᵀX by pivot, and Rᵀ Qᵀb is Xᵀb', () => {
    fc.assert(
      fc.property(products, ({ left, right, rhs }) => {
        const rows = times(left, right);
        const x = columnsOf(rows);
        const { rank, order, r, rhs: turned } = factored(rows, rhs);
        expect([...order].sort()).toEqual([...x.keys()]);
        for (const [n, j] of order.entries()) {
          const top = r[n]!.subarray(0, rank);
          for (const [m, k] of order.entries()) {
            expect(Math.abs(dot(top, r[m]!) - dot(x[j]!, x[k]!))).toBeLessThan(1e-7);
          }
          expect(Math.abs(dot(top, turned) - dot(x[j]!, rhs))).toBeLessThan(1e-7);
          // Each pivot is no longer than the one before.
          if (n > 0 && n < rank)
            expect(Math.abs(r[n]![n]!)).toBeLessThan(Math.abs(r[n - 1]![n - 1]!) * (1 + 1e-9));
        }
      }),
    );
  });

  it('gives the solution that is best and of least norm: no residual along a column, and within the rows’ span', () => {
    fc.assert(
      fc.property(products, ({ left, right, rhs }) => {
        const rows = times(left, right);
        const x = leastNormSolution(factored(rows, rhs));
        const residuals = rows.map((row, i) => rhs[i]! - dot(row, x));
        for (const column of columnsOf(rows)) expect(Math.abs(dot(column, residuals))).toBeLessThan(1e-6);
        // The part of x outside the span of the rows would add to its norm and change no answer.
        const transposed = columnsOf(rows).map((column) => [...column]);
        const along = leastNormSolution(factored(transposed, [...x]));
        for (const [j, row] of transposed.entries())
          expect(Math.abs(dot(row, along) - x[j]!)).toBeLessThan(1e-7);
      }),
    );
  });

  it('of blocks, in any parts, has the R of the whole but for signs', () => {
    fc.assert(
      fc.property(products, fc.integer({ min: 1, max: 8 }), ({ left, right }, cut) => {
        const rows = times(left, right);
        const parts = [rows.slice(0, cut), rows.slice(cut)].filter((part) => part.length > 0);
        const streamed = new StreamedQr(rows[0]!.length);
        for (const part of parts) streamed.add(columnsOf(part));
        const x = columnsOf(rows);
        for (const [j, column] of streamed.r.entries()) {
          for (const [k, other] of streamed.r.entries()) {
            expect(Math.abs(dot(column, other) - dot(x[j]!, x[k]!))).toBeLessThan(1e-7);
          }
          expect(column.subarray(j + 1).every((value) => value === 0)).toBe(true);
        }
      }),
    );
  });
});

describe('pivoted Cholesky', () => {
  it('trusts a rank only where it is the exact one, and then A = RᵀR', () => {
    let trusted = 0;
    fc.assert(
      fc.property(products, ({ left, right }) => {
        const x = columnsOf(times(left, right));
        const lengths = x.map((column) => Math.sqrt(dot(column, column)));
        fc.pre(lengths.every((length) => length > 0));
        const width = x.length;
        const a = Float64Array.from({ length: width * width }, (_, at) => {
          const [j, k] = [Math.floor(at / width), at % width];
          return dot(x[j]!, x[k]!) / (lengths[j]! * lengths[k]!);
        });
        const { rank, order, r } = pivotedCholesky(a, width);
        if (rank === undefined) return;
        trusted++;
        expect(rank).toBe(exactRank(times(left, right)));
        for (const [n, j] of order.entries()) {
          for (const [m, k] of order.entries()) {
            expect(Math.abs(dot(r[n]!.subarray(0, rank), r[m]!) - a[j * width + k]!)).toBeLessThan(1e-10);
          }
        }
      }),
    );
    expect(trusted).toBeGreaterThan(50);
  });
});

describe('least squares of fewer rows than columns', () => {
  const wide = fc.integer({ min: 2, max: 5 }).chain((rows) =>
    fc.integer({ min: rows + 1, max: 9 }).chain((columns) =>
      fc.record({
        rows: matrix(rows, columns),
        y: fc.array(whole, { minLength: rows, maxLength: rows }),
        alpha: fc.constantFrom(0.01, 1, 50),
      }),
    ),
  );
  const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, within: number): void => {
    expect(found.length).toBe(wanted.length);
    for (let i = 0; i < found.length; i++) expect(Math.abs(found[i]! - wanted[i]!)).toBeLessThan(within);
  };

  it('ridge is ordinary least squares of the rows and a row √alpha for each column, which is tall', () => {
    fc.assert(
      fc.property(wide, ({ rows, y, alpha }) => {
        const width = rows[0]!.length;
        const penalties = Array.from({ length: width }, (_, j) =>
          Array.from({ length: width }, (_, k) => (j === k ? Math.sqrt(alpha) : 0)),
        );
        const direct = leastSquares(matrixOf(rows), Float64Array.from(y), { alpha, fitIntercept: false });
        const target = Float64Array.from([...y, ...penalties.map(() => 0)]);
        const tall = leastSquares(matrixOf([...rows, ...penalties]), target, {
          alpha: 0,
          fitIntercept: false,
        });
        near(direct.coefficients, tall.coefficients, 1e-8);
      }),
    );
  });

  it('does not depend on the order of columns; without a penalty a stretched column has a smaller coefficient and the same answers', () => {
    fc.assert(
      fc.property(wide, fc.constantFrom(1e-6, 0.5, 1e9), ({ rows, y, alpha }, stretch) => {
        const target = Float64Array.from(y);
        const turned = matrixOf(rows.map((row) => row.toReversed()));
        for (const each of [0, alpha]) {
          const options = { alpha: each, fitIntercept: true };
          const found = leastSquares(matrixOf(rows), target, options);
          near(leastSquares(turned, target, options).coefficients.toReversed(), found.coefficients, 1e-7);
        }
        const options = { alpha: 0, fitIntercept: true };
        const [plain, stretched] = [1, stretch].map((factor) =>
          leastSquares(matrixOf(rows.map(([first, ...rest]) => [first! * factor, ...rest])), target, options),
        );
        const back = stretched!.coefficients.slice();
        back[0]! *= stretch;
        near(back, plain!.coefficients, 1e-7);
        expect(stretched!.rank).toBe(plain!.rank);
      }),
    );
  });

  it('sees through offsets: columns that are sums of two others, each moved by thousands, add no rank', () => {
    const offset = fc.integer({ min: -5_000, max: 5_000 });
    const base = fc.array(fc.tuple(whole, whole, whole), { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(base, offset, offset, fc.integer({ min: 1, max: 6 }), (given, first, second, factor) => {
        const rows = given.map(([a, b]) => [a, b, factor * a + first, a - b + second, 2 * a + b - first]);
        const target = Float64Array.from(given, ([, , value]) => value);
        const found = leastSquares(matrixOf(rows), target, { alpha: 0, fitIntercept: true });
        const [origin, ...others] = given;
        const steps = others.map(([a, b]) => [a - origin![0], b - origin![1]]);
        const rank = steps.length === 0 ? 0 : exactRank(steps);
        expect(found.rank).toBe(rank);
        // What rounding left was once divided by: coefficients of 1e14.
        for (const value of found.coefficients) expect(Math.abs(value)).toBeLessThan(1e4);
        const alone = leastSquares(matrixOf(given.map(([a, b]) => [a, b])), target, {
          alpha: 0,
          fitIntercept: true,
        });
        for (const [i, [a, b]] of given.entries()) {
          const short = alone.intercept + a * alone.coefficients[0]! + b * alone.coefficients[1]!;
          const long = rows[i]!.reduce(
            (sum, value, j) => sum + value * found.coefficients[j]!,
            found.intercept,
          );
          expect(Math.abs(long - short)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });
});
