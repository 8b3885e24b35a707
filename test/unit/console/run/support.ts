import { profileTable, type Table } from '../../../../lib/table/index.ts';

export { profileTable };

export const numberColumn = (name: string, values: readonly number[]): Table['columns'][number] => ({
  name,
  kind: 'number',
  values: Float64Array.from(values),
});

export const makeTable = (columns: Table['columns']): Table => ({
  rowCount: (columns[0] as { values: Float64Array }).values.length,
  columns,
});
