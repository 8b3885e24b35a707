import { describe, expect, it } from 'vitest';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import type { FeatureMatrix, FitOptions, Model, Target } from '../../../../lib/learn/types.ts';
import { uniform } from '../support.ts';
import { grownText, paramsOf } from './support.ts';

const rows = 1_000;
/** Nothing to split by: each tree is one leaf, which tells what it drew. */
const same: FeatureMatrix = { rowCount: rows, names: ['a'], columns: [new Float64Array(rows)] };
/** One row in a hundred is "rare". */
const values = Int32Array.from({ length: rows }, (_, i) => (i % 100 === 0 ? 1 : 0));
const y: Target = { task: 'classification', classes: ['common', 'rare'], values };
const forest = (params: Record<string, unknown>, options: Partial<FitOptions> = {}): Model =>
  randomForest.fit(same, y, paramsOf({ trees: 200, bootstrap: true, ...params }), { seed: 3, ...options });

/** Share of the rare class in what each tree drew. */
function drawnShares(model: Model): number[] {
  const { leaves, roots } = model.ensemble!;
  if (leaves.kind !== 'distribution') throw new Error('a forest of classes has leaves of shares');
  return Array.from(roots.subarray(0, -1), (root, t) => {
    const row = leaves.rows[root]!;
    return row < 0 ? Number(row === -2) : leaves.table[2 * (leaves.tableStarts[t]! + row) + 1]!;
  });
}

function spread(shares: number[]): { mean: number; deviation: number } {
  const mean = shares.reduce((sum, share) => sum + share) / shares.length;
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (shares.length - 1)) };
}

describe('rows drawn by their weights', () => {
  it('are as many of each class where classes are balanced, in every tree as far as chance allows', () => {
    const { mean, deviation } = spread(drawnShares(forest({ classWeight: 'balanced' })));
    // A share of 1,000 draws at one in two deviates by sqrt(0.25 / 1000) = 0.016.
    expect(mean).toBeCloseTo(0.5, 2);
    expect(deviation).toBeGreaterThan(0.011);
    expect(deviation).toBeLessThan(0.021);
  });

  it('are one in a hundred where they are not', () => {
    const { mean, deviation } = spread(drawnShares(forest({})));
    expect(mean).toBeCloseTo(0.01, 3);
    expect(deviation).toBeLessThan(0.005);
  });

  it('come by weights of rows as by weights of their class', () => {
    const weights = Float64Array.from(values, (value) => (value === 1 ? 99 : 1));
    const byRow = drawnShares(forest({}, { weights }));
    expect(byRow).toEqual(drawnShares(forest({ classWeight: { rare: 99, common: 1 } })));
    expect(spread(byRow).mean).toBeCloseTo(0.5, 2);
  });

  it('leave a row of next to no weight out', () => {
    const weights = Float64Array.from(values, (value) => (value === 1 ? 1e-12 : 1));
    expect(new Set(drawnShares(forest({}, { weights })))).toEqual(new Set([0]));
  });

  it('count one each: a tree has drawn as many as it has rows, whatever they weigh', () => {
    const { cover, roots } = forest({ classWeight: { rare: 1e6 } }).ensemble!;
    expect([...roots.subarray(0, -1)].map((root) => cover[root]!)).toEqual(new Array(200).fill(rows));
  });

  it('are the same in the kernel and in its twin, first row and last', () => {
    const random = uniform(5);
    for (const count of [1, 2, 3, 7, 64, 65]) {
      const column = Float64Array.from({ length: count }, random);
      const x = { rowCount: count, names: ['a'], columns: [column] };
      const numbers: Target = { task: 'regression', values: column.map((value) => value * value) };
      const weights = Float64Array.from({ length: count }, () => 0.01 + random() ** 4);
      const asked = paramsOf({ trees: 20, bootstrap: true, oobScore: true });
      const [kernel, twin] = [false, true].map((plain) =>
        grownText(x, numbers, asked, { seed: 8, weights, plain }),
      );
      expect(kernel).toBe(twin);
    }
  });
});
