import { describe, expect, it } from 'vitest';
import { buildEnsemble } from '../../../../lib/learn/ensemble/build.ts';
import { ensembleFromFile } from '../../../../lib/learn/ensemble/from-file.ts';
import { probabilities } from '../../../../lib/learn/ensemble/links.ts';
import { type EnsembleModelInput, ensembleModel } from '../../../../lib/learn/ensemble/model.ts';
import { thrownBy } from '../support.ts';
import { randomEnsemble, randomRows } from './random-ensemble.ts';

/** x <= 1.5 ? `low` : `high`, each one number or shares. */
const stump = (low: number[], high: number[]) => ({
  ...{ feature: [0, -1, -1], threshold: [1.5, 0, 0], left: [1, 0, 0], right: [2, 0, 0] },
  value: [...low.map(() => 0), ...low, ...high],
});
const ensembleOf = (aggregate: 'mean' | 'sum', outputs: number, ...leaves: [number[], number[]][]) =>
  buildEnsemble({
    featureCount: 1,
    outputs,
    aggregate,
    trees: leaves.map(([low, high]) => stump(low, high)),
  });
const x = { rowCount: 3, names: ['area'], columns: [Float64Array.of(1, 2, Number.NaN)] };
const model = (more: Partial<EnsembleModelInput>) =>
  ensembleModel({
    ...{ algorithm: 'random-forest', task: 'regression', features: ['area'], classes: [], link: 'identity' },
    ensemble: ensembleOf('mean', 1, [[10], [20]], [[12], [28]]),
    importance: Float64Array.of(1),
    ...more,
  });

