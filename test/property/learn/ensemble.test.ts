import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ensembleFromFile } from '../../../lib/learn/ensemble/from-file.ts';
import { kernelScores } from '../../../lib/learn/ensemble/kernel-score.ts';
import { ensembleModel } from '../../../lib/learn/ensemble/model.ts';
import { plainScorer } from '../../../lib/learn/ensemble/score.ts';
import { treeCount, treeNodes } from '../../../lib/learn/ensemble/views.ts';
import {
  randomEnsemble,
  randomRows,
  slowScores,
  type Wish,
} from '../../unit/learn/ensemble/random-ensemble.ts';

const wish: fc.Arbitrary<Wish> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    features: fc.integer({ min: 1, max: 12 }),
    trees: fc.integer({ min: 1, max: 13 }),
    splits: fc.integer({ min: 0, max: 60 }),
    outputs: fc.constantFrom(1, 2, 3, 7, 300),
    leaves: fc.constantFrom('value' as const, 'distribution' as const),
    aggregate: fc.constantFrom('mean' as const, 'sum' as const),
    counts: fc.option(
      fc.array(fc.constantFrom(0, 1, 2, 31, 32, 33, 254, 255), { minLength: 12, maxLength: 12 }),
    ),
  })
  .map(({ counts, ...rest }) => ({
    ...rest,
    ...(counts === null ? {} : { categoryCounts: counts.slice(0, rest.features) }),
    // One output has one number a leaf; a distribution of one class is all of it.
    leaves: rest.outputs === 1 ? ('value' as const) : rest.leaves,
  }));

it('decoded nodes, plain TypeScript and the kernel give the same bits', () => {
  fc.assert(
    fc.property(wish, fc.integer({ min: 1, max: 40 }), fc.boolean(), (made, rows, holes) => {
      const ensemble = randomEnsemble(made);
      const x = randomRows(ensemble, rows, made.seed, holes);
      const slow = slowScores(ensemble, x);
      expect(plainScorer(ensemble)(x)).toEqual(slow);
      expect(kernelScores(ensemble, x)).toEqual(slow);
    }),
    { numRuns: 150, seed: 4 },
  );
});

it('a tree has one root, one parent for every other node, and one leaf more than inner nodes', () => {
  fc.assert(
    fc.property(wish, (made) => {
      const ensemble = randomEnsemble(made);
      for (let t = 0; t < treeCount(ensemble); t++) {
        const nodes = [...treeNodes(ensemble, t)];
        const children = nodes.flatMap(([, node]) => (node.leaf ? [] : [node.left, node.right]));
        expect(children.sort((a, b) => a - b)).toEqual(nodes.slice(1).map(([place]) => place));
        expect(nodes.filter(([, node]) => node.leaf).length).toBe(children.length / 2 + 1);
      }
    }),
    { numRuns: 60, seed: 5 },
  );
});

it('a model of any trees goes through its parts unchanged, and its shares sum to 1', () => {
  fc.assert(
    fc.property(wish, (made) => {
      const ensemble = randomEnsemble(made);
      const features = Array.from({ length: made.features }, (_, f) => `f${f}`);
      const categories = made.categoryCounts?.map((count) =>
        count === 0 ? undefined : Array.from({ length: count }, (_, c) => `c${c}`),
      );
      const task = made.outputs === 1 ? ('regression' as const) : ('classification' as const);
      const classes = task === 'regression' ? [] : Array.from({ length: made.outputs }, (_, k) => `k${k}`);
      const link = task === 'regression' ? 'identity' : made.leaves === 'value' ? 'softmax' : 'none';
      const importance = new Float64Array(made.features);
      const model = ensembleModel({
        ...{ algorithm: 'random-forest', task, features, categories, classes, ensemble, importance, link },
      });
      const again = ensembleFromFile(model.toFile(), model);
      expect(again.toFile()).toEqual(model.toFile());
      const x = {
        ...randomRows(ensemble, 9, made.seed),
        ...(model.categories ? { categories: model.categories } : {}),
      };
      expect(again.predict(x)).toEqual(model.predict(x));
      if (task === 'regression') return;
      const shares = again.predictProbability(x);
      for (let i = 0; i < 9; i++) {
        const row = shares.slice(i * made.outputs, (i + 1) * made.outputs);
        expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        expect(model.predict(x)[i]).toBe(row.indexOf(Math.max(...row)));
      }
    }),
    { numRuns: 60, seed: 6 },
  );
});
