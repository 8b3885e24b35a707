import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArboledaError } from '../../../lib/errors/index.ts';
import { inferSchema, type RowSchema, readCsv, tableToRows } from '../../../lib/table/index.ts';
import { columnName } from './arbitrary.ts';
import { stringify } from './stringify.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Text cells that are not missing: neither empty nor blank. */
const cell = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((text) => text.trim() !== '');
const file = fc
  .tuple(
    fc.uniqueArray(
      columnName.filter((name) => !/^[;|\t]|[;|\t]/.test(name)),
      { minLength: 2, maxLength: 5 },
    ),
    fc.integer({ min: 1, max: 20 }),
  )
  .chain(([names, rows]) =>
    fc.tuple(
      fc.constant(names),
      fc.array(fc.tuple(...names.map(() => cell)), { minLength: rows, maxLength: rows }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
    ),
  );

describe('reading CSV', () => {
  it('gives back any text that was written, however it is quoted, cut and packed', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ([names, rows, lineEnd, gzip, size]) => {
        const text = Buffer.from(stringify([names, ...rows], lineEnd));
        const schema: RowSchema = { columns: names.map((name) => ({ name, kind: 'text', nullable: false })) };
        const { table, badCount } = await readCsv(pieces(gzip ? gzipSync(text) : text, size), { schema });
        expect(badCount).toBe(0);
        expect(tableToRows(table).map((row) => names.map((name) => row[name]))).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });

  it('reads numbers to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 }),
        async (numbers) => {
          const text = Buffer.from(`x\n${numbers.map(String).join('\n')}\n`);
          const { table } = await readCsv(pieces(text, 11), {
            schema: { columns: [{ name: 'x', kind: 'number', nullable: false }] },
          });
          expect(table.columns[0]).toEqual({
            name: 'x',
            kind: 'number',
            values: Float64Array.from(numbers, (n) => Number(String(n))),
          });
        },
      ),
    );
  });

  it('ends on any bytes with a table or an error that has a code', async () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .string({ maxLength: 200, unit: fc.constantFrom('a', ',', '"', '\n', '\r', ';', '1', ' ', '.', 'é') })
        .map((text) => Buffer.from(text)),
      fc
        .uint8Array({ maxLength: 60 })
        .map((bytes) => Buffer.concat([gzipSync('a,b\n1,2\n').subarray(0, 20), bytes])),
    );
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        try {
          const schema = await inferSchema(pieces(bytes, 16));
          const { table, badCount, totalRows } = await readCsv(pieces(bytes, 16), { schema, maxBadShare: 1 });
          expect(table.rowCount + badCount).toBe(totalRows);
        } catch (error) {
          expect(error).toBeInstanceOf(ArboledaError);
          expect((error as ArboledaError).code).not.toBe('INTERNAL_ERROR');
        }
      }),
      { numRuns: 500 },
    );
  });
});
