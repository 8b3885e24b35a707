import * as z from 'zod';
import { BadDefinitionError } from '../errors/index.ts';
import type { Cell, ColumnSpec, RowSchema } from './types.ts';

type JsonSchema = Record<string, unknown>;

/**
 * The columns that a zod row declares, in its order: `z.number()` is a number, `z.int()` an integer, `z.enum` and
 * literals a category (numeric ones keep `numericCategories`), `z.date()`, `z.iso.date()` and `z.iso.datetime()` a date,
 * any other string text. Optional, nullable and defaulted columns are nullable. What a caller sends counts (`io: 'input'`).
 *
 * @throws BadDefinitionError naming the column whose shape a table cannot hold (objects, arrays, mixed unions)
 * @example
 * schemaFromZod(z.object({ area: z.number().min(0), kind: z.enum(['flat', 'house']) }));
 * // { columns: [{ name: 'area', kind: 'number', minimum: 0, nullable: false }, { name: 'kind', kind: 'category', ... }] }
 */
export function schemaFromZod(row: z.ZodObject): RowSchema {
  const json = z.toJSONSchema(row, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    },
  }) as JsonSchema;
  if (json.properties === undefined || Object.keys(row.shape).length === 0) {
    throw new BadDefinitionError('the row declares no column', { field: 'row' });
  }
  if (Object.hasOwn(row.shape, '__proto__')) {
    throw new BadDefinitionError('a column cannot be named "__proto__"', { field: 'row.__proto__' });
  }
  const required = new Set((json.required as string[] | undefined) ?? []);
  const columns = Object.entries(json.properties as Record<string, JsonSchema>).map(([name, schema]) =>
    columnSpec(name, resolve(schema, json), required.has(name)),
  );
  return { columns };
}

function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const reference = schema.$ref;
  if (typeof reference !== 'string') return schema;
  const found = ((root.$defs ?? {}) as Record<string, JsonSchema>)[reference.replace('#/$defs/', '')];
  return { ...found, ...schema };
}

function columnSpec(name: string, schema: JsonSchema, required: boolean): ColumnSpec {
  const { core, nullable } = withoutNull(schema);
  const description = schema.description ?? core.description;
  const spec = {
    ...kindOf(name, core),
    nullable: nullable || !required,
    ...(typeof description === 'string' ? { description } : {}),
    ...('default' in schema ? { default: schema.default as Cell } : {}),
  };
  return { name, ...spec };
}

/** Takes `null` out of a type or a union. */
function withoutNull(schema: JsonSchema): { core: JsonSchema; nullable: boolean } {
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    const core = { ...schema, type: types.length === 1 ? types[0] : types };
    return { core, nullable: schema.type.includes('null') };
  }
  if (!Array.isArray(schema.anyOf)) return { core: schema, nullable: false };
  const options = schema.anyOf as JsonSchema[];
  const rest = options.filter((option) => option.type !== 'null');
  const nullable = rest.length < options.length;
  const [only] = rest;
  if (rest.length === 1 && only !== undefined) {
    const inner = withoutNull(only);
    return { core: inner.core, nullable: nullable || inner.nullable };
  }
  const values = rest.flatMap((option) => literalsOf(option) ?? [undefined]);
  if (values.includes(undefined)) return { core: { anyOf: rest }, nullable };
  return { core: { enum: values }, nullable };
}

function literalsOf(schema: JsonSchema): unknown[] | undefined {
  if (Array.isArray(schema.enum)) return schema.enum;
  return 'const' in schema ? [schema.const] : undefined;
}

function kindOf(name: string, schema: JsonSchema): Omit<ColumnSpec, 'name' | 'nullable' | 'description'> {
  const literals = literalsOf(schema);
  if (literals !== undefined) return literalKind(name, literals);
  switch (schema.type) {
    case 'number':
      return { kind: 'number', ...bounds(schema) };
    case 'integer':
      return { kind: 'integer', ...bounds(schema) };
    case 'boolean':
      return { kind: 'boolean' };
    case 'string':
      return { kind: schema.format === 'date' || schema.format === 'date-time' ? 'date' : 'text' };
    default:
      throw unsupported(name, schema.type === undefined ? 'a mixed or unknown type' : `${schema.type}`);
  }
}

function literalKind(name: string, literals: unknown[]): { kind: 'category'; categories: string[] } {
  const numeric = literals.every((value) => typeof value === 'number');
  if (!numeric && !literals.every((value) => typeof value === 'string')) {
    throw unsupported(name, 'a union of strings and other things');
  }
  const categories = [...new Set(literals.map(String))];
  return { kind: 'category', categories, ...(numeric ? { numericCategories: true } : {}) };
}

/** Only bounds that the author wrote: zod's own limits of safe integers say nothing. */
function bounds(schema: JsonSchema): Partial<ColumnSpec> {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  return {
    ...(typeof minimum === 'number' && minimum !== Number.MIN_SAFE_INTEGER ? { minimum } : {}),
    ...(typeof maximum === 'number' && maximum !== Number.MAX_SAFE_INTEGER ? { maximum } : {}),
    ...(typeof exclusiveMinimum === 'number' ? { exclusiveMinimum } : {}),
    ...(typeof exclusiveMaximum === 'number' ? { exclusiveMaximum } : {}),
  };
}

function unsupported(name: string, what: string): BadDefinitionError {
  return new BadDefinitionError(
    `column "${name}" is ${what}: a table holds numbers, booleans, dates and strings`,
    {
      field: `row.${name}`,
      remedy:
        'Declare one value a column: z.number(), z.int(), z.boolean(), z.enum([...]), z.string() or z.date().',
    },
  );
}
