import {
  type DecodedArray,
  type FileMetaData,
  type KeyValue,
  parquetMetadata,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { IntegrityError } from '../errors/index.ts';
import { METADATA_KEY, metadataSchema } from './parquet-metadata.ts';

/** A range of a file; see `openParquet`. */
interface Ranges {
  byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/** Some rows of a Parquet file as it stores them: nothing is rounded to a double, or cut to milliseconds. */
export interface StoredRows {
  /** The columns' own elements of the file's schema, in order. */
  schema: SchemaElement[];
  /** Physical values of each column, null where missing. */
  values: unknown[][];
  keyValues: KeyValue[];
}

const TEXTUAL = new Set(['UTF8', 'ENUM', 'JSON']);

/** What the file stores without what it means: a timestamp is its integer. Text stays text, so that a dictionary of it is found. */
function physical(element: SchemaElement): SchemaElement {
  const { converted_type, logical_type, scale, precision, ...plain } = element;
  const text =
    TEXTUAL.has(converted_type ?? '') || ['STRING', 'ENUM', 'JSON'].includes(logical_type?.type ?? '');
  return text ? { ...plain, converted_type: 'UTF8' } : plain;
}

/** Spark's old timestamps have 96 bits, which nobody writes any more: the same moment in nanoseconds stands in their place. */
function kept(element: SchemaElement): SchemaElement {
  if (element.type !== 'INT96') return element;
  const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'NANOS' } as const;
  return { ...element, type: 'INT64', logical_type };
}

/**
 * Rows `from` to `to` (exclusive) as they are stored. Reads the row groups that they are in.
 *
 * @throws IntegrityError where a column is nested, or the file is damaged
 */
export async function readStored(file: Ranges, from: number, to: number): Promise<StoredRows> {
  const whole = { byteLength: file.byteLength, slice: async (a: number, b?: number) => file.slice(a, b) };
  const metadata = await parquetMetadataAsync(whole, { geoparquet: false });
  const [root, ...leaves] = metadata.schema;
  const nested = leaves.find(({ num_children }) => num_children);
  if (nested) throw new IntegrityError(`column "${nested.name}" is nested: a table is flat`);
  const bare: FileMetaData = { ...metadata, schema: [root!, ...leaves.map(physical)] };
  const values = new Map(leaves.map(({ name }) => [name, new Array<unknown>(to - from).fill(null)]));
  await parquetRead({
    file: whole,
    metadata: bare,
    rowStart: from,
    rowEnd: to,
    utf8: false,
    parsers: { timestampFromNanoseconds: (nanoseconds) => nanoseconds },
    onChunk: ({ columnName, columnData, rowStart }) =>
      place(values.get(columnName)!, columnData, rowStart - from),
  });
  return {
    schema: leaves.map(kept),
    values: leaves.map(({ name }) => values.get(name)!),
    keyValues: metadata.key_value_metadata ?? [],
  };
}

/** A piece of a column may begin before the rows that were asked for, and end behind them. */
function place(into: unknown[], data: DecodedArray, at: number): void {
  for (let i = Math.max(0, -at); i < data.length && at + i < into.length; i++) {
    into[at + i] = data[i] ?? null;
  }
}

/** A column that is added behind the stored ones. */
export interface AddedColumn {
  name: string;
  type: 'DOUBLE' | 'STRING';
  data: (number | string | null)[];
}

/** Stored rows with columns behind them, as a Parquet file: their own columns have the types and values that they had. */
export function writeStored(
  { schema, values, keyValues }: StoredRows,
  added: readonly AddedColumn[],
): Uint8Array {
  const own = schema.map(({ name }, j): ColumnSource => ({ name, data: values[j]!, statistics: false }));
  const more = added.map(
    ({ name, type }): SchemaElement => ({
      name,
      repetition_type: 'OPTIONAL',
      ...(type === 'STRING' ? { type: 'BYTE_ARRAY', converted_type: 'UTF8' } : { type }),
    }),
  );
  const root = { name: 'root', num_children: own.length + more.length };
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [root, ...schema.map(physical), ...more],
    createdBy: 'arboleda',
    ...ownMetadata(keyValues, added),
  });
  const columnData = [...own, ...added.map(({ name, data }): ColumnSource => ({ name, data }))];
  // Without an index of pages: its places would be wrong once the parts are joined.
  file.write({ columnData: columnData.map((one) => ({ ...one, offsetIndex: false })) });
  file.schema = [root, ...schema, ...more];
  file.finish();
  return writer.getBytes();
}

/** What this project wrote of kinds tells of the added columns too; what others wrote is of the file as it was. */
function ownMetadata(keyValues: readonly KeyValue[], added: readonly AddedColumn[]) {
  const own = keyValues.find(({ key }) => key === METADATA_KEY)?.value;
  if (own === undefined) return {};
  const { version, columns } = metadataSchema.parse(JSON.parse(own));
  const kind = ({ type }: AddedColumn) => (type === 'STRING' ? 'text' : 'number');
  const more = added.map((one) => ({ name: one.name, kind: kind(one) }));
  const value = JSON.stringify({ version, columns: [...columns, ...more] });
  return { kvMetadata: [{ key: METADATA_KEY, value }] };
}

const MAGIC_BYTES = 4;

/**
 * Parquet files of the same columns as one, in pieces: their pages are copied as they are, and one footer tells of all. Holds one
 * file at a time.
 *
 * @throws IntegrityError where the columns differ
 */
export async function* joinStored(files: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const footer = new ByteWriter();
  let out: ParquetWriter | undefined;
  let columns = '';
  let by = 0n;
  for await (const bytes of files) {
    const metadata = parquetMetadata(bytes, { geoparquet: false });
    const { schema, row_groups, num_rows, metadata_length, key_value_metadata } = metadata;
    const named = JSON.stringify(schema);
    if (out === undefined) {
      columns = named;
      out = new ParquetWriter({
        writer: footer,
        schema,
        createdBy: 'arboleda',
        ...(key_value_metadata && { kvMetadata: key_value_metadata }),
      });
      yield footer.getBytes().slice(0, MAGIC_BYTES);
    }
    if (named !== columns) throw new IntegrityError('parts of the result have different columns');
    const body = bytes.subarray(MAGIC_BYTES, bytes.length - 2 * MAGIC_BYTES - metadata_length);
    for (const group of row_groups) {
      for (const chunk of group.columns) {
        chunk.file_offset += by;
        const { meta_data } = chunk;
        if (meta_data === undefined) continue;
        meta_data.data_page_offset += by;
        if (meta_data.dictionary_page_offset !== undefined) meta_data.dictionary_page_offset += by;
      }
      out.row_groups.push(group);
    }
    out.num_rows += num_rows;
    by += BigInt(body.length);
    yield body;
  }
  if (out === undefined) throw new IntegrityError('there is no part of the result');
  out.finish();
  yield footer.getBytes().slice(MAGIC_BYTES);
}
