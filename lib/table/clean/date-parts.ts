import { requireColumn } from '../table.ts';
import type { Column, NumericColumn, Table } from '../types.ts';
import type { FittedOf } from './fitted.ts';
import { datePartStems } from './free-name.ts';
import { replaceColumns, selectColumns } from './select.ts';
import type { DatePart, StepOf } from './steps.ts';

const DAY_MS = 86_400_000;

const READ: Record<DatePart, (date: Date) => number> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth() + 1,
  day: (date) => date.getUTCDate(),
  weekday: (date) => date.getUTCDay(),
  hour: (date) => date.getUTCHours(),
  isoWeekday: (date) => date.getUTCDay() || 7,
  epochDay: (date) => Math.floor(date.getTime() / DAY_MS),
  dayOfYear: (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1,
};

export function fitDateParts(
  table: Table,
  step: StepOf<'date-parts'>,
  target: string,
): FittedOf<'dateParts'> {
  const columns = selectColumns(table, step.columns, { name: 'dateParts', kinds: ['date'], target });
  const names = columns.map((column) => column.name);
  const parts = step.parts ?? ['year', 'month', 'day', 'weekday'];
  const stems = datePartStems(names, parts, [...table.columns.map(({ name }) => name), target]);
  const own = stems.every((stem, n) => stem === names[n]);
  return { step: 'dateParts', columns: names, parts, ...(own ? {} : { stems }) };
}

export function applyDateParts(
  table: Table,
  { columns, parts, stems = columns }: FittedOf<'dateParts'>,
): Table {
  const replacements = new Map<string, Column[]>();
  for (const [n, name] of columns.entries()) {
    const { values } = requireColumn(table, name) as NumericColumn;
    const dates = Array.from(values, (value) => (Number.isNaN(value) ? undefined : new Date(value)));
    const made = parts.map((part) => ({
      name: `${stems[n]}_${part}`,
      kind: 'integer' as const,
      values: Float64Array.from(dates, (date) => (date === undefined ? Number.NaN : READ[part](date))),
    }));
    replacements.set(name, made);
  }
  return replaceColumns(table, replacements);
}
