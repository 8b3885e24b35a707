import { parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../lib/errors/index.ts';
import { openParquet, readParquet, writeParquet } from '../../../lib/table/parquet.ts';
import {
  type AddedColumn,
  joinStored,
  readStored,
  type StoredRows,
  writeStored,
} from '../../../lib/table/parquet-stored.ts';
import { tableToRows } from '../../../lib/table/table.ts';

const fileOf = (bytes: Uint8Array) => ({
  byteLength: bytes.length,
  slice: (start: number, end?: number) => new Uint8Array(bytes.subarray(start, end)).buffer,
});
const objectsOf = (bytes: Uint8Array) => parquetReadObjects({ file: fileOf(bytes) });
async function* each(files: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* files;
}
const joined = async (files: readonly Uint8Array[]): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of joinStored(each(files))) pieces.push(piece);
  return Buffer.concat(pieces);
};

const MICROS = 1_700_000_000_123_456n;
const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;
/** What a table of numbers and texts would not hold as it is. */
const COLUMNS: [SchemaElement, (i: number) => unknown][] = [
  [{ name: 'snowflake', type: 'INT64', ...OPTIONAL }, (i) => 2n ** 53n + 1n + BigInt(i)],
  [{ name: 'ticks', type: 'INT64', converted_type: 'UINT_64', ...OPTIONAL }, (i) => 2n ** 63n + BigInt(i)],
  [
    {
      name: 'at',
      type: 'INT64',
      ...OPTIONAL,
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    (i) => MICROS + BigInt(i),
  ],
  [{ name: 'day', type: 'INT32', converted_type: 'DATE', ...OPTIONAL }, (i) => 20_000 + i],
  [
    { name: 'price', type: 'INT64', converted_type: 'DECIMAL', scale: 2, precision: 18, ...OPTIONAL },
    (i) => 123_456_789_012_345_678n + BigInt(i),
  ],
  [{ name: 'small', type: 'FLOAT', ...OPTIONAL }, (i) => Math.fround(i / 3)],
  [{ name: 'flag', type: 'BOOLEAN', ...OPTIONAL }, (i) => (i % 4 === 3 ? null : i % 2 === 0)],
  [{ name: 'bytes', type: 'BYTE_ARRAY', ...OPTIONAL }, (i) => Uint8Array.from([0xff, 0xfe, i])],
  [
    { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...OPTIONAL },
    (i) => (i % 5 === 0 ? null : `ü${i % 2}`),
  ],
  [{ name: 'must', type: 'DOUBLE', repetition_type: 'REQUIRED' }, (i) => i / 7],
];

/** A file as another program writes it. */
function foreignFile(rows: number, rowGroupSize = 1_000): Uint8Array {
  const writer = new ByteWriter();
  const root = { name: 'schema', num_children: COLUMNS.length };
  const file = new ParquetWriter({ writer, schema: [root, ...COLUMNS.map(([element]) => element)] });
  const columnData = COLUMNS.map(
    ([{ name }, make]): ColumnSource => ({ name, data: Array.from({ length: rows }, (_, i) => make(i)) }),
  );
  file.write({ columnData, rowGroupSize });
  file.finish();
  return writer.getBytes();
}

const none: AddedColumn[] = [];
const leavesOf = (bytes: Uint8Array) =>
  parquetMetadata(bytes)
    .schema.slice(1)
    .map((element) => Object.fromEntries(Object.entries(element).filter(([, value]) => value !== undefined)));

describe('rows as a file stores them', () => {
  it('go through with each type and value as it was', async () => {
    const bytes = foreignFile(40);
    const copy = writeStored(await readStored(fileOf(bytes), 0, 40), none);
    expect(leavesOf(copy)).toEqual(leavesOf(bytes));
    const stored = await readStored(fileOf(copy), 0, 40);
    for (const [j, [{ name }, make]] of COLUMNS.entries()) {
      // An unsigned integer is stored as the signed one of the same bits.
      const value = (i: number) => (name === 'ticks' ? BigInt.asIntN(64, make(i) as bigint) : make(i));
      expect(
        stored.values[j]!.map((one) => (one instanceof Uint8Array ? Uint8Array.from(one) : one)),
        name,
      ).toEqual(Array.from({ length: 40 }, (_, i) => value(i)));
    }
    expect(await objectsOf(copy)).toEqual(await objectsOf(bytes));
  });

  it('are those that were asked for, across row groups', async () => {
    const bytes = foreignFile(100, 30);
    for (const [from, to] of [
      [0, 1],
      [25, 65],
      [89, 100],
      [30, 60],
    ] as const) {
      const { values } = await readStored(fileOf(bytes), from, to);
      expect(values[0], `${from} to ${to}`).toEqual(
        Array.from({ length: to - from }, (_, i) => COLUMNS[0]![1](from + i)),
      );
    }
  });

  it('have nothing nested', async () => {
    const writer = new ByteWriter();
    const schema: SchemaElement[] = [
      { name: 'schema', num_children: 1 },
      { name: 'point', num_children: 1, ...OPTIONAL },
      { name: 'x', type: 'DOUBLE', ...OPTIONAL },
    ];
    const file = new ParquetWriter({ writer, schema });
    file.write({ columnData: [{ name: 'point', data: [{ x: 1 }] }] });
    file.finish();
    await expect(readStored(fileOf(writer.getBytes()), 0, 1)).rejects.toThrow(IntegrityError);
  });

  it('keep the kinds that this project wrote, and have those of the columns behind them', async () => {
    const table = {
      rowCount: 3,
      columns: [
        { name: 'c', kind: 'category' as const, categories: ['b', 'a'], codes: Int32Array.of(1, 0, -1) },
        { name: 'n', kind: 'integer' as const, values: Float64Array.of(1, Number.NaN, 3) },
      ],
    };
    const stored = await readStored(fileOf(writeParquet(table)), 0, 3);
    const bytes = writeStored(stored, [
      { name: 'prediction', type: 'STRING', data: ['x', 'y', 'x'] },
      { name: 'probability_x', type: 'DOUBLE', data: [0.5, null, 1] },
    ]);
    const read = await readParquet(bytes);
    expect(read.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['c', 'category'],
      ['n', 'integer'],
      ['prediction', 'text'],
      ['probability_x', 'number'],
    ]);
    expect(tableToRows(read)).toEqual([
      { c: 'a', n: 1, prediction: 'x', probability_x: 0.5 },
      { c: 'b', n: null, prediction: 'y', probability_x: null },
      { c: null, n: 3, prediction: 'x', probability_x: 1 },
    ]);
  });
});

