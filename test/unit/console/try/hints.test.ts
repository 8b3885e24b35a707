import { describe, expect, it } from 'vitest';
import type { Field } from '../../../../console/form/fields.ts';
import { hintOf, oddness, sharesOf } from '../../../../console/pages/try/hints.ts';

const field = (kind: Field['kind'], training?: Partial<Field['training']>): Field => ({
  name: 'x',
  kind,
  required: true,
  choices: [],
  help: '',
  initial: '',
  ...(training && { training: { name: 'x', missing: 0, distinct: 3, ...training } }),
});
const range = { minimum: 40, median: 88.12345, maximum: 1390 };

describe('what training saw, as a hint', () => {
  it.each([
    [field('number', { range }), 'Training: 40 to 1,390, half below 88.12'],
    [
      field('number', { range, missing: 0.125 }),
      'Training: 40 to 1,390, half below 88.12; 12.5\u00a0% missing',
    ],
    [
      field('date', { range: { minimum: 0, median: 86_400_000, maximum: 172_800_000 } }),
      'Training: 1970-01-01 to 1970-01-03, half below 1970-01-02',
    ],
    [field('text', { categories: [{ value: 'a', share: 1 }] }), 'Training: 3 different texts'],
    [field('choice', { categories: [{ value: 'a', share: 1 }] }), ''],
    [field('boolean', { range: { minimum: 0, median: 1, maximum: 1 } }), ''],
    [field('number'), ''],
  ])('%#', (given, text) => expect(hintOf(given)).toBe(text));

  it('says that a number lies outside of it, of numbers alone', () => {
    const number = field('number', { range });
    expect(['39.9', '40', '1390', '1391', '', 'x'].map((text) => oddness(number, text))).toEqual([
      'Below all that training saw',
      undefined,
      undefined,
      'Above all that training saw',
      undefined,
      undefined,
    ]);
    expect(oddness(field('date', { range }), '1')).toBeUndefined();
    expect(oddness(field('number'), '1')).toBeUndefined();
  });

  it('tells how often each choice was seen', () => {
    const choice = field('choice', { categories: [{ value: 'a', share: 0.75 }] });
    expect([...sharesOf(choice)]).toEqual([['a', 0.75]]);
    expect([...sharesOf(field('choice'))]).toEqual([]);
  });
});
