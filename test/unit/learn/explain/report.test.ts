import { describe, expect, it } from 'vitest';
import type { Ensemble } from '../../../../lib/learn/ensemble/ensemble.ts';
import { limits, permutationBudget, sampleRows, shapBudget } from '../../../../lib/learn/explain/budget.ts';
import { explainRows } from '../../../../lib/learn/explain/explain-rows.ts';
import { explanationReport } from '../../../../lib/learn/explain/report.ts';
import { shapSummary } from '../../../../lib/learn/explain/summary.ts';
import { type FeatureMatrix, getTrainer, type Model, type Target } from '../../../../lib/learn/index.ts';
import { fitWith, labels, matrixOf, numbers, thrownBy, uniform } from '../support.ts';

const random = uniform(44);
const features = ['area', 'city=Oslo', 'city=Rome', 'city=Bern', 'built_year', 'built_month', 'noise'];
const rowOf = (): number[] => {
  const city = Math.floor(random() * 3);
  return [
    random() * 4 - 2,
    Number(city === 0),
    Number(city === 1),
    Number(city === 2),
    1900 + Math.floor(random() * 100),
    1 + Math.floor(random() * 12),
    random(),
  ];
};
const rows = Array.from({ length: 700 }, rowOf);
const x = matrixOf(rows, features);
const y = numbers(rows.map(([area, , rome, , year]) => 5 * area! + 4 * rome! + (year! - 1900) / 20));
const kinds = labels(
  rows.map(([area, , rome]) => Number(area! + rome! > 0.4)),
  ['no', 'yes'],
);
const steps = [
  {
    step: 'scale' as const,
    method: 'standard' as const,
    scales: [{ column: 'area', offset: 100, scale: 20 }],
  },
  { step: 'dateParts' as const, columns: ['built'], parts: ['year' as const, 'month' as const] },
  {
    step: 'encode' as const,
    method: 'onehot' as const,
    unknown: 'ignore' as const,
    encodings: [{ column: 'city', categories: ['Oslo', 'Rome', 'Bern'], missing: false }],
  },
];
const preprocessing = { steps };
const boosted = fitWith(getTrainer('gradient-boosting'), x, y, { rounds: 30 });
const options = { seed: 3, metric: 'r2', preprocessing };

describe('shapSummary', () => {
  it('is the mean |contribution|, largest first', () => {
    const model = fitWith(
      getTrainer('linear-regression'),
      matrixOf(
        [
          [0, 0],
          [4, 1],
        ],
        ['a', 'b'],
      ),
      numbers([0, 8]),
    );
    const {
      features: found,
      base,
      rows: count,
      score,
    } = shapSummary(
      model,
      matrixOf(
        [
          [0, 0],
          [4, 1],
        ],
        ['a', 'b'],
      ),
    );
    // The coefficients are of least norm after scaling: both columns carry half.
    expect(found.map(({ feature }) => feature)).toEqual(['a', 'b']);
    expect(found[0]!.mean).toBeCloseTo(2, 9);
    expect(found[1]!.mean).toBeCloseTo(2, 9);
    expect([base[0], count, score]).toEqual([expect.closeTo(4, 9), 2, 'value']);
  });

  it('sums one-hot columns of a row before it takes their size', () => {
    const origins = ['area', 'city', 'city', 'city', 'built', 'built', 'noise'];
    const { features: found } = shapSummary(boosted, x, origins);
    const { contributions } = explainRows(boosted, x);
    const place = (name: string) => boosted.features.indexOf(name);
    const originsOfModel = boosted.features.map((name) => origins[features.indexOf(name)]!);
    const again = shapSummary(boosted, x, originsOfModel);
    let sum = 0;
    for (let i = 0; i < 700; i++) {
      const parts = ['city=Oslo', 'city=Rome', 'city=Bern'].map(
        (name) => contributions[i * 7 + place(name)]!,
      );
      sum += Math.abs(parts[0]! + parts[1]! + parts[2]!);
    }
    const city = again.features.find(({ feature }) => feature === 'city')!;
    expect(city.mean).toBeCloseTo(sum / 700, 9);
    expect(found).toHaveLength(4);
  });

  it('has a size for each class, and their mean', () => {
    const three = labels(
      rows.map(([area]) => (area! > 1 ? 2 : area! > -1 ? 1 : 0)),
      ['low', 'mid', 'top'],
    );
    const model = fitWith(getTrainer('gradient-boosting'), x, three, { rounds: 5 });
    const { features: found, classes, base } = shapSummary(model, x);
    expect(classes).toEqual(['low', 'mid', 'top']);
    expect(base).toHaveLength(3);
    expect(found[0]!.feature).toBe('area');
    for (const { mean, perOutput } of found) {
      expect(mean).toBeCloseTo((perOutput[0]! + perOutput[1]! + perOutput[2]!) / 3, 12);
    }
  });

  it('is zero of no rows', () => {
    const none = { ...x, rowCount: 0, columns: x.columns.map(() => new Float64Array(0)) };
    const { features: found, rows: count } = shapSummary(boosted, none);
    expect(count).toBe(0);
    expect(found.map(({ mean }) => mean)).toEqual(new Array(7).fill(0));
  });

  it('is the same whatever the number of rows at a time: 700 rows as ten parts', () => {
    const whole = shapSummary(boosted, x);
    const means = new Map<string, number>();
    for (let from = 0; from < 700; from += 70) {
      const part = {
        ...x,
        rowCount: 70,
        columns: x.columns.map((column) => column.subarray(from, from + 70)),
      };
      for (const { feature, mean } of shapSummary(boosted, part).features) {
        means.set(feature, (means.get(feature) ?? 0) + mean / 10);
      }
    }
    for (const { feature, mean } of whole.features) expect(means.get(feature)).toBeCloseTo(mean, 9);
  });
});

