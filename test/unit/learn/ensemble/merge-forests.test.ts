import { describe, expect, it } from 'vitest';
import { buildEnsemble } from '../../../../lib/learn/ensemble/build.ts';
import { mergeForests } from '../../../../lib/learn/ensemble/merge-forests.ts';
import { ensembleModel } from '../../../../lib/learn/ensemble/model.ts';
import { forestAlgorithm } from '../../../../lib/learn/forest/algorithm.ts';
import { randomForest } from '../../../../lib/learn/forest/random-forest.ts';
import type { FeatureMatrix, Model, Target } from '../../../../lib/learn/index.ts';
import { mixedData } from '../forest/support.ts';

/** The rows `from` to `to - 1`, with the categories that occur in them alone, as a batch has them. */
function batchOf(x: FeatureMatrix, y: Target, from: number, to: number): { x: FeatureMatrix; y: Target } {
  const categories = x.categories?.map((names, f) =>
    names?.filter((_, code) => x.columns[f]!.subarray(from, to).includes(code)),
  );
  const columns = x.columns.map((column, f) => {
    const [all, own] = [x.categories?.[f], categories?.[f]];
    const part = column.slice(from, to);
    return all === undefined ? part : part.map((code) => own!.indexOf(all[code]!));
  });
  return {
    x: { ...x, rowCount: to - from, columns, ...(categories === undefined ? {} : { categories }) },
    y: { ...y, values: y.values.slice(from, to) } as Target,
  };
}

const forestOf = (x: FeatureMatrix, y: Target, trees: number, seed: number): Model =>
  randomForest.fit(x, y, randomForest.parseParams({ trees }), { seed });

/** Mean of the models' answers, each as often as `weights` says. */
function meanOf(answers: Float64Array[], weights: number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return answers[0]!.map(
    (_, i) => answers.reduce((sum, answer, n) => sum + answer[i]! * weights[n]!, 0) / total,
  );
}

const close = (actual: Float64Array, expected: Float64Array) => {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, 6);
};

