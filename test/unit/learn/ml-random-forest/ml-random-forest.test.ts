import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { describe, expect, it } from 'vitest';
import { flatten, leafOf } from '../../../../lib/learn/ml-random-forest/flat-forest.ts';
import { forestParamsSchema } from '../../../../lib/learn/ml-random-forest/forest-params.ts';
import { growTree } from '../../../../lib/learn/ml-random-forest/grow-tree.ts';
import { mlRandomForest } from '../../../../lib/learn/ml-random-forest/ml-random-forest.ts';
import type { FeatureMatrix, Model } from '../../../../lib/learn/types.ts';
import { fitWith, labels, matrixOf, numbers, thrownBy, uniform } from '../support.ts';

const random = uniform(11);
const rows = Array.from({ length: 90 }, () => [random(), random() * 100, Math.round(random()), random()]);
const classes = ['alder', 'birch', 'cedar'];
const kinds = rows.map(([a, b]) => (a! > 0.7 ? 2 : b! > 50 ? 1 : 0));
const prices = rows.map(([a, b, c]) => 100 * a! + b! + 10 * c! + random());
const x = matrixOf(rows);
const test = Array.from({ length: 60 }, () => [random(), random() * 100, Math.round(random()), random()]);
const y = labels(kinds, classes);

const reload = (model: Model): Model =>
  mlRandomForest.fromFile(model.toFile(), {
    task: model.task,
    features: model.features,
    classes: model.classes,
  });

describe("the flat walk gives the library's own answers, tree by tree", () => {
  const params = forestParamsSchema.parse({ trees: 12, maxFeatures: 0.75 });

  it.each([
    ['classification', y],
    ['regression', numbers(prices)],
  ] as const)('%s', (_, target) => {
    const data = Float64Array.from(test.flat());
    for (let index = 0; index < params.trees; index++) {
      const { shape, library } = growTree(x, target, params, { seed: 5, index });
      const forest = flatten([shape]);
      const walked = test.map((_, i) => forest.value[leafOf(forest, 0, data, i * 4)]);
      expect(walked).toEqual(library.predict(test));
    }
  });

  it('and the forest is those trees: votes for classes, means for numbers', () => {
    const grown = Array.from({ length: 12 }, (_, index) => growTree(x, y, params, { seed: 5, index }));
    const model = fitWith(mlRandomForest, x, y, { trees: 12, maxFeatures: 0.75 }, 5);
    const probabilities = model.predictProbability(matrixOf(test));
    const votes = grown.map(({ library }) => library.predict(test));
    for (let i = 0; i < test.length; i++) {
      const shares = classes.map((_, k) => votes.filter((tree) => tree[i] === k).length / 12);
      expect([...probabilities.subarray(i * 3, i * 3 + 3)]).toEqual(shares);
    }
  });
});

