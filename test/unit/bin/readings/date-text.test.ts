import { describe, expect, it } from 'vitest';
import { type DateOrder, dateIn } from '../../../../bin/local-train/readings/date-text.ts';

const iso = (text: string, order: DateOrder) => {
  const value = dateIn(text, order);
  return Number.isNaN(value) ? undefined : new Date(value).toISOString().replace(':00.000Z', '');
};

describe('dates as people write them', () => {
  it.each<[string, DateOrder, string | undefined]>([
    ['12/31/2020', 'month-first', '2020-12-31T00:00'],
    ['1/2/2020', 'month-first', '2020-01-02T00:00'],
    ['1/2/2020', 'day-first', '2020-02-01T00:00'],
    ['31.12.2020', 'day-first', '2020-12-31T00:00'],
    ['31-12-68', 'day-first', '2068-12-31T00:00'],
    ['31-12-69', 'day-first', '1969-12-31T00:00'],
    ['31/12/2020', 'month-first', undefined],
    ['30.02.2020', 'day-first', undefined],
    ['29.02.2021', 'day-first', undefined],
    ['1/2-2020', 'day-first', undefined],
    ['1/2/020', 'day-first', undefined],
    ['2020/12/31', 'year-first', '2020-12-31T00:00'],
    ['2020.1.2 7:30', 'year-first', '2020-01-02T07:30'],
    ['12/31/2020 11:59 PM', 'month-first', '2020-12-31T23:59'],
    ['12/31/2020 12:00 AM', 'month-first', '2020-12-31T00:00'],
    ['12/31/2020 13:00 PM', 'month-first', undefined],
    ['12/31/2020 24:00', 'month-first', undefined],
    ['31.12.2020 07:30', 'day-first', '2020-12-31T07:30'],
    ['31 Dec 2020', 'month-name', '2020-12-31T00:00'],
    ['31-Dec-20', 'month-name', '2020-12-31T00:00'],
    ['1. September 2020', 'month-name', '2020-09-01T00:00'],
    ['Dec 31, 2020', 'month-name', '2020-12-31T00:00'],
    ['December 31st, 2020', 'month-name', '2020-12-31T00:00'],
    ['Sept 3 2020', 'month-name', '2020-09-03T00:00'],
    ['Dec-2015', 'month-name', '2015-12-01T00:00'],
    ['Dec 15', 'month-name', '2015-12-01T00:00'],
    ['Tue, 12 Jan 2021 10:00:00 GMT', 'month-name', '2021-01-12T10:00'],
    ['12 Jan 2021 10:00 +0200', 'month-name', '2021-01-12T08:00'],
    ['31 Dez 2020', 'month-name', undefined],
    ['31 Decade 2020', 'month-name', undefined],
    ['2020-12', 'year-month', '2020-12-01T00:00'],
    ['2020-13', 'year-month', undefined],
    ['20201231', 'compact', '2020-12-31T00:00'],
    ['20201301', 'compact', undefined],
    ['18991231', 'compact', undefined],
    ['2020', 'year-month', undefined],
    ['', 'day-first', undefined],
  ])('%j, %s: %s', (text, order, expected) => {
    expect(iso(text, order)).toBe(expected);
  });
});
