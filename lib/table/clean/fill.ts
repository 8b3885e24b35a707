import { BadDataError } from '../../errors/index.ts';
import { hasMissing, isMissing, isNumeric, requireColumn } from '../table.ts';
import type { CategoryColumn, Column, ColumnKind, NumericColumn, Table } from '../types.ts';
import type { FittedOf } from './fitted.ts';
import { freeName } from './free-name.ts';
import { replaceColumns, selectColumns } from './select.ts';
import type { StepOf } from './steps.ts';

const NUMBERS: readonly ColumnKind[] = ['number', 'integer', 'date'];
const TEXTS: readonly ColumnKind[] = ['category', 'text'];

export function fitFill(table: Table, step: StepOf<'fill-missing'>, target: string): FittedOf<'fill'> {
  const columns = selectColumns(table, step.columns, { name: 'fillMissing', kinds: fillable(step), target });
  const taken = new Set([...table.columns.map(({ name }) => name), target]);
  const indicatorOf = ({ name }: Column): string => {
    const free = freeName(`${name}_missing`, (one) => !taken.has(one));
    taken.add(free);
    return free;
  };
  const fills = columns.map((column) => ({
    column: column.name,
    value: fillValue(column, step),
    ...(step.indicator && hasMissing(column) ? { indicator: indicatorOf(column) } : {}),
  }));
  return { step: 'fill', fills };
}

function fillable({ strategy, value }: StepOf<'fill-missing'>): readonly ColumnKind[] {
  if (strategy === 'median') return NUMBERS;
  if (strategy === 'mode') return [...NUMBERS, 'boolean', ...TEXTS];
  return typeof value === 'string' ? TEXTS : [...NUMBERS, 'boolean'];
}

function fillValue(column: Column, { strategy, value }: StepOf<'fill-missing'>): number | string {
  if (strategy === 'constant') return value as number | string;
  const found = isNumeric(column)
    ? strategy === 'median'
      ? medianOf(column)
      : modeOf(column.values, (a, b) => a - b)
    : modeOfTexts(column);
  if (found !== undefined) return found;
  throw new BadDataError(`no training row has a value of "${column.name}" to fill the missing ones with`, {
    remedy: "Drop the column, or use fillMissing with strategy 'constant'.",
    details: { column: column.name },
  });
}

/** The middle value, or the mean of the two in the middle, as numpy's nanmedian. */
function medianOf({ values }: NumericColumn): number | undefined {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return undefined;
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  const median = sorted.length % 2 === 1 ? upper : (sorted[half - 1] as number) / 2 + upper / 2;
  return median + 0;
}

function modeOfTexts({ codes, categories }: CategoryColumn): string | undefined {
  const code = modeOf(
    codes.filter((one) => one !== -1),
    (a, b) => ((categories[a] as string) < (categories[b] as string) ? -1 : 1),
  );
  return code === undefined ? undefined : categories[code];
}

/** The most frequent value; of equally frequent ones the first by `compare`, whatever the rows' order. */
function modeOf(
  values: Float64Array | Int32Array,
  compare: (a: number, b: number) => number,
): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: number | undefined;
  for (const [value, count] of counts) {
    const most = best === undefined ? 0 : (counts.get(best) as number);
    if (count > most || (count === most && compare(value, best as number) < 0)) best = value;
  }
  return best === undefined ? undefined : best + 0;
}

export function applyFill(table: Table, { fills }: FittedOf<'fill'>): Table {
  const replacements = new Map<string, Column[]>();
  for (const { column: name, value, indicator } of fills) {
    const column = requireColumn(table, name);
    const filled = isNumeric(column) ? fillNumbers(column, Number(value)) : fillTexts(column, String(value));
    replacements.set(
      name,
      indicator === undefined ? [filled] : [filled, missingIndicator(column, indicator, table)],
    );
  }
  return replaceColumns(table, replacements);
}

function fillNumbers(column: NumericColumn, fill: number): NumericColumn {
  const values = column.values.map((value) => (Number.isNaN(value) ? fill : value));
  // Half a room is no integer: the kind follows the value, in training and prediction alike.
  const kind = column.kind === 'integer' && !Number.isInteger(fill) ? 'number' : column.kind;
  return { name: column.name, kind, values };
}

function fillTexts(column: CategoryColumn, fill: string): CategoryColumn {
  const known = column.categories.indexOf(fill);
  const code = known === -1 ? column.categories.length : known;
  const categories = known === -1 ? [...column.categories, fill] : column.categories;
  return { ...column, categories, codes: column.codes.map((one) => (one === -1 ? code : one)) };
}

function missingIndicator(column: Column, name: string, { rowCount }: Table): NumericColumn {
  const values = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) values[i] = isMissing(column, i) ? 1 : 0;
  return { name, kind: 'boolean', values };
}
