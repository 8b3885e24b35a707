import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { columnOf, fieldsOf, type RowSchema, rowOf } from '../../../console/form/fields.ts';
import { rowJsonSchema } from '../../../lib/http/model-schemas.ts';
import { exampleRow } from '../../../lib/serving/index.ts';
import type { ColumnSpec } from '../../../lib/table/types.ts';

const columns: ColumnSpec[] = [
  {
    name: 'area',
    kind: 'number',
    exclusiveMinimum: 0,
    maximum: 400,
    nullable: false,
    description: 'Square metres',
  },
  { name: 'rooms', kind: 'integer', minimum: 1, nullable: false },
  { name: 'garden', kind: 'boolean', nullable: false },
  { name: 'zone', kind: 'category', categories: ['A', 'B'], nullable: true },
  { name: 'agent', kind: 'text', nullable: false },
  { name: 'sold', kind: 'date', nullable: false },
  { name: 'lifts', kind: 'integer', default: 0, nullable: true },
  { name: 'price', kind: 'number', nullable: false },
];
const model = { name: 'housing', version: '3', target: 'price', rowSchema: { columns } };
const schema = rowJsonSchema(model) as RowSchema;
const fields = fieldsOf(schema, exampleRow(model));
const field = (name: string) => fields.find((one) => one.name === name);
const initial = () => new Map(fields.map((one) => [one.name, one.initial]));

describe('the fields of a form', () => {
  it('are the columns without the target, in order, each of its kind', () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ['area', 'number'],
      ['rooms', 'integer'],
      ['garden', 'boolean'],
      ['zone', 'choice'],
      ['agent', 'text'],
      ['sold', 'date'],
      ['lifts', 'integer'],
    ]);
  });

  it('have bounds, choices, and what may be left out', () => {
    expect(field('area')).toMatchObject({ minimum: 0, maximum: 400, required: true });
    expect(field('rooms')).toMatchObject({ minimum: 1 });
    expect(field('garden')?.choices).toEqual(['true', 'false']);
    expect(field('zone')).toMatchObject({ choices: ['A', 'B'], required: false });
    expect(field('lifts')?.required).toBe(false);
  });

  it('say what is allowed, what training saw, and what stands for nothing', () => {
    expect(field('area')?.help).toBe('Square metres; above 0 to 400');
    expect(field('lifts')?.help).toBe('0 unless told; may be left out');
    expect(field('agent')?.help).toBe('');
    const [seen] = fieldsOf({
      properties: { x: { type: 'number', 'x-training': { minimum: 2, maximum: 9 } } },
    });
    expect(seen?.help).toBe('in training 2 to 9; may be left out');
  });

  it('keep quiet about the bounds that every integer has', () => {
    const integer = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    const [open, half] = fieldsOf({
      properties: { x: { type: 'integer', ...integer }, y: { type: 'integer', ...integer, minimum: 0 } },
      required: ['x', 'y'],
    });
    expect(open).toMatchObject({ kind: 'integer', help: '' });
    expect([open?.minimum, open?.maximum]).toEqual([undefined, undefined]);
    expect(half).toMatchObject({ minimum: 0, help: 'from 0' });
    expect(half?.maximum).toBeUndefined();
  });

  it('suggest the texts of the training rows, and bind nobody to them', () => {
    const [text] = fieldsOf({ properties: { x: { type: 'string', examples: ['a', 'b'] } }, required: ['x'] });
    expect(text).toMatchObject({ kind: 'text', choices: ['a', 'b'] });
  });

  it('of a column with an awkward name are fields like others', () => {
    const properties = JSON.parse('{"__proto__": {"type": "integer"}, "constructor": {"type": "number"}}');
    const [first, second] = fieldsOf({ properties, required: ['__proto__', 'constructor'] });
    expect([first?.name, second?.name]).toEqual(['__proto__', 'constructor']);
    expect(second?.initial).toBe('');
    const { row } = rowOf(
      [first!, second!],
      new Map([
        ['__proto__', '3'],
        ['constructor', '4'],
      ]),
    );
    expect(JSON.stringify(row)).toBe('{"__proto__":3,"constructor":4}');
  });
});

describe('a filled-in row', () => {
  it('is the example where nothing was changed', () => {
    expect(rowOf(fields, initial())).toEqual({ row: exampleRow(model), problems: new Map() });
  });

  it('leaves out what was left out, and asks for what is needed', () => {
    const values = initial().set('zone', '').set('lifts', ' ').set('rooms', '');
    const { row, problems } = rowOf(fields, values);
    expect(Object.keys(row)).toEqual(['area', 'garden', 'agent', 'sold']);
    expect([...problems]).toEqual([['rooms', 'A value is needed.']]);
  });

  it.each([
    ['area', 'wide', 'Not a number.'],
    ['area', '1e999', 'Not a number.'],
    ['rooms', '2.5', 'Not a whole number.'],
    ['garden', 'yes', 'Not true or false.'],
  ])('%s: %s is refused', (name, text, message) => {
    expect([...rowOf(fields, initial().set(name, text)).problems]).toEqual([[name, message]]);
  });

  it('has any number as it was written, and any text but the spaces around it', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ minLength: 1 }),
        (number, text) => {
          const { row } = rowOf(fields, initial().set('area', String(number)).set('agent', text));
          expect(row.area).toBe(Number(String(number)));
          expect(row.agent).toBe(text.trim() === '' ? undefined : text.trim());
        },
      ),
    );
  });
});

it.each([
  ['rows[0].area', 'area'],
  ['area', 'area'],
  ['rows[12].a.b', 'a.b'],
  ['rows', 'rows'],
  ['rows[3]', undefined],
  [undefined, undefined],
])('%s speaks of the column %s', (given, column) => {
  expect(columnOf(given)).toBe(column);
});
