import { looksNumeric, parseDate } from '../../lib/table/cells.ts';
import type { CategoryColumn, Column, RowSchema, Table } from '../../lib/table/index.ts';

/** What people write where they have no value, besides the markers that are taken for missing in every column. */
const SAYS_NOTHING =
  /^(?:\?+|-+|\.+|\*|n[./]?a\.?|nan|nil|none|null|void|unknown|undefined|missing|not available|tbd)$/i;
/** A column of which so many cells are numbers is one of numbers, whatever the others are. */
const MOSTLY = 0.9;

export interface Salvaged {
  table: Table;
  schema: RowSchema;
  /** Columns whose cells were read as text, since some are no numbers or dates; at prediction they are again. */
  salvaged: { column: string; kind: 'number' | 'date' }[];
}

/**
 * Makes numbers or dates of text columns that are such but for some cells: those that say nothing (`-`, `unknown`), or,
 * where nine in ten are numbers, any. What is not a number becomes missing.
 */
export function salvageColumns(
  table: Table,
  schema: RowSchema,
  target: string,
  note: (text: string) => void,
): Salvaged {
  const salvaged: Salvaged['salvaged'] = [];
  const columns = table.columns.map((column): Column => {
    if (!('codes' in column)) return column;
    const kind = likelyKind(column, column.name === target);
    if (kind === undefined) return column;
    salvaged.push({ column: column.name, kind });
    const made = converted(column, kind);
    note(
      `column "${column.name}" is read as ${kind}s: ${strangeCells(column, made.values)} taken for missing`,
    );
    return made;
  });
  const kinds = new Map(salvaged.map(({ column, kind }) => [column, kind]));
  const specs = schema.columns.map((spec) => {
    const kind = kinds.get(spec.name);
    return kind === undefined ? spec : { name: spec.name, kind, nullable: true };
  });
  return { table: { ...table, columns }, schema: { columns: specs }, salvaged };
}

/** The text column as numbers or epoch milliseconds; NaN for every cell that is none. */
export function converted({ name, codes, categories }: CategoryColumn, kind: 'number' | 'date') {
  const values = categories.map((text) => cellValue(text.trim(), kind));
  return { name, kind, values: Float64Array.from(codes, (code) => values[code] ?? Number.NaN) };
}

function cellValue(text: string, kind: 'number' | 'date'): number {
  if (kind === 'date') {
    const parsed = parseDate(text);
    return typeof parsed === 'number' ? parsed : Number.NaN;
  }
  const value = looksNumeric(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

function likelyKind(column: CategoryColumn, isTarget: boolean): 'number' | 'date' | undefined {
  const counts = rowsOfEach(column);
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (const kind of ['number', 'date'] as const) {
    let fitting = 0;
    let silent = 0;
    let strange = 0;
    for (const [code, text] of column.categories.entries()) {
      if (!Number.isNaN(cellValue(text.trim(), kind))) fitting += counts[code]!;
      else if (SAYS_NOTHING.test(text.trim())) silent += counts[code]!;
      else strange += counts[code]!;
    }
    // All of it numbers, and yet read as text: digits past 2^53, an identifier.
    if (fitting === 0 || silent + strange === 0) continue;
    // A target's strange value may be a class: rows are not thrown away for it.
    if (strange === 0 || (!isTarget && fitting >= MOSTLY * total)) return kind;
  }
  return undefined;
}

function rowsOfEach({ codes, categories }: CategoryColumn): Float64Array {
  const counts = new Float64Array(categories.length);
  for (const code of codes) if (code >= 0) counts[code]! += 1;
  return counts;
}

/** `37 cells ("-", "unknown")`. */
function strangeCells({ codes, categories }: CategoryColumn, values: Float64Array): string {
  const strange = new Set<number>();
  let count = 0;
  codes.forEach((code, i) => {
    if (code < 0 || !Number.isNaN(values[i])) return;
    strange.add(code);
    count++;
  });
  const shown = [...strange].slice(0, 3).map((code) => JSON.stringify(categories[code]));
  return `${count} cells (${shown.join(', ')}${strange.size > 3 ? ', ...' : ''}) are`;
}
