import { isDeepStrictEqual } from 'node:util';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../lib/errors/index.ts';
import { readParquet, type Table, writeParquet } from '../../../lib/table/index.ts';
import { honestFiles, numbers, readHonest, tableOf, texts, thrownBy, valuesOf } from './support.ts';

const table = tableOf(
  numbers('number', [0.1, Number.NaN, -0, 5e-324, Number.MAX_VALUE]),
  numbers('small', [1, 2, Number.NaN, -2147483648, 2147483647], 'integer'),
  numbers('large', [Number.MAX_SAFE_INTEGER, Number.NaN, Number.MIN_SAFE_INTEGER, 0, 1], 'integer'),
  numbers('flag', [1, 0, Number.NaN, 1, 0], 'boolean'),
  numbers('when', [0, -62135596800000, Number.NaN, 1e12, 8.64e15], 'date'),
  texts('Class_ X.Percentage', ['b', 'a', null, 'ação 🌳', ''], 'text'),
  { name: 'unused', kind: 'category', codes: Int32Array.of(2, 0, -1, 2, 0), categories: ['z', 'never', 'a'] },
);

/** A column's facts as JSON, and its values as bytes: quick to compare where there are millions. */
const comparable = ({ columns }: Table) =>
  columns.map((column) => {
    const array = 'values' in column ? column.values : column.codes;
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    const categories = 'values' in column ? [] : column.categories;
    return { name: column.name, kind: column.kind, categories, bytes: bytes.toString('latin1') };
  });

describe('Parquet', () => {
  it('gives back exactly the table: kinds, dictionaries in order, missing values, every bit', async () => {
    const back = await readParquet(writeParquet(table));
    expect(back).toEqual(table);
    expect(Object.is(valuesOf(back, 'number')[2], -0)).toBe(true);
  });

  it('has the same bytes for the same table, and for the table read back', async () => {
    const bytes = writeParquet(table);
    expect(writeParquet(table)).toEqual(bytes);
    expect(writeParquet(await readParquet(bytes))).toEqual(bytes);
  });

  it('is typed for other readers: pandas sees integers, strings, timestamps', () => {
    const { schema } = parquetMetadata(writeParquet(table).buffer as ArrayBuffer);
    expect(schema.slice(1).map(({ name, type, converted_type }) => [name, type, converted_type])).toEqual([
      ['number', 'DOUBLE', undefined],
      ['small', 'INT32', undefined],
      ['large', 'INT64', undefined],
      ['flag', 'BOOLEAN', undefined],
      ['when', 'INT64', 'TIMESTAMP_MILLIS'],
      ['Class_ X.Percentage', 'BYTE_ARRAY', 'UTF8'],
      ['unused', 'BYTE_ARRAY', 'UTF8'],
    ]);
  });

  it('writes a missing value as null, not as NaN', () => {
    const { row_groups } = parquetMetadata(writeParquet(table).buffer as ArrayBuffer);
    expect(row_groups[0]!.columns.map(({ meta_data }) => meta_data?.statistics?.null_count)).toEqual([
      1n,
      1n,
      1n,
      1n,
      1n,
      1n,
      1n,
    ]);
  });

  it('holds a table without rows', async () => {
    const empty = tableOf(numbers('n', []), texts('c', []), numbers('d', [], 'date'));
    expect(await readParquet(writeParquet(empty))).toEqual(empty);
  });

  it('holds more rows than one row group', async () => {
    const count = 250_001;
    const long = tableOf(
      numbers(
        'i',
        Array.from({ length: count }, (_, i) => i),
        'integer',
      ),
      texts(
        'c',
        Array.from({ length: count }, (_, i) => (i % 3 === 0 ? null : `v${i % 7}`)),
      ),
    );
    expect(await readParquet(writeParquet(long))).toEqual(long);
  });

  it('reads from the middle of a larger buffer', async () => {
    const bytes = writeParquet(table);
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 10);
    expect(await readParquet(larger.subarray(10, 10 + bytes.length))).toEqual(table);
  });

  it("reads from a Buffer of Node's pool, whose slice shares the memory of others", async () => {
    const bytes = Buffer.from(writeParquet(table)); // below 4 KiB: the pool's, at any place in it
    expect(bytes.buffer.byteLength).toBeGreaterThan(bytes.length);
    const before = Buffer.from(bytes);
    expect(await readParquet(bytes)).toEqual(table);
    expect(bytes.equals(before)).toBe(true);
  });

  it('reads a flat file of another writer', async () => {
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'd', data: [1.5, 2], type: 'DOUBLE' },
        { name: 'i', data: [1n, 2n], type: 'INT64' },
        { name: 's', data: ['x', null], type: 'STRING' },
        { name: 't', data: [new Date(5), new Date(6)], type: 'TIMESTAMP' },
        { name: 'b', data: [true, false], type: 'BOOLEAN' },
      ],
    });
    const { columns } = await readParquet(new Uint8Array(buffer));
    expect(columns.map(({ kind }) => kind)).toEqual(['number', 'integer', 'text', 'date', 'boolean']);
    expect(columns[3]).toMatchObject({ values: Float64Array.of(5, 6) });
  });

  it.each([
    ['no bytes', new Uint8Array(0)],
    ['other bytes', new TextEncoder().encode('a,b\n1,2\n')],
    ['a cut file', writeParquet(table).subarray(0, 200)],
    ['a file without its beginning', writeParquet(table).subarray(100)],
  ])('refuses %s', async (_, bytes) => {
    expect(await thrownBy(() => readParquet(bytes))).toBeInstanceOf(IntegrityError);
  });

  it('refuses metadata that names other columns', async () => {
    const metadata = JSON.stringify({ version: 1, columns: [{ name: 'other', kind: 'number' }] });
    const buffer = parquetWriteBuffer({
      columnData: [{ name: 'n', data: [1], type: 'DOUBLE' }],
      kvMetadata: [{ key: 'arboleda', value: metadata }],
    });
    expect(await thrownBy(() => readParquet(new Uint8Array(buffer)))).toBeInstanceOf(IntegrityError);
  });

  it.each(honestFiles.map((file) => [file.path, file] as const))(
    'gives back %s',
    async (_, file) => {
      const { table: real } = await readHonest(file);
      const back = comparable(await readParquet(writeParquet(real)));
      const same = comparable(real).filter((column, j) => isDeepStrictEqual(column, back[j]));
      expect(same.map(({ name }) => name)).toEqual(real.columns.map(({ name }) => name));
    },
    120_000,
  );
});
