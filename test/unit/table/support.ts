import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  type CategoryColumn,
  type Column,
  type CsvResult,
  inferSchema,
  type NumericColumn,
  readCsv,
  requireColumn,
  type Table,
} from '../../../lib/table/index.ts';

/** A source of the text's bytes in pieces of this size, so that every boundary is met. */
export async function* stream(text: string | Uint8Array, pieceBytes = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

export const gzipped = (text: string) => gzipSync(Buffer.from(text));

export const numbers = (
  name: string,
  values: readonly number[],
  kind: NumericColumn['kind'] = 'number',
): NumericColumn => ({
  name,
  kind,
  values: Float64Array.from(values),
});

/** A dictionary column whose categories are the values in order of appearance; null is missing. */
export function texts(
  name: string,
  values: readonly (string | null)[],
  kind: CategoryColumn['kind'] = 'category',
): CategoryColumn {
  const categories = [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : categories.indexOf(value)));
  return { name, kind, codes, categories };
}

export const tableOf = (...columns: Column[]): Table => ({
  rowCount: ('values' in columns[0]! ? columns[0].values : columns[0]!.codes).length,
  columns,
});

export const valuesOf = (table: Table, name: string): number[] => {
  const column = requireColumn(table, name);
  if (!('values' in column)) throw new Error(`${name} holds text`);
  return [...column.values];
};

export const textsOf = (table: Table, name: string): (string | null)[] => {
  const column = requireColumn(table, name);
  if (!('codes' in column)) throw new Error(`${name} holds numbers`);
  return Array.from(column.codes, (code) => column.categories[code] ?? null);
};

/** The error that the call throws; the test fails where it throws none. */
export async function thrownBy(
  call: () => unknown,
): Promise<Error & { code?: string } & Record<string, unknown>> {
  try {
    await call();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}

/** The folder of real data sets; a machine without one has the repository's own file only. */
export const DATA = process.env.ARBOLEDA_DATA ?? join(import.meta.dirname, '../../../../shared/data');

export const honestFiles = [
  {
    path: 'student-performance/student_entry_performance.csv.gz',
    target: 'Performance',
    task: 'classification',
    rows: 666,
    columns: 12,
  },
  {
    path: 'housing/ames_rooms_area_age.csv.gz',
    target: 'price',
    task: 'regression',
    rows: 2_930,
    columns: 4,
  },
  {
    path: 'housing/california_housing.csv.gz',
    target: 'median_house_value',
    task: 'regression',
    rows: 20_640,
    columns: 10,
  },
  {
    path: 'forest-cover/covertype.csv.gz',
    target: 'Cover_Type',
    task: 'classification',
    rows: 92_962,
    columns: 13,
  },
  {
    path: 'devops-metrics/devops_metrics.csv.gz',
    target: 'response_time_ms',
    task: 'regression',
    rows: 1_000,
    columns: 6,
  },
  {
    path: 'diabetes/diabetic_data.csv.gz',
    target: 'readmitted',
    task: 'classification',
    rows: 101_766,
    columns: 50,
    missing: ['?'],
  },
] as const;
export type HonestFile = (typeof honestFiles)[number];

/** The data files that are at hand: all of them beside the project, none on a bare machine. */
export const filesAtHand = honestFiles.filter(({ path }) => existsSync(join(DATA, path)));

export async function readHonest(file: HonestFile): Promise<CsvResult> {
  const missing = 'missing' in file ? [...file.missing] : [''];
  const open = () => createReadStream(join(DATA, file.path));
  return readCsv(open(), { schema: await inferSchema(open(), { missing }), missing });
}
