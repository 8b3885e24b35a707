import { describe, expect, it } from 'vitest';
import { progressLabel } from '../../../console/pages/run/progress-label.ts';
import { counted, grouped } from '../../../lib/table/counted.ts';

describe('a count', () => {
  it.each([
    [0, '0 rows'],
    [1, '1 row'],
    [2, '2 rows'],
    [999, '999 rows'],
    [1_000, '1,000 rows'],
    [1_000_001, '1,000,001 rows'],
  ])('of %i reads %s', (count, text) => {
    expect(counted(count, 'row')).toBe(text);
  });

  it('has the plural that it is given', () => {
    expect([1, 12_345].map((count) => counted(count, 'category', 'categories'))).toEqual([
      '1 category',
      '12,345 categories',
    ]);
    expect(counted(1, 'cell was', 'cells were')).toBe('1 cell was');
    expect(grouped(1_234_567)).toBe('1,234,567');
  });

  it('on the page of a run is of what its Map works on', () => {
    expect(progressLabel({ done: 3, total: 20 }, {})).toBe('Training, 3 of 20 done');
    const batch = { 'batch.chunks': '1' };
    expect(progressLabel({ done: 0, total: 1 }, batch)).toBe('Predicting, 0 of 1 chunk done');
    expect(progressLabel({ done: 1_000, total: 1_200 }, batch)).toBe(
      'Predicting, 1,000 of 1,200 chunks done',
    );
  });
});
