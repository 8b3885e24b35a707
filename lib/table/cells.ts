import { isNumericKind } from './table.ts';
import type { ColumnKind, ColumnSpec } from './types.ts';

/** What is wrong with a cell, without its value: equal problems of a column are counted together. */
export type Problem = string;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Whether the text writes a number, however large. */
export const looksNumeric = (text: string): boolean => NUMBER.test(text);

/** Whether the text is one of the names of a number that is none: NaN, inf, -Infinity. */
export const looksNotFinite = (text: string): boolean => NOT_FINITE.test(text);

/**
 * Reads a cell of a numeric kind: booleans as 0 and 1, dates as epoch milliseconds.
 *
 * @returns the number, or the problem as text. Never NaN or an infinity: `1e400` is a problem, not Infinity.
 */
export function parseNumericCell(kind: ColumnKind, text: string): number | Problem {
  const trimmed = text.trim();
  switch (kind) {
    case 'boolean':
      return parseBoolean(trimmed);
    case 'date':
      return parseDate(trimmed);
    default:
      return parseNumber(trimmed, kind === 'integer');
  }
}

function parseNumber(text: string, integer: boolean): number | Problem {
  if (!NUMBER.test(text)) return NOT_FINITE.test(text) ? 'is not a finite number' : 'is not a number';
  const value = Number(text);
  if (!Number.isFinite(value)) return 'is too large for a 64-bit number';
  if (!integer) return value;
  if (!Number.isInteger(value)) return 'is not an integer';
  return Number.isSafeInteger(value) ? value : 'is an integer past 2^53, which a 64-bit number cannot hold';
}

function parseBoolean(text: string): number | Problem {
  switch (text.toLowerCase()) {
    case 'true':
    case 'yes':
    case '1':
      return 1;
    case 'false':
    case 'no':
    case '0':
      return 0;
    default:
      return 'is not a boolean (true, false, yes, no, 1, 0)';
  }
}

/** ISO 8601: a date, or a date with a time. Without a zone it is UTC, so that no machine's clock settings matter. */
export function parseDate(text: string): number | Problem {
  const parts = DATE.exec(text);
  if (parts === null) return 'is not an ISO date (2026-01-31, 2026-01-31T12:00:00Z)';
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const millis = Math.floor(Number(`0.${parts[7] ?? 0}`) * 1000);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millis);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24;
  if (!exists || minute > 59 || second > 59) return 'is not a day or time of the calendar';
  return date.getTime() - zoneMillis(parts[8]);
}

function zoneMillis(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

/** Judges a parsed number by the column's own bounds; strings have none. */
export function judgeBounds(spec: ColumnSpec, value: number | string): Problem | undefined {
  if (typeof value === 'string') return undefined;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = spec;
  if (minimum !== undefined && value < minimum) return `is below ${minimum}`;
  if (maximum !== undefined && value > maximum) return `is above ${maximum}`;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return `is not above ${exclusiveMinimum}`;
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return `is not below ${exclusiveMaximum}`;
  return undefined;
}

/** The schema's default as a table holds it: numbers for numeric kinds, text for the others. */
export function defaultValue(spec: ColumnSpec): number | string | undefined {
  const value = spec.default;
  if (value === undefined || value === null) return undefined;
  if (!isNumericKind(spec.kind)) return String(value);
  if (typeof value === 'string') {
    const parsed = parseNumericCell(spec.kind, value);
    return typeof parsed === 'number' ? parsed : undefined;
  }
  return Number(value);
}
