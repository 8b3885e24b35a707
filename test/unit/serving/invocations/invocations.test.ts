import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors/index.ts';
import { csvRecords } from '../../../../lib/serving/invocations/csv.ts';
import { invocationRows, invocationType } from '../../../../lib/serving/invocations/index.ts';
import { recordsOf } from '../../../../lib/serving/invocations/records.ts';
import type { ColumnSpec } from '../../../../lib/table/index.ts';

const columns: ColumnSpec[] = [
  { name: 'area', kind: 'number', nullable: true },
  { name: 'rooms', kind: 'integer', nullable: false },
  { name: 'zone', kind: 'category', categories: ['A', 'NA'], nullable: true },
];
const rows = [
  { area: 1.5, rooms: 2, zone: 'A' },
  { area: null, rooms: 3, zone: 'NA' },
];
const data = rows.map((row) => Object.values(row));

describe('recordsOf', () => {
  it.each([
    ['dataframe_split', { columns: ['area', 'rooms', 'zone'], data }],
    [
      'dataframe_split',
      {
        columns: ['zone', 'extra', 'rooms', 'area'],
        index: [7, 8],
        data: [
          ['A', 0, 2, 1.5],
          ['NA', 0, 3, null],
        ],
      },
    ],
    ['dataframe_split', { data }],
    ['dataframe_records', rows],
    ['dataframe_records', rows.map((row) => ({ ...row, price: 9 }))],
    ['instances', rows],
    ['instances', data],
    ['inputs', { area: [1.5, null], rooms: [2, 3], zone: ['A', 'NA'] }],
    ['inputs', { area: [[1.5], [null]], rooms: [[2], [3]], zone: [['A'], ['NA']] }],
    ['inputs', rows],
    ['inputs', data],
  ])('reads %s %j', (format, value) => {
    expect(recordsOf({ [format]: value }, columns)).toEqual(rows);
    expect(recordsOf({ [format]: value, params: { any: 1 } }, columns)).toEqual(rows);
  });

  it('takes a single row by columns, and bare values for a model of one column', () => {
    expect(recordsOf({ inputs: { area: 1, rooms: 2 } }, columns)).toEqual([{ area: 1, rooms: 2 }]);
    expect(recordsOf({ instances: [1, 2] }, columns.slice(0, 1))).toEqual([{ area: 1 }, { area: 2 }]);
    expect(recordsOf({ instances: [] }, columns)).toEqual([]);
    expect(recordsOf({ inputs: {} }, columns)).toEqual([]);
  });

  const REQUIRED =
    "The input must be a JSON dictionary with exactly one of the input fields {'dataframe_split', 'dataframe_records', 'instances', 'inputs'}";
  it.each([
    [[], `${REQUIRED}. Received a list.`],
    [5, `${REQUIRED}. Received unexpected input type 'number'.`],
    [{}, `${REQUIRED}. Received dictionary with input fields: []`],
    [{ columns: [], data: [] }, `${REQUIRED}. Received dictionary with input fields: ['columns', 'data']`],
    [
      { inputs: [], instances: [] },
      `${REQUIRED}. Received dictionary with input fields: ['inputs', 'instances']`,
    ],
    [{ dataframe_split: [] }, 'Dataframe split format must be a dictionary. Got list.'],
    [
      { dataframe_split: { rows: [] } },
      "Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. Got {'rows'}.",
    ],
    [
      { dataframe_split: { columns: ['a', 'b'], data: [[1]] } },
      "Provided dataframe_split field is not a valid dataframe representation in 'split' format. Error: '2 columns passed, row 0 of the data has 1 columns'",
    ],
    [
      { dataframe_split: { columns: ['a', 'a'], data: [] } },
      "Provided dataframe_split field is not a valid dataframe representation in 'split' format. Error: 'column 'a' is named twice'",
    ],
    [{ dataframe_records: { a: 1 } }, 'Dataframe records format must be a list of records. Got dictionary.'],
    [{ dataframe_records: 'x' }, 'Dataframe records format must be a list of records. Got type string.'],
    [
      { dataframe_records: [[1]] },
      "Provided dataframe_records field is not a valid dataframe representation in 'records' format. Error: 'record 0 is no dictionary but list'",
    ],
    [
      { instances: 'x' },
      "Failed to parse data as TF serving input. 'instances' must be a list. Got type string.",
    ],
    [
      { instances: [[1, 2]] },
      "Failed to parse data as TF serving input. Row 0 has 2 values; the model's columns are 3: area, rooms, zone",
    ],
    [
      { inputs: { area: [1, 2], rooms: [1] } },
      "Failed to parse data as TF serving input. The columns of 'inputs' differ in length: 2 and 1 ('rooms')",
    ],
  ])('refuses %j', (body, message) => {
    expect(() => recordsOf(body, columns)).toThrow(expect.objectContaining({ message }) as Error);
    expect(() => recordsOf(body, columns)).toThrow(InvalidInputError);
  });

  it('refuses or reads whatever JSON holds, never anything else', () => {
    const body = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(fc.constantFrom('dataframe_split', 'dataframe_records', 'instances', 'inputs'), fc.jsonValue())
        .map(([format, value]) => ({ [format]: value })),
    );
    fc.assert(
      fc.property(body, (value) => {
        try {
          const names = new Set(columns.map(({ name }) => name));
          for (const row of recordsOf(value, columns)) {
            expect(Object.keys(row).every((name) => names.has(name))).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
    );
  });
});

describe('csvRecords', () => {
  it('reads what to_csv writes, index and all', () => {
    expect(csvRecords(',area,rooms,zone\n0,1.5,2,A\n1,,3,NA\n', columns)).toEqual(rows);
    expect(csvRecords('\uFEFFzone,rooms,area\r\n"A",2,1.5\r\n"NA",3,NaN', columns)).toEqual(rows);
  });

  it('reads quoted cells, booleans and numeric categories; what is no value of its column stays text', () => {
    const kinds: ColumnSpec[] = [
      { name: 'b', kind: 'boolean', nullable: true },
      { name: 'n', kind: 'category', categories: ['1'], numericCategories: true, nullable: true },
      { name: 't', kind: 'text', nullable: true },
    ];
    expect(csvRecords('b,n,t\nTrue,1,"a, ""b""\nc"\nfalse,x,\n,,NA\nmaybe,2,\n', kinds)).toEqual([
      { b: true, n: 1, t: 'a, "b"\nc' },
      { b: false, n: 'x', t: null },
      { b: null, n: null, t: 'NA' },
      { b: 'maybe', n: 2, t: null },
    ]);
  });

  it('refuses what is no table', () => {
    const start = 'Failed to parse input as a Pandas DataFrame.';
    expect(() => csvRecords('', columns)).toThrow(`${start} Ensure`);
    expect(() => csvRecords('a,b\n1,2,3\n', columns)).toThrow('Expected 2 fields in line 2, saw 3');
    expect(() => csvRecords('a\n"open\n', columns)).toThrow(InvalidInputError);
  });

  it('gives back any texts that are written with quotes', () => {
    const text: ColumnSpec[] = [
      { name: 'x', kind: 'text', nullable: true },
      { name: 'y', kind: 'text', nullable: true },
    ];
    const cell = fc.string({ minLength: 1 }).filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 8 }), (table) => {
        const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
        const csv = ['x,y', ...table.map((line) => line.map(quoted).join(','))].join('\n');
        expect(csvRecords(csv, text)).toEqual(table.map(([x, y]) => ({ x, y })));
      }),
    );
  });
});

