import { describe, expect, it } from 'vitest';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import type { FeatureMatrix, Target } from '../../../../lib/learn/index.ts';
import { labels, matrixOf, numbers } from '../support.ts';
import { paramsOf } from './support.ts';

const grown = (x: FeatureMatrix, y: Target, params = {}, weights?: number[]) =>
  randomForest.fit(x, y, paramsOf(params), {
    seed: 1,
    ...(weights ? { weights: Float64Array.from(weights) } : {}),
  });
/** The single tree's nodes: what is asked, or what the leaf says. */
function nodesOf(model: ReturnType<typeof grown>) {
  const { nodes, slotBits, leaves, featureCount, cover } = model.ensemble!;
  const floats = new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  return Array.from(cover, (weight, i) => {
    const left = nodes[2 * i + 1]! >>> slotBits;
    const slot = nodes[2 * i + 1]! & (2 ** slotBits - 1);
    if (left === i) return { leaf: leaves.kind === 'value' ? leaves.values[i] : leaves.rows[i], weight };
    const feature = slot < 2 * featureCount ? slot >> 1 : slot - 2 * featureCount;
    return { feature, threshold: floats[2 * i], missing: slot % 2 === 0 ? 'left' : 'right', left, weight };
  });
}

describe('numbers', () => {
  it('parts where the squared error falls most, half way between the values', () => {
    // 1, 2 | 10, 20: of {0, 1, 9, 10} the best cut is in the middle, then each pair.
    const model = grown(matrixOf([[1], [2], [10], [20]]), numbers([0, 1, 9, 10]));
    expect(nodesOf(model)).toEqual([
      { feature: 0, threshold: 6, missing: 'left', left: 1, weight: 4 },
      { feature: 0, threshold: 1.5, missing: 'left', left: 3, weight: 2 },
      { feature: 0, threshold: 15, missing: 'left', left: 5, weight: 2 },
      ...[0, 1, 9, 10].map((leaf) => ({ leaf, weight: 1 })),
    ]);
    expect([...model.predict(matrixOf([[-5], [6], [6.001], [100]]))]).toEqual([0, 1, 9, 10]);
  });

  it('weighs rows: a heavy one draws the mean', () => {
    const model = grown(matrixOf([[1], [1], [1]]), numbers([0, 0, 8]), {}, [1, 1, 2]);
    expect(nodesOf(model)).toEqual([{ leaf: 4, weight: 4 }]);
  });

  it('keeps a threshold as far from both sides as values of the whole data allow', () => {
    // In the right node only 10 and 40 are left to part; edges lie at 15, 25, 35.
    const x = matrixOf([
      [10, 0],
      [20, 1],
      [30, 1],
      [40, 0],
    ]);
    const model = grown(x, numbers([0, 100, 100, 1]));
    expect(nodesOf(model)[0]).toMatchObject({ feature: 1, threshold: 0.5 });
    expect(nodesOf(model).find((node) => node.feature === 0)!.threshold).toBe(25);
  });
});

