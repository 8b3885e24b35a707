import type { Field, Shape } from './fields.ts';

/** A value that its field's type does not take. */
export class WrongType extends Error {}

const MAX_INT32 = 2 ** 31;
const MAX_INT64 = 2 ** 63;

/** `run_id` as protobuf's JSON also spells it: `runId`. */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, char: string) => char.toUpperCase());

/**
 * An object read by a shape, with the rules of protobuf's JSON: unknown fields are passed over, null is absent, numbers
 * may be text. Fields that cannot be read are left out and reported to `wrong`.
 */
export function readMessage(
  shape: Shape,
  object: Readonly<Record<string, unknown>>,
  wrong: (name: string) => void,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const value = own(object, name) ?? own(object, camelCase(name));
    if (field.repeated) result[name] = [];
    if (value === undefined || value === null) continue;
    try {
      const read = field.repeated ? readList(field, value) : readOne(field, value);
      if (read !== undefined) result[name] = read;
    } catch (error) {
      if (!(error instanceof WrongType)) throw error;
      wrong(name);
    }
  }
  return result;
}

const own = (object: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

function readList(field: Field<unknown, boolean>, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new WrongType();
  const items = value.map((item) => {
    if (item === null) throw new WrongType();
    return readOne(field, item);
  });
  return items.filter((item) => item !== undefined);
}

function readOne(field: Field<unknown, boolean>, value: unknown): unknown {
  switch (field.type) {
    case 'string':
      return readString(value);
    case 'int64':
      return readInteger(value, MAX_INT64);
    case 'int32':
      return readInteger(value, MAX_INT32);
    case 'double':
      return readDouble(value);
    case 'bool':
      if (typeof value !== 'boolean') throw new WrongType();
      return value;
    case 'enum':
      return readEnum(field.values ?? {}, value);
    case 'map':
      return readMap(value);
    case 'message':
      return readMessage(field.shape ?? {}, objectOf(value), () => {
        throw new WrongType();
      });
    case 'json':
      return value;
  }
}

function readString(value: unknown): string {
  if (typeof value !== 'string' || !value.isWellFormed()) throw new WrongType();
  return value;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongType();
  return value as Record<string, unknown>;
}

function readMap(value: unknown): Record<string, string> {
  const entries = Object.entries(objectOf(value)).map(([key, inner]) => [key, readString(inner)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Text may write a whole number as Python's int() and float() read it: `5`, `+5`, `5.0`, `1e3`; no blanks. */
function readInteger(value: unknown, limit: number): number {
  const number =
    typeof value === 'string' && /^[+-]?(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)
      ? Number(value.replaceAll('_', ''))
      : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw new WrongType();
  // 2^63 - 1 is 2^63 as a double: the greatest that a caller may mean.
  const above = limit === MAX_INT64 ? number > limit : number >= limit;
  if (above || number < -limit) throw new WrongType();
  return number === 0 ? 0 : number;
}

const SPELLINGS: Readonly<Record<string, number>> = {
  infinity: Number.POSITIVE_INFINITY,
  inf: Number.POSITIVE_INFINITY,
  nan: Number.NaN,
};

/** Text as Python's float() reads it, but for the exact word `nan`, which protobuf refuses. */
function readDouble(value: unknown): number {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new WrongType();
    return value;
  }
  if (typeof value !== 'string' || value === 'nan') throw new WrongType();
  const text = value.trim();
  const word = SPELLINGS[text.replace(/^[+-]/, '').toLowerCase()];
  if (word !== undefined) return text.startsWith('-') ? -word : word;
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new WrongType();
  return Number(text.replaceAll('_', ''));
}

/** An unknown name is as if absent; an unknown number is wrong. */
function readEnum(values: Readonly<Record<string, number>>, value: unknown): string | undefined {
  if (typeof value === 'string' && Object.hasOwn(values, value)) return value;
  if (typeof value !== 'string' && typeof value !== 'number') throw new WrongType();
  if (typeof value === 'string' && !/^\s*[+-]?\d+\s*$/.test(value)) return undefined;
  const number = Math.trunc(Number(value));
  const found = Object.keys(values).find((name) => values[name] === number);
  if (found === undefined) throw new WrongType();
  return found;
}
