import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadDataError } from '../../../../lib/errors/index.ts';
import { readCsv, schemaFromZod, tableToRows } from '../../../../lib/table/index.ts';
import { gzipped, stream, textsOf, thrownBy, valuesOf } from '../support.ts';

const row = z.object({
  area: z.number().min(0),
  rooms: z.int(),
  kind: z.enum(['flat', 'house']),
  note: z.string().optional(),
});
const schema = schemaFromZod(row);
const good = 'area,rooms,kind,note\n90.5,3,flat,old\n120,5,house,\n';
const read = (text: string | Uint8Array, options: Partial<Parameters<typeof readCsv>[1]> = {}, piece = 7) =>
  readCsv(stream(text, piece), { schema, row, ...options });

describe('readCsv', () => {
  it('gives typed columns in the order of the schema', async () => {
    const { table, totalRows, badCount } = await read(good);
    expect({ totalRows, badCount, rowCount: table.rowCount }).toEqual({
      totalRows: 2,
      badCount: 0,
      rowCount: 2,
    });
    expect(table.columns.map(({ name, kind }) => `${name}:${kind}`)).toEqual([
      'area:number',
      'rooms:integer',
      'kind:category',
      'note:text',
    ]);
    expect(valuesOf(table, 'area')).toEqual([90.5, 120]);
    expect(textsOf(table, 'note')).toEqual(['old', null]);
  });

  it.each([1, 2, 3, 1000])('reads the same in pieces of %i bytes', async (piece) => {
    const text = 'area,rooms,kind,note\n1,2,flat,ação 🌳 "x"\n';
    expect(textsOf((await read(text, {}, piece)).table, 'note')).toEqual(['ação 🌳 "x"']);
  });

  it('keeps the declared categories as the dictionary, seen or not, in their order', async () => {
    const { table } = await read('area,rooms,kind,note\n1,1,house,a\n');
    expect(table.columns[2]).toMatchObject({ categories: ['flat', 'house'], codes: Int32Array.of(1) });
  });

  it('finds columns by name, whatever their order, and lists those it does not need', async () => {
    const { table, ignoredColumns } = await read('extra,kind,note,rooms,area\nx,flat,n,3,90\n');
    expect(tableToRows(table)).toEqual([{ area: 90, rooms: 3, kind: 'flat', note: 'n' }]);
    expect(ignoredColumns).toEqual(['extra']);
  });

  it('reads gzip by its magic bytes', async () => {
    expect((await read(gzipped(good))).table).toEqual((await read(good)).table);
  });

  it('reads a gzip of several members, as `cat a.gz b.gz` makes it', async () => {
    const members = Buffer.concat([gzipped(good), gzipped('7,1,flat,z\n')]);
    expect((await read(members)).totalRows).toBe(3);
  });

  it('takes a byte order mark off the first name', async () => {
    expect((await read(`\uFEFF${good}`)).totalRows).toBe(2);
    expect((await read(gzipped(`\uFEFF${good}`))).totalRows).toBe(2);
  });

  it.each([
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('reads %s line ends', async (_, end) => {
    const { table } = await read(good.replaceAll('\n', end));
    expect(textsOf(table, 'note')).toEqual(['old', null]);
  });

  it('reads mixed line ends, a last line without one, and passes blank lines over', async () => {
    const { table } = await read('area,rooms,kind,note\r\n1,1,flat,a\n\n2,2,house,b');
    expect(valuesOf(table, 'area')).toEqual([1, 2]);
  });

  it('reads quotes with commas, doubled quotes and line breaks within', async () => {
    const { table } = await read('area,rooms,kind,note\n1,1,flat,"a, ""b""\nand\r\nc"\n2,2,house,d\n');
    expect(textsOf(table, 'note')).toEqual(['a, "b"\nand\r\nc', 'd']);
  });

  it('keeps a quote within an unquoted field', async () => {
    expect(textsOf((await read('area,rooms,kind,note\n1,1,flat,5" pipe\n')).table, 'note')).toEqual([
      '5" pipe',
    ]);
  });

  it('keeps the string None, and takes ? for missing only where told', async () => {
    const text = 'area,rooms,kind,note\n1,1,flat,None\n2,2,flat,?\n3,3,flat, ? \n4,4,flat,\n';
    expect(textsOf((await read(text)).table, 'note')).toEqual(['None', '?', ' ? ', null]);
    expect(textsOf((await read(text, { missing: ['?'] })).table, 'note')).toEqual(['None', null, null, '']);
  });
});

describe('bad rows', () => {
  const text = [
    'area,rooms,kind,note',
    '90,3,flat,"two',
    'lines"',
    '',
    'abc,3,flat,x',
    '90,3.5,flat,x',
    '90,3,castle,x',
    '-1,3,flat,x',
    '90,,flat,x',
    '90,3,flat',
    '90,3,flat,x,y',
    '91,4,house,z',
  ].join('\n');

  it('are set aside with the line on which they begin and the reason', async () => {
    const { badRows, badCount, totalRows, table } = await read(text, { maxBadShare: 0.9 });
    expect({ badCount, totalRows, kept: valuesOf(table, 'area') }).toEqual({
      badCount: 7,
      totalRows: 9,
      kept: [90, 91],
    });
    expect(badRows.map(({ line }) => line)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    const reasons = badRows.map(({ reason }) => reason);
    expect(reasons[0]).toBe('area: "abc" is not a number');
    expect(reasons[1]).toBe('rooms: "3.5" is not an integer');
    expect(reasons[2]).toMatch(/^kind: "castle" — .*flat.*house/);
    expect(reasons[3]).toMatch(/^area: "-1" — /);
    expect(reasons[4]).toBe('rooms: "" is a missing value');
    expect(reasons[5]).toBe('3 fields, where the header has 4');
    expect(reasons[6]).toBe('5 fields, where the header has 4');
    expect(badRows[0]!.values).toEqual({ area: 'abc', rooms: '3', kind: 'flat', note: 'x' });
    expect(badRows[6]!.values).toEqual({ area: '90', rooms: '3', kind: 'flat', note: 'x', 'field 5': 'y' });
  });

  it('fail the reading with a summary when there are more than allowed', async () => {
    const error = await thrownBy(() => read(text, { maxBadShare: 0.5 }));
    expect(error).toBeInstanceOf(BadDataError);
    expect(error).toMatchObject({ code: 'TOO_MANY_BAD_ROWS', status: 422, name: 'TooManyBadRowsError' });
    expect(error.message).toContain('7 of 9 rows are bad');
    expect(error.details).toMatchObject({ totalRows: 9, badCount: 7, maxBadShare: 0.5 });
    expect((error.details as { reasons: unknown[] }).reasons).toHaveLength(6);
    expect(error.badRows).toHaveLength(7);
  });

  it('are counted by reason, the most frequent first, without their values', async () => {
    const lines = ['x,3,flat,n', 'y,3,flat,n', '9,q,flat,n', '9,3,flat,n'];
    const error = await thrownBy(() => read(`area,rooms,kind,note\n${lines.join('\n')}\n`));
    expect((error.details as { reasons: unknown }).reasons).toEqual([
      { reason: 'area: is not a number', count: 2, firstLine: 2 },
      { reason: 'rooms: is not a number', count: 1, firstLine: 4 },
    ]);
  });

  it('may be exactly the allowed share', async () => {
    const half = 'area,rooms,kind,note\nx,3,flat,n\n9,3,flat,n\n';
    expect((await read(half, { maxBadShare: 0.5 })).badCount).toBe(1);
    expect((await thrownBy(() => read(half, { maxBadShare: 0.49 }))).code).toBe('TOO_MANY_BAD_ROWS');
  });

  it('are kept up to 1,000 and counted beyond', async () => {
    const text = `area,rooms,kind,note\n1,1,flat,a\n${'bad,1,flat,a\n'.repeat(1500)}`;
    const { badRows, badCount } = await read(text, { maxBadShare: 1 }, 4096);
    expect([badRows.length, badCount, badRows[999]!.line]).toEqual([1000, 1500, 1002]);
  });

  it('that are all the rows leave no data, however many are allowed', async () => {
    const error = await thrownBy(() => read('area,rooms,kind,note\nx,1,flat,a\n', { maxBadShare: 1 }));
    expect(error.code).toBe('EMPTY_DATA');
  });
});

describe('the zod row', () => {
  it('judges what was read, refinements over the whole row too', async () => {
    const refined = z
      .object({ low: z.number(), high: z.number() })
      .refine(({ low, high }) => low <= high, { message: 'low is above high', path: ['low'] });
    const result = await readCsv(stream('low,high\n1,2\n3,2\n'), {
      schema: schemaFromZod(refined),
      row: refined,
      maxBadShare: 0.5,
    });
    expect(result.badRows).toMatchObject([{ line: 3, reason: 'low: "3" — low is above high' }]);
  });

  it('gets booleans, dates and numeric literals as what it declares', async () => {
    const typed = z.object({
      flag: z.boolean(),
      day: z.date(),
      iso: z.iso.date(),
      class: z.literal([0, 1, 2]),
      maybe: z.number().nullable(),
      filled: z.number().default(7),
    });
    const text =
      'flag,day,iso,class,maybe,filled\nTRUE,2024-02-29,2024-03-01,01,,\nno,2024-02-29T12:00:00+02:00,2024-03-01,2.0,4,5\n';
    const { table } = await readCsv(stream(text), { schema: schemaFromZod(typed), row: typed });
    expect(tableToRows(table)).toEqual([
      {
        flag: true,
        day: '2024-02-29T00:00:00.000Z',
        iso: '2024-03-01T00:00:00.000Z',
        class: '1',
        maybe: null,
        filled: 7,
      },
      {
        flag: false,
        day: '2024-02-29T10:00:00.000Z',
        iso: '2024-03-01T00:00:00.000Z',
        class: '2',
        maybe: 4,
        filled: 5,
      },
    ]);
  });

  it('may be left out: bounds and categories of the schema judge', async () => {
    const { badRows } = await read('area,rooms,kind,note\n1,1,flat,a\n-1,1,flat,a\n1,1,castle,a\n', {
      row: undefined,
      maxBadShare: 1,
    });
    expect(badRows.map(({ reason }) => reason)).toEqual([
      'area: "-1" is below 0',
      'kind: "castle" is not one of the allowed categories',
    ]);
  });
});
