import { describe, expect, it } from 'vitest';
import { inferSchema, readCsv } from '../../../../lib/table/index.ts';
import { honestFiles, readHonest, stream } from '../support.ts';

const kinds = async (text: string, options?: Parameters<typeof inferSchema>[1]) =>
  Object.fromEntries(
    (await inferSchema(stream(text), options)).columns.map(({ name, kind, nullable }) => [
      name,
      kind + (nullable ? '?' : ''),
    ]),
  );

describe('inferSchema', () => {
  it('tells the kinds apart', async () => {
    const text =
      'int,num,bool,day,cat,exp,neg,id\n1,1.0,true,2024-01-01,x,1e3,-5,12345678901234567890\n2,2,FALSE,2024-01-02T10:00:00Z,y,2,+7,12345678901234567891\n';
    expect(await kinds(text)).toEqual({
      int: 'integer',
      num: 'number',
      bool: 'boolean',
      day: 'date',
      cat: 'category',
      exp: 'number',
      neg: 'integer',
      id: 'text',
    });
  });

  it('marks columns with missing cells, by the markers given', async () => {
    const text = 'a,b,c\n1,?,\n2,x,None\n';
    expect(await kinds(text)).toEqual({ a: 'integer', b: 'category', c: 'category?' });
    expect(await kinds(text, { missing: ['?', ''] })).toEqual({
      a: 'integer',
      b: 'category?',
      c: 'category?',
    });
  });

  it('does not take 0 and 1 or Yes and No for booleans: they may be classes', async () => {
    expect(await kinds('a,b\n0,Yes\n1,No\n')).toEqual({ a: 'integer', b: 'category' });
  });

  it('sees a number column through NaN, infinities and overflow, which reading then sets aside', async () => {
    const text = 'a\n1.5\nNaN\n-inf\n1e400\n2\n';
    const schema = await inferSchema(stream(text));
    expect(schema.columns[0]!.kind).toBe('number');
    const { badRows } = await readCsv(stream(text), { schema, maxBadShare: 1 });
    expect(badRows.map(({ line }) => line)).toEqual([3, 4, 5]);
    expect(await kinds(`a\n1\n2\n1${'0'.repeat(400)}\n`)).toEqual({ a: 'integer' });
  });

  it('takes a column of NaN alone, or of nothing, for strings', async () => {
    expect(await kinds('a,b\nNaN,\nNaN,\n')).toEqual({ a: 'category', b: 'text?' });
  });

  it('takes strings that hardly repeat for text', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${i < 30 ? `u${i}` : 'same'},name ${i}`);
    expect(await kinds(`c,t\n${rows.join('\n')}\n`)).toEqual({ c: 'category', t: 'text' });
  });

  it('notices the one cell of thousands that is no number or date', async () => {
    const days = Array.from({ length: 6000 }, (_, i) => new Date(i * 864e5).toISOString().slice(0, 10));
    const text = (last: string) => `n,d\n${days.map((day, i) => `${i},${day}`).join('\n')}\n${last}\n`;
    expect(await kinds(text('6000,1999-01-01'))).toEqual({ n: 'integer', d: 'date' });
    expect(await kinds(text('x,yesterday'))).toEqual({ n: 'text', d: 'text' });
  });

  it('gives categories sorted, and none when only a sample was seen', async () => {
    const text = 'a\nz\nb\nz\nq\n';
    expect((await inferSchema(stream(text))).columns[0]!.categories).toEqual(['b', 'q', 'z']);
    const sampled = await inferSchema(stream(text), { sampleRows: 2 });
    expect(sampled.columns[0]).toEqual({ name: 'a', kind: 'category', nullable: false });
    expect((await readCsv(stream(text), { schema: sampled })).table.rowCount).toBe(4);
  });

  it('passes over rows of another width, which reading names', async () => {
    expect(await kinds('a,b\n1,2\nx\n3,4\n')).toEqual({ a: 'integer', b: 'integer' });
  });
});

describe('the real files', () => {
  it.each(honestFiles.map((file) => [file.path, file] as const))(
    '%s reads whole, without a bad row',
    async (_, file) => {
      const { table, badCount, totalRows } = await readHonest(file);
      expect({ badCount, totalRows, columns: table.columns.length }).toEqual({
        badCount: 0,
        totalRows: file.rows,
        columns: file.columns,
      });
    },
    120_000,
  );
});
