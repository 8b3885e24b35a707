import type { TrainingColumn } from '../../lib/http/training-columns.ts';

/** A form's fields from the JSON Schema of a row, and a row from what was filled in. Pure. */

export interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  format?: string;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  default?: unknown;
  examples?: unknown[];
  'x-training'?: { minimum: number; maximum: number };
}
export interface RowSchema {
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

export interface Field {
  name: string;
  kind: 'number' | 'integer' | 'boolean' | 'choice' | 'text' | 'date';
  required: boolean;
  /** For `choice` and `boolean`; for `text` what to suggest. */
  choices: string[];
  minimum?: number;
  maximum?: number;
  /** Whether the bound itself is not allowed. */
  open?: { low: boolean; high: boolean };
  /** What the training rows held; absent where nobody knows. */
  training?: TrainingColumn;
  help: string;
  /** As text, of the example row; empty where it has none. */
  initial: string;
}

/** A row to send, and by column what keeps it from being sent. */
export interface FilledRow {
  row: Record<string, unknown>;
  problems: Map<string, string>;
}

export function fieldsOf(
  schema: RowSchema,
  example: Record<string, unknown> = {},
  training: readonly TrainingColumn[] = [],
): Field[] {
  const seen = new Map(training.map((column) => [column.name, column]));
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, given]) => {
    const column = withoutWidest(given);
    const value = Object.hasOwn(example, name) ? example[name] : undefined;
    const isRequired = required.has(name) && column.default === undefined;
    const minimum = column.minimum ?? column.exclusiveMinimum;
    const maximum = column.maximum ?? column.exclusiveMaximum;
    return {
      name,
      kind: kindOf(column),
      required: isRequired,
      choices: choicesOf(column),
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...opennessOf(column),
      ...(seen.has(name) ? { training: seen.get(name) as TrainingColumn } : {}),
      help: helpOf(column, isRequired, seen.has(name)),
      initial: textOf(value),
    };
  });
}

/** Bounds that every integer has say nothing to a person. */
function withoutWidest({ minimum, maximum, ...column }: JsonSchema): JsonSchema {
  return {
    ...column,
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
}

/** A value as a form's input holds it. */
export const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : String(value);

function opennessOf(column: JsonSchema): Pick<Field, 'open'> {
  const low = column.minimum === undefined && column.exclusiveMinimum !== undefined;
  const high = column.maximum === undefined && column.exclusiveMaximum !== undefined;
  return low || high ? { open: { low, high } } : {};
}

function kindOf(column: JsonSchema): Field['kind'] {
  if (column.enum !== undefined) return 'choice';
  const types = Array.isArray(column.type) ? column.type : [column.type];
  if (types.includes('integer')) return 'integer';
  if (types.includes('number')) return 'number';
  if (types.includes('boolean')) return 'boolean';
  return column.format === 'date-time' ? 'date' : 'text';
}

function choicesOf(column: JsonSchema): string[] {
  if (kindOf(column) === 'boolean') return ['true', 'false'];
  return (column.enum ?? column.examples ?? []).filter((value) => value !== null).map(String);
}

/** The description, what is allowed, and what the training rows held unless a picture shows it: each only where it says something. */
function helpOf(column: JsonSchema, required: boolean, isShown: boolean): string {
  const { description, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = column;
  const bounds = [
    minimum !== undefined
      ? `from ${minimum}`
      : exclusiveMinimum !== undefined
        ? `above ${exclusiveMinimum}`
        : '',
    maximum !== undefined
      ? `to ${maximum}`
      : exclusiveMaximum !== undefined
        ? `below ${exclusiveMaximum}`
        : '',
  ].filter((text) => text !== '');
  const seen = column['x-training'];
  return [
    description ?? '',
    bounds.join(' '),
    seen === undefined || isShown ? '' : `in training ${seen.minimum} to ${seen.maximum}`,
    column.default === undefined ? '' : `${String(column.default)} unless told`,
    required ? '' : 'may be left out',
  ]
    .filter((text) => text !== '')
    .join('; ');
}

/** Reads what was filled in. Only what is no value of its kind is refused here: the API judges the rest, and names the field. */
export function rowOf(fields: readonly Field[], values: ReadonlyMap<string, string>): FilledRow {
  const problems = new Map<string, string>();
  const entries: [string, unknown][] = [];
  for (const field of fields) {
    const text = (values.get(field.name) ?? '').trim();
    if (text === '') {
      if (field.required) problems.set(field.name, 'A value is needed.');
      continue;
    }
    const value = parsed(field, text);
    if (value === undefined) problems.set(field.name, `Not ${KINDS[field.kind]}.`);
    else entries.push([field.name, value]);
  }
  return { row: Object.fromEntries(entries), problems };
}

/** What a value of a kind looks like, where that is not plain. */
export const KIND_HELP: Partial<Record<Field['kind'], string>> = { date: '2026-01-31T12:00:00Z' };

const KINDS = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  date: 'a date',
  choice: 'a choice',
  text: 'a text',
};

function parsed({ kind }: Field, text: string): unknown {
  switch (kind) {
    case 'number':
    case 'integer': {
      const value = Number(text);
      const ok = kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
      return ok ? value : undefined;
    }
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    default:
      return text;
  }
}

/** The column that an API error or warning speaks of: `rows[0].area`, or `area`. */
export const columnOf = (field: string | undefined): string | undefined =>
  field?.replace(/^rows\[\d+\]\.?/, '') || undefined;