describe('invocationType', () => {
  it.each([
    [undefined, 'application/json'],
    ['application/json', 'application/json'],
    ['application/json; charset=UTF-8', 'application/json'],
    ['text/csv;charset=utf-8', 'text/csv'],
  ])('of %j is %s', (header, type) => {
    expect(invocationType(header)).toEqual({ type });
  });

  it.each([
    ['application/json; charset=latin1', 'The scoring server only supports UTF-8'],
    ['application/json; format=pandas-split', 'Unrecognized content type parameters: format.'],
    [
      'application/xml',
      "This predictor only supports the following content types: Types: ['text/csv', 'application/json']. Got 'application/xml'.",
    ],
  ])('refuses %j', (header, refused) => {
    expect(invocationType(header)).toEqual({ refused });
  });
});

describe('invocationRows', () => {
  it('says what is wrong with bytes that are no text or no JSON', () => {
    const bad = new Uint8Array([0xff, 0xfe]);
    const parse = () => {
      throw new InvalidInputError('at 3');
    };
    expect(() => invocationRows(bad, 'text/csv', columns, parse)).toThrow(
      'Ensure that input is a valid UTF-8 encoded string.',
    );
    expect(() => invocationRows(bad, 'application/json', columns, parse)).toThrow(
      "Ensure that input is a valid JSON formatted string. Error: 'at 3'",
    );
  });
});
