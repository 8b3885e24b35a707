import { constants, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadDataError } from '../../../../lib/errors/index.ts';
import { inferSchema, readCsv, schemaFromZod, tableToRows } from '../../../../lib/table/index.ts';
import { gzipped, stream, thrownBy, valuesOf } from '../support.ts';

const row = z.object({ a: z.number(), b: z.string() });
const schema = schemaFromZod(row);
const read = (bytes: string | Uint8Array, maxBytes?: number) =>
  readCsv(stream(bytes, 1024), { schema, row, maxBytes });
const infer = (bytes: string | Uint8Array) => inferSchema(stream(bytes, 1024));

/** Both readers refuse it in the same way. */
async function refused(bytes: string | Uint8Array) {
  const [reading, inferring] = [await thrownBy(() => read(bytes)), await thrownBy(() => infer(bytes))];
  expect(reading).toBeInstanceOf(BadDataError);
  expect(inferring.code).toBe(reading.code);
  expect((reading as unknown as BadDataError).remedy.length).toBeGreaterThan(20);
  return reading;
}

describe('files with nothing in them', () => {
  it.each([
    ['no bytes', ''],
    ['blank lines', '\n\n\n'],
    ['a byte order mark', '\uFEFF'],
    ['a header', 'a,b\n'],
    ['a header without a line end', 'a,b'],
  ])('%s: EMPTY_DATA', async (_, text) => {
    expect(await refused(text)).toMatchObject({ code: 'EMPTY_DATA', status: 422 });
    expect(await refused(gzipped(text))).toMatchObject({ code: 'EMPTY_DATA' });
  });
});

