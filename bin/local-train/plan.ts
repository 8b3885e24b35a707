import type { CleanStep } from '../../lib/table/index.ts';
import { dateParts, encode, fillMissing, standardScale } from '../../lib/table/index.ts';
import type { Table } from '../../lib/table/types.ts';

/** One-hot columns are made up to here; a category with more values becomes its ordinal number. */
const MAX_ONE_HOT = 50;

export interface CleanPlan {
  steps: CleanStep[];
  notes: string[];
}

/**
 * The clean steps for a table of unknown origin: dates into parts, numbers filled by their median (with an indicator
 * where values are missing), categories by their mode and encoded, numbers scaled where the algorithm is linear.
 */
export function planSteps(table: Table, target: string, linear: boolean): CleanPlan {
  const features = table.columns.filter((column) => column.name !== target);
  const names = (test: (column: (typeof features)[number]) => boolean) =>
    features.filter(test).map(({ name }) => name);
  const dates = names((column) => column.kind === 'date');
  const numbers = names((column) => !('codes' in column) && column.kind !== 'date');
  const gaps = names(
    (column) => !('codes' in column) && column.kind !== 'date' && column.values.some(Number.isNaN),
  );
  const categories = features.filter((column) => 'codes' in column);
  const narrow = categories
    .filter((column) => column.categories.length <= MAX_ONE_HOT)
    .map(({ name }) => name);
  const wide = categories.filter((column) => column.categories.length > MAX_ONE_HOT).map(({ name }) => name);
  const whole = numbers.filter((name) => !gaps.includes(name));
  const steps: CleanStep[] = [];
  if (dates.length > 0) steps.push(dateParts(dates), fillMissing('numeric', { strategy: 'median' }));
  if (gaps.length > 0) steps.push(fillMissing(gaps, { strategy: 'median', indicator: true }));
  if (whole.length > 0) steps.push(fillMissing(whole, { strategy: 'median' }));
  if (categories.length > 0) {
    steps.push(
      fillMissing(
        categories.map(({ name }) => name),
        { strategy: 'mode' },
      ),
    );
  }
  if (linear) steps.push(standardScale('numeric'));
  if (narrow.length > 0) steps.push(encode(narrow, { method: 'onehot', unknown: 'ignore' }));
  if (wide.length > 0) steps.push(encode(wide, { method: 'ordinal', unknown: 'ignore' }));
  const notes = wide.map(
    (name) => `column "${name}" has more than ${MAX_ONE_HOT} values: encoded by their order`,
  );
  return { steps, notes };
}
