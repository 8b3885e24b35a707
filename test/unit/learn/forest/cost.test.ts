import { describe, expect, it } from 'vitest';
import { checkForestSize, forestCost } from '../../../../lib/learn/forest/cost.ts';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import { thrownBy } from '../support.ts';

const params = (given: Record<string, unknown> = {}) => randomForest.parseParams(given);
const seconds = (rows: number, columns: number, given = {}) =>
  forestCost(rows, columns, params(given), 'classification').seconds;

describe('the estimate', () => {
  it('grows with trees in proportion, and with rows by a little more', () => {
    expect(seconds(1e5, 10, { trees: 200 }) / seconds(1e5, 10)).toBeCloseTo(2, 1);
    const doubled = seconds(2e5, 10) / seconds(1e5, 10);
    expect(doubled).toBeGreaterThan(2);
    expect(doubled).toBeLessThan(2.2);
  });

  it('falls with what makes trees smaller', () => {
    const most = forestCost(1e5, 10, params(), 'regression');
    for (const less of [{ maxDepth: 6 }, { minSamplesLeaf: 50 }, { maxSamples: 0.2 }, { trees: 10 }]) {
      const cost = forestCost(1e5, 10, params(less), 'regression');
      expect(cost.seconds).toBeLessThan(most.seconds * 0.8);
      expect(cost.bytes).toBeLessThan(most.bytes * 0.8);
    }
  });

  it('is the same through the trainer', () => {
    expect(randomForest.cost!(5000, 8, params(), 'regression')).toEqual(
      forestCost(5000, 8, params(), 'regression'),
    );
  });
});

describe('the refusal', () => {
  it('lets full-size forest cover pass', () => {
    expect(() => checkForestSize(581_012, 54, params(), 'classification', 7)).not.toThrow();
  });

  it('names trees and samples that pass', () => {
    const given = { trees: 10_000 };
    const error = thrownBy(() => checkForestSize(2_000_000, 50, params(given), 'regression'));
    expect(error).toMatchObject({ code: 'TRAINING_TOO_LARGE' });
    const trees = Number(/trees: (\d+)/.exec(error.remedy!)![1]);
    const maxSamples = Number(/maxSamples: (\d+)/.exec(error.remedy!)![1]);
    expect(() => checkForestSize(2_000_000, 50, params({ trees }), 'regression')).not.toThrow();
    expect(() =>
      checkForestSize(2_000_000, 50, params({ ...given, maxSamples }), 'regression'),
    ).not.toThrow();
  });

  it('says so where the table alone is too much', () => {
    const error = thrownBy(() => checkForestSize(50_000_000, 50, params(), 'classification'));
    expect(error.remedy).toContain('sample of the rows');
  });
});
