import type { DatePart, Table } from '../../lib/table/index.ts';
import type { Column } from '../../lib/table/types.ts';

const DAY_MS = 86_400_000;

/** Whether the dates are moments of the day, and not days alone. */
export function hasTimes(column: Column): boolean {
  return 'values' in column && column.values.some((value) => value % DAY_MS !== 0 && !Number.isNaN(value));
}

/**
 * The parts of a date that can tell something: seasons (month, day of the year), days (of the month, of the week), time
 * passed (year, days since 1970), and the hour of moments. Parts that are the same in all rows are left out.
 */
export function tellingParts(column: Column): DatePart[] {
  const values = 'values' in column ? column.values.filter((value) => !Number.isNaN(value)) : [];
  const dates = Array.from(new Set(values), (value) => new Date(value));
  const varies = (part: (date: Date) => number): boolean => new Set(dates.map(part)).size > 1;
  const years = varies((date) => date.getUTCFullYear());
  const months = varies((date) => date.getUTCMonth());
  const days = varies((date) => date.getUTCDate());
  const parts: [DatePart, boolean][] = [
    ['year', years],
    ['month', months],
    ['day', days],
    // Of months alone the weekday of the first says nothing.
    ['isoWeekday', days && varies((date) => date.getUTCDay())],
    ['hour', hasTimes(column) && varies((date) => date.getUTCHours())],
    // Within one year the days since 1970 say it.
    ['dayOfYear', years && months && days],
    ['epochDay', true],
  ];
  return parts.filter(([, tells]) => tells).map(([part]) => part);
}

/** Columns of dates by the parts that are made of them. */
export function datesByParts(
  table: Table,
  target: string,
): Map<string, { names: string[]; parts: DatePart[] }> {
  const groups = new Map<string, { names: string[]; parts: DatePart[] }>();
  for (const column of table.columns) {
    if (column.kind !== 'date' || column.name === target) continue;
    const parts = tellingParts(column);
    const group = groups.get(parts.join()) ?? { names: [], parts };
    group.names.push(column.name);
    groups.set(parts.join(), group);
  }
  return groups;
}
