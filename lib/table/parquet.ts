import {
  type DecodedArray,
  type FileMetaData,
  parquetMetadata,
  parquetMetadataAsync,
  parquetRead,
} from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { z } from 'zod';
import { ArboledaError, IntegrityError } from '../errors/index.ts';
import { columnBuilder } from './builders.ts';
import { METADATA_KEY, metadataSchema } from './parquet-metadata.ts';
import { isNumeric, isNumericKind } from './table.ts';
import type { CategoryColumn, Column, ColumnKind, NumericColumn, Table } from './types.ts';

type TableMetadata = z.infer<typeof metadataSchema>;

/**
 * The table as a Parquet file (Snappy): DOUBLE, INT32 or INT64, BOOLEAN, TIMESTAMP in ms, UTF-8 strings; a missing value
 * is null. The same table gives the same bytes. Kinds and dictionaries travel in the file's key-value metadata, so that
 * {@link readParquet} gives back exactly this table.
 */
export function writeParquet(table: Table): Uint8Array {
  const metadata: TableMetadata = { version: 1, columns: table.columns.map(columnMetadata) };
  const buffer = parquetWriteBuffer({
    columnData: table.columns.map(columnSource),
    kvMetadata: [{ key: METADATA_KEY, value: JSON.stringify(metadata) }],
    createdBy: 'arboleda',
    rowGroupSize: 100_000,
  });
  return new Uint8Array(buffer);
}

function columnMetadata(column: Column): TableMetadata['columns'][number] {
  const { name, kind } = column;
  if (isNumeric(column) || inOrderOfAppearance(column)) return { name, kind };
  return { name, kind, categories: [...column.categories] };
}

function inOrderOfAppearance({ codes, categories }: CategoryColumn): boolean {
  let next = 0;
  for (const code of codes) {
    if (code > next) return false;
    if (code === next) next++;
  }
  return next === categories.length;
}

function columnSource(column: Column): ColumnSource {
  const { name } = column;
  if (!isNumeric(column)) {
    const { codes, categories } = column;
    return { name, type: 'STRING', data: Array.from(codes, (code) => categories[code] ?? null) };
  }
  const present = (convert: (value: number) => unknown) =>
    Array.from(column.values, (value) => (Number.isNaN(value) ? null : convert(value)));
  switch (column.kind) {
    case 'boolean':
      return { name, type: 'BOOLEAN', data: present((value) => value !== 0) };
    case 'date':
      return { name, type: 'TIMESTAMP', data: present(BigInt) };
    case 'integer': {
      const narrow = column.values.every((value) => Number.isNaN(value) || (value | 0) === value);
      return narrow
        ? { name, type: 'INT32', data: present((value) => value) }
        : { name, type: 'INT64', data: present(BigInt) };
    }
    default:
      return { name, type: 'DOUBLE', data: present((value) => value) };
  }
}

/**
 * Reads a Parquet file that {@link writeParquet} wrote, or another's flat one (kinds from the Parquet types).
 *
 * @throws IntegrityError where the bytes are no Parquet file, or are damaged
 */
