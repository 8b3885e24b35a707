import { describe, expect, it } from 'vitest';
import { numberIn, numberStyles } from '../../../../bin/local-train/readings/number-text.ts';

const point = { kind: 'number', decimal: '.' } as const;
const comma = { kind: 'number', decimal: ',' } as const;

describe('numbers as people write them', () => {
  it.each([
    ['1,234', 1234],
    ['1,234,567.5', 1_234_567.5],
    ['-1,234', -1234],
    ['(1,234.50)', -1234.5],
    ['1 234 567', 1_234_567],
    ['1\u00a0234', 1234],
    ["1'234.5", 1234.5],
    ['12', 12],
    ['−5', -5],
    ['+0.25', 0.25],
    ['1,23', Number.NaN],
    ['0,234', Number.NaN],
    ['1,2345', Number.NaN],
    ['1,234 567', Number.NaN],
    ['12,34,567', Number.NaN],
    ['--5', Number.NaN],
    ['(-5)', Number.NaN],
    ['', Number.NaN],
    ['abc', Number.NaN],
    ['18-25', Number.NaN],
    ['1.2.3', Number.NaN],
    ['A1', Number.NaN],
  ])('point before the fraction: %j is %j', (text, value) => {
    expect(numberIn(text, point)).toBe(value);
  });

  it.each([
    ['1,5', 1.5],
    ['1.234,5', 1234.5],
    ['1.234.567', 1_234_567],
    ['0,125', 0.125],
    ['1.5', Number.NaN],
    ['1,234,567', Number.NaN],
  ])('comma before the fraction: %j is %j', (text, value) => {
    expect(numberIn(text, comma)).toBe(value);
  });

  it('with the currency and unit of its column, or none; no other', () => {
    const money = { ...point, currency: '$' };
    expect(
      ['$1,234.50', '-$5', '$-5', '5', '5 $', '€5', '$5 %'].map((text) => numberIn(text, money)),
    ).toEqual([1234.5, -5, -5, 5, 5, Number.NaN, Number.NaN]);
    const percent = { ...point, unit: '%' };
    expect(['12%', '12.5 %', '-3%', '7', '7 km'].map((text) => numberIn(text, percent))).toEqual([
      12,
      12.5,
      -3,
      7,
      Number.NaN,
    ]);
    expect(numberIn('1,248 CC', { ...point, unit: 'CC' })).toBe(1248);
  });

  it('multiples', () => {
    const style = { ...point, multiples: true };
    expect(['1.5k', '2M', '3 B', '7', '4x'].map((text) => numberIn(text, style))).toEqual([
      1500,
      2e6,
      3e9,
      7,
      Number.NaN,
    ]);
  });

  it('hours of the day', () => {
    const clock = { kind: 'number', clock: true } as const;
    expect(
      ['13:45', '7:05 PM', '12:00 am', '12:30pm', '00:00:36', '13:65', '9', 'noon'].map((text) =>
        numberIn(text, clock),
      ),
    ).toEqual([13.75, 19 + 5 / 60, 0, 12.5, 0.01, Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('the styles of a column', () => {
  const around = (texts: string[]) => numberStyles(texts)[0];
  it('takes one currency and one unit', () => {
    expect(around(['$5', '$1,000', '7'])).toEqual({ ...point, currency: '$' });
    expect(around(['5 %', '6%'])).toEqual({ ...point, unit: '%' });
    expect(around(['R$ 5', 'R$ 6'])).toEqual({ ...point, currency: 'R$' });
    expect(around(['10,000+', '5+'])).toEqual({ ...point, unit: '+' });
    expect(around(['1k', '2M'])).toEqual({ ...point, multiples: true });
  });

  it('amounts in several units or currencies do not compare', () => {
    for (const texts of [
      ['5 km', '6 miles'],
      ['$5', '€6'],
      ['2 years', '3 months'],
    ]) {
      expect(numberStyles(texts)).toEqual([{ kind: 'number', clock: true }]);
    }
  });
});