describe('budgets', () => {
  it('permute all where that is little', () => {
    expect(permutationBudget(200, 10)).toEqual({ rows: 200, repeats: 5, features: 10 });
  });

  it('take fewer rows, then fewer repeats, then fewer features', () => {
    expect(permutationBudget(100_000, 10)).toEqual({ rows: 2_000, repeats: 5, features: 10 });
    expect(permutationBudget(100_000, 150)).toEqual({ rows: 300, repeats: 2, features: 150 });
    expect(permutationBudget(100_000, 5_000)).toEqual({ rows: 300, repeats: 1, features: 333 });
  });

  it('stay within the limit of predicted rows for any table', () => {
    for (const count of [1, 7, 499, 500, 501, 30_000, 1e7]) {
      for (const width of [1, 2, 59, 600, 601, 20_000]) {
        const { rows: taken, repeats, features: chosen } = permutationBudget(count, width);
        expect(taken * repeats * chosen).toBeLessThanOrEqual(limits.permutedRows);
        expect(Math.min(taken, repeats, chosen)).toBeGreaterThanOrEqual(1);
        expect(taken).toBeLessThanOrEqual(count);
        expect(chosen).toBeLessThanOrEqual(width);
      }
    }
  });

  it('explain 500 rows, fewer of large forests, all that there are of few', () => {
    const ofNodes = (nodes: number, outputs = 1): Model => {
      const ensemble = { cover: { length: nodes }, outputs, leaves: { kind: 'distribution' } };
      return { ensemble: ensemble as unknown as Ensemble } as unknown as Model;
    };
    expect(shapBudget({} as Model, 10_000)).toBe(500);
    expect(shapBudget(ofNodes(6_000), 10_000)).toBe(500);
    expect(shapBudget(ofNodes(6_000), 90)).toBe(90);
    expect(shapBudget(ofNodes(1_000_000), 10_000)).toBe(40);
    expect(shapBudget(ofNodes(1_000_000, 4), 10_000)).toBe(10);
    expect(shapBudget(ofNodes(1e9), 10_000)).toBe(limits.fewestShapRows);
  });
});

