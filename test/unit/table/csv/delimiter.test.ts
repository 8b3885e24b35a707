import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectDelimiter } from '../../../../lib/table/csv/delimiter.ts';
import { inferSchema, readCsv } from '../../../../lib/table/index.ts';

async function* bytes(...texts: (string | Uint8Array)[]) {
  for (const text of texts) yield typeof text === 'string' ? Buffer.from(text) : text;
}
const detected = (text: string | Uint8Array) => detectDelimiter(bytes(text));

describe('detectDelimiter', () => {
  it.each([
    ['a,b,c\n1,2,3\n', ','],
    ['a;b;c\n1,5;2,5;x\n', ';'],
    ['a\tb\n1\t2\n', '\t'],
    ['a|b|c\n1|2|3', '|'],
    ['"a;1","b;2"\n1,2\n', ','],
    ['"a,1";"b,2"\r\n1;2\r\n', ';'],
    ['only\n1\n2\n', ','],
    ['', ','],
    // The header alone would say semicolon: no line agrees.
    ['a;b;c,d\n1,2\n3,4\n', ','],
    ['note;n\n"two\nlines; and; more";1\n', ';'],
  ])('%j: %j', async (text, delimiter) => {
    expect(await detected(text)).toBe(delimiter);
  });

  it('reads gzip, and no more of a large file than it needs', async () => {
    expect(await detected(gzipSync('a;b\n1;2\n'))).toBe(';');
    let given = 0;
    async function* endless() {
      yield Buffer.from('a;b\n');
      for (; given < 10_000; given++) yield Buffer.from(`${'1;2\n'.repeat(1_000)}`);
    }
    expect(await detectDelimiter(endless())).toBe(';');
    expect(given).toBeLessThan(100);
  });

  it('a few lines of another width do not mislead it', async () => {
    const lines = Array.from({ length: 20 }, (_, i) => (i === 3 ? '1;2;3;4' : '1;2'));
    expect(await detected(`a;b\n${lines.join('\n')}\n`)).toBe(';');
  });
});

describe('a text parted by something else than commas', () => {
  const text = 'a;b;\n1,5;x;\n2,5;"y;z";\n';
  const options = { delimiter: ';' as const, passUnnamed: true };

  it('is inferred and read, a blank last column passed over', async () => {
    const schema = await inferSchema(bytes(text), options);
    expect(schema.columns.map(({ name }) => name)).toEqual(['a', 'b']);
    const { table, ignoredColumns } = await readCsv(bytes(text), { schema, ...options });
    expect(table.rowCount).toBe(2);
    expect(table.columns[1]).toMatchObject({ categories: ['x', 'y;z'] });
    expect(ignoredColumns).toEqual(['']);
  });

  it('several unnamed columns are passed over; a header of nothing else is refused', async () => {
    const schema = await inferSchema(bytes(',a, ,\n1,2,3,4\n'), { passUnnamed: true });
    expect(schema.columns.map(({ name }) => name)).toEqual(['a']);
    await expect(inferSchema(bytes(',\n1,2\n'), { passUnnamed: true })).rejects.toMatchObject({
      code: 'BAD_COLUMN_NAME',
    });
    await expect(inferSchema(bytes(',a\n1,2\n'))).rejects.toMatchObject({ code: 'BAD_COLUMN_NAME' });
  });

  it('says what parts the fields where the caller was wrong', async () => {
    await expect(inferSchema(bytes('a,b\n1,2\n'), { delimiter: ';' })).rejects.toMatchObject({
      code: 'WRONG_DELIMITER',
      message: 'the header is one field with semicolons, and 2 with a comma: "a,b"',
      details: { expected: ';', found: ',' },
    });
  });
});
