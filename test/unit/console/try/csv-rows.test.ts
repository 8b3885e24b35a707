import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../../support/seed.ts';
import { fieldsOf } from '../../../../console/form/fields.ts';
import { BadCsvError, csvRows, MAX_ROWS } from '../../../../console/pages/try/csv-rows.ts';

const fields = fieldsOf({
  properties: {
    area: { type: 'number', exclusiveMinimum: 0, maximum: 400 },
    rooms: { type: 'integer', minimum: 1 },
    garden: { type: 'boolean' },
    zone: { type: ['string', 'null'], enum: ['A', 'B', null] },
    note: { type: 'string' },
  },
  required: ['area', 'rooms', 'garden', 'note'],
});
const rowsOf = (...lines: string[]) => csvRows(lines.join('\n'), fields);
const refusal = (lines: string[]): string => {
  try {
    csvRows(lines.join('\n'), fields);
  } catch (error) {
    if (!(error instanceof BadCsvError)) throw error;
    return `${error.message} ${error.remedy}`;
  }
  return expect.fail('it was taken');
};

describe('a dropped file', () => {
  it('is read by the columns of the model, each cell in its kind', () => {
    const read = rowsOf('id,area,rooms,garden,zone,note', '7,12.5,3,TRUE,A,"a, ""b"""', '8,40,2,0,,-');
    expect(read.rows).toEqual([
      { row: { area: 12.5, rooms: 3, garden: true, zone: 'A', note: 'a, "b"' } },
      { row: { area: 40, rooms: 2, garden: false, note: '-' } },
    ]);
    expect(read).toMatchObject({
      ignored: ['id'],
      absent: [],
      header: ['id', 'area', 'rooms', 'garden', 'zone', 'note'],
    });
    expect(read.records[0]).toEqual(['7', '12.5', '3', 'TRUE', 'A', 'a, "b"']);
  });

  it.each([';', '\t', '|'])('may part its fields by %j, and begin with a mark of its encoding', (mark) => {
    const read = csvRows(`\uFEFFarea${mark}rooms\r\n1${mark}2\r\n3${mark}4\r\n`, fields);
    expect(read.rows).toEqual([{ row: { area: 1, rooms: 2 } }, { row: { area: 3, rooms: 4 } }]);
    expect(read.absent).toEqual(['garden', 'note']);
  });

  it('leaves out what is missing, as pandas writes it', () => {
    expect(rowsOf('area,rooms,note', 'NaN,,', '<NA>,2,NA').rows).toEqual([
      { row: {} },
      { row: { rooms: 2, note: 'NA' } },
    ]);
  });

  it.each([
    ['wide,1,true', 'area: "wide" is not a number'],
    ['0,1,true', 'area: 0 is below what the schema allows (0)'],
    ['400.5,1,true', 'area: 400.5 is above what the schema allows (400)'],
    ['400,0,true', 'rooms: 0 is below what the schema allows (1)'],
    ['1,1.5,true', 'rooms: 1.5 is not a whole number'],
    ['1,1,yes', 'garden: "yes" is not true or false'],
    ['1,1,true,4', '4 fields; the header has 3'],
  ])('row %s is not sent: %s', (line, problem) => {
    expect(rowsOf('area,rooms,garden', line, '400,1,1').rows).toEqual([
      { problem },
      { row: { area: 400, rooms: 1, garden: true } },
    ]);
  });

  it.each([
    [['area'], 'holds no rows'],
    [[''], 'holds no rows'],
    [
      ['x,y', '1,2'],
      'None of its columns is one of the model. The first line must name the columns: area, rooms',
    ],
    [['area,area', '1,2'], 'The column "area" stands twice.'],
    [['area,note', '1,"x', '2,y'], 'A quoted field in line 2 does not end well.'],
  ])('%j is refused as a whole', (lines, message) => {
    expect(refusal(lines)).toContain(message);
  });

  it('of too many rows is work for the platform', () => {
    expect(refusal(['area', ...new Array<string>(MAX_ROWS + 1).fill('1')])).toContain(
      'npx arboleda predict-batch',
    );
  });

  it('has the texts that a writer of CSV put into it, whatever they are', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => !/[\uFEFF]/.test(one));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.double({ min: 1, max: 400, noNaN: true })), { minLength: 1 }),
        (rows) => {
          const written = stringify([['note', 'area'], ...rows.map(([note, area]) => [note, String(area)])]);
          const read = csvRows(written, fields).rows;
          expect(read).toEqual(rows.map(([note, area]) => ({ row: { note, area } })));
        },
      ),
    );
  });
});
