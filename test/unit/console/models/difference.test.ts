import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../../support/seed.ts';
import { comparable, metricDifferences, verdictOf } from '../../../../console/pages/models/difference.ts';
import { metricNames } from '../../../../lib/learn/metrics/names.ts';

const verdicts = (before: Record<string, number> | undefined, after: Record<string, number>) =>
  metricDifferences(before, after).map(({ name, verdict }) => [name, verdict]);

describe('what a promotion changes', () => {
  it('is judged by the direction of each metric, the chief ones first and other rows last', () => {
    const before = { log_loss: 0.5, accuracy: 0.9, rmse: 3, profit: 10, validation_rmse: 4, mae: 1 };
    const after = { log_loss: 0.6, accuracy: 0.95, rmse: 2, profit: 20, validation_rmse: 5, mae: 1 };
    expect(verdicts(before, after)).toEqual([
      ['rmse', 'better'],
      ['mae', 'same'],
      ['accuracy', 'better'],
      ['log_loss', 'worse'],
      ['profit', 'unknown'],
      ['validation_rmse', 'worse'],
    ]);
    const [rmse] = metricDifferences(before, after);
    expect(rmse).toEqual({ name: 'rmse', before: 3, after: 2, change: -1, verdict: 'better' });
  });

  it('is unknown where one of them has no figure, or none that is a number', () => {
    expect(verdicts(undefined, { r2: 0.5 })).toEqual([['r2', 'unknown']]);
    expect(verdicts({ r2: Number.NaN, mae: 1 }, { r2: 1 })).toEqual([
      ['r2', 'unknown'],
      ['mae', 'unknown'],
    ]);
    expect(metricDifferences({ mae: 1 }, {})[0]).toMatchObject({ before: 1, after: undefined });
  });

  it('of a rollback is the opposite of the promotion, for any metric', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
    const opposite = { better: 'worse', worse: 'better', same: 'same', unknown: 'unknown' };
    fc.assert(
      fc.property(fc.constantFrom(...metricNames), value, value, (name, a, b) => {
        const [there] = metricDifferences({ [name]: a }, { [name]: b });
        const [back] = metricDifferences({ [name]: b }, { [name]: a });
        expect(back?.verdict).toBe(opposite[there?.verdict ?? 'unknown']);
      }),
    );
  });
});

describe('the sentence of a confirmation', () => {
  const said = (before: Record<string, number> | undefined, after: Record<string, number>) =>
    verdictOf(metricDifferences(before, after));

  it('is of the validation rows where one version has no figures of the test rows', () => {
    const selected = { rmse: 9, r2: 0.5, validation_rmse: 3, validation_r2: 0.7, validation_mae: 2 };
    const candidate = { validation_rmse: 4, validation_r2: 0.8, validation_mae: 2 };
    expect(said(selected, candidate)).toEqual({
      text: 'Its validation_r2 is better. 1 of 3 metrics better, 1 worse.',
      tone: 'better',
    });
    expect(comparable(metricDifferences(selected, candidate)).map(({ name }) => name)).toEqual([
      'validation_r2',
      'validation_rmse',
      'validation_mae',
    ]);
    // Where both have figures of the test rows, those alone are judged.
    expect(said(selected, { ...candidate, rmse: 10 }).text).toBe(
      'Its rmse is worse. 0 of 1 metrics better, 1 worse.',
    );
  });

  it('leads with the chief metric, and counts the rest', () => {
    expect(
      said(
        { f1_weighted: 0.9, log_loss: 1, accuracy: 0.8 },
        { f1_weighted: 0.8, log_loss: 0.5, accuracy: 0.7 },
      ),
    ).toEqual({ text: 'Its accuracy is worse. 1 of 3 metrics better, 2 worse.', tone: 'worse' });
    expect(said({ r2: 0.5 }, { r2: 0.5 })).toEqual({
      text: 'The same r2. 0 of 1 metrics better, 0 worse.',
      tone: 'same',
    });
  });

  it('says where nothing can be judged', () => {
    const none = 'The two versions have no metric in common that can be judged.';
    expect(said(undefined, { r2: 1 }).text).toBe(none);
    expect(said({ profit: 1 }, { profit: 2 }).text).toBe(none);
    expect(said({ rmse: 1 }, { cv_rmse: 2 }).text).toBe(none);
  });
});
