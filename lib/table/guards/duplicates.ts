import { BadDefinitionError } from '../../errors/index.ts';
import { rowIdentities } from '../rows.ts';
import type { Table } from '../types.ts';

/**
 * How many rows of the later parts are equal, in every column, to a row of an earlier part: they were seen in training,
 * so a figure on them flatters. Rows repeated within one part do not count.
 *
 * @param parts training first; all with the same columns
 * @example
 * duplicatesAcrossSplits([train, validation, test]); // 12
 */
export function duplicatesAcrossSplits(parts: readonly Table[] | Record<string, Table>): number {
  const tables = Array.isArray(parts) ? (parts as Table[]) : Object.values(parts);
  const names = JSON.stringify(tables[0]?.columns.map(({ name }) => name));
  if (tables.some((table) => JSON.stringify(table.columns.map(({ name }) => name)) !== names)) {
    throw new BadDefinitionError('the parts of a split must have the same columns');
  }
  const seen = new Set<number>();
  let count = 0;
  for (const ids of rowIdentities(tables)) {
    for (const id of ids) if (seen.has(id)) count++;
    for (const id of ids) seen.add(id);
  }
  return count;
}
