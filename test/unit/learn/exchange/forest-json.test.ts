import { RandomForestClassifier, RandomForestRegression } from 'ml-random-forest';
import { describe, expect, it } from 'vitest';
import { IntegrityError, InvalidInputError } from '../../../../lib/errors/index.ts';
import { firstAbove } from '../../../../lib/learn/exchange/float32.ts';
import {
  exportForestJson,
  importForestJson,
  NotExportableError,
  UnsupportedModelError,
} from '../../../../lib/learn/exchange/index.ts';
import type { CartNode } from '../../../../lib/learn/exchange/ml-random-forest/json.ts';
import { getTrainer, type Model } from '../../../../lib/learn/index.ts';
import { largestDifference } from './support/cases.ts';
import { grownModel } from './support/ensembles.ts';
import { ownModels } from './support/own-models.ts';

const leaf = (distribution: number | number[][]): CartNode => ({ distribution });
const asks = (
  splitColumn: number,
  splitValue: number,
  left: CartNode,
  right: CartNode,
  numberSamples?: number,
): CartNode => ({
  splitColumn,
  splitValue,
  left,
  right,
  ...(numberSamples === undefined ? {} : { numberSamples }),
});
/** What JSON.stringify(forest) gives, of trees by hand. */
const json = (roots: unknown[], over: Record<string, unknown> = {}, indexes = roots.map(() => [0, 1])) =>
  JSON.stringify({
    name: 'RFRegression',
    selectionMethod: 'mean',
    baseModel: { indexes, estimators: roots.map((root) => ({ name: 'DTRegression', options: {}, root })) },
    ...over,
  });
const classifier = { name: 'RFClassifier', selectionMethod: undefined };
const predict = (model: Model, rows: number[][]): number[] =>
  Array.from(
    model.predict({
      rowCount: rows.length,
      names: model.features,
      columns: model.features.map((_, f) => Float64Array.from(rows, (row) => row[f]!)),
    }),
  );

describe('a forest of ml-random-forest by hand', () => {
  it('asks x < t: what equals the threshold goes right; the answer is the mean', () => {
    const trees = [asks(1, 2, leaf(10), leaf(20)), asks(0, 0.5, leaf(1), leaf(3))];
    const { model, producer } = importForestJson(json(trees));
    expect(producer).toBe('ml-random-forest');
    expect(model.features).toEqual(['f0', 'f1']);
    expect(
      predict(model, [
        [0.4, 1.9],
        [0.5, 2],
        [0.6, 1],
      ]),
    ).toEqual([5.5, 11.5, 6.5]);
  });

  it('a tree that was given some columns names them by their places there', () => {
    const { model } = importForestJson(json([asks(0, 5, leaf(1), leaf(2))], {}, [[2]]));
    expect(model.features).toHaveLength(3);
    expect(
      predict(model, [
        [9, 9, 4],
        [0, 0, 6],
      ]),
    ).toEqual([1, 2]);
  });

  it('each tree has one vote: its largest share, the first of equal ones', () => {
    const trees = [leaf([[0.2, 0.8]]), leaf([[0.5, 0.5]]), leaf([[0.1, 0.9]])];
    const { model } = importForestJson(json(trees, classifier), {
      classes: ['no', 'yes'],
      features: ['x', 'y'],
    });
    const x = { rowCount: 1, names: ['x', 'y'], columns: [Float64Array.of(0), Float64Array.of(0)] };
    expect(largestDifference(model.predictProbability(x), [1 / 3, 2 / 3])).toBeLessThan(1e-7);
  });

  it('classes without names are their numbers, and may be more than the trees vote for', () => {
    const text = json([leaf([[0, 1]])], classifier);
    expect(importForestJson(text).model.classes).toEqual(['0', '1']);
    expect(importForestJson(text, { classes: ['a', 'b', 'c'] }).model.classes).toEqual(['a', 'b', 'c']);
    expect(importForestJson(json([leaf([[1, 0]])], classifier)).model.classes).toEqual(['0']);
  });

  it('rows of inner nodes are training weights: a leaf has what its sibling leaves of them', () => {
    const tree = asks(0, 5, asks(0, 1, leaf(1), leaf(2), 6), leaf(3), 10);
    const { model } = importForestJson(json([tree]));
    expect(Array.from(model.ensemble!.cover).sort((a, b) => a - b)).toEqual([3, 3, 4, 6, 10]);
    expect(model.notes.join()).not.toContain('equally likely');
  });

  it('without them every leaf counts alike, and a note says so; rows make up for it', () => {
    const text = json([asks(0, 5, leaf(1), leaf(2))]);
    expect(importForestJson(text).model.notes.join()).toContain('equally likely');
    const rows = ({ features }: { features: readonly string[] }) => ({
      rowCount: 3,
      names: features,
      columns: features.map(() => Float64Array.of(1, 2, 9)),
    });
    const { model } = importForestJson(text, { rows });
    expect(Array.from(model.ensemble!.cover)).toEqual([4, 2.5, 1.5]);
    expect(model.notes.join()).not.toContain('equally likely');
  });

  it('a tree as deep as it has rows is read', () => {
    let root = leaf(0);
    for (let depth = 0; depth < 3000; depth++) root = asks(0, -depth, root, leaf(depth));
    const { model } = importForestJson(json([root]));
    expect(
      predict(model, [
        [-0.5, 0],
        [1e6, 0],
      ]),
    ).toHaveLength(2);
    expect(model.ensemble!.roots[1]).toBe(6001);
  });

  it('many shares in a leaf need no room on the stack', () => {
    const shares = new Array<number>(60_000).fill(0);
    shares[59_999] = 1;
    const { model } = importForestJson(json([leaf([shares])], classifier));
    expect(model.classes).toHaveLength(60_000);
  });
});

