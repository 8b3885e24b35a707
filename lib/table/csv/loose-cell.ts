import type { ColumnSpec } from '../types.ts';

/** What pandas reads as a missing number, and so MLflow. */
const MISSING = new Set([
  '',
  'NA',
  'N/A',
  'n/a',
  'NaN',
  'nan',
  'null',
  'NULL',
  'None',
  '<NA>',
  '#N/A',
  '-NaN',
  '-nan',
]);

/** What a cell of CSV says to a column of numbers, of booleans or of texts; null where it is missing. What it cannot be stays text. */
export function looseCell(
  kind: 'number' | 'boolean' | 'text',
  text: string,
): string | number | boolean | null {
  if (kind === 'number') {
    if (MISSING.has(text.trim())) return null;
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }
  if (text === '') return null;
  if (kind === 'text') return text;
  const word = text.trim().toLowerCase();
  return word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : text;
}

/** A cell in the column's kind; what it cannot be stays text, which the model's schema refuses by name. */
export const csvCell = (
  { kind, numericCategories }: Pick<ColumnSpec, 'kind' | 'numericCategories'>,
  text: string,
): string | number | boolean | null =>
  looseCell(
    kind === 'number' || kind === 'integer' || numericCategories === true
      ? 'number'
      : kind === 'boolean'
        ? 'boolean'
        : 'text',
    text,
  );
