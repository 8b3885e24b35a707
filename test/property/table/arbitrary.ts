import fc from 'fast-check';
import type { Column, Table } from '../../../lib/table/index.ts';

/** Names that have broken systems: members of objects, blanks, quotes, line breaks, letters beyond ASCII. */
const oddNames = [
  'constructor',
  'toString',
  'Class_ X',
  'a.b',
  'ação',
  '🌳',
  'a"b',
  'a,b',
  'a\nb',
  ' ',
  'null',
];
export const columnName = fc
  .oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom(...oddNames))
  .filter((name) => name !== '__proto__');

/** ISO 8601 writes years of four digits. */
const FIRST_DAY = Date.parse('0001-01-01');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const orMissing = (value: fc.Arbitrary<number>) => fc.option(value, { nil: Number.NaN, freq: 5 });

const column = (name: string, rows: number): fc.Arbitrary<Column> => {
  const values = (value: fc.Arbitrary<number>) =>
    fc.array(orMissing(value), { minLength: rows, maxLength: rows }).map((list) => Float64Array.from(list));
  const numeric = fc.oneof(
    values(finite).map((list) => ({ name, kind: 'number' as const, values: list })),
    values(fc.maxSafeInteger().map((n) => n + 0)).map((list) => ({
      name,
      kind: 'integer' as const,
      values: list,
    })),
    values(fc.constantFrom(0, 1)).map((list) => ({ name, kind: 'boolean' as const, values: list })),
    values(fc.integer({ min: FIRST_DAY, max: LAST_MS })).map((list) => ({
      name,
      kind: 'date' as const,
      values: list,
    })),
  );
  const dictionary = fc
    .uniqueArray(fc.string({ maxLength: 6, unit: 'grapheme' }), { minLength: 1, maxLength: 6 })
    .chain((categories) =>
      fc.record({
        name: fc.constant(name),
        kind: fc.constantFrom('category' as const, 'text' as const),
        codes: fc
          .array(fc.integer({ min: -1, max: categories.length - 1 }), { minLength: rows, maxLength: rows })
          .map((codes) => Int32Array.from(codes)),
        categories: fc.constant(categories),
      }),
    );
  return fc.oneof(numeric, dictionary);
};

/** Tables of up to 6 columns of any kind and 0 to 30 rows, with missing values. */
export const anyTable: fc.Arbitrary<Table> = fc
  .tuple(fc.uniqueArray(columnName, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 30 }))
  .chain(([names, rowCount]) =>
    fc.tuple(...names.map((name) => column(name, rowCount))).map((columns) => ({ rowCount, columns })),
  );