describe('files joined', () => {
  const part = async (from: number, to: number): Promise<Uint8Array> => {
    const stored = await readStored(fileOf(foreignFile(100)), from, to);
    const data = Array.from({ length: to - from }, (_, i) => from + i + 0.5);
    return writeStored(stored, [{ name: 'prediction', type: 'DOUBLE', data }]);
  };

  it('are one file of all rows in order, whose added columns have their statistics', async () => {
    const whole = await joined(await Promise.all([part(0, 33), part(33, 34), part(34, 100)]));
    const rows = await objectsOf(whole);
    const before = await objectsOf(foreignFile(100));
    expect(rows).toEqual(before.map((row, i) => ({ ...row, prediction: i + 0.5 })));
    const { row_groups, num_rows } = parquetMetadata(whole);
    expect([num_rows, row_groups.length]).toEqual([100n, 3]);
    expect(row_groups.map(({ columns }) => columns.at(-1)!.meta_data!.statistics)).toMatchObject([
      { min_value: 0.5, max_value: 32.5 },
      { min_value: 33.5, max_value: 33.5 },
      { min_value: 34.5, max_value: 99.5 },
    ]);
  });

  it('can be read from the middle: the places in the footer are those of the joined file', async () => {
    const file = await openParquet(fileOf(await joined([await part(0, 50), await part(50, 100)])));
    expect(file.groups).toEqual([50, 50]);
    const some = tableToRows(await file.read(48, 53, new Set(['prediction', 'must'])));
    expect(some).toEqual([48, 49, 50, 51, 52].map((i) => ({ must: i / 7, prediction: i + 0.5 })));
  });

  it('may have parts without rows, first and all of them too', async () => {
    const empty = await part(10, 10);
    expect(await objectsOf(await joined([empty, await part(0, 2), empty]))).toHaveLength(2);
    const nothing = await joined([empty, empty]);
    expect(await objectsOf(nothing)).toEqual([]);
    expect(leavesOf(nothing).map(({ name }) => name)).toEqual([
      ...COLUMNS.map(([{ name }]) => name),
      'prediction',
    ]);
  });

  it('must have the same columns, and be some', async () => {
    const stored: StoredRows = await readStored(fileOf(foreignFile(2)), 0, 2);
    const other = writeStored(stored, [{ name: 'prediction', type: 'STRING', data: ['a', 'b'] }]);
    await expect(joined([await part(0, 1), other])).rejects.toThrow(IntegrityError);
    await expect(joined([])).rejects.toThrow(IntegrityError);
  });
});