describe('what is refused', () => {
  const good = asks(0, 1, leaf(1), leaf(2));

  it.each<[string, string, string]>([
    ['no JSON', '{"name":', 'JSON'],
    ['another JSON', '{"a":1}', 'name'],
    ['a list', '[]', 'it: '],
    ['nothing', '', 'JSON'],
    ['another model', json([good], { name: 'KNN' }), 'name'],
    ['no trees', json([]), 'indexes'],
    ['trees without root', json([undefined]), 'root'],
    ['a root that is a number', json([7]), 'root'],
    ['columns of fewer trees', json([good, good], {}, [[0]]), 'other columns than trees'],
    ['a column below 0', json([good], {}, [[-1]]), 'indexes'],
    [
      'a column that the tree was not given',
      json([asks(5, 1, leaf(1), leaf(2))]),
      'asks for the column 5 of its 2',
    ],
    [
      'a node without column',
      json([{ splitValue: 1, left: leaf(1), right: leaf(2) }]),
      'asks for the column undefined',
    ],
    ['a node without threshold', json([{ splitColumn: 0, left: leaf(1), right: leaf(2) }]), 'no splitValue'],
    ['a node without child', json([{ splitColumn: 0, splitValue: 1, left: leaf(1) }]), 'lacks a child'],
    ['a leaf of shares where numbers belong', json([leaf([[1, 0]])]), 'holds no number'],
    ['a leaf of a number where shares belong', json([leaf(1)], classifier), 'holds no shares'],
    ['a leaf of no shares', json([leaf([[]])], classifier), 'holds no shares'],
    ['a leaf of texts', json([leaf([['a']] as never)], classifier), 'holds no shares'],
  ])('%s', (_, text, message) => {
    let thrown: unknown;
    try {
      importForestJson(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(IntegrityError);
    expect((thrown as Error).message).toContain('the file is not a forest of ml-random-forest: ');
    expect((thrown as Error).message).toContain(message);
    expect((thrown as IntegrityError).remedy).toContain('JSON.stringify(forest)');
  });

  it('the median of trees, with what to do', () => {
    expect(() => importForestJson(json([good], { selectionMethod: 'median' }))).toThrow(
      UnsupportedModelError,
    );
    expect(() => importForestJson(json([good], { selectionMethod: 'median' }))).toThrow(
      'the median of its trees',
    );
  });

  it.each([
    [{ features: ['a'] }, 'the trees know 2 columns, and 1 different features'],
    [{ features: ['a', 'a'] }, 'and 1 different features'],
  ])('features that do not fit: %j', (options, message) => {
    expect(() => importForestJson(json([good]), options)).toThrow(message);
    expect(() => importForestJson(json([good]), options)).toThrow(InvalidInputError);
  });

  it.each([[['a']], [['a', 'a']]])('classes that do not fit: %j', (classes) => {
    const text = json([leaf([[0, 1]])], classifier);
    expect(() => importForestJson(text, { classes })).toThrow(
      'the trees vote for 2 classes, and 1 different ones',
    );
  });
});

/** Numbers with decimals, as data have them. */
const rows = Array.from({ length: 120 }, (_, i) => [((i * 37) % 101) / 10, ((i * 71) % 97) / 7]);
const columns = [0, 1].map((j) => Float64Array.from(rows, (row) => row[j]!));
const x = { rowCount: 120, names: ['a', 'b'], columns };

describe('models of ours for ml-random-forest', () => {
  const forest = (algorithm: string, task: 'regression' | 'classification') => {
    const trainer = getTrainer(algorithm);
    const y =
      task === 'regression'
        ? { task, values: columns[0]!.map((a, i) => a - columns[1]![i]!) }
        : {
            task,
            classes: ['p', 'q', 'r'],
            values: Int32Array.from(columns[0]!, (a) => (a > 7 ? 2 : a > 3 ? 1 : 0)),
          };
    return trainer.fit(x, y, trainer.parseParams({ trees: 7 }), { seed: 3 });
  };
  const reread = (model: Model) => JSON.parse(JSON.stringify(exportForestJson(model).json));

  it.each(['random-forest', 'ml-random-forest'])('%s: the library predicts the same numbers', (algorithm) => {
    const model = forest(algorithm, 'regression');
    const loaded = RandomForestRegression.load(reread(model));
    expect(largestDifference(model.predict(x), loaded.predict(rows))).toBeLessThan(1e-6);
  });

  it.each(['random-forest', 'ml-random-forest'])('%s: and the same classes, by their places', (algorithm) => {
    const model = forest(algorithm, 'classification');
    const json = reread(model);
    expect(json.classes).toEqual(['p', 'q', 'r']);
    expect(json.features).toEqual(['a', 'b']);
    const loaded = RandomForestClassifier.load(json);
    expect(loaded.predict(rows)).toEqual(Array.from(model.predict(x)));
  });

  it('what equals a threshold, or reads as it, goes left there as here; the next double goes right', () => {
    const { model } = importForestJson(json([asks(0, firstAbove(1.5), leaf(1), leaf(2))]));
    expect(predict(model, [[1.5, 0]])).toEqual([1]);
    const [estimator] = exportForestJson(model).json.baseModel.estimators;
    expect(estimator!.root.splitValue).toBe(firstAbove(1.5));
    const loaded = RandomForestRegression.load(reread(model));
    const last = 1.5 + 2 ** -24;
    expect([1.5, last, last + 2 ** -22].map((value) => Math.fround(value) <= 1.5)).toEqual([
      true,
      true,
      false,
    ]);
    expect(
      loaded.predict([
        [1.5, 0],
        [last, 0],
        [last + 2 ** -22, 0],
      ]),
    ).toEqual([1, 1, 2]);
  });

  it('thresholds part the very rows that they parted here', () => {
    const model = forest('random-forest', 'regression');
    const again = importForestJson(JSON.stringify(exportForestJson(model).json)).model;
    expect(predict(again, rows)).toEqual(predict(model, rows));
  });

  it('notes say where the library answers otherwise', () => {
    const of = (model: Model) => exportForestJson(model).notes.join();
    expect(of(forest('random-forest', 'classification'))).toContain('most trees vote for');
    expect(of(forest('ml-random-forest', 'classification'))).toBe('');
    expect(of(grownModel(5, 'none', 3, false))).toContain('sends missing values right');
  });

  it.each<[string, () => Model, string]>([
    ['boosting', () => grownModel(1, 'identity', 1, false), 'is no forest'],
    ['a linear model', ownModels['linear-regression']!, 'linear-regression is no forest'],
    ['a forest of categories', () => grownModel(1, 'none', 3), 'knows numbers alone'],
  ])('%s is refused, with what to do', (_, make, message) => {
    let thrown: unknown;
    try {
      exportForestJson(make());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(NotExportableError);
    expect((thrown as Error).message).toContain(message);
    expect((thrown as NotExportableError).remedy).toContain('ONNX');
  });
});
