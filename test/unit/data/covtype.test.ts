import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { covtype } from '../../../data/forest-cover/covtype.ts';
import { forestLikeUci, SOIL_TYPES, WILDERNESS_AREAS } from '../../../data/forest-cover/generator.ts';
import forest from '../../../data/forest-cover/pipeline.ts';
import { readCsv, schemaFromZod, seededRandom, tableToRows } from '../../../lib/table/index.ts';

type Row = Record<string, string | number | null>;

const schema = schemaFromZod(forest.row);
/** The ten measurements: what stands before the area in the row schema and in UCI's file alike. */
const measured = schema.columns.map(({ name }) => name).slice(0, 10);

/** A row as UCI's file has it: ten numbers, 4 and 40 columns of 0 and 1, the cover type from 1. No header. */
const asUci = (row: Row): string => {
  const oneHot = (values: readonly string[], own: unknown) => values.map((value) => Number(value === own));
  return [
    ...measured.map((name) => row[name]),
    ...oneHot(WILDERNESS_AREAS, row.Wilderness_Area),
    ...oneHot(SOIL_TYPES, row.Soil_Type),
    Number(row.Cover_Type) + 1,
  ].join(',');
};
const decoded = (lines: string[], maxBadShare = 0) =>
  readCsv(Readable.from([Buffer.from(`${lines.join('\n')}\n`)]), {
    schema,
    row: forest.row,
    maxBadShare,
    header: covtype.header,
    decode: covtype.decode,
  });

describe("UCI's covtype.data", () => {
  it('has 54 columns and the cover type', () => {
    expect(covtype.header).toHaveLength(55);
    expect(new Set(covtype.header).size).toBe(55);
    expect(covtype.header?.slice(0, 10)).toEqual(measured);
    expect(covtype.header?.at(-1)).toBe('Cover_Type');
  });

  it('decodes to the rows that were encoded: every soil, area and class among them', async () => {
    // One row a soil, so that also the soils that the generator never draws are there; areas and classes in turn.
    const some = forestLikeUci(seededRandom(5), 400) as Row[];
    const rows = some.map(
      (row, i): Row =>
        i >= 40
          ? row
          : {
              ...row,
              Soil_Type: SOIL_TYPES[i]!,
              Wilderness_Area: WILDERNESS_AREAS[i % 4]!,
              Cover_Type: String(i % 7),
            },
    );
    const read = await decoded(rows.map(asUci));
    expect(read.badCount).toBe(0);
    const back = tableToRows(read.table);
    // A file knows no negative zero.
    expect(back).toEqual(JSON.parse(JSON.stringify(rows)));
    const values = (name: string) => new Set(back.map((row) => row[name]));
    expect(values('Soil_Type')).toEqual(new Set(SOIL_TYPES));
    expect(values('Wilderness_Area')).toEqual(new Set(WILDERNESS_AREAS));
    expect(values('Cover_Type')).toEqual(new Set(['0', '1', '2', '3', '4', '5', '6']));
  });

  it("reads the file's own first row: soil 29 is 7745, cover type 5 is the class 4", async () => {
    const soil = Array.from({ length: 40 }, (_, i) => Number(i + 1 === 29));
    const line = `2596,51,3,258,0,510,221,232,148,6279,1,0,0,0,${soil.join(',')},5`;
    const { table } = await decoded([line]);
    expect(tableToRows(table)).toEqual([
      {
        Elevation: 2596,
        Aspect: 51,
        Slope: 3,
        Horizontal_Distance_To_Hydrology: 258,
        Vertical_Distance_To_Hydrology: 0,
        Horizontal_Distance_To_Roadways: 510,
        Hillshade_9am: 221,
        Hillshade_Noon: 232,
        Hillshade_3pm: 148,
        Horizontal_Distance_To_Fire_Points: 6279,
        Wilderness_Area: 'Rawah',
        Soil_Type: 'C7745',
        Cover_Type: '4',
      },
    ]);
  });

  it.each([
    ['no soil', (cells: string[]) => cells.map((cell, i) => (i >= 14 && i < 54 ? '0' : cell))],
    ['no area', (cells: string[]) => cells.map((cell, i) => (i >= 10 && i < 14 ? '0' : cell))],
    ['an eighth class', (cells: string[]) => [...cells.slice(0, -1), '8']],
    ['a class 0', (cells: string[]) => [...cells.slice(0, -1), '0']],
    ['a slope of 100 degrees', (cells: string[]) => cells.map((cell, i) => (i === 2 ? '100' : cell))],
    ['one column less', (cells: string[]) => cells.slice(1)],
  ])('sets a row of %s aside', async (_, spoil) => {
    const [good, bad] = (forestLikeUci(seededRandom(6), 2) as Row[]).map(asUci) as [string, string];
    const read = await decoded([good, spoil(bad.split(',')).join(',')], 0.9);
    expect([read.table.rowCount, read.badCount]).toEqual([1, 1]);
    expect(asUci(tableToRows(read.table)[0] as Row)).toBe(good);
  });
});
