import * as z from 'zod';

/**
 * What a request of MLflow's protocol holds, said once: the parser, the messages and the OpenAPI schema derive from it.
 * `type` is the field's type in MLflow's .proto files; `checks` are what its server asserts besides, in that order.
 */

/**
 * MLflow's assertions. `required` refuses absent, null and the empty string; the others but `keys` only speak where the
 * field's type is wrong already. `keys`: each entry of a list has a `key`.
 */
export type NamedCheck = 'required' | 'string' | 'int' | 'float' | 'bool' | 'array' | 'keys' | 'dict';

/** A check of a field's own. It gets the value as it was sent, and says what is wrong or nothing. */
export interface CustomCheck {
  /** True where the value is fine. A throw means that it is not. */
  holds(value: unknown): boolean;
  /** The message in place of `Invalid value ...`; MLflow adds a pointer to its documents. */
  message?: string | ((value: unknown) => string);
}

export type Check = NamedCheck | CustomCheck;

export type Shape = Record<string, Field<unknown, boolean>>;

/** One field. `T` is what a handler gets; `N` whether it is never undefined. */
export interface Field<T, N extends boolean> {
  type: 'string' | 'int64' | 'int32' | 'double' | 'bool' | 'enum' | 'message' | 'map' | 'json';
  repeated: boolean;
  checks: readonly Check[];
  /** Of an enum: names and numbers. */
  values?: Readonly<Record<string, number>>;
  /** Of a message. */
  shape?: Shape;
  /** For the types only; never set. */
  readonly out?: { value: T; needed: N };
}

type Needed<C extends readonly Check[]> = 'required' extends C[number] ? true : false;

/** What a handler gets for a shape: absent and null are undefined, a repeated field is a list at least. */
export type Input<S extends Shape> = {
  [K in keyof S]: S[K] extends Field<infer T, infer N> ? (N extends true ? T : T | undefined) : never;
};

const scalar =
  <T>(type: Field<T, boolean>['type']) =>
  <const C extends readonly Check[]>(...checks: C): Field<T, Needed<C>> => ({
    type,
    repeated: false,
    checks,
  });

export const string = scalar<string>('string');
/** A whole number of 64 bits, also as text; beyond 2^53 it is the nearest double. */
export const int64 = scalar<number>('int64');
export const int32 = scalar<number>('int32');
/** A number, or the texts NaN, Infinity, -Infinity. */
export const double = scalar<number>('double');
export const bool = scalar<boolean>('bool');
/** Any JSON value, taken as it is. */
export const json = scalar<unknown>('json');
/** `map<string, string>` */
export const map = scalar<Record<string, string>>('map');

/** The name of one of `values`, given by name or number; a name that is not one of them is as if absent. */
export const enumeration = <
  const V extends Readonly<Record<string, number>>,
  const C extends readonly Check[],
>(
  values: V,
  ...checks: C
): Field<Extract<keyof V, string>, Needed<C>> => ({ type: 'enum', repeated: false, checks, values });

export const message = <S extends Shape, const C extends readonly Check[]>(
  shape: S,
  ...checks: C
): Field<Input<S>, Needed<C>> => ({ type: 'message', repeated: false, checks, shape });

/** A list; what was not sent is an empty one. */
export const repeated = <T, N extends boolean>(
  item: Field<T, N>,
  ...checks: readonly Check[]
): Field<T[], true> => {
  const { type, values, shape } = item;
  return {
    type,
    repeated: true,
    checks,
    ...(values === undefined ? {} : { values }),
    ...(shape === undefined ? {} : { shape }),
  };
};

/** Whole numbers and numbers as text, as protobuf's JSON takes them. */
const INTEGER_TEXT = /^[+-]?([0-9]+(_[0-9]+)*\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const NUMBER_TEXT =
  /^\s*([+-]?([0-9]+(_[0-9]+)*\.?([0-9]+(_[0-9]+)*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?([Ii][Nn][Ff]([Ii][Nn][Ii][Tt][Yy])?|[Nn][Aa][Nn]))\s*$/;

/**
 * The zod schema of a shape, for the OpenAPI document alone. It takes all that the parser takes: null is as absent, numbers
 * may be text, an unknown name of an enum is passed over. What the parser refuses besides are rules of MLflow's words.
 *
 * @param part a query has no null
 */
export function zodOf(shape: Shape, part: 'query' | 'body' = 'body'): z.ZodObject {
  const entries = Object.entries(shape).map(([name, field]): [string, z.ZodType] => {
    // Old clients name a run by `run_uuid` alone.
    const isRequired =
      field.checks.includes('required') && !(name === 'run_id' && Object.hasOwn(shape, 'run_uuid'));
    // A list is what is required, not a text in it.
    const one = zodOfOne(field, isRequired && !field.repeated);
    const whole = field.repeated ? z.array(one) : one;
    if (isRequired) return [name, whole];
    return [name, part === 'query' ? whole.optional() : whole.nullish()];
  });
  return z.object(Object.fromEntries(entries));
}

function zodOfOne(
  { type, values = {}, shape = {} }: Field<unknown, boolean>,
  isRequired: boolean,
): z.ZodType {
  switch (type) {
    case 'string':
      return isRequired ? z.string().min(1) : z.string();
    case 'int64':
    case 'int32':
      // z.int() has the bounds of JavaScript's safe integers, which these have not.
      return z.union([z.number().meta({ type: 'integer' }), z.string().regex(INTEGER_TEXT)]);
    case 'double':
      return z.union([z.number(), z.boolean(), z.string().regex(NUMBER_TEXT)]);
    case 'bool':
      return z.boolean();
    case 'enum':
      return z.union([z.string(), z.number().meta({ type: 'integer' })]).meta({
        description: `One of ${Object.keys(values).join(', ')}, or its number; another word is as if absent`,
      });
    case 'message':
      return zodOf(shape);
    case 'map':
      return z.record(z.string(), z.string());
    case 'json':
      return z.unknown();
  }
}
