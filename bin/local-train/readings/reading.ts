import * as z from 'zod';
import { looksNumeric, parseDate } from '../../../lib/table/cells.ts';
import { DATE_ORDERS, type DateOrder, dateIn } from './date-text.ts';
import { type ClockStyle, type NumberStyle, numberIn, numberStyles } from './number-text.ts';

/** How the texts of a column become numbers, or moments in epoch milliseconds: as training found it, and kept for prediction. */
export type Reading =
  /** As computers write them: `-12.5e3`, and days and moments by ISO 8601. */
  { kind: 'number' | 'date' } | NumberStyle | ClockStyle | { kind: 'date'; order: DateOrder };

export const readingSchema = z.union([
  z.strictObject({
    kind: z.literal('number'),
    decimal: z.enum(['.', ',']),
    currency: z.string().optional(),
    unit: z.string().optional(),
    multiples: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('number'), clock: z.literal(true) }),
  z.strictObject({ kind: z.literal('date'), order: z.enum(DATE_ORDERS) }),
  z.strictObject({ kind: z.enum(['number', 'date']) }),
]);

/** The number or moment that a text is; NaN where it is none. */
export function readText(text: string, reading: Reading): number {
  if ('decimal' in reading || 'clock' in reading) return numberIn(text, reading);
  if ('order' in reading) return dateIn(text, reading.order);
  if (reading.kind === 'date') {
    const parsed = parseDate(text);
    return typeof parsed === 'number' ? parsed : Number.NaN;
  }
  const value = looksNumeric(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Texts of which a column of numbers or dates has at least one. */
const LOOKED_AT = 200;
/** A way of reading that fits fewer of the texts looked at is given up. */
const SOME = 0.5;

/** Ways in which texts may be read, those of plain numbers and ISO dates first. */
export function possibleReadings(texts: readonly string[]): Reading[] {
  const few = texts.slice(0, LOOKED_AT);
  const fits = (reading: Reading): boolean =>
    few.filter((text) => !Number.isNaN(readText(text, reading))).length >= SOME * few.length;
  const others: Reading[] = [
    ...DATE_ORDERS.map((order) => ({ kind: 'date' as const, order })),
    ...numberStyles(texts),
  ];
  return [{ kind: 'number' }, { kind: 'date' }, ...others.filter(fits)];
}

/** For a person: `numbers`, `numbers (in $)`, `dates (day before month)`. */
export function describeReading(reading: Reading): string {
  if ('clock' in reading) return 'hours of the day';
  if ('order' in reading) return `dates (${ORDER_NAMES[reading.order]})`;
  if (!('decimal' in reading)) return `${reading.kind}s`;
  const { currency, unit, multiples, decimal } = reading;
  const around = [currency, unit].filter((one) => one !== undefined).map((one) => JSON.stringify(one));
  const said = [
    ...(around.length > 0 ? [`without ${around.join(' and ')}`] : []),
    ...(multiples ? ['k, M and B multiplied'] : []),
    ...(decimal === ',' ? ['with decimal commas'] : []),
  ];
  return said.length > 0 ? `numbers (${said.join(', ')})` : 'numbers';
}

const ORDER_NAMES: Record<DateOrder, string> = {
  'day-first': 'day before month',
  'month-first': 'month before day',
  'year-first': 'year, month, day',
  'month-name': 'months by name',
  'year-month': 'year and month',
  compact: 'year, month and day without marks',
};
