import { describe, expect, it } from 'vitest';
import {
  cleanStepSchema,
  dateParts,
  dropColumns,
  dropDuplicates,
  encode,
  fillMissing,
  minMaxScale,
  standardScale,
} from '../../../../lib/table/index.ts';

describe('clean steps', () => {
  it.each([
    dropColumns(['a']),
    dropDuplicates(),
    fillMissing('numeric', { strategy: 'median', indicator: true }),
    fillMissing(['a'], { strategy: 'constant', value: 'none' }),
    standardScale('all'),
    minMaxScale(['a', 'b']),
    encode('categorical'),
    encode(['g'], { method: 'ordinal', unknown: 'error', order: { g: ['lo', 'hi'] } }),
    dateParts('all'),
    dateParts(['d'], ['year', 'hour']),
  ])('$step is JSON that its schema takes unchanged', (step) => {
    expect(cleanStepSchema.parse(JSON.parse(JSON.stringify(step)))).toEqual(step);
  });

  it('encodes one-hot unless told otherwise', () => {
    expect(encode('categorical')).toEqual({ step: 'encode', columns: 'categorical', method: 'onehot' });
  });

  it.each<[string, unknown]>([
    ['an unknown step', { step: 'pca' }],
    ['an unknown word', { ...standardScale('numeric'), mean: 0 }],
    ['no columns', dropColumns([])],
    ['an unknown selector', { step: 'standard-scale', columns: 'some' }],
    ['a constant without its value', fillMissing('all', { strategy: 'constant' })],
    ['a median with a value', fillMissing('all', { strategy: 'median', value: 3 })],
    ['an infinite constant', fillMissing('all', { strategy: 'constant', value: Number.POSITIVE_INFINITY })],
    ['an order for one-hot', encode('all', { order: { a: ['x'] } })],
    ['an unknown part of a date', { step: 'date-parts', columns: 'all', parts: ['century'] }],
  ])('refuses %s', (_, step) => {
    expect(cleanStepSchema.safeParse(step).success).toBe(false);
  });
});
