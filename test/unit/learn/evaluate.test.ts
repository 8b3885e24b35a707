import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../lib/learn/evaluate.ts';
import { getTrainer } from '../../../lib/learn/trainers.ts';
import { fitWith, labels, matrixOf, numbers, thrownBy } from './support.ts';

const x = matrixOf([[1], [2], [3], [4], [5], [6]]);
const y = labels([0, 0, 0, 1, 1, 1], ['low', 'top']);
const classifier = fitWith(getTrainer('logistic-regression'), x, y);
const regressor = fitWith(getTrainer('linear-regression'), x, numbers([2, 4, 6, 8, 10, 12]));

describe('evaluate', () => {
  it('judges a classifier with its probabilities', () => {
    const found = evaluate(classifier, x, y);
    expect(found).toMatchObject({
      task: 'classification',
      rows: 6,
      classes: ['low', 'top'],
      confusion: [
        [3, 0],
        [0, 3],
      ],
    });
    expect(found.metrics).toMatchObject({ accuracy: 1, f1_macro: 1, f1_weighted: 1, roc_auc: 1 });
    expect(found.metrics.log_loss).toBeGreaterThan(0);
    expect(found).not.toHaveProperty('residuals');
  });

  it('judges a regressor with its residuals', () => {
    const found = evaluate(regressor, x, numbers([2, 4, 6, 8, 10, 13]));
    expect(found.task).toBe('regression');
    expect(found.metrics.mae).toBeCloseTo(1 / 6, 10);
    expect(found.residuals!.actual).toEqual([2, 4, 6, 8, 10, 13]);
    expect(found).not.toHaveProperty('confusion');
  });

  it('is JSON', () => {
    for (const found of [evaluate(classifier, x, y), evaluate(regressor, x, numbers([1, 2, 3, 4, 5, 6]))]) {
      expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    }
  });

  it('refuses a target of another task, other classes, another order or other rows', () => {
    const wrong = [
      numbers([1, 2, 3, 4, 5, 6]),
      labels([0, 0, 0, 1, 1, 1], ['low', 'other']),
      labels([0, 0, 0, 1, 1, 1], ['top', 'low']),
      labels([0, 0, 0, 1, 1, 2], ['low', 'top', 'upmost']),
      labels([0, 1], ['low', 'top']),
    ];
    for (const target of wrong) {
      const error = thrownBy(() => evaluate(classifier, x, target));
      expect(error.code).toBe('BAD_DATA');
      expect(error.remedy).toContain('model.classes');
    }
  });

  it('refuses no rows', () => {
    expect(thrownBy(() => evaluate(regressor, matrixOf([], ['f0']), numbers([]))).code).toBe('BAD_DATA');
  });
});