describe('headers', () => {
  it.each([
    ['semicolon', ';'],
    ['tab', '\t'],
    ['vertical bar', '|'],
  ])('parted by a %s: WRONG_DELIMITER', async (name, delimiter) => {
    const error = await refused(`a${delimiter}b\n1${delimiter}x\n`);
    expect(error).toMatchObject({ code: 'WRONG_DELIMITER', details: { expected: ',', found: delimiter } });
    expect(error.message).toContain(name);
  });

  it('recognises another delimiter beside decimal commas and quotes', async () => {
    const error = await thrownBy(() => read('"a";"b";"c,d"\n1,5;x;y\n'));
    expect(error.code).toBe('WRONG_DELIMITER');
  });

  it('takes a semicolon in a name for what it is', async () => {
    const { columns } = await infer('a;b,c\n1,2\n');
    expect(columns.map(({ name }) => name)).toEqual(['a;b', 'c']);
  });

  it('names the missing columns, and the one that was perhaps meant', async () => {
    const error = await thrownBy(() => read('A ,c\n1,2\n'));
    expect(error).toMatchObject({
      code: 'MISSING_COLUMN',
      details: { missing: ['a', 'b'], header: ['A ', 'c'] },
    });
    expect(error.message).toBe('the header lacks the columns "a" (there is "A "), "b"');
  });

  it('refuse a name that stands twice, needed or not', async () => {
    expect(await refused('a,b,a\n1,2,3\n')).toMatchObject({
      code: 'DUPLICATE_COLUMN',
      details: { column: 'a' },
    });
    expect((await thrownBy(() => read('a,b,x,x\n1,2,3,4\n'))).code).toBe('DUPLICATE_COLUMN');
  });

  it('say of all repeated names at once where they stand', async () => {
    const two = await refused('a,b,x,b,a,b\n');
    expect(two.message).toBe(
      'names stand more than once in the header: "a" (fields 1, 5), "b" (fields 2, 4, 6)',
    );
    const names = Array.from({ length: 12 }, (_, j) => `c${j}`).join();
    expect((await refused(`${names},${names}\n`)).message).toMatch(/"c4" \(fields 5, 17\) and 7 more$/);
  });

  it('refuse __proto__, and nothing is changed by it', async () => {
    expect(await refused('a,b,__proto__\n1,x,polluted\n')).toMatchObject({ code: 'BAD_COLUMN_NAME' });
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('may name columns as Object.prototype names its members', async () => {
    const text = 'constructor,toString,hasOwnProperty,__defineGetter__\n1,2,3,4\n5,6,7,8\n';
    const inferred = await infer(text);
    const { table } = await readCsv(stream(text), { schema: inferred });
    expect(valuesOf(table, 'constructor')).toEqual([1, 5]);
    expect(Object.keys(tableToRows(table)[0]!)).toEqual([
      'constructor',
      'toString',
      'hasOwnProperty',
      '__defineGetter__',
    ]);
    const strict = z.object({ constructor: z.number().optional(), a: z.number() });
    const rows = await readCsv(stream('a,constructor\n1,\n'), { schema: schemaFromZod(strict), row: strict });
    expect(rows.badCount).toBe(0);
  });

  it('need names when the schema is to be guessed', async () => {
    expect((await thrownBy(() => infer('a,,c\n1,2,3\n'))).code).toBe('BAD_COLUMN_NAME');
    expect((await read('a,b,\n1,x,3\n')).ignoredColumns).toEqual(['']);
  });
});

describe('numbers that are none', () => {
  it.each([
    'NaN',
    'nan',
    'inf',
    '-Infinity',
    '1e400',
    '-1e400',
    `1${'0'.repeat(400)}`,
    '0x10',
    '1,5',
    '1_000',
    '٣',
  ])('%s is a bad row, never NaN or Infinity', async (cell) => {
    const { table, badRows } = await readCsv(stream(`a,b\n"${cell}",x\n1,y\n`), {
      schema,
      row,
      maxBadShare: 0.5,
    });
    expect(valuesOf(table, 'a')).toEqual([1]);
    expect(badRows[0]!.reason).toMatch(/^a: .* is (not a (finite )?number|too large for a 64-bit number)$/);
  });

  it('reads what is a number, to the last bit', async () => {
    const cells = ['0', '-0.5', '+3', '.5', '5.', '1E3', '5e-324', '1.7976931348623157e308', ' 7 ', '0.1'];
    const { table } = await read(`a,b\n${cells.map((cell) => `${cell},x`).join('\n')}\n`);
    expect(valuesOf(table, 'a')).toEqual(cells.map(Number));
  });

  it('refuses integers that a 64-bit number cannot hold', async () => {
    const integers = z.object({ id: z.int() });
    const result = await readCsv(stream('id\n9007199254740991\n9007199254740993\n'), {
      schema: schemaFromZod(integers),
      row: integers,
      maxBadShare: 0.5,
    });
    expect(valuesOf(result.table, 'id')).toEqual([9007199254740991]);
    expect(result.badRows[0]!.reason).toContain('past 2^53');
  });
});

describe('damaged files', () => {
  const body = `a,b\n${Array.from({ length: 5000 }, (_, i) => `${i},row ${i * 7919}`).join('\n')}\n`;

  it.each([0.1, 0.5, 0.99])('a gzip cut at %d of its length: TRUNCATED_GZIP', async (share) => {
    const whole = gzipped(body);
    const error = await refused(whole.subarray(0, Math.floor(whole.length * share)));
    expect(error.code).toBe('TRUNCATED_GZIP');
  });

  it('a gzip cut within its header: TRUNCATED_GZIP', async () => {
    expect((await refused(gzipped(body).subarray(0, 6))).code).toBe('TRUNCATED_GZIP');
  });

  it('a gzip that declares 1 GB and holds less: TRUNCATED_GZIP, both sizes named', async () => {
    const bytes = Buffer.from(gzipped(body));
    bytes.writeUInt32LE(2 ** 30, bytes.length - 4);
    const error = await refused(bytes);
    expect(error).toMatchObject({
      code: 'TRUNCATED_GZIP',
      details: { declared: 2 ** 30, compressed: bytes.length },
    });
    const { inflated } = error.details as { inflated: number };
    expect(inflated).toBeGreaterThan(body.length / 2);
    expect(error.message).toContain(`declares ${2 ** 30} bytes; ${inflated} bytes could be read`);
  });

  it('a gzip cut in the middle whose trailer declares 1 GB: TRUNCATED_GZIP', async () => {
    const whole = gzipped(body);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(2 ** 30, 4);
    expect((await refused(Buffer.concat([whole.subarray(0, whole.length / 2), trailer]))).code).toBe(
      'TRUNCATED_GZIP',
    );
  });

  it('a gzip with a changed byte: CORRUPT_GZIP', async () => {
    const bytes = Buffer.from(gzipSync(Buffer.from(body), { level: constants.Z_NO_COMPRESSION }));
    bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1;
    expect((await refused(bytes)).code).toBe('CORRUPT_GZIP');
  });

  it('a text that inflates past the bound: DATA_TOO_LARGE, before it is all read', async () => {
    const error = await thrownBy(() => read(gzipped(`a,b\n${'1,x\n'.repeat(1_000_000)}`), 100_000));
    expect(error.code).toBe('DATA_TOO_LARGE');
  });

  it('a quote that never closes: MALFORMED_CSV with its line', async () => {
    const error = await refused('a,b\n1,x\n2,"y\n3,z\n');
    expect(error).toMatchObject({ code: 'MALFORMED_CSV', details: { line: 3 } });
  });

  it('a quote that swallows megabytes: MALFORMED_CSV, not all of memory', async () => {
    const error = await thrownBy(() =>
      readCsv(stream(`a,b\n1,"${'x,y\n'.repeat(2_000_000)}`, 1 << 16), { schema, row }),
    );
    expect(error).toMatchObject({ code: 'MALFORMED_CSV', details: { line: 2 } });
  });

  it.each([
    ['ZIP or Excel', Buffer.from('504b030414000600', 'hex')],
    ['Parquet', Buffer.from('PAR1....')],
    ['UTF-16', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le')],
    ['Latin-1', Buffer.from('a,b\n1,S\u00e3o Paulo\n', 'latin1')],
    ['zero bytes', Buffer.from('a,b\n1,\0\n')],
    ['half a character', Buffer.from('a,b\n1,ç').subarray(0, -1)],
  ])('%s: NOT_CSV, plain or gzipped', async (_, bytes) => {
    expect((await refused(bytes)).code).toBe('NOT_CSV');
    expect((await refused(gzipSync(bytes))).code).toBe('NOT_CSV');
  });

  it('says which byte is not UTF-8, how its line may be meant, and what makes the file so', async () => {
    const bytes = Buffer.from('a,b\n1,Lund\n2,Malm\u00f6 \u00e5\n3,x\n', 'latin1');
    const error = await refused(bytes);
    expect(error.message).toBe(
      'byte 18 (0xF6) is not UTF-8; read as Windows-1252 (Latin-1), its line is "2,Malm\u00f6 \u00e5"',
    );
    expect(bytes[17]).toBe(0xf6);
    expect(error).toMatchObject({ details: { byte: 18 } });
    expect((error as unknown as BadDataError).remedy).toContain('iconv -f WINDOWS-1252 -t UTF-8');
  });

  it.each([0, 1, 2, 3])(
    'counts bytes over chunks, and characters that two chunks share (%i)',
    async (shift) => {
      // Chunks are of 1,024 bytes and characters of three: the euro sign falls between two of them in each way.
      const good = `a,b\n${'-'.repeat(shift)},${'\u20ac'.repeat(900)}\n`;
      const bytes = Buffer.concat([Buffer.from(good), Buffer.from('9,caf\u00e9\n', 'latin1')]);
      const error = await refused(bytes);
      expect(error).toMatchObject({ details: { byte: bytes.indexOf(0xe9) + 1 } });
      expect(error.message).toContain('0xE9');
    },
  );

  it('shows sixty characters of a long line', async () => {
    const error = await refused(Buffer.from(`a,b\n\u00fc${'z'.repeat(200)},1\n`, 'latin1'));
    expect(error.message.endsWith(`"\u00fc${'z'.repeat(59)}"`)).toBe(true);
  });

  it('says which byte is zero', async () => {
    expect((await refused('a,b\n1,\0\n')).message).toBe('byte 7 is zero: this is no text');
  });

  it('an error of the source itself passes through unchanged', async () => {
    async function* broken() {
      yield gzipped(body).subarray(0, 100);
      throw new TypeError('the network is gone');
    }
    await expect(readCsv(broken(), { schema, row })).rejects.toThrow(TypeError);
  });

  it('a source is closed when reading ends early', async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield Buffer.from('b\n');
      } finally {
        closed = true;
      }
    }
    expect((await thrownBy(() => readCsv(source(), { schema, row }))).code).toBe('MISSING_COLUMN');
    expect(closed).toBe(true);
  });
});

describe('4,000 categories', () => {
  it('are read, inferred and kept in order', async () => {
    const names = Array.from({ length: 4000 }, (_, i) => `c${String(i).padStart(4, '0')}`);
    const text = `a,b\n${[...names, ...names].map((name, i) => `${i},${name}`).join('\n')}\n`;
    const inferred = await infer(text);
    expect(inferred.columns[1]).toMatchObject({ kind: 'category', categories: names });
    const many = z.object({ a: z.number(), b: z.enum(names) });
    const { table } = await readCsv(stream(text, 1 << 16), { schema: schemaFromZod(many), row: many });
    expect(table.columns[1]).toMatchObject({ categories: names });
    expect(table.rowCount).toBe(8000);
  });
});
