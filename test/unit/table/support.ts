import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { serversUnderLoad } from '../../../data/devops-metrics/generator.ts';
import { encountersLikeUci } from '../../../data/diabetes/generator.ts';
import { forestLikeUci } from '../../../data/forest-cover/generator.ts';
import { studentsLikeUci } from '../../../data/student-performance/generator.ts';
import type { RowGenerator } from '../../../lib/pipeline/index.ts';
import {
  type CategoryColumn,
  type Column,
  type CsvResult,
  inferSchema,
  type NumericColumn,
  readCsv,
  requireColumn,
  seededRandom,
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

/** The folder of real data sets; a machine without one has the repository's own file, and rows that the generators make. */
export const DATA = process.env.ARBOLEDA_DATA ?? join(import.meta.dirname, '../../../../shared/data');
/** Decided by the folder alone: one that is there and lacks a file fails the tests of that file. */
export const REAL = existsSync(DATA);
const REPOSITORY = join(import.meta.dirname, '../../../data');

export interface HonestFile {
  /** In the folder of real data, or in the repository's own. */
  path: string;
  target: string;
  task: 'classification' | 'regression';
  rows: number;
  columns: number;
  missing?: string[];
  /** Stands for the file where there is no folder. */
  make?: RowGenerator;
}

const files: HonestFile[] = [
  {
    path: 'student-performance/student_entry_performance.csv.gz',
    target: 'Performance',
    task: 'classification',
    rows: 666,
    columns: 12,
    make: studentsLikeUci,
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
    make: forestLikeUci,
  },
  {
    path: 'devops-metrics/devops_metrics.csv.gz',
    target: 'response_time_ms',
    task: 'regression',
    rows: 1_000,
    columns: 6,
    make: serversUnderLoad,
  },
  {
    path: 'diabetes/diabetic_data.csv.gz',
    target: 'readmitted',
    task: 'classification',
    rows: 101_766,
    columns: 50,
    missing: ['?'],
    make: encountersLikeUci,
  },
];

/** With the folder all six files; without it the repository's own, and at most 20,000 rows of each generator. */
export const honestFiles: readonly HonestFile[] = REAL
  ? files
  : files
      .filter(({ path, make }) => make !== undefined || existsSync(join(REPOSITORY, path)))
      .map((file) => ({ ...file, rows: Math.min(file.rows, 20_000) }));

/** A file's bytes as they come, gzipped; made-up ones are plain. */
export function honestBytes({ path, rows, make }: HonestFile): Uint8Array {
  if (!REAL && make) return Buffer.from(stringify(make(seededRandom(1), rows), { header: true }));
  return readFileSync(join(REAL ? DATA : REPOSITORY, path));
}

export async function readHonest(file: HonestFile): Promise<CsvResult> {
  const missing = file.missing ?? [''];
  const bytes = honestBytes(file);
  const open = () => Readable.from([bytes]);
  return readCsv(open(), { schema: await inferSchema(open(), { missing }), missing });
}
