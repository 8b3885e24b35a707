import { describe, expect, it } from 'vitest';
import { ensembleFromFile } from '../../../../lib/learn/ensemble/from-file.ts';
import { ensembleModel } from '../../../../lib/learn/ensemble/model.ts';
import type { Model, ModelParts } from '../../../../lib/learn/index.ts';
import { thrownBy } from '../support.ts';
import { randomEnsemble } from './random-ensemble.ts';

const categories = [undefined, ['a', 'b', 'c']];
const features = ['f0', 'f1'];
const importance = Float64Array.of(0.25, 0.75);
const size = { seed: 5, features: 2, trees: 4, splits: 12, categoryCounts: [0, 3] };
const common = { algorithm: 'random-forest', features, categories, importance };
const forest = ensembleModel({
  ...{ ...common, task: 'classification', classes: ['x', 'y', 'z'], link: 'none' },
  ensemble: randomEnsemble({ ...size, outputs: 3, leaves: 'distribution', aggregate: 'mean' }),
});
const boosted = ensembleModel({
  ...{ ...common, task: 'regression', classes: [], link: 'identity', range: [-5, 5] },
  ensemble: randomEnsemble({ ...size, outputs: 1, leaves: 'value', aggregate: 'sum' }),
});

type Sections = Record<string, Float64Array>;

/** The parts of a model, every array a copy, changed; then read. */
function readChanged(model: Model, change: (sections: Sections, facts: Layout) => void): Model {
  const parts = structuredClone(model.toFile());
  change(parts.sections as Sections, (parts.facts as { ensemble: Layout }).ensemble);
  return ensembleFromFile(parts as ModelParts, model);
}
type Layout = Record<string, unknown>;

const slotBits = forest.ensemble!.slotBits;
const nodes = forest.ensemble!.nodes;
const innerAt = (numeric: boolean): number => {
  for (let node = 0; node < nodes.length / 2; node++) {
    const slot = nodes[2 * node + 1]! & (2 ** slotBits - 1);
    const place = node - forest.ensemble!.roots.findLast((root) => root <= node)!;
    if (nodes[2 * node + 1]! >>> slotBits !== place && slot < 4 === numeric) return node;
  }
  throw new Error('the forest has no such node');
};
const [number, category] = [innerAt(true), innerAt(false)];
const leaf = nodes.findIndex((word, at) => at % 2 === 0 && word === 0x7f800000) / 2;

