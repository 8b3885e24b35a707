import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../../lib/learn/evaluate.ts';
import { importanceMetric } from '../../../../lib/learn/explain/metric.ts';
import { permutationImportance } from '../../../../lib/learn/explain/permutation.ts';
import { scorerOf } from '../../../../lib/learn/explain/score.ts';
import { type FeatureMatrix, getTrainer, type Model, metricNames } from '../../../../lib/learn/index.ts';
import { fitWith, labels, matrixOf, numbers, thrownBy, uniform } from '../support.ts';

const random = uniform(8);
const rows = Array.from({ length: 200 }, () => [random(), random(), random(), random()]);
const x = matrixOf(rows, ['strong', 'weak', 'idle', 'other']);
const y = numbers(rows.map(([a, b]) => 10 * a! + b!));
const model = fitWith(getTrainer('linear-regression'), x, y);
const two = labels(
  rows.map(([a, b]) => Number(a! + 0.2 * b! > 0.6)),
  ['no', 'yes'],
);
const three = labels(
  rows.map(([a]) => Math.min(2, Math.floor(a! * 3))),
  ['low', 'mid', 'top'],
);

const importances = (given: FeatureMatrix = x, options: { seed?: number; repeats?: number } = {}) =>
  permutationImportance(model, given, y, { metric: 'rmse', seed: 1, ...options });
const byName = (found: ReturnType<typeof permutationImportance>) =>
  Object.fromEntries(found.features.map(({ feature, mean, std }) => [feature, [mean, std]]));

