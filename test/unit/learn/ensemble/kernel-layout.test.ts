import { describe, expect, it } from 'vitest';
import { buildEnsemble, type PlainTree } from '../../../../lib/learn/ensemble/build.ts';
import type { Ensemble } from '../../../../lib/learn/ensemble/ensemble.ts';
import {
  fillBlocks,
  kernelLayout,
  layNodes,
  nodeWords,
} from '../../../../lib/learn/ensemble/kernel-layout.ts';
import { kernelScores } from '../../../../lib/learn/ensemble/kernel-score.ts';
import { plainScorer } from '../../../../lib/learn/ensemble/score.ts';
import { randomEnsemble, randomRows, slowScores } from './random-ensemble.ts';

/** A chain of questions about one number: `splits` of them, so 2 × splits + 1 nodes, the right child going on. */
function chain(splits: number, missingLeft = false): PlainTree {
  const size = 2 * splits + 1;
  const inner = (node: number) => node < splits;
  const of = <T>(value: (node: number) => T): T[] => Array.from({ length: size }, (_, node) => value(node));
  return {
    feature: of((node) => (inner(node) ? 0 : -1)),
    threshold: of((node) => node),
    left: of((node) => (inner(node) ? splits + node : 0)),
    right: of((node) => (node < splits - 1 ? node + 1 : size - 1)),
    missingLeft: of(() => missingLeft),
    value: of((node) => node - splits),
  };
}

const scoresAlike = (ensemble: Ensemble, rows: number): void => {
  for (const count of [1, 5, rows]) {
    const x = randomRows(ensemble, count, count);
    expect(kernelScores(ensemble, x)).toEqual(slowScores(ensemble, x));
  }
};

describe('nodes for the kernel', () => {
  const words = (ensemble: Ensemble): number[] => {
    const layout = kernelLayout(ensemble);
    const out = new Uint32Array(nodeWords(ensemble, layout));
    layNodes(ensemble, layout, out, 1_000);
    return [...out];
  };

  it('have the threshold, the entry of the slot, and how far ahead the left child is', () => {
    // x1 <= 1 ? leaf : leaf, what is missing goes right: slot 3, the fourth entry of 32 bytes.
    const tree = {
      feature: [1, -1, -1],
      threshold: [1, 0, 0],
      left: [1, 0, 0],
      right: [2, 0, 0],
      value: [0, 1, 2],
    };
    const ensemble = buildEnsemble({ featureCount: 2, aggregate: 'mean', trees: [tree, tree] });
    const [one, infinity] = [0x3f800000, 0x7f800000];
    const laid = [one, (1 << 16) | 96, infinity, 0, infinity, 0];
    expect(words(ensemble)).toEqual([...laid, ...laid]);
  });

  it('have ordered integers and addresses of sets where some feature is categorical', () => {
    const tree = {
      ...{ feature: [0, 1, -1, -1, -1], threshold: [-1, 0, 0, 0, 0], value: [0, 0, 1, 2, 3] },
      ...{
        left: [1, 3, 0, 0, 0],
        right: [2, 4, 0, 0, 0],
        categories: [undefined, [1], undefined, undefined, undefined],
      },
    };
    const ensemble = buildEnsemble({
      featureCount: 2,
      categoryCounts: [0, 3],
      aggregate: 'mean',
      trees: [tree],
    });
    const infinity = 0x7f800000;
    // Entries are of 64 bytes: the leaves', x0 with what is missing left, x0 with it right, x1.
    expect(words(ensemble)).toEqual([
      ...[(0xbf800000 ^ 0x7fffffff) >>> 0, (1 << 16) | 128],
      ...[1_000, (2 << 16) | 192],
      ...[infinity, 0, infinity, 0, infinity, 0],
    ]);
  });

  it.each([
    [32_767, false],
    [32_768, true],
  ])('of a tree of %i splits: wide is %s', (splits, wide) => {
    const ensemble = buildEnsemble({
      featureCount: 1,
      aggregate: 'sum',
      trees: [chain(splits), chain(3, true)],
    });
    expect(kernelLayout(ensemble).wide).toBe(wide);
    const columns = [Float64Array.of(-1, 0, 0.5, 1, 2, 30_000, splits - 1, splits, 1e30, Number.NaN)];
    const x = { rowCount: 10, names: ['x'], columns };
    expect(kernelScores(ensemble, x)).toEqual(plainScorer(ensemble)(x));
    expect(kernelScores(ensemble, x)[6]).toBe(splits - 1 + 3);
  });

  it('are wide where rows have many entries, of numbers and of categories', () => {
    const wish = {
      seed: 3,
      features: 1_100,
      trees: 9,
      splits: 40,
      outputs: 2,
      leaves: 'distribution',
      aggregate: 'mean',
    } as const;
    const numbers = randomEnsemble(wish);
    const categoryCounts = Array.from({ length: 1_100 }, (_, f) => (f % 3 === 0 ? (f % 255) + 1 : 0));
    const categories = randomEnsemble({ ...wish, categoryCounts });
    for (const ensemble of [numbers, categories]) {
      expect(kernelLayout(ensemble).wide).toBe(true);
      scoresAlike(ensemble, 30);
    }
  });
});

describe('blocks of rows', () => {
  it('hold a slot of eight rows side by side', () => {
    const ensemble = randomEnsemble({
      seed: 1,
      features: 2,
      trees: 1,
      splits: 3,
      outputs: 1,
      leaves: 'value',
      aggregate: 'mean',
    });
    const layout = kernelLayout(ensemble);
    const numbers = new Float32Array(2 * (layout.blockBytes / 4));
    const columns = [
      Float64Array.from({ length: 12 }, (_, i) => i),
      Float64Array.from({ length: 12 }, () => Number.NaN),
    ];
    fillBlocks(
      ensemble,
      layout,
      { rowCount: 12, names: [], columns },
      1,
      10,
      new Uint32Array(numbers.buffer),
      numbers,
    );
    const block = (from: number) => [...numbers.subarray(from, from + 8)];
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const eight = [1, 2, 3, 4, 5, 6, 7, 8];
    expect([block(0), block(8)]).toEqual([eight, eight]);
    expect([block(16), block(24)]).toEqual([eight.map(() => low), eight.map(() => high)]);
    expect(block(32)).toEqual([9, 10, 0, 0, 0, 0, 0, 0]);
    expect(block(48)).toEqual([low, low, 0, 0, 0, 0, 0, 0]);
  });

  it('tell both zeros alike beside categories', () => {
    const split = (threshold: number): PlainTree => ({
      ...{
        feature: [0, -1, -1],
        threshold: [threshold, 0, 0],
        left: [1, 0, 0],
        right: [2, 0, 0],
        value: [0, 1, 2],
      },
    });
    const ensemble = buildEnsemble({
      featureCount: 2,
      categoryCounts: [0, 2],
      aggregate: 'sum',
      trees: [split(0), split(-0)],
    });
    const x = {
      rowCount: 4,
      names: [],
      columns: [Float64Array.of(-0, 0, 1e-45, -1e-45), new Float64Array(4)],
    };
    expect([...kernelScores(ensemble, x)]).toEqual([2, 2, 4, 2]);
    expect([...plainScorer(ensemble)(x)]).toEqual([2, 2, 4, 2]);
  });
});
