import { BadDefinitionError } from '../../errors/index.ts';
import { TooManyCategoriesError, UnknownCategoryError } from '../errors.ts';
import { isNumeric, requireColumn } from '../table.ts';
import type { Column, ColumnKind, ColumnSpec, RowSchema, Table } from '../types.ts';
import type { FittedOf } from './fitted.ts';
import { replaceColumns, selectColumns } from './select.ts';
import type { StepOf } from './steps.ts';

/** One-hot columns that one step may add: 1,000 columns of 100,000 rows are 800 MB already. */
const MAX_COLUMNS = 1_000;

type Encoding = FittedOf<'encode'>['encodings'][number];

export function fitEncode(
  table: Table,
  step: StepOf<'encode'>,
  context: { target: string; schema: RowSchema },
): FittedOf<'encode'> {
  const kinds: readonly ColumnKind[] = Array.isArray(step.columns)
    ? ['category', 'text', 'boolean', 'integer', 'number']
    : ['category', 'text'];
  const columns = selectColumns(table, step.columns, { name: 'encode', kinds, target: context.target });
  const encodings = columns.map((column) => {
    const spec = context.schema.columns.find(({ name }) => name === column.name);
    const { codes, categories } = asDictionary(column);
    return {
      column: column.name,
      categories: categoriesInOrder(column, used(codes, categories), step, spec),
      missing: codes.includes(-1),
    };
  });
  if (step.method === 'onehot') refuseTooMany(encodings, step.maxColumns ?? MAX_COLUMNS);
  return { step: 'encode', method: step.method, unknown: step.unknown ?? 'ignore', encodings };
}

/** A column's values as strings: numbers and booleans as JSON writes them. */
function asDictionary(column: Column): { codes: Int32Array; categories: readonly string[] } {
  if (!isNumeric(column)) return column;
  const boolean = column.kind === 'boolean';
  const codeOf = new Map<number, number>();
  const codes = Int32Array.from(column.values, (value) => {
    if (Number.isNaN(value)) return -1;
    const code = codeOf.get(value) ?? codeOf.size;
    codeOf.set(value, code);
    return code;
  });
  return { codes, categories: Array.from(codeOf.keys(), (value) => String(boolean ? value !== 0 : value)) };
}

function used(codes: Int32Array, categories: readonly string[]): string[] {
  const seen = new Uint8Array(categories.length);
  for (const code of codes) if (code !== -1) seen[code] = 1;
  return categories.filter((_, code) => seen[code] === 1);
}

/** By code unit, so that no locale changes a model; numbers by size. */
function categoriesInOrder(
  column: Column,
  seen: string[],
  step: StepOf<'encode'>,
  spec: ColumnSpec | undefined,
): string[] {
  const sorted =
    isNumeric(column) && column.kind !== 'boolean' ? seen.sort((a, b) => Number(a) - Number(b)) : seen.sort();
  if (step.method !== 'ordinal') return sorted;
  const given =
    step.order !== undefined && Object.hasOwn(step.order, column.name) ? step.order[column.name] : undefined;
  const order = given ?? spec?.categories;
  if (order === undefined) return sorted;
  const strangers = sorted.filter((value) => !order.includes(value));
  if (strangers.length === 0) return [...order];
  // A value put in by fillMissing stands in no schema: after the declared ones.
  if (given === undefined) return [...order, ...strangers];
  throw new BadDefinitionError(
    `the order of "${column.name}" lacks ${strangers
      .slice(0, 5)
      .map((value) => `"${value}"`)
      .join(', ')}`,
    { field: 'clean', remedy: 'List every value of the column in order.' },
  );
}

function refuseTooMany(encodings: readonly Encoding[], limit: number): void {
  const widths = encodings.map(({ column, categories, missing }) => ({
    column,
    count: categories.length + Number(missing),
  }));
  const total = widths.reduce((sum, { count }) => sum + count, 0);
  if (total <= limit) return;
  const widest = widths.sort((a, b) => b.count - a.count).slice(0, 3);
  throw new TooManyCategoriesError(
    `one-hot encoding would make ${total} columns, more than ${limit}: ${widest.map(({ column, count }) => `"${column}" has ${count} values`).join(', ')}`,
    { field: 'clean', details: { columns: total, limit, widest } },
  );
}

/** @throws UnknownCategoryError where the encoder was told to refuse unknown categories */
export function applyEncode(table: Table, fitted: FittedOf<'encode'>): Table {
  const replacements = new Map<string, Column[]>();
  for (const encoding of fitted.encodings) {
    const codes = fittedCodes(requireColumn(table, encoding.column), encoding, fitted.unknown);
    const columns = fitted.method === 'onehot' ? oneHot(codes, encoding) : [codesColumn(codes, encoding)];
    replacements.set(encoding.column, columns);
  }
  return replaceColumns(table, replacements);
}

/** Each row's place among the fitted categories: after them where missing and fitted so, -1 where unknown. */
function fittedCodes(column: Column, encoding: Encoding, unknown: 'ignore' | 'error'): Int32Array {
  const places = new Map(encoding.categories.map((category, place) => [category, place]));
  const { codes, categories } = asDictionary(column);
  const recode = categories.map((category) => places.get(category) ?? -1);
  const missing = encoding.missing ? encoding.categories.length : -1;
  return codes.map((code) => {
    if (code === -1) return missing;
    const place = recode[code] as number;
    if (place === -1 && unknown === 'error') {
      throw new UnknownCategoryError(
        `"${categories[code]}" of "${column.name}" was not among the training rows`,
        {
          details: { column: column.name, category: categories[code] },
        },
      );
    }
    return place;
  });
}

function oneHot(codes: Int32Array, { column, categories, missing }: Encoding): Column[] {
  const values = missing ? [...categories, '(missing)'] : categories;
  const columns = values.map((value) => ({
    name: `${column}=${value}`,
    kind: 'boolean' as const,
    values: new Float64Array(codes.length),
  }));
  for (let i = 0; i < codes.length; i++) {
    const hot = columns[codes[i] as number];
    if (hot !== undefined) hot.values[i] = 1;
  }
  return columns;
}

function codesColumn(codes: Int32Array, { column }: Encoding): Column {
  return { name: column, kind: 'integer', values: Float64Array.from(codes) };
}