describe('permutationImportance', () => {
  it('is what theory says of a linear model: the squared error grows by 2 variance of the part', () => {
    const { baseline, features, rows: count } = importances(x, { repeats: 200 });
    expect(baseline).toBeLessThan(1e-9);
    expect(count).toBe(200);
    const values = x.columns[0]!.map((value) => 10 * value);
    const mean = values.reduce((sum, value) => sum + value, 0) / 200;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 200;
    expect(features[0]!.mean / Math.sqrt(2 * variance)).toBeCloseTo(1, 1);
    expect(features[0]!.mean / features[1]!.mean).toBeGreaterThan(8);
  });

  it('gives nothing to what the model does not use, and the others in the order of the model', () => {
    const { features } = importances();
    expect(features.map(({ feature }) => feature)).toEqual(['strong', 'weak', 'idle', 'other']);
    expect(Math.abs(features[2]!.mean)).toBeLessThan(1e-9);
    expect(Math.abs(features[3]!.mean)).toBeLessThan(1e-9);
  });

  it('counts the same way for metrics that rise and that fall', () => {
    for (const metric of ['rmse', 'mae', 'r2']) {
      const { features } = permutationImportance(model, x, y, { metric, seed: 3 });
      expect(features[0]!.mean).toBeGreaterThan(0.1);
      expect(features[0]!.mean).toBeGreaterThan(features[1]!.mean);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    expect(importances()).toEqual(importances());
    expect(importances(x, { seed: 2 }).features[0]!.mean).not.toBe(importances().features[0]!.mean);
  });

  it('does not depend on the order of columns', () => {
    const turned = { ...x, names: x.names.toReversed(), columns: x.columns.toReversed() };
    expect(byName(importances(turned))).toEqual(byName(importances()));
  });

  it('of a model fitted on columns in another order, gives each name its own', () => {
    const turned = { ...x, names: x.names.toReversed(), columns: x.columns.toReversed() };
    const other = fitWith(getTrainer('linear-regression'), turned, y);
    const found = byName(permutationImportance(other, turned, y, { metric: 'rmse', seed: 1 }));
    for (const [name, [mean]] of Object.entries(byName(importances()))) {
      expect(found[name]![0]).toBeCloseTo(mean!, 9);
    }
  });

  it('permutes the features of a group together: dealt apart, they would tell less', () => {
    const a = x.columns[0]!;
    const split: FeatureMatrix = {
      rowCount: 200,
      names: ['h1', 'h2'],
      columns: [a, a.map((value) => -value)],
    };
    const plus = { ...model, features: ['h1', 'h2'], predict: (m: FeatureMatrix) => sum(m, [1, 1]) } as Model;
    const zero = numbers(new Array(200).fill(0));
    const options = { metric: 'rmse', seed: 4 };
    // h1 + h2 is 0 in each row: together they stay so, apart they do not.
    const together = permutationImportance(plus, split, zero, { ...options, groups: ['h', 'h'] });
    expect(together.features).toHaveLength(1);
    expect(together.features[0]).toEqual({ feature: 'h', mean: 0, std: 0 });
    expect(permutationImportance(plus, split, zero, options).features[0]!.mean).toBeGreaterThan(0.1);
  });

  it('takes only the features that it is asked for, as it would take them among all', () => {
    const found = permutationImportance(model, x, y, { metric: 'rmse', seed: 1, only: ['weak'] });
    expect(found.features).toEqual([importances().features[1]]);
  });

  it('the deviation is that of the population over the repeats', () => {
    const one = importances(x, { repeats: 1 });
    expect(one.features.every(({ std }) => std === 0)).toBe(true);
    const many = importances(x, { repeats: 2 });
    // Of two numbers it is half their distance.
    const first = one.features[0]!.mean;
    const second = 2 * many.features[0]!.mean - first;
    expect(many.features[0]!.std).toBeCloseTo(Math.abs(first - second) / 2, 12);
  });

  it('permutes codes of categories and what is missing like any value', () => {
    const native: FeatureMatrix = {
      rowCount: 60,
      names: ['kind', 'noise'],
      columns: [
        Float64Array.from({ length: 60 }, (_, i) => (i % 4 === 3 ? Number.NaN : i % 4)),
        Float64Array.from({ length: 60 }, random),
      ],
      categories: [['a', 'b', 'c'], undefined],
    };
    const target = numbers(Array.from({ length: 60 }, (_, i) => (i % 4) * 10));
    const boosted = fitWith(getTrainer('gradient-boosting'), native, target, {
      rounds: 20,
      minSamplesLeaf: 3,
    });
    const { features } = permutationImportance(boosted, native, target, { metric: 'r2', seed: 1 });
    const [kind, noise] = features;
    expect(kind!.mean).toBeGreaterThan(0.5);
    expect(noise!.mean).toBeLessThan(0.1);
  });

  it('leaves the matrix as it was', () => {
    const before = x.columns.map((column) => [...column]);
    importances();
    expect(x.columns.map((column) => [...column])).toEqual(before);
  });

  it('refuses rows on which the metric has no meaning, and metrics of the other task', () => {
    const one = matrixOf([[1, 2, 3, 4]], x.names);
    expect(
      thrownBy(() => permutationImportance(model, one, numbers([1]), { metric: 'r2', seed: 1 })).code,
    ).toBe('BAD_DATA');
    const none = { ...x, rowCount: 0, columns: x.columns.map(() => new Float64Array(0)) };
    expect(
      thrownBy(() => permutationImportance(model, none, numbers([]), { metric: 'rmse', seed: 1 })).code,
    ).toBe('BAD_DATA');
    for (const metric of ['accuracy', 'speed']) {
      expect(thrownBy(() => permutationImportance(model, x, y, { metric, seed: 1 })).code).toBe(
        'BAD_DEFINITION',
      );
    }
  });
});

const sum = (m: FeatureMatrix, weights: number[]): Float64Array =>
  Float64Array.from({ length: m.rowCount }, (_, i) =>
    weights.reduce((total, weight, j) => total + weight * m.columns[j]![i]!, 0),
  );

describe('scorerOf gives the figures of evaluate', () => {
  const cases = [
    ['a regression', model, y],
    ['two classes', fitWith(getTrainer('logistic-regression'), x, two, { C: 0.1 }), two],
    ['three classes', fitWith(getTrainer('logistic-regression'), x, three, { C: 0.1 }), three],
  ] as const;
  const noisy: FeatureMatrix = {
    ...x,
    columns: x.columns.map((column) => column.map((value) => value + random() / 2)),
  };

  it.each(cases)('%s', (_, fitted, target) => {
    const { metrics } = evaluate(fitted, noisy, target);
    expect(Object.keys(metrics).length).toBeGreaterThanOrEqual(3);
    for (const [metric, value] of Object.entries(metrics)) {
      expect([metric, scorerOf(metric, target)(fitted, noisy)]).toEqual([metric, value]);
    }
  });

  it('refuses every metric of the other task', () => {
    const known = Object.keys(evaluate(model, x, y).metrics);
    for (const metric of metricNames) {
      const [task, other] = known.includes(metric) ? [y, two] : [two, y];
      expect(() => scorerOf(metric, task)).not.toThrow();
      expect(thrownBy(() => scorerOf(metric, other)).field).toBe('metric');
    }
  });
});

describe('importanceMetric', () => {
  const of = (task: 'classification' | 'regression', metrics: Record<string, number>, wanted?: string) =>
    importanceMetric({ task, rows: 1, metrics }, wanted);

  it('takes the wanted one where it has a meaning', () => {
    expect(of('classification', { f1_macro: 0.5, roc_auc: 0.9 }, 'f1_macro')).toBe('f1_macro');
    expect(of('classification', { accuracy: 0.5 }, 'roc_auc')).toBe('accuracy');
    expect(of('regression', { rmse: 3, mae: 1 }, 'r2')).toBe('rmse');
  });

  it('else R2, or the area under the curve', () => {
    expect(of('regression', { r2: 0.5, rmse: 1 })).toBe('r2');
    expect(of('classification', { accuracy: 1, roc_auc: 1 })).toBe('roc_auc');
  });
});
