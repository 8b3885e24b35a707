import type { z } from 'zod';
import { columnBuilder } from '../builders.ts';
import { type BadRow, EmptyDataError, TooManyBadRowsError } from '../errors.ts';
import type { RowSchema, Table } from '../types.ts';
import { type DecodeRow, RowDecoder } from './decode.ts';
import type { Delimiter } from './delimiter.ts';
import { checkNewHeader, locateColumns, noHeader } from './header.ts';
import { RowJudge, type RowProblem } from './judge.ts';
import { readRecords } from './records.ts';

/** So many bad rows are kept whole; all are counted. */
const KEPT_BAD_ROWS = 1_000;
const SUMMARY_LINES = 20;

export interface ReadCsvOptions {
  schema: RowSchema;
  /** The final judge of each row. Without it the schema's kinds, bounds and categories judge. */
  row?: z.ZodObject;
  /** The share of rows that may be bad, 0 to 1. */
  maxBadShare?: number;
  /** Cells that mean "no value", compared exactly and without surrounding blanks. */
  missing?: readonly string[];
  /** The most bytes of text (after inflating) to read; 2 GiB unless given. */
  maxBytes?: number;
  /** The columns of a file that has no header line: its first line is a row. */
  header?: readonly string[] | undefined;
  /** Makes the schema's columns of each row as the file has it; the file's own columns may then be any. */
  decode?: DecodeRow | undefined;
  /** What parts the fields of a line; a comma unless given. */
  delimiter?: Delimiter;
  /** Columns without a name are passed over, as a blank column at the end of each line is; else they must be unique. */
  passUnnamed?: boolean;
  /** Hands over a table at each so many good rows, so that a file of any length fits; the result has the rest. */
  batches?: { rows: number; take: (table: Table) => void };
}

export interface CsvResult {
  table: Table;
  /** Good and bad rows. */
  totalRows: number;
  /** The first 1,000 bad rows, in the file's order. */
  badRows: BadRow[];
  badCount: number;
  /** Columns of the file that the schema does not declare. */
  ignoredColumns: string[];
}

/**
 * Reads CSV or gzipped CSV as a stream into typed columns, in the schema's order. Stands a BOM, CRLF, and quotes with
 * line breaks. A row that breaks the schema is set aside with its line and the reason.
 *
 * @throws EmptyDataError, MissingColumnError, DuplicateColumnError, ColumnNameError, WrongDelimiterError,
 *   MalformedCsvError, NotCsvError, TruncatedGzipError, CorruptGzipError, DataTooLargeError, and TooManyBadRowsError
 *   (its `badRows` and a summary in its details) where more than `maxBadShare` of the rows are bad
 * @example
 * const schema = schemaFromZod(row);
 * const { table, badRows } = await readCsv(createReadStream('prices.csv.gz'), { schema, row, missing: ['', '?'] });
 */
export async function readCsv(
  source: AsyncIterable<Uint8Array>,
  options: ReadCsvOptions,
): Promise<CsvResult> {
  const { schema, row, maxBadShare = 0, missing = [''], batches } = options;
  let builders = schema.columns.map(columnBuilder);
  let built = 0;
  const takeBuilt = (): Table => {
    const table = { rowCount: built, columns: builders.map((builder) => builder.finish()) };
    builders = schema.columns.map(columnBuilder);
    built = 0;
    return table;
  };
  const judge = new RowJudge(schema, row, missing);
  const bad = new BadRows();
  let header: readonly string[] | undefined;
  let places: number[] = [];
  let decoder: RowDecoder | undefined;
  let totalRows = 0;
  const open = (names: readonly string[]): void => {
    header = names;
    places = placesOf(names, options);
    decoder = options.decode && new RowDecoder(options.decode, names, schema);
  };
  const problemOf = (fields: readonly string[], names: readonly string[]): RowProblem | undefined => {
    if (fields.length !== names.length) return wrongWidth(fields, names);
    return decoder === undefined
      ? judge.judge(fields, places)
      : (decoder.decode(fields) ?? judge.judge(decoder.cells, places));
  };
  if (options.header !== undefined) open(options.header);
  await readRecords(
    source,
    (fields, line) => {
      if (header === undefined) {
        open(fields);
        return undefined;
      }
      totalRows++;
      const problem = problemOf(fields, header);
      if (problem !== undefined) {
        bad.add(problem, fields, header, line);
        return undefined;
      }
      for (let j = 0; j < builders.length; j++) builders[j]?.push(judge.values[j]);
      if (++built === batches?.rows) batches.take(takeBuilt());
      return undefined;
    },
    options,
  );
  if (header === undefined) throw noHeader();
  if (totalRows === 0)
    throw options.header === undefined ? new EmptyDataError('the file has a header and no rows') : noHeader();
  bad.refuseMoreThan(maxBadShare, totalRows);
  if (totalRows === bad.count)
    throw new EmptyDataError(`all ${totalRows} rows are bad`, { details: bad.summary(totalRows) });
  const declared = new Set(schema.columns.map((column) => column.name));
  return {
    table: takeBuilt(),
    totalRows,
    badRows: bad.rows,
    badCount: bad.count,
    ignoredColumns: header.filter((name) => !declared.has(name)),
  };
}

/** Where each column of the schema stands in a record; with a decode function, in what that gives. */
function placesOf(header: readonly string[], options: ReadCsvOptions): number[] {
  const names = options.schema.columns.map((column) => column.name);
  if (options.decode === undefined) return locateColumns(header, names, options);
  checkNewHeader(header, options);
  return names.map((_, j) => j);
}

function wrongWidth(fields: readonly string[], header: readonly string[]): RowProblem {
  const reason = `${fields.length} fields, where the header has ${header.length}`;
  return { reason, summary: `a field count other than the header's ${header.length}` };
}

/** The rows set aside, and how often each problem occurred. */
class BadRows {
  readonly rows: BadRow[] = [];
  count = 0;
  readonly #problems = new Map<string, { count: number; firstLine: number }>();

  add(problem: RowProblem, fields: readonly string[], header: readonly string[], line: number): void {
    this.count++;
    const known = this.#problems.get(problem.summary);
    if (known !== undefined) known.count++;
    else if (this.#problems.size < 1_000) this.#problems.set(problem.summary, { count: 1, firstLine: line });
    if (this.rows.length === KEPT_BAD_ROWS) return;
    // fromEntries defines own properties, whatever their names.
    const values = Object.fromEntries(fields.map((field, j) => [header[j] ?? `field ${j + 1}`, field]));
    this.rows.push({ line, reason: problem.reason, values });
  }

  summary(totalRows: number): Record<string, unknown> {
    const reasons = [...this.#problems]
      .map(([reason, { count, firstLine }]) => ({ reason, count, firstLine }))
      .sort((a, b) => b.count - a.count || a.firstLine - b.firstLine)
      .slice(0, SUMMARY_LINES);
    return { totalRows, badCount: this.count, badShare: this.count / totalRows, reasons };
  }

  refuseMoreThan(maxBadShare: number, totalRows: number): void {
    if (this.count <= maxBadShare * totalRows) return;
    const details = { ...this.summary(totalRows), maxBadShare };
    const first = this.rows[0] as BadRow;
    const error = new TooManyBadRowsError(
      `${this.count} of ${totalRows} rows are bad (${percent(this.count / totalRows)}, at most ${percent(maxBadShare)} allowed); the first, on line ${first.line}: ${first.reason}`,
      { details },
    );
    error.badRows = this.rows;
    throw error;
  }
}

const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.001 ? 3 : 1)} %`;
