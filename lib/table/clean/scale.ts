import { BadDataError } from '../../errors/index.ts';
import { requireColumn } from '../table.ts';
import type { Column, NumericColumn, Table } from '../types.ts';
import type { FittedOf } from './fitted.ts';
import { replaceColumns, selectColumns } from './select.ts';
import type { StepOf } from './steps.ts';

export function fitScale(
  table: Table,
  step: StepOf<'standard-scale'> | StepOf<'min-max-scale'>,
  target: string,
): FittedOf<'scale'> {
  const method = step.step === 'standard-scale' ? 'standard' : 'min-max';
  const name = method === 'standard' ? 'standardScale' : 'minMaxScale';
  const kinds = Array.isArray(step.columns)
    ? (['number', 'integer', 'boolean', 'date'] as const)
    : (['number', 'integer'] as const);
  const columns = selectColumns(table, step.columns, { name, kinds, target }) as NumericColumn[];
  const scales = columns.map((column) => {
    const { offset, scale } = method === 'standard' ? meanAndDeviation(column) : lowestAndRange(column);
    if (!Number.isFinite(offset) || !Number.isFinite(scale)) {
      throw new BadDataError(
        `the values of "${column.name}" cannot be scaled: none, or too large for 64-bit sums`,
        {
          remedy: 'Drop the column, or correct its values.',
          details: { column: column.name },
        },
      );
    }
    return { column: column.name, offset: offset + 0, scale: scale === 0 ? 1 : scale };
  });
  return { step: 'scale', method, scales };
}

/** Two passes: the sum of squares of small differences loses less than the difference of large squares. */
function meanAndDeviation({ values }: NumericColumn): { offset: number; scale: number } {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  const mean = sum / count;
  let squares = 0;
  let differences = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    squares += (value - mean) ** 2;
    differences += value - mean;
  }
  const variance = (squares - differences ** 2 / count) / count;
  const deviation = Math.sqrt(Math.max(0, variance));
  // What rounding leaves of a constant column's deviation is no deviation (scikit-learn's rule).
  return { offset: mean, scale: deviation < 10 * Number.EPSILON * Math.abs(mean) ? 0 : deviation };
}

function lowestAndRange({ values }: NumericColumn): { offset: number; scale: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return { offset: lowest, scale: highest - lowest };
}

export function applyScale(table: Table, { scales }: FittedOf<'scale'>): Table {
  const replacements = new Map<string, Column[]>();
  for (const { column: name, offset, scale } of scales) {
    const { values } = requireColumn(table, name) as NumericColumn;
    replacements.set(name, [
      { name, kind: 'number', values: values.map((value) => (value - offset) / scale) },
    ]);
  }
  return replaceColumns(table, replacements);
}
