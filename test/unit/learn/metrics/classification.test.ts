import { describe, expect, it } from 'vitest';
import { evaluateClassification } from '../../../../lib/learn/evaluate.ts';
import { scorerOf } from '../../../../lib/learn/explain/score.ts';
import type { Model } from '../../../../lib/learn/index.ts';
import { classificationReport } from '../../../../lib/learn/report/text.ts';
import { sklearnCases, uniform } from '../support.ts';

interface Case {
  name: string;
  classes: string[];
  truth: number[];
  predicted: number[];
  probabilities?: number[][];
  expected: Record<string, number>;
  perClass: { precision: number[]; recall: number[]; f1: number[]; support: number[] };
  confusion: number[][];
  report: string;
}
const cases = sklearnCases<Case>('classification');

describe('classification metrics agree with scikit-learn to 1e-9', () => {
  it.each(cases)('$name', (given) => {
    const probabilities = given.probabilities && Float64Array.from(given.probabilities.flat());
    const found = evaluateClassification(given.classes, given.truth, given.predicted, probabilities);
    expect(Object.keys(found.metrics).sort()).toEqual(Object.keys(given.expected).sort());
    for (const [name, value] of Object.entries(given.expected)) {
      expect(Math.abs(found.metrics[name]! - value), name).toBeLessThan(1e-9);
    }
    expect(found.confusion).toEqual(given.confusion);
    for (const of of ['precision', 'recall', 'f1', 'support'] as const) {
      for (const [k, value] of given.perClass[of].entries()) {
        expect(Math.abs(found.perClass![k]![of] - value), `${of} of ${given.classes[k]}`).toBeLessThan(1e-9);
      }
    }
  });
});

describe("the report is scikit-learn's to the character", () => {
  it.each(cases)('$name', (given) => {
    const found = evaluateClassification(given.classes, given.truth, given.predicted);
    // Where no row at all is right, scikit-learn's counts turn into floats ("1.0") by accident; ours stay counts.
    expect(classificationReport(found)).toBe(given.report.replaceAll(/(\d+)\.0$/gm, '  $1'));
  });

  it('and only the cases without any hit needed that allowance', () => {
    const floats = cases.filter(({ report }) => /\d\.0$/m.test(report));
    expect(floats.map(({ expected }) => expected.accuracy)).toEqual([0, 0]);
  });
});

it('the fixtures hold what the agreement is claimed for', () => {
  const names = cases.map(({ name }) => name).join('; ');
  for (const what of ['binary', 'ties', 'absent from the truth', 'zero division', 'single row']) {
    expect(names).toContain(what);
  }
  expect(cases.some(({ classes }) => classes.length === 7)).toBe(true);
});

describe('evaluateClassification', () => {
  it('leaves out the figures that have no meaning on one class', () => {
    const found = evaluateClassification(['a', 'b'], [1], [1], Float64Array.of(0.25, 0.75));
    expect(found.metrics).not.toHaveProperty('roc_auc');
    expect(found.metrics.log_loss).toBeCloseTo(-Math.log(0.75), 12);
  });

  it('gives no weighted AUC for two classes, where it would repeat the plain one', () => {
    const found = evaluateClassification(['a', 'b'], [0, 1], [0, 1], Float64Array.of(0.9, 0.1, 0.2, 0.8));
    expect(found.metrics.roc_auc).toBe(1);
    expect(found.metrics).not.toHaveProperty('roc_auc_weighted');
  });

  it('weighs the AUC of each class that occurs by its rows, and leaves out the others', () => {
    // Class 0 (2 rows) 3 of 4 pairs and half a tie; class 1 (1 row) all 3; class 2 (1 row) 1 of 3 and half a tie; class 3 has no row.
    const probabilities = [
      [0.5, 0.1, 0.2, 0.2],
      [0.3, 0.2, 0.4, 0.1],
      [0.3, 0.6, 0.1, 0],
      [0.2, 0.4, 0.2, 0.2],
    ];
    const found = evaluateClassification(
      ['a', 'b', 'c', 'd'],
      [0, 0, 1, 2],
      [0, 2, 1, 1],
      Float64Array.from(probabilities.flat()),
    );
    const [a, b, c] = [3.5 / 4, 3 / 3, 1.5 / 3];
    expect(found.metrics.roc_auc).toBeCloseTo((a + b + c) / 3, 15);
    expect(found.metrics.roc_auc_weighted).toBeCloseTo((2 * a + b + c) / 4, 15);
  });

  it('gives each metric alone as it gives all, among 300 classes with ties', () => {
    const [rows, count] = [900, 300];
    const random = uniform(5);
    const classes = Array.from({ length: count }, (_, k) => `k${k}`);
    const values = Int32Array.from({ length: rows }, () => Math.floor(random() * count));
    const shares = Float64Array.from({ length: rows * count }, (_, i) => {
      const own = i % count === values[Math.floor(i / count)];
      return Math.floor(random() * 8 + (own ? 3 : 0)) / 10;
    });
    const predicted = values.map((value, i) => (i % 3 === 0 ? (value + 1) % count : value));
    const all = evaluateClassification(classes, values, predicted, shares).metrics;
    const model = { predict: () => predicted, predictProbability: () => shares } as unknown as Model;
    const x = { rowCount: rows, names: [], columns: [] };
    expect(Object.keys(all)).toHaveLength(10);
    for (const [metric, value] of Object.entries(all)) {
      expect(scorerOf(metric, { task: 'classification', classes, values })(model, x), metric).toBe(value);
    }
    // Of scores 0 to 0.7 against 0.3 to 1, in tenths: 49 of 64 pairs won and 5 tied.
    expect(all.roc_auc).toBeGreaterThan(51.5 / 64 - 0.02);
    expect(all.roc_auc).toBeLessThan(51.5 / 64 + 0.02);
  });

  it('keeps a class named __proto__ as a class', () => {
    const found = evaluateClassification(['__proto__', 'a'], [0, 1, 0], [0, 0, 0]);
    expect(found.perClass!.map(({ name, support }) => [name, support])).toEqual([
      ['__proto__', 2],
      ['a', 1],
    ]);
    expect(classificationReport(found)).toContain('   __proto__       0.67      1.00      0.80         2\n');
  });

  it('survives JSON unchanged, so that the report can be written from the artifact', () => {
    const { classes, truth, predicted, report } = cases[2]!;
    const found = evaluateClassification(classes, truth, predicted);
    expect(classificationReport(JSON.parse(JSON.stringify(found)))).toBe(report);
  });

  it('refuses no rows', () => {
    expect(() => evaluateClassification(['a', 'b'], [], [])).toThrow(/no row to evaluate/);
  });
});
