import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { groupOf } from '../../../../lib/table/clean/group-codes.ts';
import {
  applyPreprocessing,
  type CodeGroup,
  cleanStepSchema,
  encode,
  fitPreprocessing,
  fittedPreprocessingSchema,
  groupCodes,
  icd9Chapters,
  rowsToTable,
  schemaFromZod,
  type Table,
} from '../../../../lib/table/index.ts';
import { tableToRows } from '../../../../lib/table/table.ts';

const whole = (groups: CodeGroup[]) =>
  groups.map(({ name, ranges = [], prefixes = [] }) => ({ name, ranges, prefixes }));

describe('ICD-9 chapters, as Strack and others group them', () => {
  it.each([
    ['250', 'diabetes'],
    ['250.83', 'diabetes'],
    ['249', 'endocrine'],
    ['251', 'endocrine'],
    ['390', 'circulatory'],
    ['459.9', 'circulatory'],
    ['785', 'circulatory'],
    ['786', 'respiratory'],
    ['787', 'digestive'],
    ['788', 'genitourinary'],
    ['782', 'skin'],
    ['789', 'symptoms'],
    ['780', 'symptoms'],
    ['8', 'infectious'],
    ['139', 'infectious'],
    ['140', 'neoplasms'],
    ['239', 'neoplasms'],
    ['820', 'injury'],
    ['999', 'injury'],
    ['715', 'musculoskeletal'],
    ['V57', 'external'],
    ['E888', 'external'],
    ['', 'other'],
    ['1000', 'other'],
    ['Q12', 'other'],
  ])('%s is %s', (code, group) => expect(groupOf(code, whole(icd9Chapters), 'other')).toBe(group));

  it('has a chapter for every code from 001 to 999', () => {
    const codes = Array.from({ length: 999 }, (_, i) => String(i + 1));
    expect(codes.filter((code) => groupOf(code, whole(icd9Chapters), 'other') === 'other')).toEqual([]);
  });
});

describe('grouping as a clean step', () => {
  const schema = schemaFromZod(
    z.object({ diag: z.string().nullable(), age: z.number(), sick: z.enum(['yes', 'no']) }),
  );
  const step = groupCodes(['diag'], { groups: icd9Chapters });
  const table: Table = {
    rowCount: 5,
    columns: [
      {
        name: 'diag',
        kind: 'text',
        codes: Int32Array.of(0, 1, -1, 2, 0),
        categories: ['250.83', '428', 'weird'],
      },
      { name: 'age', kind: 'number', values: Float64Array.of(1, 2, 3, 4, 5) },
      { name: 'sick', kind: 'category', codes: Int32Array.of(0, 1, 0, 1, 0), categories: ['yes', 'no'] },
    ],
  };
  const fitted = fitPreprocessing(table, [step], { target: 'sick', schema });

  it('keeps what is missing missing', () => {
    const grouped = tableToRows(applyPreprocessing(fitted, table)).map(({ diag }) => diag);
    expect(grouped).toEqual(['diabetes', 'circulatory', null, 'other', 'diabetes']);
    expect(fitted.output[0]).toEqual({ name: 'diag', kind: 'category' });
  });

  it('is JSON that survives its file, and does the same after it', () => {
    const read = fittedPreprocessingSchema.parse(JSON.parse(JSON.stringify(fitted)));
    expect(read).toEqual(fitted);
    expect(applyPreprocessing(read, table)).toEqual(applyPreprocessing(fitted, table));
    expect(cleanStepSchema.parse(JSON.parse(JSON.stringify(step)))).toEqual(step);
  });

  it('is done before one-hot encoding', () => {
    const encoded = fitPreprocessing(table, [step, encode(['diag'])], { target: 'sick', schema });
    expect(encoded.output.map(({ name }) => name)).toEqual([
      'diag=circulatory',
      'diag=diabetes',
      'diag=other',
      'diag=(missing)',
      'age',
    ]);
  });

  it('judges a code of a request by its group: one that training never saw is no surprise', () => {
    const native = { categories: new Map([['diag', new Set(['circulatory', 'diabetes'])]]), missing: true };
    const read = (diag: string) => rowsToTable(fitted, [{ diag, age: 3 }], native).warnings;
    expect(read('410')).toEqual([]);
    expect(read('V57')).toMatchObject([{ field: 'diag', code: 'unknown_category' }]);
  });

  it.each([
    [
      'a column of numbers',
      groupCodes(['age'], { groups: icd9Chapters }),
      /cannot treat "age", which is number/,
    ],
    ['the target', groupCodes(['sick'], { groups: icd9Chapters }), /names the target "sick"/],
  ])('refuses %s', (_, wrong, message) =>
    expect(() => fitPreprocessing(table, [wrong], { target: 'sick', schema })).toThrow(message),
  );

  it.each([
    ['a group of nothing', [{ name: 'x' }]],
    ['a range that ends before it begins', [{ name: 'x', ranges: [[5, 4]] }]],
    ['no group', []],
  ])('refuses %s', (_, groups) =>
    expect(
      cleanStepSchema.safeParse({ step: 'group-codes', columns: ['a'], groups, other: 'o' }).success,
    ).toBe(false),
  );
});
