import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BINS_KERNEL, binFeatures } from '../../../lib/learn/bins/index.ts';
import { kernel } from '../../../lib/learn/bins/kernel.generated.ts';
import { compileKernel, KernelMemory } from '../../../lib/learn/kernel/host.ts';
import { Team } from '../../../lib/learn/kernel/team.ts';

/** Columns as data has them: few values, many, all missing, all equal, extremes. */
const value = fc.oneof(
  fc.constantFrom(Number.NaN, 0, -0, 1, Infinity, -Infinity),
  fc.integer({ min: -400, max: 400 }),
  fc.double({ noNaN: true }),
);
const column = fc.array(value, { minLength: 1, maxLength: 700 });
const matrixOf = (...columns: number[][]) => ({
  rowCount: columns[0]!.length,
  names: columns.map((_, j) => `f${j}`),
  columns: columns.map((values) => Float64Array.from(values)),
});

describe('bins', () => {
  it('say by their edges what a row is: code c means edges[c - 1] < x <= edges[c]', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 2, max: 256 }), (values, maxBins) => {
        const { codes, edges, valueBins, hasMissing } = binFeatures(matrixOf(values), { maxBins });
        const own = edges[0]!;
        expect(own.length).toBe(valueBins[0]! - 1);
        expect(valueBins[0]! + hasMissing[0]!).toBeLessThanOrEqual(maxBins);
        for (let e = 1; e < own.length; e++) expect(own[e]! > own[e - 1]!).toBe(true);
        for (const [i, given] of values.entries()) {
          const x = Math.fround(given);
          const code = codes[i]!;
          if (Number.isNaN(x)) expect(code).toBe(valueBins[0]);
          else {
            if (code > 0) expect(x > own[code - 1]!).toBe(true);
            if (code < own.length) expect(x <= own[code]!).toBe(true);
          }
        }
      }),
    );
  });

  it('keep every value apart that is distinct as float32, where there are codes enough', () => {
    fc.assert(
      fc.property(column, (values) => {
        const distinct = new Set(values.map(Math.fround).filter((x) => !Number.isNaN(x)));
        // A Set takes -0 and 0 for one, as a comparison does.
        const { valueBins, hasMissing } = binFeatures(matrixOf(values));
        const room = 256 - hasMissing[0]!;
        expect(valueBins[0]).toBe(Math.max(1, Math.min(distinct.size, room)));
      }),
    );
  });

  it('are the same for rows given twice as for weights of 2', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -400, max: 400 }), fc.boolean()), {
          minLength: 1,
          maxLength: 900,
        }),
        (rows) => {
          const weighted = binFeatures(matrixOf(rows.map(([x]) => x)), {
            weights: Float64Array.from(rows, ([, twice]) => (twice ? 2 : 1)),
          });
          const repeated = binFeatures(matrixOf(rows.flatMap(([x, twice]) => (twice ? [x, x] : [x]))));
          expect(weighted.edges).toEqual(repeated.edges);
        },
      ),
    );
  });

  it('come out of the kernel as out of plain TypeScript', () => {
    fc.assert(
      fc.property(
        column,
        column,
        fc.integer({ min: 2, max: 256 }),
        fc.option(fc.float({ min: Math.fround(0.01), max: 1e6, noNaN: true }), { nil: undefined }),
        (a, b, maxBins, weight) => {
          const rows = Math.min(a.length, b.length);
          const x = matrixOf(a.slice(0, rows), b.slice(0, rows));
          const weights =
            weight === undefined
              ? undefined
              : Float64Array.from(a.slice(0, rows), (_, i) => weight * (1 + (i % 7)));
          const memory = new KernelMemory();
          const team = new Team({ memory, threads: 1, kernels: { [BINS_KERNEL]: compileKernel(kernel) } });
          const made = binFeatures(x, { maxBins, weights, on: { memory, team } });
          expect({ ...made, codes: made.codes.slice(), codesAt: 0, valuesAt: new Uint32Array(2) }).toEqual(
            binFeatures(x, { maxBins, weights }),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
