import { ConstantTargetError, SingleClassError, TargetMissingError } from '../errors.ts';
import { findColumn, isMissing, isNumeric } from '../table.ts';
import type { Table } from '../types.ts';

/**
 * Refuses a target that nothing can be learnt from.
 *
 * @throws TargetMissingError where the column is not there or a row has no value, SingleClassError (classification),
 *   ConstantTargetError (regression)
 */
export function checkTarget(table: Table, target: string, task: 'classification' | 'regression'): void {
  const column = findColumn(table, target);
  if (column === undefined) {
    throw new TargetMissingError(`the table has no column "${target}"`, {
      details: { target, columns: table.columns.slice(0, 200).map(({ name }) => name) },
    });
  }
  let missing = 0;
  const values = new Set<number>();
  for (let i = 0; i < table.rowCount; i++) {
    if (isMissing(column, i)) missing++;
    else values.add((isNumeric(column) ? column.values[i] : column.codes[i]) as number);
  }
  if (missing > 0) {
    throw new TargetMissingError(
      `${missing} of ${table.rowCount} rows have no value of the target "${target}"`,
      {
        details: { target, missing, rows: table.rowCount },
      },
    );
  }
  if (values.size > 1) return;
  const text = `the target "${target}" has ${values.size === 1 ? 'one value' : 'no value'} in ${table.rowCount} rows`;
  throw task === 'classification' ? new SingleClassError(text) : new ConstantTargetError(text);
}
