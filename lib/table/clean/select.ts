import { BadDefinitionError } from '../../errors/index.ts';
import { requireColumn } from '../table.ts';
import type { Column, ColumnKind, Table } from '../types.ts';
import type { ColumnSelector } from './steps.ts';

const KINDS: Record<'numeric' | 'categorical' | 'all', readonly ColumnKind[]> = {
  numeric: ['number', 'integer'],
  categorical: ['category', 'text'],
  all: ['number', 'integer', 'boolean', 'category', 'text', 'date'],
};

/**
 * The columns that a step works on, in the table's order. A selector takes those of its kinds that the step can treat;
 * a column given by name must be one that it can.
 *
 * @throws UnknownColumnError, BadDefinitionError
 */
export function selectColumns(
  table: Table,
  selector: ColumnSelector,
  step: { name: string; kinds: readonly ColumnKind[]; target: string },
): Column[] {
  const features = { ...table, columns: table.columns.filter((column) => column.name !== step.target) };
  if (typeof selector === 'string') {
    const kinds = KINDS[selector];
    return features.columns.filter(({ kind }) => kinds.includes(kind) && step.kinds.includes(kind));
  }
  if (selector.includes(step.target)) {
    throw new BadDefinitionError(`${step.name} names the target "${step.target}", which is never a feature`, {
      field: 'clean',
    });
  }
  const named = new Set(selector.map((name) => requireColumn(features, name)));
  for (const column of named) {
    if (step.kinds.includes(column.kind)) continue;
    throw new BadDefinitionError(`${step.name} cannot treat "${column.name}", which is ${column.kind}`, {
      field: 'clean',
      remedy: `Name columns of these kinds: ${step.kinds.join(', ')}.`,
    });
  }
  return features.columns.filter((column) => named.has(column));
}

/** Puts columns in the place of others, each after the column it comes from. @throws BadDefinitionError on equal names */
export function replaceColumns(table: Table, replacements: ReadonlyMap<string, readonly Column[]>): Table {
  const columns = table.columns.flatMap((column) => replacements.get(column.name) ?? [column]);
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) {
      throw new BadDefinitionError(`a clean step makes a second column named "${name}"`, {
        field: 'clean',
        remedy: 'Rename or drop one of the columns.',
      });
    }
    seen.add(name);
  }
  return { rowCount: table.rowCount, columns };
}