describe('traps of ml-random-forest', () => {
  it('trap: its predictProbability loses the first tree; ours counts every vote', () => {
    const two = labels(
      kinds.map((k) => Math.min(k, 1)),
      ['a', 'b'],
    );
    const theirs = new RandomForestClassifier({ nEstimators: 1, seed: 1, noOOB: true } as never);
    theirs.train(rows, [...two.values]);
    const [first] = theirs.predict([rows[0]!]);
    // One tree, one vote, and the library answers the class's index instead of a probability of 1.
    const answer = (
      theirs as unknown as { predictProbability(r: number[][], k: number): number[] }
    ).predictProbability([rows[0]!], first!);
    expect(answer[0]).toBeLessThan(1e-5);
    const ours = fitWith(mlRandomForest, x, two, { trees: 1 });
    const probabilities = ours.predictProbability(x);
    expect(new Set(probabilities)).toEqual(new Set([0, 1]));
    for (const [i, k] of ours.predict(x).entries()) expect(probabilities[i * 2 + k]).toBe(1);
  });

  it('trap: it throws where a row is in every bag; ours trains on one row and on two', () => {
    const theirs = new RandomForestRegression({ nEstimators: 1, seed: 1 } as never);
    expect(() => theirs.train([[1]], [1])).toThrow();
    const one = fitWith(mlRandomForest, matrixOf([[1]]), numbers([7]), { trees: 3 });
    expect([...one.predict(matrixOf([[5]]))]).toEqual([7]);
    const two = fitWith(mlRandomForest, matrixOf([[1], [2]]), labels([0, 1], ['a', 'b']), { trees: 5 });
    expect(two.predictProbability(matrixOf([[1]])).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });

  it('trap: its maxFeatures 1 means all; ours means one column a tree', () => {
    const theirs = new RandomForestClassifier({
      nEstimators: 1,
      seed: 1,
      maxFeatures: 1,
      noOOB: true,
    } as never);
    theirs.train(rows, kinds);
    expect((theirs as unknown as { n: number }).n).toBe(4);
    expect(columnsOfTrees(fitWith(mlRandomForest, x, y, { trees: 20, maxFeatures: 1 }))).toEqual(
      Array(20).fill(1),
    );
  });

  it('maxFeatures is translated: all, sqrt, log2, a share, a count', () => {
    const cells = Array.from({ length: 150 }, () => Array.from({ length: 9 }, () => random()));
    const wide = matrixOf(cells);
    const sums = numbers(cells.map((row) => row.reduce((sum, value) => sum + value, 0)));
    const most = (maxFeatures: unknown): number =>
      Math.max(...columnsOfTrees(fitWith(mlRandomForest, wide, sums, { trees: 4, maxFeatures })));
    expect(most('all')).toBe(9);
    expect(most('sqrt')).toBe(3);
    expect(most('log2')).toBe(3);
    expect(most(0.45)).toBe(4);
    expect(most(0.001)).toBe(1);
    expect(most(2)).toBe(2);
    const error = thrownBy(() => most(10));
    expect(error).toMatchObject({ code: 'BAD_DEFINITION', field: 'maxFeatures' });
  });

  it('trap: text labels throw there; ours carries class names beside indices', () => {
    expect(() =>
      new RandomForestClassifier({ nEstimators: 1, noOOB: true } as never).train(
        rows,
        kinds.map((k) => classes[k]!) as never,
      ),
    ).toThrow();
    const model = fitWith(mlRandomForest, x, y, { trees: 5 });
    expect(model.classes).toEqual(classes);
    expect(new Set(model.predict(x))).toEqual(new Set([0, 1, 2]));
  });

  it('trap: its maxSamples takes the first rows; ours draws them from all', () => {
    const params = forestParamsSchema.parse({ maxSamples: 20 });
    const drawn = Array.from({ length: 10 }, (_, index) => growTree(x, y, params, { seed: 1, index }).sample);
    for (const sample of drawn) expect(sample).toHaveLength(20);
    expect(new Set(drawn.flatMap((sample) => [...sample])).size).toBeGreaterThan(70);
    const without = forestParamsSchema.parse({ maxSamples: 0.5, bootstrap: false });
    const { sample } = growTree(x, y, without, { seed: 1, index: 0 });
    expect(new Set(sample).size).toBe(45);
    expect(Math.max(...sample)).toBeGreaterThan(60);
    expect(thrownBy(() => fitWith(mlRandomForest, x, y, { maxSamples: 91 }))).toMatchObject({
      field: 'maxSamples',
    });
  });

  it('trap: it tries idle questions among equal values; ours stands the rows class by class, in an order of the tree', () => {
    const params = forestParamsSchema.parse({});
    const orders = Array.from({ length: 12 }, (_, index) => {
      const { sample } = growTree(x, y, params, { seed: 3, index });
      return String(Array.from(sample, (row) => y.values[row]).filter((k, i, all) => k !== all[i - 1]));
    });
    for (const order of orders) expect(order.split(',').sort().join()).toBe('0,1,2');
    expect(new Set(orders).size).toBeGreaterThan(1);
  });

  it('and finds the one 0/1 column that tells the classes apart, whichever class is larger', () => {
    for (const share of [0.1, 0.5, 0.9]) {
      const flags = Array.from({ length: 60 }, (_, i) => [
        random() < 0.5 ? 1 : 0,
        i < 60 * share ? 1 : 0,
        random() < 0.5 ? 1 : 0,
      ]);
      const told = labels(
        flags.map(([, flag]) => flag!),
        ['no', 'yes'],
      );
      const model = fitWith(mlRandomForest, matrixOf(flags), told, { trees: 15, maxFeatures: 'all' });
      expect([...model.predict(matrixOf(flags))]).toEqual([...told.values]);
      expect(model.importance()[1]).toBeGreaterThan(0.95);
    }
  });

  it('trap: its importance is lost on load; ours is in the file', () => {
    const theirs = new RandomForestRegression({ nEstimators: 3, seed: 1, noOOB: true } as never);
    theirs.train(rows, prices);
    const loaded = RandomForestRegression.load(JSON.parse(JSON.stringify(theirs)));
    const importance = (loaded as unknown as { featureImportance(): number[] }).featureImportance.bind(
      loaded,
    );
    expect(lost(importance)).toBe(true);
    const model = fitWith(mlRandomForest, x, numbers(prices), { trees: 5 });
    expect(model.importance()[0]).toBeGreaterThan(0.2);
    expect(reload(model).importance()).toEqual(model.importance());
  });

  it('trap: its importance is NaN where a tree has no question; ours stays a number', () => {
    const model = fitWith(
      mlRandomForest,
      x,
      labels(
        kinds.map(() => 1),
        ['a', 'b'],
      ),
      { trees: 3 },
    );
    expect([...model.importance()]).toEqual([0, 0, 0, 0]);
    expect([...model.predict(x)].every((k) => k === 1)).toBe(true);
  });

  it('trap: a regression that one question answers is refused there; ours asks it', () => {
    const step = Array.from({ length: 20 }, (_, i) => [i, 20 - i]);
    const target = step.map(([i]) => (i! < 10 ? -3 : 8));
    const theirs = new RandomForestRegression({
      nEstimators: 1,
      seed: 1,
      noOOB: true,
      useSampleBagging: false,
    } as never);
    theirs.train(step, target);
    expect(theirs.predict(step)[0]).toBeCloseTo(2.5, 9);
    const ours = fitWith(mlRandomForest, matrixOf(step), numbers(target), { trees: 4, bootstrap: false });
    expect([...ours.predict(matrixOf(step))]).toEqual(target);
    expect(ours.importance().reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('trap: time grows with the square of rows, so too much is refused before any work, with what would fit', () => {
    const params = mlRandomForest.parseParams({ trees: 100 });
    const error = thrownBy(() => mlRandomForest.checkSize(20_640, 9, params, 'regression'));
    expect(error.code).toBe('TRAINING_TOO_LARGE');
    expect(error.message).toMatch(/20640 rows x 9 columns x 100 trees would take up to 128 minutes/);
    expect(error.remedy).toMatch(/maxSamples: \d+` or `trees: 7`/);
    const fitting = Number(/maxSamples: (\d+)/.exec(error.remedy!)![1]);
    expect(() =>
      mlRandomForest.checkSize(20_640, 9, { ...params, maxSamples: fitting }, 'regression'),
    ).not.toThrow();
    expect(() =>
      mlRandomForest.checkSize(20_640, 9, { ...params, maxSamples: fitting + 20 }, 'regression'),
    ).toThrow();
  });

  it('lets the two pipelines of real data through, and refuses the large files', () => {
    const check =
      (rowCount: number, columns: number, trees: number, task: 'classification' | 'regression') => () =>
        mlRandomForest.checkSize(rowCount, columns, mlRandomForest.parseParams({ trees }), task);
    expect(check(666, 50, 100, 'classification')).not.toThrow();
    expect(check(2_930, 3, 50, 'regression')).not.toThrow();
    expect(check(2_930, 3, 100, 'regression')).not.toThrow();
    expect(check(92_962, 54, 10, 'classification')).toThrow(/grows with the square/);
    expect(check(101_766, 100, 1, 'classification')).toThrow(/grows with the square/);
  });

  it('fit refuses too', () => {
    const many: FeatureMatrix = { rowCount: 200_000, names: ['a'], columns: [new Float64Array(200_000)] };
    const target = numbers([]);
    const error = thrownBy(() =>
      fitWith(mlRandomForest, many, { ...target, values: new Float64Array(200_000) } as never, { trees: 10 }),
    );
    expect(error.code).toBe('TRAINING_TOO_LARGE');
  });
});

/** How many different columns each tree asks. */
function columnsOfTrees(model: Model): number[] {
  const { treeStarts, feature } = model.toFile().sections;
  return Array.from({ length: treeStarts!.length - 1 }, (_, t) => {
    const asked = [...feature!.subarray(treeStarts![t]!, treeStarts![t + 1]!)].filter(
      (column) => column >= 0,
    );
    return new Set(asked).size;
  });
}

function lost(importance: () => number[]): boolean {
  try {
    return importance().some((share) => !Number.isFinite(share));
  } catch {
    return true;
  }
}

describe('ml-random-forest', () => {
  it('gives the same parts for the same seed, and others for another', () => {
    const train = (seed: number) => fitWith(mlRandomForest, x, y, { trees: 6 }, seed).toFile();
    expect(train(1)).toEqual(train(1));
    expect(train(1)).not.toEqual(train(2));
  });

  it('keeps tree i whatever the number of trees', () => {
    const small = fitWith(mlRandomForest, x, y, { trees: 3 }).toFile().sections;
    const large = fitWith(mlRandomForest, x, y, { trees: 8 }).toFile().sections;
    expect(large.value!.subarray(0, small.value!.length)).toEqual(small.value);
    expect(large.feature!.subarray(0, small.feature!.length)).toEqual(small.feature);
  });

  it('learns: better on new rows than the majority by far, and the right columns matter', () => {
    const model = fitWith(mlRandomForest, x, y, { trees: 30, maxFeatures: 'all' });
    const truth = test.map(([a, b]) => (a! > 0.7 ? 2 : b! > 50 ? 1 : 0));
    const hits = model.predict(matrixOf(test)).filter((k, i) => k === truth[i]).length;
    expect(hits / test.length).toBeGreaterThan(0.9);
    const [first, second, third, fourth] = model.importance();
    expect(first! + second!).toBeGreaterThan(0.85);
    expect(third! + fourth!).toBeLessThan(0.15);
  });

  it('obeys maxDepth and minSamplesSplit', () => {
    const nodes = (params: Record<string, unknown>): number =>
      fitWith(mlRandomForest, x, numbers(prices), { trees: 2, ...params }).toFile().facts.nodes as number;
    expect(nodes({ maxDepth: 1 })).toBe(6);
    expect(nodes({ minSamplesSplit: 40 })).toBeLessThan(nodes({ minSamplesSplit: 10 }));
    expect(nodes({ minSamplesSplit: 1_000 })).toBe(2);
  });

  it('reports its progress tree by tree', () => {
    const shares: number[] = [];
    mlRandomForest.fit(x, y, mlRandomForest.parseParams({ trees: 4 }), {
      seed: 1,
      onProgress: (share) => shares.push(share),
    });
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('names columns with missing values, at fit and at prediction', () => {
    const holed = matrixOf(
      [
        [1, 2],
        [Number.NaN, 3],
      ],
      ['area', 'age'],
    );
    expect(thrownBy(() => fitWith(mlRandomForest, holed, numbers([1, 2])))).toMatchObject({
      code: 'MISSING_VALUES',
      details: { columns: ['area'] },
    });
    const model = fitWith(
      mlRandomForest,
      matrixOf(
        [
          [1, 2],
          [2, 3],
        ],
        ['area', 'age'],
      ),
      numbers([1, 2]),
      { trees: 2 },
    );
    expect(thrownBy(() => model.predict(holed)).code).toBe('MISSING_VALUES');
  });

  it('refuses other columns, or the same in another order', () => {
    const model = fitWith(
      mlRandomForest,
      matrixOf(
        [
          [1, 2],
          [2, 3],
        ],
        ['area', 'age'],
      ),
      numbers([1, 2]),
      { trees: 2 },
    );
    expect(thrownBy(() => model.predict(matrixOf([[1, 2]], ['age', 'area'])))).toMatchObject({
      code: 'FEATURE_MISMATCH',
      field: 'age',
    });
    expect(thrownBy(() => model.predict(matrixOf([[1]], ['area']))).code).toBe('FEATURE_MISMATCH');
  });

  it('names a wrong parameter, and refuses a seed that is none', () => {
    for (const [field, params] of Object.entries({
      trees: { trees: 0 },
      maxFeatures: { maxFeatures: 1.5 },
      maxSamples: { maxSamples: -1 },
      nEstimators: { nEstimators: 5 },
    })) {
      expect(thrownBy(() => mlRandomForest.parseParams(params)).field).toBe(field);
    }
    expect(thrownBy(() => fitWith(mlRandomForest, x, y, { trees: 1 }, 1.5)).field).toBe('seed');
    expect(thrownBy(() => fitWith(mlRandomForest, x, y, { trees: 1 }, -1)).field).toBe('seed');
  });

  it('has no probabilities for numbers', () => {
    const model = fitWith(mlRandomForest, x, numbers(prices), { trees: 1 });
    expect(thrownBy(() => model.predictProbability(x)).code).toBe('BAD_DEFINITION');
  });
});
