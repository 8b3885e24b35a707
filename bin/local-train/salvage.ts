import type { CategoryColumn, Column, NumericColumn, RowSchema, Table } from '../../lib/table/index.ts';
import { describeReading, possibleReadings, type Reading, readText } from './readings/reading.ts';

/** What people write where they have no value, besides the markers that are taken for missing in every column. */
const SAYS_NOTHING =
  /^(?:\?+|-+|\.+|\*|n[./]?a\.?|nan|nil|none|null|void|unknown|undefined|missing|not available|tbd)$/i;
/** A column of which so many cells are numbers is one of numbers, whatever the others are. */
const MOSTLY = 0.9;

export interface Salvaged {
  table: Table;
  schema: RowSchema;
  /** Columns that are read as text, since not all cells are plain numbers or ISO dates, and how they become such. */
  salvaged: { column: string; reading: Reading }[];
}

/**
 * Makes numbers or dates of text columns that are such but for how they are written (`$1,200`, `31.12.2020`), or for some
 * cells: those that say nothing (`-`, `unknown`), or, where nine in ten are numbers, any. What is not a number becomes
 * missing. Whole numbers that are days (20201231) become dates.
 */
export function salvageColumns(
  table: Table,
  schema: RowSchema,
  target: string,
  note: (text: string) => void,
): Salvaged {
  const salvaged: Salvaged['salvaged'] = [];
  const columns = table.columns.map((column): Column => {
    const isTarget = column.name === target;
    if (!('codes' in column)) {
      if (isTarget || !holdsDays(column)) return column;
      salvaged.push({ column: column.name, reading: COMPACT });
      note(`column "${column.name}" is read as ${describeReading(COMPACT)}`);
      return {
        ...column,
        kind: 'date',
        values: column.values.map((value) => readText(String(value), COMPACT)),
      };
    }
    const reading = likelyReading(column, isTarget);
    if (reading === undefined) return column;
    salvaged.push({ column: column.name, reading });
    const made = converted(column, reading);
    note(
      `column "${column.name}" is read as ${describeReading(reading)}${strangeCells(column, made.values)}`,
    );
    if (guessedOrder(column, reading)) {
      note(`warning: the dates of "${column.name}" could as well be read with the day before the month`);
    }
    return made;
  });
  const kinds = new Map(salvaged.map(({ column, reading }) => [column, reading.kind]));
  const specs = schema.columns.map((spec) => {
    const kind = kinds.get(spec.name);
    return kind === undefined ? spec : { name: spec.name, kind, nullable: true };
  });
  return { table: { ...table, columns }, schema: { columns: specs }, salvaged };
}

/** The text column as numbers or epoch milliseconds; NaN for every cell that is none. */
export function converted({ name, codes, categories }: CategoryColumn, reading: Reading) {
  const values = categories.map((text) => readText(text.trim(), reading));
  return { name, kind: reading.kind, values: Float64Array.from(codes, (code) => values[code] ?? Number.NaN) };
}

const COMPACT: Reading = { kind: 'date', order: 'compact' };
/** So many different numbers that all happen to be days of the calendar are days. */
const MANY_DAYS = 20;

/** 20201231: by chance one whole number of eight digits in thirty is a day. */
function holdsDays({ kind, values }: NumericColumn): boolean {
  if (kind !== 'integer') return false;
  const seen = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(value) || seen.has(value)) continue;
    if (value < 19_000_101 || value > 20_991_231 || Number.isNaN(readText(String(value), COMPACT)))
      return false;
    seen.add(value);
  }
  return seen.size >= MANY_DAYS;
}

function likelyReading(column: CategoryColumn, isTarget: boolean): Reading | undefined {
  const texts = column.categories.map((text) => text.trim());
  const counts = rowsOfEach(column);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const spoken = texts.filter((text, code) => counts[code]! > 0 && !SAYS_NOTHING.test(text));
  let best: Reading | undefined;
  let most = 0;
  for (const reading of possibleReadings(spoken)) {
    if (isTarget && !suitsTarget(reading, spoken)) continue;
    let fitting = 0;
    let silent = 0;
    for (const [code, text] of texts.entries()) {
      if (!Number.isNaN(readText(text, reading))) fitting += counts[code]!;
      else if (SAYS_NOTHING.test(text)) silent += counts[code]!;
    }
    // All of it plain numbers, and yet read as text: digits past 2^53, an identifier.
    if (isPlain(reading) && fitting === total) return undefined;
    const strange = total - fitting - silent;
    // A target's strange value may be a class: rows are not thrown away for it.
    if (strange > 0 && (isTarget || fitting < MOSTLY * total)) continue;
    if (fitting > most) [best, most] = [reading, fitting];
  }
  return best;
}

const isPlain = (reading: Reading): boolean => Object.keys(reading).length === 1;

/** Few texts with something around a number, such as `1A` and `2A`, are rather names of classes. */
function suitsTarget(reading: Reading, texts: readonly string[]): boolean {
  return (
    isPlain(reading) || (reading.kind === 'number' && !('clock' in reading) && texts.length > MOST_NAMES)
  );
}

const MOST_NAMES = 15;

/** Whether no date tells which of two numbers is the month. */
function guessedOrder({ codes, categories }: CategoryColumn, reading: Reading): boolean {
  if (!('order' in reading) || reading.order !== 'month-first') return false;
  const used = new Set(codes);
  return categories.every(
    (text, code) =>
      !used.has(code) ||
      Number.isNaN(readText(text.trim(), reading)) ||
      !Number.isNaN(readText(text.trim(), { kind: 'date', order: 'day-first' })),
  );
}

function rowsOfEach({ codes, categories }: CategoryColumn): Float64Array {
  const counts = new Float64Array(categories.length);
  for (const code of codes) if (code >= 0) counts[code]! += 1;
  return counts;
}

/** `: 37 cells ("-", "unknown") are taken for missing`, or nothing. */
function strangeCells({ codes, categories }: CategoryColumn, values: Float64Array): string {
  const strange = new Set<number>();
  let count = 0;
  codes.forEach((code, i) => {
    if (code < 0 || !Number.isNaN(values[i])) return;
    strange.add(code);
    count++;
  });
  const shown = [...strange].slice(0, 3).map((code) => JSON.stringify(categories[code]));
  if (count === 0) return '';
  return `: ${count} cells (${shown.join(', ')}${strange.size > 3 ? ', ...' : ''}) are taken for missing`;
}
