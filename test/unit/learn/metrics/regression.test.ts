import { describe, expect, it } from 'vitest';
import { evaluateRegression } from '../../../../lib/learn/evaluate.ts';
import { metricDirection, metricNames } from '../../../../lib/learn/metrics/names.ts';
import { classificationReport } from '../../../../lib/learn/report/text.ts';
import { sklearnCases, thrownBy } from '../support.ts';

interface Case {
  name: string;
  truth: number[];
  predicted: number[];
  expected: Record<string, number>;
}

describe('regression metrics agree with scikit-learn to 1e-9', () => {
  it.each(sklearnCases<Case>('regression'))('$name', ({ truth, predicted, expected }) => {
    const { metrics } = evaluateRegression(Float64Array.from(truth), Float64Array.from(predicted));
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected)) {
      const scale = Math.max(1, Math.abs(value));
      expect(Math.abs(metrics[name]! - value) / scale, name).toBeLessThan(1e-9);
    }
  });
});

describe('evaluateRegression', () => {
  it('samples the residuals evenly and says of how many', () => {
    const truth = Float64Array.from({ length: 4_500 }, (_, i) => i);
    const { residuals, rows } = evaluateRegression(
      truth,
      truth.map((value) => value + 1),
    );
    expect(rows).toBe(4_500);
    expect(residuals!.of).toBe(4_500);
    expect(residuals!.actual).toHaveLength(1_500);
    expect(residuals!.actual.slice(0, 3)).toEqual([0, 3, 6]);
    expect(residuals!.predicted.slice(0, 3)).toEqual([1, 4, 7]);
  });

  it('keeps every residual of a small set', () => {
    const { residuals } = evaluateRegression(Float64Array.of(1, 2), Float64Array.of(3, 4));
    expect(residuals).toEqual({ of: 2, actual: [1, 2], predicted: [3, 4] });
  });

  it('refuses no rows', () => {
    expect(() => evaluateRegression(new Float64Array(), new Float64Array())).toThrow(/no row to evaluate/);
  });

  it('has a report of its figures', () => {
    const report = classificationReport(
      evaluateRegression(Float64Array.of(1, 2, 4), Float64Array.of(1, 3, 3)),
    );
    expect(report.split('\n').map((line) => line.trim().split(/\s+/))).toEqual([
      ['r2', '0.57142857'],
      ['rmse', '0.81649658'],
      ['mae', '0.66666667'],
      [''],
    ]);
  });
});

describe('metric names', () => {
  it('holds the names of the design', () => {
    for (const name of [
      'accuracy',
      'precision_weighted',
      'recall_weighted',
      'f1_weighted',
      'f1_macro',
      'roc_auc',
      'log_loss',
      'r2',
      'rmse',
      'mae',
    ]) {
      expect(metricNames).toContain(name);
    }
  });

  it('says that losses and errors are to fall, and the rest to rise', () => {
    expect(metricNames.filter((name) => metricDirection(name) === 'minimize')).toEqual([
      'log_loss',
      'rmse',
      'mae',
    ]);
  });

  it('refuses another name and lists the known ones', () => {
    const error = thrownBy(() => metricDirection('f1'));
    expect(error.code).toBe('BAD_DEFINITION');
    expect(error.remedy).toContain('f1_weighted');
  });
});
