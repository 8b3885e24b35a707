import { InvalidInputError } from '../../errors/index.ts';
import { columnBuilder } from '../builders.ts';
import { defaultValue, judgeBounds, parseDate } from '../cells.ts';
import type { ColumnSpec, Table } from '../types.ts';
import type { FittedPreprocessing } from './fitted.ts';
import { groupOf } from './group-codes.ts';

/** What was noticed about a row and did not keep it from being predicted. */
export interface RowWarning {
  /** Index of the row in the request. */
  row: number;
  field: string;
  code: 'unknown_category' | 'missing_value';
  message: string;
}

/** What the model behind the steps takes as it is. */
export interface NativeInputs {
  /** The categories, by column, that training saw of those that no step encodes. */
  categories: ReadonlyMap<string, { has(category: string): boolean }>;
  /** Whether the model takes a missing number as missing. */
  missing: boolean;
}

/** How the fitted steps treat one input column. */
interface InputColumn {
  spec: ColumnSpec;
  /** What stands in for a missing value, in words; undefined where nothing does. */
  missing: string | undefined;
  default: number | string | undefined;
  /** The categories of the encoder that the column reaches, or of the model that takes it natively. */
  known: { has(category: string): boolean } | undefined;
  unknown: 'ignore' | 'error';
  /** What `known` holds in a value's place, where a step groups codes. */
  grouped?: (value: string) => string;
}

/**
 * Reads the rows of a request into the columns that the fitted steps begin with. A missing field, null included, is
 * refused unless the schema has a default or a step was fitted for it; an unknown category is a warning unless the encoder
 * refuses it. The target and dropped columns may be sent and are not looked at.
 *
 * @param native what the model takes without a step: an unknown category of it is a warning, and so is a missing value
 *   of a column that may be without one
 * @throws InvalidInputError whose `field` is a path such as `rows[3].area`
 * @example
 * const { table, warnings } = rowsToTable(fitted, [{ rooms: 5, area: 90, age: 12 }]);
 * const features = applyPreprocessing(fitted, table);
 */
export function rowsToTable(
  fitted: FittedPreprocessing,
  rows: readonly unknown[],
  native?: NativeInputs,
): { table: Table; warnings: RowWarning[] } {
  const specs = new Map(fitted.schema.columns.map((spec) => [spec.name, spec as ColumnSpec]));
  const columns = fitted.input.map((name) => inputColumn(fitted, specs.get(name) as ColumnSpec, native));
  const builders = columns.map(({ spec }) => columnBuilder(spec));
  const warnings: RowWarning[] = [];
  rows.forEach((row, i) => {
    const record = checkedRow(row, i, specs);
    for (const [j, column] of columns.entries()) builders[j]?.push(readField(record, column, i, warnings));
  });
  return { table: { rowCount: rows.length, columns: builders.map((builder) => builder.finish()) }, warnings };
}

function inputColumn(
  fitted: FittedPreprocessing,
  spec: ColumnSpec,
  native: NativeInputs | undefined,
): InputColumn {
  const result: InputColumn = {
    spec,
    missing: undefined,
    default: defaultValue(spec),
    known: undefined,
    unknown: 'ignore',
  };
  for (const step of fitted.steps) {
    if (step.step === 'fill') {
      const fill = step.fills.find(({ column }) => column === spec.name);
      if (fill !== undefined) result.missing ??= `filled with ${JSON.stringify(fill.value)}, as in training`;
    }
    if (step.step === 'group' && step.columns.includes(spec.name)) {
      const { groups, other } = step;
      result.grouped = (value) => groupOf(value, groups, other);
    }
    if (step.step !== 'encode') continue;
    const encoding = step.encodings.find(({ column }) => column === spec.name);
    if (encoding === undefined) continue;
    result.known = new Set(encoding.categories);
    result.unknown = step.unknown;
    if (encoding.missing) result.missing ??= 'encoded as missing, as in training';
  }
  const categories = native?.categories.get(spec.name);
  result.known ??= categories;
  if (spec.nullable && (categories !== undefined || (native?.missing && !isText(spec)))) {
    result.missing ??= 'taken as missing, as in training';
  }
  return result;
}

