import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InvalidInputError } from '../../../../lib/errors/index.ts';
import {
  applyPreprocessing,
  type CleanStep,
  dropColumns,
  encode,
  fillMissing,
  fitPreprocessing,
  readCsv,
  rowsToTable,
  schemaFromZod,
  standardScale,
  tableToRows,
} from '../../../../lib/table/index.ts';
import { stream, textsOf, thrownBy, valuesOf } from '../support.ts';

const row = z.object({
  area: z.number().min(0).lt(10_000),
  rooms: z.int().optional(),
  kind: z.enum(['flat', 'house', 'castle']).nullable(),
  class: z.literal([0, 1]),
  sea: z.boolean(),
  built: z.date(),
  heating: z.string().default('gas'),
  id: z.int(),
  price: z.number(),
});
const text = `area,rooms,kind,class,sea,built,heating,id,price
90.5,3,flat,0,true,2001-05-06,gas,1,100
120,,house,1,false,1950-01-01,oil,2,200
70,2,,1,false,1999-12-31,,3,150
`;
const schema = schemaFromZod(row);
const { table } = await readCsv(stream(text), { schema, row });
const steps: CleanStep[] = [
  dropColumns(['id']),
  fillMissing(['rooms'], { strategy: 'median' }),
  encode('categorical'),
  standardScale(['area']),
];
const fitOn = (some: CleanStep[]) => fitPreprocessing(table, some, { target: 'price', schema });
const fitted = fitOn(steps);
const complete = {
  area: 90.5,
  rooms: 3,
  kind: 'flat',
  class: 0,
  sea: true,
  built: '2001-05-06',
  heating: 'gas',
};
const read = (...rows: unknown[]) => rowsToTable(fitted, rows);
const refusal = (...rows: unknown[]) => thrownBy(() => read(...rows));

describe('rowsToTable', () => {
  it('reads rows exactly as the CSV was read: the features are the same to the bit', () => {
    const rows = tableToRows(table).map(({ class: one, ...rest }) => ({ ...rest, class: Number(one) }));
    const { table: fromRows } = rowsToTable(fitted, rows);
    const features = applyPreprocessing(fitted, fromRows).columns;
    expect(features).toEqual(applyPreprocessing(fitted, table).columns.slice(0, -1));
  });

  it('needs no target, looks at neither it nor dropped columns, and warns of nothing', () => {
    const { table: made, warnings } = read(complete, { ...complete, price: 'any', id: null });
    expect(warnings).toEqual([]);
    expect(made.columns.map(({ name }) => name)).toEqual([
      'area',
      'rooms',
      'kind',
      'class',
      'sea',
      'built',
      'heating',
    ]);
    expect(valuesOf(made, 'built')).toEqual([Date.UTC(2001, 4, 6), Date.UTC(2001, 4, 6)]);
    expect(valuesOf(made, 'sea')).toEqual([1, 1]);
  });

  it('does not need the order of the columns, and takes no rows', () => {
    const reversed = Object.fromEntries(Object.entries(complete).reverse());
    expect(read(reversed).table).toEqual(read(complete).table);
    expect(read().table.rowCount).toBe(0);
  });

  it('puts the schema’s default for a missing value', () => {
    const { table: made, warnings } = read(
      { ...complete, heating: undefined },
      { ...complete, heating: null },
    );
    expect(textsOf(made, 'heating')).toEqual(['gas', 'gas']);
    expect(warnings).toEqual([]);
  });

  it('treats a missing value as training did, and says so', () => {
    const { rooms: _, ...without } = complete;
    const { warnings } = read(complete, { ...without, kind: null });
    expect(warnings).toEqual([
      {
        row: 1,
        field: 'rooms',
        code: 'missing_value',
        message: 'rooms is missing: filled with 2.5, as in training',
      },
      {
        row: 1,
        field: 'kind',
        code: 'missing_value',
        message: 'kind is missing: encoded as missing, as in training',
      },
    ]);
  });

  it('refuses a missing value that no step treats, though the schema allow it', async () => {
    const { area: _, ...without } = complete;
    expect(await refusal(complete, complete, complete, without)).toMatchObject({
      status: 400,
      field: 'rows[3].area',
    });
    const unfilled = fitOn([dropColumns(['id']), encode('categorical')]);
    const error = await thrownBy(() => rowsToTable(unfilled, [{ ...complete, rooms: null }]));
    expect(error).toMatchObject({ code: 'INVALID_INPUT', field: 'rows[0].rooms' });
  });

  it('warns of a category that training did not see, declared or not', () => {
    const { table: made, warnings } = read(
      { ...complete, kind: 'castle' },
      { ...complete, kind: 'tent', heating: 'wood' },
    );
    expect(warnings.map(({ row: i, field, code }) => [i, field, code])).toEqual([
      [0, 'kind', 'unknown_category'],
      [1, 'kind', 'unknown_category'],
      [1, 'heating', 'unknown_category'],
    ]);
    expect(warnings[1]!.message).toBe('"tent" of kind was not among the training rows');
    expect(valuesOf(applyPreprocessing(fitted, made), 'kind=flat')).toEqual([0, 0]);
  });

  it('refuses it where the encoder was told to', async () => {
    const strict = fitOn([dropColumns(['id', 'rooms']), encode('categorical', { unknown: 'error' })]);
    const error = await thrownBy(() => rowsToTable(strict, [{ ...complete, kind: 'tent' }]));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.field).toBe('rows[0].kind');
  });

  it('takes numeric classes as numbers or as text, whatever the declared form', () => {
    expect(textsOf(read(complete, { ...complete, class: '1' }).table, 'class')).toEqual(['0', '1']);
  });

  it.each<[string, unknown, string]>([
    ['text for a number', { area: '90' }, 'rows[0].area'],
    ['an infinity, as 1e400 parses', JSON.parse('{"area": 1e400}'), 'rows[0].area'],
    ['NaN', { area: Number.NaN }, 'rows[0].area'],
    ['a number below the minimum', { area: -0.5 }, 'rows[0].area'],
    ['a number not below the open maximum', { area: 10_000 }, 'rows[0].area'],
    ['a fraction for an integer', { rooms: 2.5 }, 'rows[0].rooms'],
    ['an integer past 2^53', { rooms: 2 ** 53 }, 'rows[0].rooms'],
    ['a number for a boolean', { sea: 1 }, 'rows[0].sea'],
    ['a number for a category', { kind: 3 }, 'rows[0].kind'],
    ['a boolean for text', { heating: true }, 'rows[0].heating'],
    ['no date', { built: '2001-02-30' }, 'rows[0].built'],
    ['a number for a date', { built: 5 }, 'rows[0].built'],
    ['an object for a value', { area: { valueOf: 3 } }, 'rows[0].area'],
    ['an array for a value', { area: [90] }, 'rows[0].area'],
    ['an unknown field', { surface: 90 }, 'rows[0].surface'],
    ['__proto__ as a field', JSON.parse('{"__proto__": {"area": 1}}'), 'rows[0].__proto__'],
    ['constructor as a field', { constructor: 1 }, 'rows[0].constructor'],
  ])('refuses %s, naming the field', async (_, wrong, field) => {
    const merged = JSON.parse('{}');
    for (const [name, value] of [...Object.entries(complete), ...Object.entries(wrong as object)]) {
      Object.defineProperty(merged, name, { value, enumerable: true, configurable: true });
    }
    const error = await refusal(merged);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.field).toBe(field);
  });

  it.each([[null], [5], ['row'], [[1, 2]], [undefined]])('refuses %j for a row', async (wrong) => {
    expect(await refusal(complete, wrong)).toMatchObject({ status: 400, field: 'rows[1]' });
  });

  it('does not inherit a value from Object.prototype', async () => {
    const odd = z.object({ toString: z.string(), y: z.number() });
    const oddSchema = schemaFromZod(odd);
    const { table: oddTable } = await readCsv(stream('toString,y\na,1\nb,2\n'), {
      schema: oddSchema,
      row: odd,
    });
    const oddFitted = fitPreprocessing(oddTable, [encode('categorical')], { target: 'y', schema: oddSchema });
    expect((await thrownBy(() => rowsToTable(oddFitted, [{}]))).field).toBe('rows[0].toString');
    expect(rowsToTable(oddFitted, [{ toString: 'a' }]).warnings).toEqual([]);
  });

  it('shortens what it shows of a long unknown name', async () => {
    const error = await refusal({ ['x'.repeat(100_000)]: 1 });
    expect(error.message.length).toBeLessThan(300);
  });
});

