import { BadDataError, BadDefinitionError } from '../../errors/index.ts';
import { findColumn, requireColumn, withoutColumns } from '../table.ts';
import type { RowSchema, Table } from '../types.ts';
import { applyDateParts, fitDateParts } from './date-parts.ts';
import { applyEncode, fitEncode } from './encode.ts';
import { applyFill, fitFill } from './fill.ts';
import type { FittedPreprocessing, FittedStep } from './fitted.ts';
import { applyGroupCodes, fitGroupCodes } from './group-codes.ts';
import { applyScale, fitScale } from './scale.ts';
import type { CleanStep } from './steps.ts';

/**
 * Learns each step from the training rows alone, each on what the steps before it made. The target is never touched.
 *
 * @param train the training part, with all columns of the schema (those that drop-columns names may be gone already)
 * @returns JSON; {@link applyPreprocessing} applies it to any part, {@link rowsToTable} reads request rows for it
 * @throws BadDefinitionError, UnknownColumnError, TooManyCategoriesError, BadDataError
 * @example
 * const fitted = fitPreprocessing(train, [fillMissing('numeric', { strategy: 'median' }), encode('categorical')], {
 *   target: 'price',
 *   schema,
 * });
 */
export function fitPreprocessing(
  train: Table,
  steps: readonly CleanStep[],
  context: { target: string; schema: RowSchema },
): FittedPreprocessing {
  const { target, schema } = context;
  const dropped = droppedColumns(steps, schema, target);
  const input = inputColumns(train, schema, new Set([...dropped, target]));
  let table = pick(train, input);
  const fitted: FittedStep[] = dropped.length > 0 ? [{ step: 'drop', columns: dropped }] : [];
  for (const step of steps) {
    const learnt = fitStep(table, step, context);
    if (learnt === undefined) continue;
    fitted.push(learnt);
    table = applyStep(table, learnt);
  }
  if (table.columns.length === 0)
    throw new BadDefinitionError('no feature is left beside the target', { field: 'clean' });
  return {
    format: 'arboleda-preprocessing',
    version: 1,
    target,
    schema: structuredClone(schema) as FittedPreprocessing['schema'],
    input,
    steps: fitted,
    output: table.columns.map(({ name, kind }) => ({ name, kind })),
    rows: train.rowCount,
  };
}

function droppedColumns(steps: readonly CleanStep[], schema: RowSchema, target: string): string[] {
  const dropped = steps.flatMap((step) => (step.step === 'drop-columns' ? step.columns : []));
  for (const name of dropped) {
    if (name === target)
      throw new BadDefinitionError(`dropColumns names the target "${target}"`, { field: 'clean' });
    if (!schema.columns.some((column) => column.name === name)) {
      throw new BadDefinitionError(`dropColumns names "${name}", which the row does not declare`, {
        field: 'clean',
      });
    }
  }
  return [...new Set(dropped)];
}

function inputColumns(train: Table, schema: RowSchema, left: ReadonlySet<string>): string[] {
  const stranger = train.columns.find(({ name }) => !schema.columns.some((spec) => spec.name === name));
  if (stranger !== undefined) {
    throw new BadDefinitionError(`the table has a column "${stranger.name}", which the row does not declare`);
  }
  const specs = schema.columns.filter(({ name }) => !left.has(name));
  for (const { name, kind } of specs) {
    const column = requireColumn(train, name);
    if (column.kind === kind) continue;
    throw new BadDefinitionError(`"${name}" is ${column.kind} in the table and ${kind} in the row`);
  }
  return specs.map(({ name }) => name);
}

const pick = (table: Table, names: readonly string[]): Table => ({
  rowCount: table.rowCount,
  columns: names.map((name) => requireColumn(table, name)),
});

function fitStep(
  table: Table,
  step: CleanStep,
  context: { target: string; schema: RowSchema },
): FittedStep | undefined {
  switch (step.step) {
    case 'fill-missing':
      return fitFill(table, step, context.target);
    case 'standard-scale':
    case 'min-max-scale':
      return fitScale(table, step, context.target);
    case 'encode':
      return fitEncode(table, step, context);
    case 'group-codes':
      return fitGroupCodes(table, step, context.target);
    case 'date-parts':
      return fitDateParts(table, step, context.target);
    default:
      return undefined;
  }
}

function applyStep(table: Table, step: FittedStep): Table {
  switch (step.step) {
    case 'drop':
      return withoutColumns(table, step.columns);
    case 'fill':
      return applyFill(table, step);
    case 'scale':
      return applyScale(table, step);
    case 'encode':
      return applyEncode(table, step);
    case 'group':
      return applyGroupCodes(table, step);
    case 'dateParts':
      return applyDateParts(table, step);
  }
}

/**
 * Applies what training learnt. The features come out in the order of `fitted.output`, whatever the order of the columns
 * that go in; the target, where it is there, is the last column, untouched.
 *
 * @throws UnknownColumnError where an input column is not there
 * @throws UnknownCategoryError where an encoder refuses a category
 */
export function applyPreprocessing(fitted: FittedPreprocessing, table: Table): Table {
  let result = pick(table, fitted.input);
  for (const step of fitted.steps) result = applyStep(result, step);
  const columns = fitted.output.map(({ name, kind }) => {
    const column = requireColumn(result, name);
    if (column.kind === kind) return column;
    throw new BadDataError(`"${name}" came out as ${column.kind}, and was ${kind} in training`);
  });
  const target = findColumn(table, fitted.target);
  return { rowCount: table.rowCount, columns: target === undefined ? columns : [...columns, target] };
}
