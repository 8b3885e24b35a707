/** The real data sets of the bench: which file, which columns are categories, what is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Task } from '../../../lib/learn/index.ts';
import { categoryColumn, numberColumn, type RawColumn } from './encode.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Where a data set comes from and how its columns are read. */
export interface RealSource {
  /** Below the data folder, or below the repository where that has it. */
  file: string;
  target: string;
  task: Task;
  /** Columns that are categories whatever their cells look like. */
  categories: readonly string[] | 'all but';
  /** With `'all but'`: the columns that are numbers. */
  numbers?: readonly string[];
  dropped?: readonly string[];
  missing?: readonly string[];
  /** One-hot columns of categories that exist and that no row has. */
  unused?: readonly string[];
}

export const realSources = {
  'forest-cover': {
    file: 'forest-cover/covertype.csv.gz',
    target: 'Cover_Type',
    task: 'classification',
    categories: ['Wilderness_Area', 'Soil_Type'],
    // The whole data set has three rows of this soil; with it the columns are the 54 that one finds everywhere.
    unused: ['Soil_Type=C5151'],
  },
  diabetes: {
    file: 'diabetes/diabetic_data.csv.gz',
    target: 'readmitted',
    task: 'classification',
    categories: 'all but',
    numbers: [
      ...['time_in_hospital', 'num_lab_procedures', 'num_procedures', 'num_medications'],
      ...['number_outpatient', 'number_emergency', 'number_inpatient', 'number_diagnoses'],
    ],
    dropped: ['encounter_id', 'patient_nbr'],
    missing: ['?'],
  },
  california: {
    file: 'housing/california_housing.csv.gz',
    target: 'median_house_value',
    task: 'regression',
    categories: ['ocean_proximity'],
  },
  ames: { file: 'housing/ames_rooms_area_age.csv.gz', target: 'price', task: 'regression', categories: [] },
  devops: {
    file: 'devops-metrics/devops_metrics.csv.gz',
    target: 'response_time_ms',
    task: 'regression',
    categories: [],
  },
} as const satisfies Record<string, RealSource>;
export type RealName = keyof typeof realSources;

/** A whole data set before it is parted and encoded. */
export interface RawDataset {
  task: Task;
  classes: readonly string[];
  columns: RawColumn[];
  target: Float64Array;
}

/** The file of that source, or undefined where this machine has none. `ARBOLEDA_DATA` names the data folder. */
export function realFile({ file }: RealSource): string | undefined {
  const folders = [
    process.env.ARBOLEDA_DATA ?? join(repository, '..', 'shared', 'data'),
    join(repository, 'data'),
  ];
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}

/** Reads and types the rows. A class's index is its place among the sorted names. */
export function readReal(source: RealSource, path: string): RawDataset {
  const [head, ...rows] = parse(gunzipSync(readFileSync(path))) as string[][];
  const missing = source.missing ?? [''];
  const columns: RawColumn[] = [];
  let target: RawColumn | undefined;
  for (const [j, name] of head!.entries()) {
    if (source.dropped?.includes(name)) continue;
    const cells = rows.map((row) => row[j]!);
    const isCategory =
      source.categories === 'all but' ? !source.numbers!.includes(name) : source.categories.includes(name);
    const asClass = name === source.target && source.task === 'classification';
    const asNumber = name === source.target ? !asClass : !isCategory;
    const column = asNumber ? numberColumn(name, cells, missing) : categoryColumn(name, cells, missing);
    if (name === source.target) target = column;
    else columns.push(column);
  }
  if (target === undefined) throw new Error(`${path} has no column ${source.target}`);
  return { task: source.task, classes: target.categories ?? [], columns, target: target.values };
}
