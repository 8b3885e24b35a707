import { describe, expect, it } from 'vitest';
import { defaultValue, parseNumericCell } from '../../../lib/table/cells.ts';
import { parseDate } from '../../../lib/table/index.ts';

const utc = (text: string) => new Date(text).getTime();

describe('parseDate', () => {
  it.each([
    ['2024-02-29', '2024-02-29T00:00:00Z'],
    ['2024-02-29T23:59', '2024-02-29T23:59:00Z'],
    ['2024-02-29 23:59:58', '2024-02-29T23:59:58Z'],
    ['2024-02-29T23:59:58.1239Z', '2024-02-29T23:59:58.123Z'],
    ['2024-02-29T00:30:00+02:00', '2024-02-28T22:30:00Z'],
    ['2024-02-29T00:30:00-0330', '2024-02-29T04:00:00Z'],
    ['0001-01-01', '0001-01-01T00:00:00Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ])('%s is %s, without a zone in UTC', (text, expected) => {
    expect(parseDate(text)).toBe(utc(expected));
  });

  it.each(['2023-02-29', '2024-13-01', '2024-00-10', '2024-01-32', '2024-01-01T24:00', '2024-01-01T10:60'])(
    '%s stands in no calendar',
    (text) => {
      expect(parseDate(text)).toBe('is not a day or time of the calendar');
    },
  );

  it.each(['', '2024', '01/02/2024', '2024-1-2', '20240102', 'today', '1700000000000'])(
    '%j is no ISO date',
    (text) => {
      expect(parseDate(text)).toMatch(/^is not an ISO date/);
    },
  );
});

describe('parseNumericCell', () => {
  it.each([
    ['true', 1],
    ['False', 0],
    ['YES', 1],
    ['no', 0],
    ['1', 1],
    [' 0 ', 0],
  ])('reads %j as the boolean %i', (text, value) => {
    expect(parseNumericCell('boolean', text)).toBe(value);
  });

  it.each(['2', 't', 'maybe', ''])('%j is no boolean', (text) => {
    expect(parseNumericCell('boolean', text)).toMatch(/^is not a boolean/);
  });

  it.each([
    ['41.0', 41],
    ['4e2', 400],
    ['-0', -0],
  ])('reads %j as the integer %d', (text, value) => {
    expect(parseNumericCell('integer', text)).toBe(value);
  });
});

describe('defaultValue', () => {
  it('is what the column would hold', () => {
    const value = (
      kind: 'number' | 'boolean' | 'date' | 'text' | 'category',
      given: string | number | boolean | null,
    ) => defaultValue({ name: 'x', kind, nullable: true, default: given });
    expect(value('number', 3)).toBe(3);
    expect(value('boolean', true)).toBe(1);
    expect(value('date', '1970-01-02')).toBe(864e5);
    expect(value('text', 'x')).toBe('x');
    expect(value('category', 2)).toBe('2');
    expect(value('number', null)).toBeUndefined();
    expect(defaultValue({ name: 'x', kind: 'number', nullable: true })).toBeUndefined();
  });
});
