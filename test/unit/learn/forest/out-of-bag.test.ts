import { describe, expect, it } from 'vitest';
import { outOfBagScore } from '../../../../lib/learn/forest/out-of-bag.ts';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import { fitWith, labels, matrixOf, numbers, thrownBy } from '../support.ts';
import { mixedData } from './support.ts';

const target = {
  kind: 'classes',
  classes: 2,
  labels: new Uint16Array(),
  weights: undefined,
  ends: undefined,
} as const;

describe('the score', () => {
  it('is the share of judged rows whose class has most votes, the first of equal ones', () => {
    // Rows: right, wrong, undecided (class 0, right), never out of a bag.
    const votes = Int32Array.of(0, 65536, 65536, 0, 32768, 32768, 0, 0);
    const y = labels([1, 1, 0, 1], ['a', 'b']);
    expect(outOfBagScore(y, target, votes)).toEqual({ metric: 'accuracy', score: 2 / 3, rows: 3 });
  });

  it('is R2 of the means of the trees that judged', () => {
    const of = { kind: 'numbers', middle: 5, judgeStep: 0.5 } as never;
    // Means: 5 + 0.5 x (8 / 2) = 7, 5 - 0.5 x 4 = 3; the third row was judged by none.
    const votes = Float64Array.of(2, 8, 1, -4, 0, 0);
    // Targets 8 and 2 about 5: total 18, residual 1 + 1.
    expect(outOfBagScore(numbers([8, 2, 100]), of, votes)).toEqual({
      metric: 'r2',
      score: 1 - 2 / 18,
      rows: 2,
    });
  });

  it('is null where nothing could be judged', () => {
    expect(outOfBagScore(labels([0], ['a', 'b']), target, new Int32Array(2)).score).toBeNull();
  });
});

describe('in a model', () => {
  it('comes near to the score on other rows', () => {
    const [seen, other] = [mixedData(3000, 1), mixedData(3000, 2)];
    for (const task of ['classes', 'numbers'] as const) {
      const model = fitWith(randomForest, seen.x, seen[task], { trees: 60, oobScore: true });
      const { score, rows } = model.toFile().facts.outOfBag as { score: number; rows: number };
      expect(rows).toBe(3000);
      const predicted = model.predict(other.x);
      const y = Float64Array.from(other[task].values);
      const mean = y.reduce((sum, value) => sum + value, 0) / 3000;
      const squares = (of: (i: number) => number) =>
        Array.from(y.keys()).reduce((sum, i) => sum + (y[i]! - of(i)) ** 2, 0);
      const held =
        task === 'classes'
          ? predicted.filter((p, i) => p === Number(y[i])).length / 3000
          : 1 - squares((i) => predicted[i]!) / squares(() => mean);
      expect(Math.abs(score - held)).toBeLessThan(0.03);
    }
  });

  it('needs bootstrap', () => {
    const fit = () =>
      fitWith(randomForest, matrixOf([[1], [2]]), numbers([1, 2]), { oobScore: true, bootstrap: false });
    expect(thrownBy(fit)).toMatchObject({ code: 'BAD_DEFINITION', field: 'oobScore' });
  });
});