describe('sampleRows', () => {
  it('draws different rows by the seed, in their own order, with their targets', () => {
    const counting = matrixOf(Array.from({ length: 50 }, (_, i) => [i, i * 2]));
    const target = numbers(Array.from({ length: 50 }, (_, i) => i * 3));
    const sample = sampleRows(counting, target, 20, 9);
    const drawn = [...sample.x.columns[0]!];
    expect(sample.x.rowCount).toBe(20);
    expect(new Set(drawn).size).toBe(20);
    expect(drawn).toEqual(drawn.toSorted((a, b) => a - b));
    expect([...sample.x.columns[1]!]).toEqual(drawn.map((value) => value * 2));
    expect([...sample.y.values]).toEqual(drawn.map((value) => value * 3));
    expect(sampleRows(counting, target, 20, 9)).toEqual(sample);
    expect([...sampleRows(counting, target, 20, 10).x.columns[0]!]).not.toEqual(drawn);
  });

  it('keeps classes and categories, and gives all rows where there are no more', () => {
    const given: FeatureMatrix = { ...matrixOf([[0], [1], [0]]), categories: [['a', 'b']] };
    const target = labels([0, 1, 0], ['no', 'yes']);
    const { x: sampled, y: answers } = sampleRows(given, target, 2, 1);
    expect(sampled.categories).toEqual([['a', 'b']]);
    expect(answers).toMatchObject({ task: 'classification', classes: ['no', 'yes'] });
    expect(answers.values).toBeInstanceOf(Int32Array);
    expect(sampleRows(given, target, 3, 1).x).toBe(given);
  });

  it('draws each row about as often', () => {
    const counting = matrixOf(Array.from({ length: 10 }, (_, i) => [i]));
    const target = numbers(new Array(10).fill(0));
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2_000; seed++) {
      for (const value of sampleRows(counting, target, 3, seed).x.columns[0]!) counts[value]!++;
    }
    // 600 each; the standard deviation is about 20.
    expect(Math.min(...counts)).toBeGreaterThan(500);
    expect(Math.max(...counts)).toBeLessThan(700);
  });
});

