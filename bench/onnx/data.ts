import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type FeatureMatrix, type Target, type Task, toMatrix, toTarget } from '../../lib/learn/index.ts';
import {
  applyPreprocessing,
  type CleanStep,
  fillMissing,
  fitPreprocessing,
  inferSchema,
  type RowSchema,
  readCsv,
  splitRows,
  standardScale,
  type Table,
  takeRows,
} from '../../lib/table/index.ts';

/** Three real data sets: classes of numbers and categories, a number, two or three classes of mostly categories. */
export const dataSets = [
  {
    name: 'forest-cover',
    file: 'forest-cover/covertype.csv.gz',
    target: 'Cover_Type',
    task: 'classification',
    drop: [],
  },
  {
    name: 'california-housing',
    file: 'housing/california_housing.csv.gz',
    target: 'median_house_value',
    task: 'regression',
    drop: [],
  },
  {
    name: 'diabetes',
    file: 'diabetes/diabetic_data.csv.gz',
    target: 'readmitted',
    task: 'classification',
    drop: ['encounter_id', 'patient_nbr', 'diag_1', 'diag_2', 'diag_3'],
  },
] as const;

/** Rows that a model is trained on, and rows that it is judged on. */
export interface Split {
  task: Task;
  target: string;
  train: { x: FeatureMatrix; y: Target };
  test: { x: FeatureMatrix; y: Target };
}

const MISSING = ['', '?', 'NA'];
const SEED = 42;

/** Reads a data set and splits it; at most so many rows, drawn by the seed, so that the check takes minutes. */
export async function loadSplit(
  folder: string,
  set: (typeof dataSets)[number],
  rows: number,
  linear: boolean,
): Promise<Split> {
  const file = join(folder, set.file);
  const missing = [...MISSING];
  const whole = await inferSchema(createReadStream(file), { missing, sampleRows: Number.POSITIVE_INFINITY });
  const read = await readCsv(createReadStream(file), { schema: whole, missing, maxBadShare: 0.01 });
  const drop = new Set<string>(set.drop);
  const schema: RowSchema = { columns: whole.columns.filter(({ name }) => !drop.has(name)) };
  const table = { ...read.table, columns: read.table.columns.filter(({ name }) => !drop.has(name)) };
  const share = Math.min(0.9, rows / table.rowCount);
  const { train, test } = splitRows(
    table,
    { train: share * 0.75, validation: 1 - share, test: share * 0.25, seed: SEED },
    set.target,
  );
  const parts = { train: takeRows(table, train), test: takeRows(table, test) };
  const steps: CleanStep[] = linear
    ? [fillMissing('numeric', { strategy: 'median' }), standardScale('numeric')]
    : [];
  const fitted = fitPreprocessing(parts.train, steps, { target: set.target, schema });
  const task: Task = set.task;
  const x = matrix(applyPreprocessing(fitted, parts.train), set.target);
  const y = toTarget(parts.train, set.target, task);
  const classes = y.task === 'classification' ? [...y.classes] : undefined;
  return {
    task,
    target: set.target,
    train: { x, y },
    test: {
      x: toMatrix(applyPreprocessing(fitted, parts.test), {
        target: set.target,
        features: x.names,
        categories: x.categories,
      }),
      y: toTarget(parts.test, set.target, task, classes),
    },
  };
}

const matrix = (table: Table, target: string): FeatureMatrix =>
  toMatrix(table, { target, categories: 'native' });

/** Rows of features as row-major float32: what onnxruntime is given, and what other trainers are. */
export function float32Rows(x: FeatureMatrix): Float32Array {
  const out = new Float32Array(x.rowCount * x.columns.length);
  for (const [j, column] of x.columns.entries()) {
    for (let i = 0; i < x.rowCount; i++) out[i * x.columns.length + j] = column[i]!;
  }
  return out;
}
