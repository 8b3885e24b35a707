import type { CleanStep, DatePart } from '../../lib/table/index.ts';
import {
  datePartStems,
  dateParts,
  encode,
  fillMissing,
  minMaxScale,
  standardScale,
} from '../../lib/table/index.ts';
import type { Column, Table } from '../../lib/table/types.ts';
import type { CleanStyle } from './algorithm.ts';
import { datesByParts } from './date-columns.ts';

/**
 * One-hot columns are made up to here, or to the larger where each value has its rows; a category with more values becomes
 * the place of its value in order.
 */
const MAX_ONE_HOT = 50;
const MAX_ONE_HOT_OF_MANY_ROWS = 400;
const ROWS_A_VALUE = 20;

/** A straight line through months says little; each its own column is worth it with so many rows. */
const ROWS_FOR_SEASONS = 1_000;
const isSeason = (part: DatePart): boolean => ['month', 'isoWeekday', 'hour'].includes(part);

export interface CleanPlan {
  steps: CleanStep[];
  notes: string[];
}

/**
 * The clean steps for a table of unknown origin. An algorithm that takes gaps and categories as they are needs only its
 * dates in parts. For the others, numbers and dates are filled by their median, flags by their mode, with
 * an indicator where training rows lack values; dates become parts; numbers are scaled where the algorithm wants it;
 * categories are encoded, "missing" being a value of its own where training rows lack values and the most frequent one
 * elsewhere. So every column may be missing at prediction.
 */
export function planSteps(table: Table, target: string, style: CleanStyle): CleanPlan {
  const features = table.columns.filter((column) => column.name !== target);
  const named = (test: (column: Column) => boolean): string[] =>
    features.filter(test).map(({ name }) => name);
  const isText = (column: Column): boolean => 'codes' in column;
  const isFlag = (column: Column): boolean => column.kind === 'boolean';
  const isAmount = (column: Column): boolean => !isText(column) && !isFlag(column);
  const most = Math.max(
    MAX_ONE_HOT,
    style === 'scaled' ? Math.min(MAX_ONE_HOT_OF_MANY_ROWS, table.rowCount / ROWS_A_VALUE) : 0,
  );
  const wide = (column: Column): boolean => 'codes' in column && column.categories.length > most;
  const steps: CleanStep[] = [];
  const add = (names: string[], make: (names: string[]) => CleanStep): void => {
    if (names.length > 0) steps.push(make(names));
  };
  const dates = datesWithStems(table, target);
  const takeApart = (): void => {
    for (const { names, parts } of dates) steps.push(dateParts(names, parts));
  };
  const renamed = dates.flatMap(({ names, stems, parts }) =>
    names.flatMap((name, n) =>
      stems[n] === name
        ? []
        : [
            `the parts of "${name}" are named "${stems[n]}_${parts[0]}" and so on: "${name}_${parts[0]}" or another of those names is taken`,
          ],
    ),
  );
  if (style === 'native') {
    takeApart();
    const lost = features.filter(
      (column) => (column.kind === 'number' || column.kind === 'integer') && lostIn32Bits(column.values),
    );
    add(
      lost.map(({ name }) => name),
      (names) => minMaxScale(names),
    );
    const said = ({ name }: Column) =>
      `column "${name}" is scaled to 0..1: many of its values are the same as the 32-bit numbers that trees compare`;
    return { steps, notes: [...renamed, ...lost.map(said)] };
  }
  const median = { strategy: 'median' } as const;
  const mode = { strategy: 'mode' } as const;
  add(
    named((column) => isAmount(column) && hasGaps(column)),
    (names) => fillMissing(names, { ...median, indicator: true }),
  );
  add(
    named((column) => isAmount(column) && !hasGaps(column)),
    (names) => fillMissing(names, median),
  );
  add(
    named((column) => isFlag(column) && hasGaps(column)),
    (names) => fillMissing(names, { ...mode, indicator: true }),
  );
  add(
    named((column) => isFlag(column) && !hasGaps(column)),
    (names) => fillMissing(names, mode),
  );
  add(
    named((column) => isText(column) && !hasGaps(column)),
    (names) => fillMissing(names, mode),
  );
  takeApart();
  if (style === 'scaled' && table.rowCount >= ROWS_FOR_SEASONS) {
    const seasons = dates.flatMap(({ stems, parts }) =>
      stems.flatMap((stem) => parts.filter(isSeason).map((part) => `${stem}_${part}`)),
    );
    add(seasons, (names) => encode(names, { method: 'onehot', unknown: 'ignore' }));
  }
  if (style === 'scaled' && features.some((column) => isAmount(column))) steps.push(standardScale('numeric'));
  add(
    named((column) => isText(column) && !wide(column)),
    (names) => encode(names, { method: 'onehot', unknown: 'ignore' }),
  );
  add(named(wide), (names) => encode(names, { method: 'ordinal', unknown: 'ignore' }));
  const ordered = named(wide).map(
    (name) => `column "${name}" has more than ${Math.floor(most)} values: encoded by their order`,
  );
  return { steps, notes: [...renamed, ...ordered] };
}

/** Dates by their parts, with what the parts' names will begin with: the steps are fitted one after the other. */
function datesWithStems(table: Table, target: string) {
  const taken = new Set([...table.columns.map(({ name }) => name), target]);
  return [...datesByParts(table, target).values()].map(({ names, parts }) => {
    const stems = datePartStems(names, parts, taken);
    for (const name of names) taken.delete(name);
    for (const stem of stems) for (const part of parts) taken.add(`${stem}_${part}`);
    return { names, parts, stems };
  });
}

/** A column that keeps this share of its different values in 32 bits is well told by them. */
const KEPT = 0.9;

/** Whether many different values are one as 32-bit numbers: large with small differences, or too large or small. */
export function lostIn32Bits(values: Float64Array): boolean {
  const exact = new Set<number>();
  const rounded = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    exact.add(value);
    rounded.add(Math.fround(value));
  }
  return rounded.size < KEPT * exact.size;
}

function hasGaps(column: Column): boolean {
  return 'codes' in column ? column.codes.includes(-1) : column.values.some((value) => Number.isNaN(value));
}
