import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadDefinitionError } from '../../../lib/errors/index.ts';
import { rowSchemaSchema, schemaFromZod } from '../../../lib/table/index.ts';
import { thrownBy } from './support.ts';

const kindOf = (type: z.ZodType) => {
  const { name: _, nullable: __, ...rest } = schemaFromZod(z.object({ x: type })).columns[0]!;
  return rest;
};

describe('schemaFromZod', () => {
  it.each<[string, z.ZodType, object]>([
    ['number', z.number(), { kind: 'number' }],
    ['bounds', z.number().min(0).max(9.5), { kind: 'number', minimum: 0, maximum: 9.5 }],
    [
      'open bounds',
      z.number().positive().lt(5),
      { kind: 'number', exclusiveMinimum: 0, exclusiveMaximum: 5 },
    ],
    ['int without zod’s own limits', z.int(), { kind: 'integer' }],
    ['number().int()', z.number().int().min(-3), { kind: 'integer', minimum: -3 }],
    ['coerced', z.coerce.number(), { kind: 'number' }],
    ['boolean', z.boolean(), { kind: 'boolean' }],
    ['enum', z.enum(['b', 'a']), { kind: 'category', categories: ['b', 'a'] }],
    ['literals', z.literal(['x', 'y']), { kind: 'category', categories: ['x', 'y'] }],
    ['one literal', z.literal('x'), { kind: 'category', categories: ['x'] }],
    [
      'union of literals',
      z.union([z.literal('p'), z.enum(['q', 'r'])]),
      { kind: 'category', categories: ['p', 'q', 'r'] },
    ],
    [
      'numbers as classes',
      z.literal([0, 1, 2]),
      { kind: 'category', categories: ['0', '1', '2'], numericCategories: true },
    ],
    ['string', z.string().min(1), { kind: 'text' }],
    ['e-mail', z.email(), { kind: 'text' }],
    ['date', z.date(), { kind: 'date' }],
    ['ISO date', z.iso.date(), { kind: 'date' }],
    ['ISO date and time', z.iso.datetime(), { kind: 'date' }],
    [
      'what is sent counts, not what a transform makes',
      z.string().transform((text) => text.length),
      { kind: 'text' },
    ],
    ['default', z.number().default(3), { kind: 'number', default: 3 }],
    ['description', z.number().describe('m2'), { kind: 'number', description: 'm2' }],
  ])('%s', (_, type, expected) => {
    expect(kindOf(type)).toEqual(expected);
  });

  it('keeps the order of the object, and says which columns may be absent', () => {
    const row = z.object({
      z: z.number(),
      optional: z.number().optional(),
      nullable: z.enum(['x']).nullable(),
      nullish: z.int().nullish(),
      defaulted: z.string().default(''),
      a: z.string(),
    });
    const { columns } = schemaFromZod(row);
    expect(columns.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['z', false],
      ['optional', true],
      ['nullable', true],
      ['nullish', true],
      ['defaulted', true],
      ['a', false],
    ]);
  });

  it('is JSON, and the same schema as when read back', () => {
    const schema = schemaFromZod(z.object({ a: z.number().min(0.1).default(1), b: z.literal([1, 2]) }));
    expect(rowSchemaSchema.parse(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
  });

  it.each<[string, z.ZodType]>([
    ['an object', z.object({ y: z.number() })],
    ['an array', z.array(z.number())],
    ['a mixed union', z.union([z.string(), z.number()])],
    ['mixed literals', z.literal(['a', 1])],
    ['anything', z.any()],
    ['a record', z.record(z.string(), z.number())],
    ['null', z.null()],
  ])('refuses %s, naming the column', async (_, type) => {
    const error = await thrownBy(() => schemaFromZod(z.object({ ok: z.number(), x: type })));
    expect(error).toBeInstanceOf(BadDefinitionError);
    expect(error.field).toBe('row.x');
  });

  it('refuses a row of no columns, and __proto__', async () => {
    expect(await thrownBy(() => schemaFromZod(z.object({})))).toBeInstanceOf(BadDefinitionError);
    const shape = JSON.parse('{"__proto__": 1, "a": 1}');
    for (const name of Object.keys(shape))
      Object.defineProperty(shape, name, { value: z.number(), enumerable: true });
    expect(await thrownBy(() => schemaFromZod(z.object(shape)))).toBeInstanceOf(BadDefinitionError);
  });
});
