import { rowIdentities, takeRows } from '../rows.ts';
import { requireColumn, withoutColumns } from '../table.ts';
import type { Table } from '../types.ts';
import type { CleanStep } from './steps.ts';

/** What {@link applyRowSteps} did. */
export interface RowStepsReport {
  rowsIn: number;
  rowsOut: number;
  duplicatesDropped: number;
  columnsDropped: string[];
}

/**
 * The steps that come before the split: dropped columns and dropped duplicates, in their order. Others are passed over.
 *
 * @throws UnknownColumnError where a column to drop is not there
 * @example
 * const { table, report } = applyRowSteps(raw, [dropColumns(['encounter_id']), dropDuplicates()]);
 */
export function applyRowSteps(
  table: Table,
  steps: readonly CleanStep[],
): { table: Table; report: RowStepsReport } {
  let result = table;
  const columnsDropped: string[] = [];
  for (const step of steps) {
    if (step.step === 'drop-duplicates') result = firstOfEquals(result);
    if (step.step !== 'drop-columns') continue;
    for (const name of step.columns) {
      if (columnsDropped.includes(name)) continue;
      requireColumn(result, name);
      columnsDropped.push(name);
    }
    result = withoutColumns(result, step.columns);
  }
  const report = {
    rowsIn: table.rowCount,
    rowsOut: result.rowCount,
    duplicatesDropped: table.rowCount - result.rowCount,
    columnsDropped,
  };
  return { table: result, report };
}

function firstOfEquals(table: Table): Table {
  const ids = rowIdentities([table])[0] as Int32Array;
  const kept: number[] = [];
  const seen = new Set<number>();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (seen.has(id)) continue;
    seen.add(id);
    kept.push(i);
  }
  return kept.length === table.rowCount ? table : takeRows(table, kept);
}