const isText = ({ kind }: ColumnSpec): boolean => kind === 'category' || kind === 'text';

function checkedRow(
  row: unknown,
  i: number,
  specs: ReadonlyMap<string, ColumnSpec>,
): Record<string, unknown> {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new InvalidInputError(`row ${i} is not an object of columns`, { field: `rows[${i}]` });
  }
  for (const name of Object.keys(row)) {
    if (specs.has(name)) continue;
    const shown = name.slice(0, 100);
    const known = [...specs.keys()];
    throw new InvalidInputError(`row ${i} has an unknown field "${shown}"`, {
      field: `rows[${i}].${shown}`,
      remedy: `Send only the model's columns: ${known.slice(0, 30).join(', ')}${known.length > 30 ? ', …' : ''}.`,
    });
  }
  return row as Record<string, unknown>;
}

function readField(
  row: Record<string, unknown>,
  column: InputColumn,
  i: number,
  warnings: RowWarning[],
): number | string | undefined {
  const { spec } = column;
  const { name } = spec;
  const field = `rows[${i}].${name}`;
  const raw = Object.hasOwn(row, name) ? row[name] : undefined;
  if (raw === undefined || raw === null) {
    if (column.default !== undefined) return column.default;
    if (column.missing === undefined) {
      throw new InvalidInputError(
        `${field} is missing, and no step of the pipeline treats missing values of it`,
        { field },
      );
    }
    warnings.push({
      row: i,
      field: name,
      code: 'missing_value',
      message: `${name} is missing: ${column.missing}`,
    });
    return undefined;
  }
  const value = readValue(spec, raw, field);
  if (column.known !== undefined) judgeCategory(column, value, i, field, warnings);
  const problem = judgeBounds(spec, value);
  if (problem !== undefined) throw new InvalidInputError(`${field} ${problem}`, { field });
  return value;
}

function judgeCategory(
  { spec, known, unknown, grouped }: InputColumn,
  value: number | string,
  i: number,
  field: string,
  warnings: RowWarning[],
): void {
  const text = spec.kind === 'boolean' ? String(value !== 0) : String(value);
  if (known?.has(grouped === undefined ? text : grouped(text))) return;
  const message = `${JSON.stringify(text.slice(0, 100))} of ${spec.name} was not among the training rows`;
  if (unknown === 'error') throw new InvalidInputError(message, { field });
  warnings.push({ row: i, field: spec.name, code: 'unknown_category', message });
}

function readValue(spec: ColumnSpec, raw: unknown, field: string): number | string {
  const wrong = (what: string) => new InvalidInputError(`${field} must be ${what}`, { field });
  switch (spec.kind) {
    case 'number':
      if (typeof raw !== 'number' || !Number.isFinite(raw)) throw wrong('a finite number');
      return raw;
    case 'integer':
      if (typeof raw !== 'number' || !Number.isInteger(raw)) throw wrong('an integer');
      if (!Number.isSafeInteger(raw)) throw wrong('an integer below 2^53 in size');
      return raw;
    case 'boolean':
      if (typeof raw !== 'boolean') throw wrong('true or false');
      return Number(raw);
    case 'date': {
      const parsed = typeof raw === 'string' ? parseDate(raw.trim()) : undefined;
      if (typeof parsed !== 'number') throw wrong('a date in ISO 8601 (2026-01-31, 2026-01-31T12:00:00Z)');
      return parsed;
    }
    default:
      if (typeof raw === 'number' && spec.numericCategories && Number.isFinite(raw)) return String(raw);
      if (typeof raw !== 'string') throw wrong(spec.numericCategories ? 'a number' : 'a string');
      return raw;
  }
}