describe('columns that the model takes without a step', () => {
  const bare = fitOn([dropColumns(['id'])]);
  const native = (missing: boolean) => ({
    categories: new Map([['kind', new Set(['flat', 'house'])]]),
    missing,
  });
  const sent = { area: 90, rooms: 3, kind: 'flat', class: 0, sea: true, built: '2001-05-06' };

  it('an unknown category is a warning, as where a step encodes it', () => {
    const { table: read, warnings } = rowsToTable(bare, [sent, { ...sent, kind: 'castle' }], native(true));
    expect(warnings).toMatchObject([{ row: 1, field: 'kind', code: 'unknown_category' }]);
    expect(textsOf(read, 'kind')).toEqual(['flat', 'castle']);
  });

  it('is silent of it where nobody tells what training saw', () => {
    expect(rowsToTable(bare, [{ ...sent, kind: 'castle' }]).warnings).toEqual([]);
  });

  it('a missing category or number of a column that may lack one is a warning', () => {
    const row = { ...sent, kind: null, rooms: undefined };
    const { table: read, warnings } = rowsToTable(bare, [row], native(true));
    expect(warnings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'missing_value: rooms is missing: taken as missing, as in training',
      'missing_value: kind is missing: taken as missing, as in training',
    ]);
    expect(valuesOf(read, 'rooms')).toEqual([Number.NaN]);
    expect(textsOf(read, 'kind')).toEqual([null]);
  });

  it('a missing number is refused where the model needs it, or the row does', async () => {
    const lacking = (row: Record<string, unknown>, missing: boolean) =>
      thrownBy(() => rowsToTable(bare, [row], native(missing)));
    expect(await lacking({ ...sent, rooms: null }, false)).toMatchObject({ field: 'rows[0].rooms' });
    expect(await lacking({ ...sent, area: null }, true)).toMatchObject({ field: 'rows[0].area' });
    expect(await lacking({ ...sent, built: null }, true)).toMatchObject({ field: 'rows[0].built' });
  });

  it('a fitted step goes before', () => {
    const { warnings } = rowsToTable(fitted, [{ ...sent, rooms: null }], native(true));
    expect(warnings).toMatchObject([{ message: 'rooms is missing: filled with 2.5, as in training' }]);
  });
});
