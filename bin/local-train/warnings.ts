import { InvalidInputError } from '../../lib/errors/index.ts';
import type { Task } from '../../lib/learn/index.ts';
import { type DatePart, findColumn, isNumeric, type Table } from '../../lib/table/index.ts';
import { datesByParts } from './date-columns.ts';
import { lostIn32Bits } from './plan.ts';
import { findSentinels } from './sentinels.ts';

type Note = (text: string) => void;

/** Fewer rows than this make figures that another seed would change. */
const TINY = 100;
/** A class with a larger share makes accuracy look good by itself. */
const SKEWED = 0.9;
/** Classes of fewer rows are hardly learnt. */
const FEW = 5;
const SHOWN = 5;

const PART_NAMES: Record<DatePart, string> = {
  year: 'year',
  month: 'month',
  day: 'day',
  weekday: 'weekday',
  isoWeekday: 'weekday',
  hour: 'hour',
  dayOfYear: 'day of the year',
  epochDay: 'days since 1970',
};

/** What a person should know of the rows before trusting a figure. */
export function dataWarnings(table: Table, target: string, task: Task, note: Note): void {
  if (table.rowCount < TINY) {
    note(`warning: ${table.rowCount} rows are few; another --seed may give quite other figures`);
  }
  for (const { names, parts } of datesByParts(table, target).values()) {
    const quoted = names.map((name) => `"${name}"`).join(', ');
    note(`dates are taken apart into ${parts.map((part) => PART_NAMES[part]).join(', ')}: ${quoted}`);
  }
  for (const { column, value, rows } of findSentinels(table, target)) {
    note(
      `warning: ${value} stands in ${rows} rows of "${column}", far from all other values; if it means that there is no value, say so with --missing ${value}`,
    );
  }
  if (task === 'regression') numberWarnings(table, target, note);
  if (task === 'classification') classWarnings(table, target, note);
}

/** Leaves of trees hold 32-bit numbers: 1,000,000,001 and 1,000,000,002 are one there. */
function numberWarnings(table: Table, target: string, note: Note): void {
  const column = findColumn(table, target);
  if (column === undefined || !isNumeric(column) || !lostIn32Bits(column.values)) return;
  note(
    `warning: many different values of "${target}" are the same as 32-bit numbers, which forests answer with: subtract what they have in common, or give them in another unit`,
  );
}

function classWarnings(table: Table, target: string, note: Note): void {
  const counts = [...classCounts(table, target)].sort((a, b) => b[1] - a[1]);
  const [largest] = counts;
  if (largest === undefined) return;
  const share = largest[1] / table.rowCount;
  if (share >= SKEWED) {
    note(
      `warning: "${largest[0]}" is ${(100 * share).toFixed(1)} % of the rows, and always answering it would be right as often: look at f1_macro and at each class in report.txt; --param classWeight=balanced gives rare classes their weight`,
    );
  }
  const plain = (name: string) => name.trim().toLowerCase();
  const spelt = new Map<string, number>();
  for (const [name] of counts) spelt.set(plain(name), (spelt.get(plain(name)) ?? 0) + 1);
  const alike = counts.filter(([name]) => spelt.get(plain(name))! > 1);
  if (alike.length > 0) {
    note(
      `warning: classes that differ in blanks or capitals alone are taken for different ones: ${alike
        .slice(0, SHOWN)
        .map(([name]) => JSON.stringify(name))
        .join(', ')}`,
    );
  }
  const rare = counts.filter(([, count]) => count < FEW);
  if (rare.length === 0) return;
  const shown = rare
    .slice(0, SHOWN)
    .map(([name, count]) => `"${name}" (${count})`)
    .join(', ');
  note(
    `warning: ${rare.length} of ${counts.length} classes have fewer than ${FEW} rows: ${shown}${rare.length > SHOWN ? ', ...' : ''}`,
  );
}

function classCounts(table: Table, target: string): Map<string, number> {
  const column = findColumn(table, target);
  const counts = new Map<string, number>();
  if (column === undefined) return counts;
  for (let i = 0; i < table.rowCount; i++) {
    const name = isNumeric(column)
      ? String(column.values[i])
      : (column.categories[column.codes[i]!] ?? 'missing');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/**
 * Refuses training rows that a model cannot be made of: few rows may leave them one class, or one value.
 *
 * @throws InvalidInputError saying how many rows there are
 */
export function requireVariety(train: Table, target: string, rows: number): void {
  const kinds = classCounts(train, target).size;
  if (kinds > 1) return;
  throw new InvalidInputError(
    `the ${train.rowCount} training rows all have the same "${target}"; the file has ${rows} usable rows`,
    {
      field: 'data',
      remedy: 'Give more rows, or split them otherwise with --split or --seed.',
    },
  );
}
