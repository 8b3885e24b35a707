import { describe, expect, it } from 'vitest';
import { evaluate, getTrainer, type Model, type Trainer } from '../../../../lib/learn/index.ts';
import { crossValidate, kFold, stratifiedKFold, summarise } from '../../../../lib/learn/validation/index.ts';
import { rowsOfMatrix, rowsOfTarget } from '../../../../lib/learn/validation/rows.ts';
import { labels, matrixOf, numbers, thrownBy, uniform } from '../support.ts';

const random = uniform(21);
const rows = Array.from({ length: 90 }, () => [random(), random()]);
const x = matrixOf(rows);
const y = numbers(rows.map(([a, b]) => 3 * a! - b! + 0.2 * random()));
const kinds = labels(
  rows.map(([a, b]) => (a! + b! + 0.3 * random() > 1.1 ? 1 : 0)),
  ['low', 'high'],
);
const linear = getTrainer('linear-regression');
const logistic = getTrainer('logistic-regression');

/** A trainer that predicts the mean, and tells what it was given. */
function spy(seen: { rows: number; options: Record<string, unknown> }[]): Trainer {
  return {
    ...linear,
    fit(given, target, _, options) {
      seen.push({ rows: given.rowCount, options: { ...options } });
      options.onProgress?.(0.5);
      const mean = (target.values as Float64Array).reduce((sum, value) => sum + value, 0) / given.rowCount;
      const model: Partial<Model> = {
        task: 'regression',
        classes: [],
        notes: ['a note'],
        predict: (of) => new Float64Array(of.rowCount).fill(mean),
      };
      return model as Model;
    },
  };
}

