import { InvalidInputError } from '../../lib/errors/index.ts';
import { inferSchema, type RowSchema, requireColumn, type Table, takeRows } from '../../lib/table/index.ts';
import { checkColumns, chooseColumns, rowsWithTarget } from './columns.ts';
import { type Salvaged, salvageColumns } from './salvage.ts';
import { layoutOf, openFile, readRows } from './source.ts';

/** Bad rows are left out up to here, and told of; past it the file is refused. */
const MAX_BAD_SHARE = 0.05;

export interface ReadOptions {
  data: string;
  target: string;
  drop: readonly string[];
  /** A column that says which rows belong together. */
  group?: string | undefined;
  missing: readonly string[];
  note: (text: string) => void;
}

export interface ReadFile {
  table: Table;
  /** The columns that are used, the target among them. */
  schema: RowSchema;
  /** The group of each row: one column as it was read. */
  groups?: Table | undefined;
  /** Data lines of the file. */
  rowsInFile: number;
  dropped: { column: string; reason: string }[];
  /** Columns read as text and made numbers or dates. */
  salvaged: Salvaged['salvaged'];
}

/**
 * Reads a file of unknown columns: infers them, leaves out rows without a target and columns that say nothing.
 * @throws InvalidInputError for an unknown column; BadDataError and its kinds for what is not a table.
 */
export async function readForTraining(options: ReadOptions): Promise<ReadFile> {
  const { data, target, drop, group, missing, note } = options;
  const layout = await layoutOf(data);
  if (layout.delimiter !== ',') note(`fields are parted by ${nameOf(layout.delimiter)}`);
  const whole = await inferSchema(await openFile(data), {
    ...layout,
    missing: [...missing],
    sampleRows: Number.POSITIVE_INFINITY,
  });
  checkColumns(whole, 'target', [target]);
  checkColumns(whole, 'drop', drop);
  if (group !== undefined) checkGroup(whole, group, target);
  const read = await readRows(
    await openFile(data),
    {
      ...layout,
      schema: whole,
      missing: [...missing],
      maxBadShare: MAX_BAD_SHARE,
    },
    'Correct the rows. Where such a text means that there is no value, say so with --missing TEXT.',
  );
  const [firstBad] = read.badRows;
  if (firstBad)
    note(`${read.badCount} bad rows are left out; the first, on line ${firstBad.line}: ${firstBad.reason}`);
  const mended = salvageColumns(read.table, whole, target, note);
  const { dropped } = chooseColumns(mended.table, target, drop, group);
  for (const { column, reason } of dropped) {
    if (!drop.includes(column) && column !== group) note(`column "${column}" is left out: it ${reason}`);
  }
  const gone = new Set(dropped.map(({ column }) => column));
  const schema = { columns: mended.schema.columns.filter((column) => !gone.has(column.name)) };
  const kept = {
    ...mended.table,
    columns: mended.table.columns.filter((column) => !gone.has(column.name)),
  };
  const rows = rowsWithTarget(kept, target);
  if (rows?.length === 0) {
    throw new InvalidInputError(`no row has a value of "${target}"`, {
      field: 'target',
      remedy: 'Name another --target, or give rows whose answer is known.',
    });
  }
  const table = rows === undefined ? kept : takeRows(kept, rows);
  const without = kept.rowCount - table.rowCount;
  if (without > 0) note(`${without} rows have no "${target}" and are left out`);
  const salvaged = mended.salvaged.filter(({ column }) => !gone.has(column));
  const groups = group === undefined ? undefined : groupColumn(read.table, group, rows);
  return { table, schema, groups, rowsInFile: read.totalRows, dropped, salvaged };
}

const nameOf = (delimiter: string): string =>
  delimiter === ';' ? 'semicolons' : delimiter === '\t' ? 'tabs' : 'bars';

function checkGroup(schema: RowSchema, group: string, target: string): void {
  checkColumns(schema, 'group', [group]);
  if (group !== target) return;
  throw new InvalidInputError(`"${group}" is the target, so it cannot group the rows`, {
    field: 'group',
    remedy: 'Name a column such as the customer or the patient that several rows are of.',
  });
}

/** As it was read: what is taken for a number elsewhere may be a name here. */
function groupColumn({ columns, rowCount }: Table, group: string, rows: Int32Array | undefined): Table {
  const alone = { rowCount, columns: [requireColumn({ columns, rowCount }, group)] };
  return rows === undefined ? alone : takeRows(alone, rows);
}

/** @throws InvalidInputError where no column is left beside the target, with why */
export function requireFeatures({ schema, dropped }: ReadFile, target: string): void {
  if (schema.columns.length > 1) return;
  const reasons = dropped.slice(0, 5).map(({ column, reason }) => `"${column}" ${reason}`);
  throw new InvalidInputError(
    `no column is left to predict "${target}" from${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`,
    { field: 'data', remedy: 'Give a file with at least one column that says something of the target.' },
  );
}