describe('forests of batches, merged', () => {
  const { x, classes, numbers } = mixedData(300);
  const thirds = [0, 100, 200].map((from) => batchOf(x, classes, from, from + 100));

  it('answers the mean of what the forests answer', () => {
    const forests = thirds.map(({ x: rows, y }, n) => forestOf(rows, y, 7, n));
    const merged = mergeForests(forests);
    const answers = forests.map((forest) => forest.predictProbability(x));
    close(merged.predictProbability(x), meanOf(answers, [1, 1, 1]));
    expect(merged.ensemble!.roots).toHaveLength(22);
    expect(merged.toFile().facts).toMatchObject({ trees: 21, mergedTrees: [7, 7, 7] });
  });

  it('counts a forest by its trees', () => {
    const forests = [forestOf(thirds[0]!.x, thirds[0]!.y, 2, 1), forestOf(thirds[1]!.x, thirds[1]!.y, 6, 2)];
    const answers = forests.map((forest) => forest.predictProbability(x));
    close(mergeForests(forests).predictProbability(x), meanOf(answers, [2, 6]));
  });

  it('answers the mean of numbers, within what all of them saw', () => {
    const halves = [batchOf(x, numbers, 0, 150), batchOf(x, numbers, 150, 300)];
    const forests = halves.map(({ x: rows, y }, n) => forestOf(rows, y, 5, n));
    const merged = mergeForests(forests);
    close(
      merged.predict(x),
      meanOf(
        forests.map((forest) => forest.predict(x)),
        [1, 1],
      ),
    );
    const { range } = merged.toFile().facts.ensemble as { range: [number, number] };
    expect(range).toEqual([Math.min(...numbers.values), Math.max(...numbers.values)]);
  });

  it('is the forest itself where there is one', () => {
    const forest = forestOf(x, classes, 4, 3);
    expect(mergeForests([forest]).predictProbability(x)).toEqual(forest.predictProbability(x));
  });

  it('survives its file', () => {
    const merged = mergeForests(thirds.map(({ x: rows, y }, n) => forestOf(rows, y, 3, n)));
    const { task, features, classes: names, categories } = merged;
    const shape = { task, features, classes: names, ...(categories === undefined ? {} : { categories }) };
    const read = forestAlgorithm.fromFile(merged.toFile(), shape);
    expect(read.predictProbability(x)).toEqual(merged.predictProbability(x));
    expect(merged.importance().reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('keeps the same bytes, however often', () => {
    const make = () => mergeForests(thirds.map(({ x: rows, y }, n) => forestOf(rows, y, 3, n))).toFile();
    expect(make()).toEqual(make());
  });
});

describe('batches that saw different things', () => {
  /** One question by categories: those named go left, where the class is the first of `classes`. */
  function asks(left: number[], categories: string[], classes: string[], missing: 'left' | 'right'): Model {
    return ensembleModel({
      algorithm: 'random-forest',
      task: 'classification',
      features: ['soil'],
      categories: [categories],
      classes,
      importance: Float64Array.of(1),
      link: 'none',
      ensemble: buildEnsemble({
        featureCount: 1,
        outputs: classes.length,
        categoryCounts: [categories.length],
        aggregate: 'mean',
        trees: [
          {
            feature: [0, -1, -1],
            threshold: [0, 0, 0],
            left: [1, 0, 0],
            right: [2, 0, 0],
            categories: [left, undefined, undefined],
            missingLeft: [missing === 'left', false, false],
            value: [classes, classes, classes].flatMap((_, node) =>
              classes.map((_, k) => (node === 0 ? 1 / classes.length : Number(k === node - 1))),
            ),
          },
        ],
      }),
    });
  }
  const soils = (names: string[]): FeatureMatrix => ({
    rowCount: names.length,
    names: ['soil'],
    columns: [Float64Array.from(names, (_, i) => i)],
    categories: [names],
  });

  it('puts categories and classes right by name', () => {
    const first = asks([0], ['clay', 'peat'], ['high', 'low'], 'right');
    const second = asks([1], ['loam', 'peat'], ['low', 'none'], 'left');
    const merged = mergeForests([first, second]);
    expect(merged.classes).toEqual(['high', 'low', 'none']);
    expect(merged.categories).toEqual([['clay', 'loam', 'peat']]);
    const rows = merged.predictProbability(soils(['clay', 'loam', 'peat', 'rock']));
    // By rows: first alone, second alone; what one never saw goes its way of the missing.
    expect(Array.from(rows)).toEqual([
      ...[0.5, 0.5, 0], // high; unseen, so left: low
      ...[0, 0.5, 0.5], // unseen, so right: low; loam goes right: none
      ...[0, 1, 0], // low; peat goes left: low
      ...[0, 1, 0], // unseen by both: low, low
    ]);
  });

  it.each([
    ['nothing', () => mergeForests([]), /none to merge/],
    [
      'other features',
      () => {
        const { x, classes } = mixedData(60);
        const less = { ...x, names: ['a', 'b', 'c', 'd', 'e', 'z'] };
        return mergeForests([forestOf(x, classes, 1, 1), forestOf(less, classes, 1, 1)]);
      },
      /lacks the feature "f"/,
    ],
    [
      'another task',
      () => {
        const { x, classes, numbers } = mixedData(60);
        return mergeForests([forestOf(x, classes, 1, 1), forestOf(x, numbers, 1, 1)]);
      },
      /regression, another by classification/,
    ],
    [
      'a number here and a category there',
      () => {
        const { x, classes } = mixedData(60);
        const { categories: _, ...plain } = x;
        return mergeForests([forestOf(x, classes, 3, 1), forestOf(plain, classes, 3, 1)]);
      },
      /a number in one forest and a category in another/,
    ],
    [
      'more categories than a set holds',
      () => {
        const names = (mark: string) => Array.from({ length: 150 }, (_, i) => `${mark}${i}`);
        return mergeForests([
          asks([0], names('a'), ['x', 'y'], 'left'),
          asks([0], names('b'), ['x', 'y'], 'left'),
        ]);
      },
      /"soil" has 300 categories in all, more than 255/,
    ],
  ])('refuses %s', (_, merge, message) => expect(merge).toThrow(message));
});