describe('cross-validation', () => {
  it('gives what fitting and judging by hand on each fold gives', () => {
    const folds = kFold(90, { folds: 4, seed: 5 });
    const params = linear.parseParams({ alpha: 0.1 });
    const found = crossValidate({ trainer: linear, params, x, y, folds, seed: 1 });
    expect(found.folds).toHaveLength(4);
    for (const [n, { train, test }] of folds.entries()) {
      const model = linear.fit(rowsOfMatrix(x, train), rowsOfTarget(y, train), params, { seed: 1 });
      const { metrics } = evaluate(model, rowsOfMatrix(x, test), rowsOfTarget(y, test));
      expect(found.folds[n]).toMatchObject({ metrics, trainRows: train.length, testRows: test.length });
    }
    const values = found.folds.map(({ metrics }) => metrics.rmse!);
    const mean = values.reduce((sum, value) => sum + value, 0) / 4;
    expect(found.mean.rmse).toBeCloseTo(mean, 14);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3);
    expect(found.deviation.rmse).toBeCloseTo(deviation, 14);
  });

  it('judges classes by every metric of the task', () => {
    const folds = stratifiedKFold(kinds.values, { folds: 3, seed: 2 });
    const found = crossValidate({
      trainer: logistic,
      params: logistic.parseParams({}),
      x,
      y: kinds,
      folds,
      seed: 1,
    });
    expect(Object.keys(found.mean)).toEqual(
      expect.arrayContaining(['accuracy', 'f1_macro', 'roc_auc', 'log_loss']),
    );
    expect(found.mean.roc_auc).toBeGreaterThan(0.8);
  });

  it('keeps only the metrics asked for', () => {
    const folds = kFold(90, { folds: 3, seed: 2 });
    const given = { trainer: linear, params: linear.parseParams({}), x, y, folds, seed: 1 };
    expect(Object.keys(crossValidate({ ...given, metrics: ['mae'] }).mean)).toEqual(['mae']);
    expect(thrownBy(() => crossValidate({ ...given, metrics: ['beauty'] }))).toMatchObject({
      code: 'BAD_DEFINITION',
      field: 'metrics',
    });
  });

  it('gives each fit its rows, their weights, the seed and the threads, and never a test row', () => {
    const seen: { rows: number; options: Record<string, unknown> }[] = [];
    const folds = kFold(90, { folds: 3, seed: 8 });
    const weights = Float64Array.from({ length: 90 }, (_, i) => i + 1);
    crossValidate({ trainer: spy(seen), params: {}, x, y, folds, seed: 77, weights, threads: 2 });
    expect(seen.map(({ rows: count }) => count)).toEqual([60, 60, 60]);
    for (const [n, { options }] of seen.entries()) {
      expect(options).toMatchObject({ seed: 77, threads: 2 });
      expect([...(options.weights as Float64Array)]).toEqual(Array.from(folds[n]!.train, (row) => row + 1));
      expect(options.validation).toBeUndefined();
    }
  });

  it('passes on rows for early stopping that stand outside of all folds', () => {
    const seen: { rows: number; options: Record<string, unknown> }[] = [];
    const validation = { x, y };
    crossValidate({
      trainer: spy(seen),
      params: {},
      x,
      y,
      folds: kFold(90, { folds: 2, seed: 1 }),
      seed: 1,
      validation,
    });
    expect(seen.every(({ options }) => options.validation === validation)).toBe(true);
  });

  it('reports a share that rises to 1, and each fold as it is done', () => {
    const shares: number[] = [];
    const done: number[] = [];
    crossValidate({
      trainer: spy([]),
      params: {},
      x,
      y,
      folds: kFold(90, { folds: 2, seed: 1 }),
      seed: 1,
      onProgress: (share) => shares.push(share),
      onFold: (fold, metrics) => {
        expect(metrics.rmse).toBeGreaterThan(0);
        done.push(fold);
      },
    });
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
    expect(done).toEqual([0, 1]);
  });

  it('keeps the notes of each fit', () => {
    const found = crossValidate({
      trainer: spy([]),
      params: {},
      x,
      y,
      folds: kFold(90, { folds: 2, seed: 1 }),
      seed: 1,
    });
    expect(found.folds.map(({ notes }) => notes)).toEqual([['a note'], ['a note']]);
  });

  it('names the fold that cannot be learnt', () => {
    const lonely = labels([...new Array<number>(89).fill(0), 1], ['many', 'one']);
    const folds = [
      { train: Int32Array.of(0, 89), test: Int32Array.of(1) },
      { train: Int32Array.of(0, 1), test: Int32Array.of(89) },
    ];
    const error = thrownBy(() =>
      crossValidate({ trainer: logistic, params: logistic.parseParams({}), x, y: lonely, folds, seed: 1 }),
    );
    expect(error.code).toBe('BAD_TARGET');
    expect(error.message).toMatch(/^fold 1: /);
  });

  it('refuses no folds at all', () => {
    const none = () =>
      crossValidate({ trainer: linear, params: linear.parseParams({}), x, y, folds: [], seed: 1 });
    expect(thrownBy(none)).toMatchObject({ code: 'BAD_DEFINITION', field: 'folds' });
  });
});

describe('the summary of folds', () => {
  it('leaves out what some fold does not have', () => {
    expect(summarise([{ a: 1, b: 2 }, { a: 3 }])).toEqual({ mean: { a: 2 }, deviation: { a: Math.SQRT2 } });
  });

  it('of one fold has no spread, and of none is empty', () => {
    expect(summarise([{ a: 4 }])).toEqual({ mean: { a: 4 }, deviation: { a: 0 } });
    expect(summarise([])).toEqual({ mean: {}, deviation: {} });
  });
});

describe('some rows', () => {
  it('keep names, categories and classes, in the order asked for', () => {
    const coded = { ...x, categories: [undefined, ['a']] };
    const picked = rowsOfMatrix(coded, Int32Array.of(3, 1));
    expect(picked).toMatchObject({ rowCount: 2, names: x.names, categories: coded.categories });
    expect([...picked.columns[0]!]).toEqual([rows[3]![0], rows[1]![0]]);
    const target = rowsOfTarget(kinds, Int32Array.of(5));
    expect(target).toMatchObject({ classes: ['low', 'high'] });
    expect([...target.values]).toEqual([kinds.values[5]]);
    expect([...rowsOfTarget(y, Int32Array.of(2, 2)).values]).toEqual([y.values[2], y.values[2]]);
  });
});
