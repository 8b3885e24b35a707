import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classificationReport,
  evaluateClassification,
  evaluateRegression,
} from '../../../lib/learn/index.ts';
import { rocAuc } from '../../../lib/learn/metrics/probability.ts';

const pairs = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 60 });
const classes = ['a', 'b', 'c', 'd'];
const judged = (given: [number, number][]) =>
  evaluateClassification(
    classes,
    given.map(([truth]) => truth),
    given.map(([, predicted]) => predicted),
  );

describe('classification metrics', () => {
  it('lie in [0, 1]; the confusion matrix holds each row once; weighted recall is accuracy', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const { metrics, confusion, rows } = judged(given);
        for (const figure of Object.values(metrics)) expect(figure >= 0 && figure <= 1 + 1e-12).toBe(true);
        expect(confusion!.flat().reduce((sum, count) => sum + count, 0)).toBe(rows);
        expect(metrics.recall_weighted).toBeCloseTo(metrics.accuracy!, 12);
      }),
    );
  });

  it('do not depend on the order of the rows', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        expect(judged([...given].reverse())).toEqual(judged(given));
      }),
    );
  });

  it('swap precision and recall where truth and prediction change places', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const swapped = judged(given.map(([truth, predicted]) => [predicted, truth]));
        expect(swapped.metrics.precision_macro).toBeCloseTo(judged(given).metrics.recall_macro!, 12);
        expect(swapped.metrics.f1_macro).toBeCloseTo(judged(given).metrics.f1_macro!, 12);
      }),
    );
  });

  it('have a report of one line a present class, all of one width', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const lines = classificationReport(judged(given))
          .split('\n')
          .filter((line) => line !== '');
        expect(lines).toHaveLength(4 + new Set(given.flat()).size);
        expect(new Set(lines.map((line) => line.length)).size).toBe(1);
      }),
    );
  });
});

describe('rocAuc', () => {
  const scored = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), {
    minLength: 1,
    maxLength: 40,
  });

  it('is the share of pairs in the right order, ties counting half', () => {
    fc.assert(
      fc.property(scored, (given) => {
        const auc = rocAuc(
          Float64Array.from(given, ([score]) => score),
          (row) => given[row]![1],
        );
        const positives = given.filter(([, positive]) => positive);
        const negatives = given.filter(([, positive]) => !positive);
        let won = 0;
        for (const [p] of positives) for (const [n] of negatives) won += p > n ? 1 : p === n ? 0.5 : 0;
        if (positives.length * negatives.length === 0) expect(auc).toBeUndefined();
        else expect(auc).toBeCloseTo(won / (positives.length * negatives.length), 12);
      }),
    );
  });

  it('is the same of every order of the rows, and of scores stretched in any way that keeps their order', () => {
    const score = fc.constantFrom(-1e300, -1, -0, 0, 5e-324, 1, Number.MAX_VALUE, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(fc.array(fc.tuple(score, fc.boolean()), { minLength: 1, maxLength: 80 }), (given) => {
        const auc = (rows: readonly [number, boolean][]) =>
          rocAuc(
            Float64Array.from(rows, ([value]) => value),
            (row) => rows[row]![1],
          );
        const stretched = given.map(([value, is]): [number, boolean] => [
          Math.atan(value) * 3 + 7 * Math.sign(value),
          is,
        ]);
        expect(auc(given.toReversed())).toBe(auc(given));
        if (!given.some(([value]) => Math.abs(value) > 1)) expect(auc(stretched)).toBe(auc(given));
      }),
    );
  });

  it('turns round with the scores', () => {
    fc.assert(
      fc.property(scored, (given) => {
        const scores = Float64Array.from(given, ([score]) => score);
        const auc = rocAuc(scores, (row) => given[row]![1]);
        const turned = rocAuc(
          scores.map((score) => -score),
          (row) => given[row]![1],
        );
        if (auc !== undefined) expect(turned).toBeCloseTo(1 - auc, 12);
      }),
    );
  });
});

it('regression metrics: rmse at least mae, r2 at most 1, and shifting both sides changes no error', () => {
  const number = fc.integer({ min: -4000, max: 4000 }).map((n) => n / 16);
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 50 }), (given) => {
      const truth = Float64Array.from(given, ([value]) => value);
      const predicted = Float64Array.from(given, ([, value]) => value);
      const { metrics } = evaluateRegression(truth, predicted);
      expect(metrics.rmse! - metrics.mae!).toBeGreaterThan(-1e-9);
      expect(metrics.r2 ?? 1).toBeLessThanOrEqual(1);
      const shifted = evaluateRegression(
        truth.map((v) => v + 100),
        predicted.map((v) => v + 100),
      ).metrics;
      expect(shifted.mae).toBeCloseTo(metrics.mae!, 9);
    }),
  );
});