describe('classes', () => {
  it('splits even where one split alone gains nothing: exclusive or', () => {
    const x = matrixOf([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    for (const criterion of ['gini', 'entropy']) {
      const model = grown(x, labels([0, 1, 1, 0], ['no', 'yes']), { criterion });
      expect([...model.predict(x)]).toEqual([0, 1, 1, 0]);
      expect(model.ensemble!.cover.length).toBe(7);
    }
  });

  it('keeps the shares of classes where rows do not differ', () => {
    const model = grown(matrixOf([[3], [3], [3], [3]]), labels([0, 2, 2, 2], ['a', 'b', 'c']));
    expect([...model.predictProbability(matrixOf([[0]]))]).toEqual([0.25, 0, 0.75]);
  });

  it('balances classes by weight, and takes a record', () => {
    const x = matrixOf([[3], [3], [3], [3]]);
    const y = labels([0, 1, 1, 1], ['a', 'b']);
    const balanced = grown(x, y, { classWeight: 'balanced' }).predictProbability(x);
    expect(balanced[0]).toBeCloseTo(0.5, 6);
    expect(grown(x, y, { classWeight: { a: 9 } }).predictProbability(x)[0]).toBe(0.75);
    expect(() => grown(x, y, { classWeight: { z: 2 } })).toThrow(/"z", which is no class/);
  });

  it('tells 300 classes apart', () => {
    const ids = Array.from({ length: 300 }, (_, i) => i);
    const names = ids.map((i) => String(i).padStart(3, '0'));
    // Two columns: 256 bins alone could not.
    const x = matrixOf(ids.map((i) => [i % 20, Math.floor(i / 20)]));
    expect([...grown(x, labels(ids, names)).predict(x)]).toEqual(ids);
  });
});

describe('limits', () => {
  const x = matrixOf(Array.from({ length: 16 }, (_, i) => [i]));
  const y = numbers(Array.from({ length: 16 }, (_, i) => i * i));

  it('stops at the depth', () => {
    expect(grown(x, y, { maxDepth: 1 }).ensemble!.cover.length).toBe(3);
    expect(grown(x, y, { maxDepth: 3 }).ensemble!.cover.length).toBeLessThanOrEqual(15);
  });

  it('counts rows, not weights, for the least leaf and split, as scikit-learn does', () => {
    const weights = x.columns[0]!.map(() => 10).with(3, 30);
    const model = randomForest.fit(x, y, paramsOf({ minSamplesLeaf: 5 }), { seed: 1, weights });
    const leaves = nodesOf(model).filter((node) => node.leaf !== undefined);
    expect(leaves.length).toBeGreaterThan(1);
    for (const { weight } of leaves) expect(weight).toBeGreaterThanOrEqual(50);
    expect(grown(x, y, { minSamplesSplit: 17 }).ensemble!.cover.length).toBe(1);
  });
});

describe('missing values', () => {
  const gap = Number.NaN;
  it('go to the side that they are like', () => {
    const x = matrixOf([[1], [2], [3], [4], [gap], [gap]]);
    const right = grown(x, numbers([0, 0, 9, 9, 9, 9]));
    expect(nodesOf(right)[0]).toMatchObject({ threshold: 2.5, missing: 'right' });
    const left = grown(x, numbers([0, 0, 9, 9, 0, 0]));
    expect(nodesOf(left)[0]).toMatchObject({ threshold: 2.5, missing: 'left' });
    expect([...left.predict(matrixOf([[gap], [4]]))]).toEqual([0, 9]);
  });

  it('can be all that a split asks for: every number goes left', () => {
    const model = grown(matrixOf([[1], [5], [gap]]), numbers([0, 0, 7]));
    expect(nodesOf(model)[0]).toMatchObject({ threshold: 3.4028234663852886e38, missing: 'right' });
    expect([...model.predict(matrixOf([[1e30], [gap]]))]).toEqual([0, 7]);
  });

  it('that training never met go to the heavier child, left of equal ones', () => {
    expect(nodesOf(grown(matrixOf([[1], [2], [3]]), numbers([0, 9, 9])))[0]).toMatchObject({
      missing: 'right',
    });
    expect(nodesOf(grown(matrixOf([[1], [2]]), numbers([0, 9])))[0]).toMatchObject({ missing: 'left' });
  });
});

describe('categories', () => {
  const categories = [['a', 'b', 'c', 'd']];
  const of = (codes: number[]): FeatureMatrix => ({
    ...matrixOf(
      codes.map((code) => [code]),
      ['kind'],
    ),
    categories,
  });

  it('are parted by one set, whatever their order', () => {
    const model = grown(of([0, 1, 2, 3]), numbers([5, 0, 5, 0]));
    // One question parts a, c from b, d; the lower mean goes left: bits 1 and 3. Missing: left, as both weigh the same.
    expect(model.ensemble!.sets[0]! & 0b1111).toBe(0b1010);
    expect(model.ensemble!.cover.length).toBe(3);
    expect([...model.predict(of([0, 1, 2, 3, Number.NaN]))]).toEqual([5, 0, 5, 0, 0]);
  });

  it('that a node has no row of go to its heavier child', () => {
    const model = grown(of([0, 1, 1, 3]), numbers([0, 6, 6, 6]));
    expect([...model.predict(of([2, Number.NaN]))]).toEqual([6, 6]);
  });

  it('that are missing count as one more', () => {
    const model = grown(of([0, 1, Number.NaN]), labels([0, 0, 1], ['no', 'yes']));
    expect([...model.predict(of([0, 1, Number.NaN]))]).toEqual([0, 0, 1]);
  });
});