export async function readParquet(bytes: Uint8Array): Promise<Table> {
  try {
    return await read(bytes);
  } catch (error) {
    if (error instanceof IntegrityError) throw error;
    throw new IntegrityError(`this is no readable Parquet file: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A Parquet file of which some rows are read at a time. */
export interface ParquetRows {
  rowCount: number;
  /** Rows of each row group, in order: what is read together costs least. */
  groups: readonly number[];
  columns: readonly { name: string; kind: ColumnKind }[];
  /**
   * Rows `from` to `to` (exclusive), as {@link readParquet} would give them, of these columns or of all. Reads the row groups
   * that they are in.
   */
  read(from: number, to: number, columns?: ReadonlySet<string>): Promise<Table>;
}

/** Bytes `start` to `end` (exclusive) of a file. */
export interface RangeOfBytes {
  byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/**
 * Opens a Parquet file by its footer: nothing else of it is read until rows are asked for.
 *
 * @throws IntegrityError where it is no flat Parquet file, or is damaged
 */
export async function openParquet(file: RangeOfBytes): Promise<ParquetRows> {
  const unreadable = (cause: unknown): never => {
    if (cause instanceof ArboledaError) throw cause;
    throw new IntegrityError(`this is no readable Parquet file: ${(cause as Error).message}`, { cause });
  };
  const whole = { byteLength: file.byteLength, slice: async (a: number, b?: number) => file.slice(a, b) };
  const metadata = await parquetMetadataAsync(whole).catch(unreadable);
  const declared = declaredColumns(metadata);
  return {
    rowCount: Number(metadata.num_rows),
    groups: metadata.row_groups.map((group) => Number(group.num_rows)),
    columns: declared,
    read: (from, to, columns) => {
      const wanted = columns === undefined ? declared : declared.filter(({ name }) => columns.has(name));
      return readRange(whole, metadata, wanted, from, to).catch(unreadable);
    },
  };
}

async function read(bytes: Uint8Array): Promise<Table> {
  const file = {
    byteLength: bytes.byteLength,
    // Copied by the constructor: a Buffer's own slice shares the memory of a pool, and so does its .buffer.
    slice: (start: number, end?: number) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const metadata = parquetMetadata(file.slice(0));
  return readRange(file, metadata, declaredColumns(metadata), 0, Number(metadata.num_rows));
}

async function readRange(
  file: { byteLength: number; slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer },
  metadata: FileMetaData,
  declared: TableMetadata['columns'],
  from: number,
  to: number,
): Promise<Table> {
  const fills = new Map(declared.map((column) => [column.name, columnFill(column, to - from)]));
  const chunks: { name: string; data: DecodedArray; start: number }[] = [];
  await parquetRead({
    file,
    metadata,
    rowStart: from,
    rowEnd: to,
    columns: declared.map(({ name }) => name),
    parsers: { timestampFromMilliseconds: Number },
    onChunk: ({ columnName, columnData, rowStart }) =>
      chunks.push({ name: columnName, data: columnData, start: rowStart }),
  });
  // Chunks arrive as their reads end; the dictionaries must not depend on that.
  chunks.sort((a, b) => a.start - b.start);
  for (const { name, data, start } of chunks) {
    // A chunk may begin before the rows that were asked for, and end behind them.
    const first = Math.max(0, from - start);
    const end = Math.min(data.length, to - start);
    const whole = first === 0 && end === data.length;
    if (end > first) fills.get(name)?.add(whole ? data : data.slice(first, end));
  }
  return {
    rowCount: to - from,
    columns: declared.map(({ name }) => (fills.get(name) as ColumnFill).finish()),
  };
}

function declaredColumns(metadata: FileMetaData): TableMetadata['columns'] {
  const own = metadata.key_value_metadata?.find(({ key }) => key === METADATA_KEY)?.value;
  const leaves = metadata.schema.slice(1);
  if (own !== undefined) {
    const { columns } = metadataSchema.parse(JSON.parse(own));
    if (columns.length === leaves.length && columns.every(({ name }, j) => leaves[j]?.name === name))
      return columns;
    throw new IntegrityError('the metadata of the Parquet file names other columns than the file has');
  }
  return leaves.map((leaf) => {
    if (leaf.num_children) throw new IntegrityError(`column "${leaf.name}" is nested: a table is flat`);
    return { name: leaf.name, kind: foreignKind(leaf.type, leaf.converted_type, leaf.logical_type?.type) };
  });
}

function foreignKind(type?: string, converted?: string, logical?: string): ColumnKind {
  if (converted?.startsWith('TIMESTAMP') || converted === 'DATE' || logical === 'TIMESTAMP') return 'date';
  // Of any physical type: hyparquet gives its value.
  if (converted === 'DECIMAL') return 'number';
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'INT32' || type === 'INT64') return 'integer';
  return type === 'DOUBLE' || type === 'FLOAT' ? 'number' : 'text';
}

interface ColumnFill {
  add(data: DecodedArray): void;
  finish(): Column;
}

function columnFill(column: TableMetadata['columns'][number], rowCount: number): ColumnFill {
  const { name, kind, categories } = column;
  if (isNumericKind(kind)) return numericFill(name, kind, rowCount);
  const builder = columnBuilder({ name, kind, nullable: true, ...(categories ? { categories } : {}) });
  let length = 0;
  return {
    add: (data) => {
      for (let i = 0; i < data.length; i++) builder.push(data[i] ?? undefined);
      length += data.length;
    },
    finish: () => checkedLength(builder.finish(), length, rowCount),
  };
}

function numericFill(name: string, kind: NumericColumn['kind'], rowCount: number): ColumnFill {
  const values = new Float64Array(rowCount);
  let length = 0;
  return {
    add: (data) => {
      for (let i = 0; i < data.length; i++) {
        const value: unknown = data[i];
        values[length++] = value === null || value === undefined ? Number.NaN : Number(value);
      }
    },
    finish: () => checkedLength({ name, kind, values }, length, rowCount),
  };
}

function checkedLength(column: Column, length: number, rowCount: number): Column {
  if (length === rowCount) return column;
  throw new IntegrityError(`column "${column.name}" has ${length} values, the file says ${rowCount}`);
}
