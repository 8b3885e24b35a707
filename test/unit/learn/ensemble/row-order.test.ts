import { describe, expect, it } from 'vitest';
import { kernelScores } from '../../../../lib/learn/ensemble/kernel-score.ts';
import { likeRowsTogether } from '../../../../lib/learn/ensemble/row-order.ts';
import { plainScorer } from '../../../../lib/learn/ensemble/score.ts';
import { fillSlots, slotBuffer } from '../../../../lib/learn/ensemble/slots.ts';
import { walkOf } from '../../../../lib/learn/ensemble/walk.ts';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import type { FeatureMatrix } from '../../../../lib/learn/types.ts';
import { mixedData, paramsOf } from '../forest/support.ts';

// Noise to the last leaf, so that the trees are large enough to be worth an order.
const { x, numbers } = mixedData(16_000);
const ensemble = randomForest.fit(x, numbers, paramsOf({ trees: 24 }), { seed: 1 }).ensemble!;

/** The first `rows` rows, some with unknown categories and missing values in columns that had none. */
function held(rows: number): FeatureMatrix {
  const columns = mixedData(rows, 99).x.columns.map((column, f) =>
    column.map((value, i) => (i % 13 === f ? Number.NaN : f === 2 && i % 17 === 0 ? 9 : value)),
  );
  return { ...x, rowCount: rows, columns };
}

describe('likeRowsTogether', () => {
  const batch = held(700);
  const order = likeRowsTogether(ensemble, batch)!;

  it('has each row once', () => {
    expect(order).toHaveLength(700);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 700 }, (_, i) => i));
  });

  it('goes by the leaf of the first tree, where the walk of all trees finds it, and within one by the row', () => {
    const slots = slotBuffer(ensemble, 1);
    const leaves = new Uint32Array(24);
    const walk = walkOf(ensemble, slots);
    const places = Array.from(order, (row) => {
      fillSlots(ensemble, batch, row, 1, slots);
      walk(leaves);
      return leaves[0]!;
    });
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(new Set(places).size).toBeGreaterThan(300);
    for (let i = 1; i < 700; i++) {
      if (places[i] === places[i - 1]) expect(order[i]!).toBeGreaterThan(order[i - 1]!);
    }
  });

  it('changes no prediction', () => {
    expect(kernelScores(ensemble, batch)).toEqual(plainScorer(ensemble)(batch));
  });

  it('changes none beyond what the kernel takes at once', () => {
    // A block of eight rows has some 700 bytes, a chunk 4 MB.
    const many = held(60_000);
    expect(kernelScores(ensemble, many)).toEqual(plainScorer(ensemble)(many));
  });

  it('is left as it comes for few rows, few trees and small ones', () => {
    expect(likeRowsTogether(ensemble, held(255))).toBeUndefined();
    const few = randomForest.fit(x, numbers, paramsOf({ trees: 19 }), { seed: 1 }).ensemble!;
    expect(likeRowsTogether(few, batch)).toBeUndefined();
    const shallow = randomForest.fit(x, numbers, paramsOf({ trees: 24, maxDepth: 6 }), { seed: 1 }).ensemble!;
    expect(likeRowsTogether(shallow, batch)).toBeUndefined();
  });
});