describe('ensembleModel', () => {
  it('predicts the mean of the leaves', () => {
    expect([...model({}).predict(x)]).toEqual([11, 24, 24]);
  });

  it('keeps a regression in the hull of the targets', () => {
    expect([...model({ range: [11.5, 23] }).predict(x)]).toEqual([11.5, 23, 23]);
  });

  it('takes the mean distribution of a forest, summing to 1', () => {
    const ensemble = ensembleOf(
      'mean',
      3,
      [
        [1, 0, 0],
        [0.1, 0.6, 0.3],
      ],
      [
        [0, 0.5, 0.5],
        [0, 0.2, 0.8],
      ],
    );
    const forest = model({ task: 'classification', classes: ['a', 'b', 'c'], link: 'none', ensemble });
    const shares = forest.predictProbability(x);
    expect([...shares.subarray(0, 3)]).toEqual([0.5, 0.25, 0.25]);
    expect(shares[4]).toBeCloseTo(0.4, 7);
    expect(shares[3]! + shares[4]! + shares[5]!).toBeCloseTo(1, 15);
    expect([...forest.predict(x)]).toEqual([0, 2, 2]);
  });

  it('takes log odds of the second class, and the first class on a tie', () => {
    const ensemble = ensembleOf('sum', 1, [[0], [Math.log(3)]]);
    const boosted = model({ task: 'classification', classes: ['no', 'yes'], link: 'logistic', ensemble });
    const shares = boosted.predictProbability(x);
    expect([...shares.subarray(0, 2)]).toEqual([0.5, 0.5]);
    expect(shares[3]).toBeCloseTo(0.75, 7);
    expect([...boosted.predict(x)]).toEqual([0, 1, 1]);
  });

  it('takes scores of classes by softmax, without overflow', () => {
    const shares = probabilities(Float64Array.of(1000, 1000 + Math.log(3), -1000), 3, 'softmax');
    expect(shares[0]).toBeCloseTo(0.25, 12);
    expect(shares[1]).toBeCloseTo(0.75, 12);
    expect(shares[2]).toBe(0);
    const odds = probabilities(Float64Array.of(800, -800), 2, 'logistic');
    expect([...odds]).toEqual([0, 1, 1, 0]);
  });

  it('finds columns by name, and codes by the names of their categories', () => {
    const categorical = buildEnsemble({
      featureCount: 2,
      categoryCounts: [0, 2],
      aggregate: 'mean',
      trees: [{ ...stump([1], [2]), feature: [1, -1, -1], categories: [[1], undefined, undefined] }],
    });
    const trained = model({
      ...{
        features: ['area', 'quarter'],
        categories: [undefined, ['harbour', 'north']],
        ensemble: categorical,
      },
      importance: Float64Array.of(0, 1),
    });
    expect(trained.categories).toEqual([undefined, ['harbour', 'north']]);
    const asked = {
      rowCount: 4,
      names: ['quarter', 'area'],
      columns: [Float64Array.of(0, 1, 2, Number.NaN), new Float64Array(4)],
      categories: [['west', 'north', 'harbour'], undefined],
    };
    // north goes left; west is unknown and goes right, as what is missing does.
    expect([...trained.predict(asked)]).toEqual([2, 1, 2, 2]);
    expect(thrownBy(() => trained.predict({ ...asked, names: ['quarter', 'rooms'] })).code).toBe(
      'FEATURE_MISMATCH',
    );
    const { categories: _, ...bare } = asked;
    expect(thrownBy(() => trained.predict(bare)).code).toBe('FEATURE_MISMATCH');
  });

  it('gives its importance as a copy, and no probabilities of a regression', () => {
    const trained = model({});
    trained.importance().fill(5);
    expect([...trained.importance()]).toEqual([1]);
    expect(thrownBy(() => trained.predictProbability(x)).code).toBe('BAD_DEFINITION');
  });

  it.each<[string, string, Partial<EnsembleModelInput>]>([
    [
      'a link of classes for a regression',
      'the link "softmax" makes of 1 output no regression of 0 classes',
      { link: 'softmax' },
    ],
    [
      'classes for a regression',
      'the link "identity" makes of 1 output no regression of 1 class',
      { classes: ['a'] },
    ],
    [
      'no classes for a classification',
      'the link "none" makes of 1 output no classification of 0 classes',
      { task: 'classification', link: 'none' },
    ],
    [
      'one class for log odds',
      'the link "logistic" makes of 1 output no classification of 1 class',
      { task: 'classification', link: 'logistic', classes: ['a'] },
    ],
    [
      'more classes than outputs',
      'the link "softmax" makes of 1 output no classification of 2 classes',
      { task: 'classification', link: 'softmax', classes: ['a', 'b'] },
    ],
    [
      'an importance of other features',
      'there are 2 importances for 1 feature',
      { importance: Float64Array.of(0.5, 0.5) },
    ],
    [
      'more features than the trees have',
      'the trees ask 1 feature, and the model has 2',
      { features: ['a', 'b'] },
    ],
    [
      'categories that the trees do not count',
      'the trees know 0 categories of "area", and the model 2',
      { categories: [['a', 'b']] },
    ],
  ])('refuses %s', (_, message, more) => {
    expect(thrownBy(() => model(more))).toMatchObject({ code: 'BAD_DEFINITION', message });
  });

  it('says what it was told, and goes round through its parts', () => {
    const facts = { params: { trees: 2 }, oob: 0.5 };
    const trained = model({ facts, notes: ['a note'], range: [10, 28] });
    const shape = {
      algorithm: 'random-forest',
      task: 'regression',
      features: ['area'],
      classes: [],
    } as const;
    const again = ensembleFromFile(trained.toFile(), shape);
    expect(again.notes).toEqual(['a note']);
    expect(again.toFile()).toEqual(trained.toFile());
    expect(again.toFile().facts).toMatchObject(facts);
    expect(again.predict(x)).toEqual(trained.predict(x));
  });

  it('gives one row the same bits as a batch that the kernel takes', () => {
    const ensemble = randomEnsemble({
      ...{ seed: 2, features: 3, trees: 20, splits: 50, outputs: 4, leaves: 'value', aggregate: 'sum' },
    });
    const features = ['f0', 'f1', 'f2'];
    const trained = model({
      ...{ task: 'classification', classes: ['a', 'b', 'c', 'd'], link: 'softmax', ensemble, features },
      importance: new Float64Array(3),
    });
    const rows = randomRows(ensemble, 600, 7);
    const all = trained.predictProbability(rows);
    for (const i of [0, 300, 599]) {
      const alone = { ...rows, rowCount: 1, columns: rows.columns.map((column) => column.slice(i, i + 1)) };
      expect(trained.predictProbability(alone)).toEqual(all.slice(4 * i, 4 * i + 4));
    }
  });
});
