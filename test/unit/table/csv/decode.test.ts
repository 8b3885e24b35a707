import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readCsv, schemaFromZod, tableToRows } from '../../../../lib/table/index.ts';
import { stream, thrownBy } from '../support.ts';

const row = z.object({ soil: z.string(), depth: z.number().nullable() });
const options = { schema: schemaFromZod(row), row };
const decode = (raw: Record<string, string>) => ({
  soil: raw.s1 === '1' ? 'clay' : 'sand',
  depth: raw.depth === '-9' ? null : Number(raw.depth),
});

describe('readCsv with a header given, and a decode function', () => {
  it('takes the first line as a row', async () => {
    const { table, totalRows } = await readCsv(stream('clay,3\nsand,4\n'), {
      ...options,
      header: ['soil', 'depth'],
    });
    expect(totalRows).toBe(2);
    expect(tableToRows(table)[0]).toEqual({ soil: 'clay', depth: 3 });
  });

  it('gives the decode function each row by name, and takes null as missing whatever the markers are', async () => {
    const text = 's1,s2,depth\n1,0,3.5\n0,1,-9\n';
    const { table } = await readCsv(stream(text), { ...options, decode, missing: [] });
    expect(tableToRows(table)).toEqual([
      { soil: 'clay', depth: 3.5 },
      { soil: 'sand', depth: null },
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such soil');
      },
      'decode failed: no such soil',
    ],
    ['misspells a column', () => ({ soli: 'clay', depth: 1 }), 'soil: decode gives no value for it'],
    ['gives something else', () => ({ soil: true, depth: 1 }), 'soil: decode gives a boolean'],
    ['gives nothing', () => undefined, 'decode gave no row'],
    ['gives NaN', () => ({ soil: 'clay', depth: Number.NaN }), 'depth: "NaN"'],
  ])('sets a row aside where the function %s', async (_, broken, reason) => {
    const text = 'a,b\n1,2\n3,4\n';
    const error = await thrownBy(() => readCsv(stream(text), { ...options, decode: broken as never }));
    expect(error).toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
      badRows: [{ line: 2, values: { a: '1', b: '2' } }, {}],
    });
    expect(error.message).toContain(reason);
  });

  it('refuses an empty file, a header with a name twice, and counts lines of another width as bad', async () => {
    const header = ['s1', 's2', 'depth'];
    expect((await thrownBy(() => readCsv(stream(''), { ...options, header, decode }))).code).toBe(
      'EMPTY_DATA',
    );
    const twice = () => readCsv(stream('1,2,3\n'), { ...options, header: ['a', 'a', 'b'], decode });
    expect((await thrownBy(twice)).code).toBe('DUPLICATE_COLUMN');
    const { badRows } = await readCsv(stream('1,0,3\n1,0\n'), {
      ...options,
      header,
      decode,
      maxBadShare: 0.5,
    });
    expect(badRows).toMatchObject([{ line: 2, reason: '2 fields, where the header has 3' }]);
  });
});
