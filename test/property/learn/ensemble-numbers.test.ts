import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildEnsemble, type PlainTree } from '../../../lib/learn/ensemble/build.ts';
import type { Ensemble } from '../../../lib/learn/ensemble/ensemble.ts';
import { kernelScores } from '../../../lib/learn/ensemble/kernel-score.ts';
import { plainScorer } from '../../../lib/learn/ensemble/score.ts';
import type { FeatureMatrix } from '../../../lib/learn/index.ts';

const sharp = fc.constantFrom(
  0,
  -0,
  1.401298464324817e-45,
  -1.401298464324817e-45,
  3.4028234663852886e38,
  1,
  -1,
);
const threshold = fc.oneof(
  sharp,
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -3, max: 3 }),
);
/** Doubles of any kind: such as float32 cannot hold, next to thresholds, and missing ones. */
const value = fc.oneof(sharp, fc.double(), fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN));

/** One question a tree, each tree with an output of its own: 0 is left, 1 is right. */
function questions(
  thresholds: readonly number[],
  missingLeft: boolean,
  beside: 'numbers' | 'categories',
): Ensemble {
  const trees = thresholds.map(
    (at, output): PlainTree => ({
      ...{ feature: [1, -1, -1], threshold: [at, 0, 0], left: [1, 0, 0], right: [2, 0, 0], value: [0, 0, 1] },
      ...{ missingLeft: [missingLeft, false, false], output },
    }),
  );
  return buildEnsemble({
    ...{ featureCount: 2, outputs: thresholds.length, aggregate: 'sum', trees },
    ...(beside === 'categories' && { categoryCounts: [5, 0] }),
  });
}

it('a number goes left where its float32 is at most the threshold: alone, in blocks, and beside categories', () => {
  fc.assert(
    fc.property(
      fc.array(threshold, { minLength: 1, maxLength: 9 }),
      fc.array(value, { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      (thresholds, values, missingLeft) => {
        const wanted = values.flatMap((x) =>
          thresholds.map((at) => Number(Number.isNaN(x) ? !missingLeft : Math.fround(x) > at)),
        );
        const columns = [new Float64Array(values.length), Float64Array.from(values)];
        const all: FeatureMatrix = { rowCount: values.length, names: ['c', 'x'], columns };
        for (const beside of ['numbers', 'categories'] as const) {
          const ensemble = questions(thresholds, missingLeft, beside);
          expect([...kernelScores(ensemble, all)], beside).toEqual(wanted);
          expect([...plainScorer(ensemble)(all)], beside).toEqual(wanted);
          const alone = values.flatMap((x) => [
            ...kernelScores(ensemble, {
              rowCount: 1,
              names: ['c', 'x'],
              columns: [columns[0]!, Float64Array.of(x)],
            }),
          ]);
          expect(alone, beside).toEqual(wanted);
        }
      },
    ),
    { numRuns: 200 },
  );
});

it('a set of categories is asked by its codes alone, however many categories there are', () => {
  const sets = fc.integer({ min: 1, max: 255 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      left: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: count - 1 })), { minLength: 1, maxLength: 6 }),
      missingLeft: fc.boolean(),
      codes: fc.array(fc.oneof(fc.integer({ min: 0, max: count + 3 }), fc.constant(Number.NaN)), {
        minLength: 1,
        maxLength: 20,
      }),
    }),
  );
  fc.assert(
    fc.property(sets, ({ count, left, missingLeft, codes }) => {
      const trees = left.map(
        (set, output): PlainTree => ({
          ...{
            feature: [0, -1, -1],
            threshold: [0, 0, 0],
            left: [1, 0, 0],
            right: [2, 0, 0],
            value: [0, 0, 1],
          },
          ...{ categories: [set, undefined, undefined], missingLeft: [missingLeft, false, false], output },
        }),
      );
      const ensemble = buildEnsemble({
        ...{ featureCount: 1, categoryCounts: [count], outputs: left.length, aggregate: 'sum', trees },
      });
      const wanted = codes.flatMap((code) =>
        left.map((set) => Number(code >= 0 && code < count ? !set.includes(code) : !missingLeft)),
      );
      const x = { rowCount: codes.length, names: ['c'], columns: [Float64Array.from(codes)] };
      expect([...kernelScores(ensemble, x)]).toEqual(wanted);
      expect([...plainScorer(ensemble)(x)]).toEqual(wanted);
    }),
    { numRuns: 200 },
  );
});