describe('ensembleFromFile', () => {
  it('reads what was written, on the same arrays', () => {
    for (const model of [forest, boosted]) {
      const parts = model.toFile();
      const again = ensembleFromFile(parts, model);
      expect(again.toFile()).toEqual(parts);
      expect(again.ensemble!.nodes).toBe(parts.sections.nodes);
      expect(readChanged(model, () => {}).toFile()).toEqual(parts);
    }
  });

  it.each<[string, string, (s: Sections, facts: Layout) => void]>([
    [
      'a section less',
      'the model\'s section "roots" is missing, or is not a Uint32Array',
      (s) => delete s.roots,
    ],
    [
      'a section of another type',
      'the model\'s section "cover" is missing, or is not 38 entries of Float32Array',
      (s) => (s.cover = new Float64Array(s.cover!.length) as never),
    ],
    [
      'a shorter section',
      'the model\'s section "rows" is missing, or is not 38 entries of Int32Array',
      (s) => (s.rows = s.rows!.subarray(1) as never),
    ],
    [
      'roots that do not begin at 0',
      'the trees of the model file overlap or have gaps',
      (s) => (s.roots![0] = 1),
    ],
    [
      'roots that descend',
      'the trees of the model file overlap or have gaps',
      (s) => s.roots!.set([s.roots![2]!, s.roots![1]!], 1),
    ],
    [
      'a tree of an even number of nodes',
      'the trees of the model file overlap or have gaps',
      (s) => (s.roots![1]! -= 1),
    ],
    [
      'a child that is its parent, at an inner node',
      'tree 0 of the model file is damaged',
      (s) => (s.nodes![2 * number + 1]! &= 2 ** slotBits - 1),
    ],
    [
      'a child beyond the tree',
      'tree 0 of the model file is damaged',
      (s) => (s.nodes![2 * number + 1]! |= 0xff << slotBits),
    ],
    [
      'a right child as a left one',
      'tree 0 of the model file is damaged',
      (s) => (s.nodes![2 * number + 1]! += 1 << slotBits),
    ],
    [
      'another node’s children',
      'tree 0 of the model file is damaged',
      (s) => (s.nodes![2 * number + 1]! += 2 << slotBits),
    ],
    [
      'a leaf that goes on',
      'tree 0 of the model file is damaged',
      (s) => (s.nodes![2 * leaf + 1]! += 1 << slotBits),
    ],
    ['a leaf with another threshold', 'tree 0 of the model file is damaged', (s) => (s.nodes![2 * leaf] = 0)],
    ['a leaf that asks', 'tree 0 of the model file is damaged', (s) => (s.nodes![2 * leaf + 1]! |= 1)],
    [
      'a threshold that is no number',
      'tree 0 of the model file is damaged',
      (s) => (s.nodes![2 * number] = 0x7fc00000),
    ],
    [
      'a negative threshold that is no number',
      'tree 0 of the model file is damaged',
      (s) => (s.nodes![2 * number] = 0xffffffff),
    ],
    [
      'a set beyond the last',
      'tree 2 of the model file is damaged',
      (s) => (s.nodes![2 * category] = s.sets!.length / 8),
    ],
    [
      'a category of a number',
      'tree 2 of the model file is damaged',
      (s) => (s.nodes![2 * category + 1]! -= 1),
    ],
    [
      'a slot beyond the last',
      'tree 2 of the model file is damaged',
      (s) => (s.nodes![2 * category + 1]! |= 2 ** slotBits - 1),
    ],
    [
      'half a set',
      'the trees of the model file overlap or have gaps',
      (s) => (s.sets = s.sets!.subarray(4) as never),
    ],
    ['a negative cover', 'tree 0 of the model file is damaged', (s) => (s.cover![3] = -1)],
    [
      'an infinite cover',
      'tree 0 of the model file is damaged',
      (s) => (s.cover![3] = Number.POSITIVE_INFINITY),
    ],
    ['a cover that is no number', 'tree 0 of the model file is damaged', (s) => (s.cover![3] = Number.NaN)],
    ['a class beyond the last', 'tree 0 of the model file is damaged', (s) => (s.rows![leaf] = -4)],
    ['a row beyond the table', 'tree 0 of the model file is damaged', (s) => (s.rows![leaf] = 1e6)],
    ['a row at an inner node', 'tree 0 of the model file is damaged', (s) => (s.rows![number] = -1)],
    [
      'shares that sum to more',
      'the leaves of the model file hold what is no distribution',
      (s) => (s.table![0]! += 0.1),
    ],
    [
      'a negative share',
      'the leaves of the model file hold what is no distribution',
      (s) => s.table!.set([-0.5, 1.5, 0]),
    ],
    [
      'a share that is no number',
      'the leaves of the model file hold what is no distribution',
      (s) => (s.table![1] = Number.NaN),
    ],
    [
      'a table of another width',
      'the leaves of the model file hold what is no distribution',
      (s) => (s.table = s.table!.subarray(1) as never),
    ],
    [
      'rows of trees that descend',
      'the leaves of the model file hold what is no distribution',
      (s) => (s.tableStarts![1] = 1e6),
    ],
    ['a base of a mean', 'the trees of the model file are not of this layout', (s) => (s.base![0] = 1)],
    [
      'a base that is no number',
      'the trees of the model file are not of this layout',
      (s) => (s.base![0] = Number.NaN),
    ],
    [
      'other counts of categories',
      'the trees of the model file do not fit its features and classes',
      (s) => (s.categoryCounts![1] = 2),
    ],
    [
      'categories of a number',
      'the trees of the model file do not fit its features and classes',
      (s) => (s.categoryCounts![0] = 1),
    ],
    [
      '256 categories',
      'the trees of the model file are not of this layout',
      (s) => (s.categoryCounts![1] = 256),
    ],
    [
      'a negative importance',
      'the importances of the model file are no shares',
      (s) => s.importance!.set([-1, 2]),
    ],
    [
      'importances that sum to less',
      'the importances of the model file are no shares',
      (s) => s.importance!.set([0.25, 0.25]),
    ],
    [
      'an importance that is no number',
      'the importances of the model file are no shares',
      (s) => (s.importance![0] = Number.NaN),
    ],
    [
      'slots of another width',
      'the trees of the model file are not of this layout',
      (_, facts) => (facts.slotBits = slotBits + 1),
    ],
    ['no output', 'Too small', (_, facts) => (facts.outputs = 0)],
    [
      'more outputs than classes',
      'the model\'s section "base" is missing, or is not 4 entries of Float64Array',
      (_, facts) => (facts.outputs = 4),
    ],
    ['an unknown link', 'Invalid option', (_, facts) => (facts.link = 'probit')],
    [
      'a link of a regression',
      'the trees of the model file do not fit its features and classes',
      (_, facts) => (facts.link = 'identity'),
    ],
    ['another aggregate', 'Invalid option', (_, facts) => (facts.aggregate = 'median')],
    [
      'other leaves',
      'the model\'s section "values" is missing, or is not 38 entries of Float32Array',
      (_, facts) => (facts.leaves = 'value'),
    ],
    ['an unknown fact', 'Unrecognized key', (_, facts) => (facts.code = '1')],
  ])('refuses %s', (_, message, change) => {
    const error = thrownBy(() => readChanged(forest, change));
    expect(error.code, error.stack).toBe('INTEGRITY');
    expect(error.message).toContain(message);
  });

  it.each<[string, string, (s: Sections, facts: Layout) => void]>([
    [
      'a leaf that is no number',
      'tree 3 of the model file is damaged',
      (s) => (s.values![s.values!.length - 1] = Number.NaN),
    ],
    [
      'a value at an inner node',
      'tree 0 of the model file is damaged',
      (s) => (s.values![s.nodes!.findIndex((word) => word !== 0x7f800000) / 2] = 1),
    ],
    ['an output beyond the last', 'tree 0 of the model file is damaged', (s) => (s.treeOutputs![0] = 1)],
    ['a range that is none', 'the range of the model file is none', (_, facts) => (facts.range = [5, -5])],
    [
      'a tree less than the outputs say',
      'the model\'s section "treeOutputs" is missing, or is not 4 entries of Uint16Array',
      (s) => (s.treeOutputs = s.treeOutputs!.subarray(1) as never),
    ],
  ])('refuses %s, in a sum', (_, message, change) => {
    const error = thrownBy(() => readChanged(boosted, change));
    expect(error.code, error.stack).toBe('INTEGRITY');
    expect(error.message).toContain(message);
  });

  it('takes other thresholds, sets and leaves for what they are: another model', () => {
    const other = readChanged(boosted, (s) => (s.values![s.values!.length - 1]! += 1));
    expect(other.toFile()).not.toEqual(boosted.toFile());
  });
});
