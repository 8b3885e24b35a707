import { describe, expect, it } from 'vitest';
import { bytesText, clock, digits, markdownTable, times } from '../../../bench/learn/text.ts';

describe('numbers as text', () => {
  it('has three significant digits and no exponents', () => {
    expect([0.001234, 4.5678, 312.4, 15_432, 0, -0.5].map((value) => digits(value))).toEqual([
      '0.00123',
      '4.57',
      '312',
      '15432',
      '0',
      '-0.500',
    ]);
    expect(digits(0.123456, 5)).toBe('0.12346');
    expect([digits(undefined), digits(Number.NaN), digits(Number.POSITIVE_INFINITY)]).toEqual([
      '-',
      '-',
      '-',
    ]);
  });

  it('says how many times, how many bytes and how long', () => {
    expect([times(4.56), times(19.96), times(312.4), times(undefined)]).toEqual([
      '4.6x',
      '20.0x',
      '312x',
      '-',
    ]);
    expect([bytesText(0), bytesText(999), bytesText(1500), bytesText(2.5e9), bytesText(5e13)]).toEqual([
      '0 B',
      '999 B',
      '1.50 kB',
      '2.50 GB',
      '50000 GB',
    ]);
    expect([clock(0), clock(59.6), clock(125)]).toEqual(['0:00', '1:00', '2:05']);
  });
});

describe('markdownTable', () => {
  it('pads columns, and puts columns of figures to the right', () => {
    expect(
      markdownTable(
        ['who', 's'],
        [
          ['ours', '1.5'],
          ['other', '-'],
        ],
      ),
    ).toBe('| who   |   s |\n| ----- | --: |\n| ours  | 1.5 |\n| other |   - |');
  });

  it('escapes bars', () => {
    expect(markdownTable(['a'], [['x|y']])).toContain('x\\|y');
  });

  it('refuses rows that do not fit the head', () => {
    expect(() => markdownTable(['a', 'b'], [['1']])).toThrow(RangeError);
  });
});