describe('explanationReport', () => {
  const report = explanationReport(boosted, x, y, options);

  it('names the columns of the raw row, the important ones first', () => {
    expect(report.permutation.features.map(({ feature }) => feature).slice(0, 3)).toEqual([
      'area',
      'city',
      'built',
    ]);
    expect(report.shap!.features.map(({ feature }) => feature).slice(0, 3)).toEqual([
      'area',
      'city',
      'built',
    ]);
    expect(report.permutation.features).toHaveLength(4);
    expect(report.permutation).toMatchObject({ metric: 'r2', repeats: 5, rows: 700, of: 700, notes: [] });
    expect(report.permutation.baseline).toBeGreaterThan(0.9);
  });

  it('says of how many rows it is a sample', () => {
    expect(report.shap).toMatchObject({
      rows: 500,
      of: 700,
      notes: ['500 of 700 test rows, drawn by the seed'],
    });
    expect(report.dependence).toMatchObject({ rows: 500, of: 700 });
    expect(report.dependence.notes).toHaveLength(1);
  });

  it('has the dependence of the most important, in units of the row and names of categories', () => {
    const [area, city, built, noise] = report.dependence.features;
    expect(report.dependence.features).toHaveLength(4);
    expect(area).toMatchObject({ feature: 'area', kind: 'number', classes: [] });
    // -2 to 2 in units of 20 about 100, without 5 % at each end.
    expect(area!.labels[0]).toBeGreaterThan(60);
    expect(area!.labels[0]).toBeLessThan(68);
    expect(area!.average.at(-1)! - area!.average[0]!).toBeGreaterThan(12);
    expect(city).toMatchObject({
      feature: 'city',
      kind: 'category',
      labels: expect.arrayContaining(['Oslo', 'Rome']),
    });
    const at = (name: string) => city!.average[city!.labels.indexOf(name)]!;
    expect(at('Rome') - at('Oslo')).toBeGreaterThan(3);
    // Of a date, the part that the model uses most.
    expect(built!.feature).toBe('built_year');
    expect(noise!.feature).toBe('noise');
  });

  it('is JSON, and the same each time', () => {
    const text = JSON.stringify(report);
    expect(JSON.parse(text)).toEqual(report);
    expect(JSON.stringify(explanationReport(boosted, x, y, options))).toBe(text);
    expect(text).not.toContain('null');
  });

  it('takes columns in any order', () => {
    const turned = { ...x, names: x.names.toReversed(), columns: x.columns.toReversed() };
    expect(explanationReport(boosted, turned, y, options)).toEqual(report);
  });

  it('explains any model by permutation and dependence, and says nothing where SHAP values are not to be had', () => {
    const { linear: _, ...opaque } = fitWith(getTrainer('logistic-regression'), x, kinds);
    const found = explanationReport(opaque, x, kinds, { ...options, metric: 'roc_auc' });
    expect(found).not.toHaveProperty('shap');
    expect(found.permutation.features[0]!.feature).toBe('area');
    expect(found.dependence.features[0]).toMatchObject({ feature: 'area', classes: ['no', 'yes'] });
    const { average, labels: points } = found.dependence.features[0]!;
    expect(average).toHaveLength(2 * points.length);
  });

  it('explains a logistic regression', () => {
    const model = fitWith(getTrainer('logistic-regression'), x, kinds);
    const found = explanationReport(model, x, kinds, { ...options, metric: 'f1_macro' });
    expect(found.shap).toMatchObject({ score: 'margin', classes: ['yes'] });
    expect(found.shap!.features[0]!.feature).toBe('area');
  });

  it('shows codes of an ordinal encoding by name', () => {
    const coded = matrixOf(
      Array.from({ length: 90 }, (_, i) => [i % 3, i / 90]),
      ['grade', 'z'],
    );
    const target = numbers(Array.from({ length: 90 }, (_, i) => (i % 3) * 10));
    const model = fitWith(getTrainer('linear-regression'), coded, target);
    const ordinal = {
      step: 'encode' as const,
      method: 'ordinal' as const,
      unknown: 'ignore' as const,
      encodings: [{ column: 'grade', categories: ['poor', 'fair', 'good'], missing: false }],
    };
    const found = explanationReport(model, coded, target, {
      ...options,
      preprocessing: { steps: [ordinal] },
    });
    expect(found.dependence.features[0]).toMatchObject({
      feature: 'grade',
      kind: 'category',
      labels: ['poor', 'fair', 'good'],
    });
  });

  it('of many features lists the first, permutes those that the model uses, and says so', () => {
    const width = 700;
    const wide = matrixOf(
      Array.from({ length: 510 }, () => Array.from({ length: width }, () => Math.round(random() * 8) / 8)),
    );
    const target: Target = numbers(Array.from(wide.columns[650]!, (value) => 3 * value));
    const model = {
      algorithm: 'one',
      task: 'regression',
      features: wide.names,
      classes: [],
      predict: (m: FeatureMatrix) => m.columns[650]!.map((value) => 3 * value),
      importance: () => Float64Array.from({ length: width }, (_, j) => (j === 650 ? 1 : 0)),
    } as unknown as Model;
    const { permutation } = explanationReport(model, wide, target, {
      seed: 1,
      metric: 'rmse',
      preprocessing: { steps: [] },
    });
    expect(permutation.features[0]!.feature).toBe('f650');
    expect(permutation.features).toHaveLength(300);
    expect(permutation).toMatchObject({ repeats: 1, rows: 300, of: 510 });
    expect(permutation.notes).toEqual([
      '300 of 510 test rows, drawn by the seed',
      '1 of 5 repeats',
      'only the 333 of 700 features that the model itself uses most were permuted',
      'the first 300 of 333 features are listed',
    ]);
  });

  it('says where the trees have no covers, as those of other libraries', () => {
    const { ensemble, ...rest } = boosted;
    const bare: Model = {
      ...rest,
      ensemble: { ...ensemble!, cover: new Float32Array(ensemble!.cover.length) },
    };
    const found = explanationReport(bare, x, y, options);
    expect(found.shap!.notes.at(-1)).toContain('equally likely');
    expect(report.shap!.notes.join()).not.toContain('equally likely');
    expect(found.shap!.base).not.toEqual(report.shap!.base);
  });

  it('refuses no rows', () => {
    const none = { ...x, rowCount: 0, columns: x.columns.map(() => new Float64Array(0)) };
    expect(thrownBy(() => explanationReport(boosted, none, numbers([]), options)).code).toBe('BAD_DATA');
  });
});
