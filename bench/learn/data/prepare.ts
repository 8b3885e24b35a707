/**
 * Makes the data sets of the bench, once. Run as a process of its own (`node prepare.ts NAME FOLDER`), so that the
 * process that starts the contenders stays small.
 */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Encoded, native, oneHot, pickRows } from './encode.ts';
import { type GeneratedSpec, generate, resample } from './generated.ts';
import { type RealName, type RealSource, readReal, realFile, realSources } from './real.ts';
import { splitEightyTwenty } from './split.ts';
import { isStored, type Part, type PartData, readHeader, readPart, writeDataset } from './store.ts';

/** Raise it where a change here makes other numbers. */
const RECIPE = 1;
const SPLIT_SEED = 42;
/** Columns with more categories stay codes for peers without native ones; only diabetes' three diagnoses have more. */
const MOST_ONE_HOT = 100;
const FULL_SIZE_ROWS = 581_012;

/** Folders of a data set's two forms; equal where it has no categories. */
export type Form = 'native' | 'onehot';
export const datasetFolder = (cache: string, name: string, form: Form): string =>
  join(cache, `${name}.${form}`);

/** The size in a name such as `generated-classification7-10000x10` or `...-1000000x10`. */
export function parseGenerated(name: string): GeneratedSpec | undefined {
  const found = /^generated-(classification|regression)(\d*)-(\d+)x(\d+)$/.exec(name);
  if (!found) return undefined;
  const rows = Number(found[3]);
  return {
    task: found[1] as GeneratedSpec['task'],
    ...(found[2] ? { classes: Number(found[2]) } : {}),
    rows,
    testRows: Math.min(50_000, Math.max(10_000, rows / 4)),
    columns: Number(found[4]),
    seed: 7,
  };
}

/** Makes `name` in both forms below `cache`, if it is not there. @returns false where its file is not on this machine */
export function prepare(name: string, cache: string): boolean {
  const generated = parseGenerated(name);
  if (generated) {
    const classes = Array.from({ length: generated.classes ?? 0 }, (_, k) => String(k));
    const recipe = JSON.stringify([RECIPE, generated]);
    const folder = datasetFolder(cache, name, 'native');
    if (isStored(folder, recipe)) return true;
    const parts = generate(generated);
    const features = parts.train.columns.map((_, j) => ({ name: `x${j}` }));
    writeDataset(
      folder,
      { name, task: generated.task, classes, features, rows: rowsOf(parts), recipe },
      parts,
    );
    return true;
  }
  if (name === 'forest-cover-full') return prepareFull(name, cache);
  return prepareReal(name as RealName, cache);
}

function prepareReal(name: RealName, cache: string): boolean {
  const source: RealSource = realSources[name];
  const path = realFile(source);
  if (path === undefined) return false;
  const recipe = JSON.stringify([
    RECIPE,
    source,
    basename(path),
    statSync(path).size,
    SPLIT_SEED,
    MOST_ONE_HOT,
  ]);
  const folders = {
    native: datasetFolder(cache, name, 'native'),
    onehot: datasetFolder(cache, name, 'onehot'),
  };
  if (isStored(folders.native, recipe) && isStored(folders.onehot, recipe)) return true;
  const raw = readReal(source, path);
  const { task, classes } = raw;
  const strata = task === 'classification' ? raw.target : undefined;
  const { train, test } = splitEightyTwenty(raw.target.length, SPLIT_SEED, strata);
  const write = (folder: string, { features, columns }: Encoded): void => {
    const parts = { train: pickRows(columns, raw.target, train), test: pickRows(columns, raw.target, test) };
    writeDataset(folder, { name, task, classes, features, rows: rowsOf(parts), recipe }, parts);
  };
  write(folders.native, native(raw.columns));
  write(folders.onehot, oneHot(raw.columns, MOST_ONE_HOT, source.unused));
  return true;
}

/** The whole of the forest-cover data set in size: its 16 % subset resampled with jitter; judged on the real test part. */
function prepareFull(name: string, cache: string): boolean {
  if (!prepareReal('forest-cover', cache)) return false;
  for (const form of ['native', 'onehot'] as const) {
    const folder = datasetFolder(cache, name, form);
    const from = datasetFolder(cache, 'forest-cover', form);
    const base = readHeader(from);
    const recipe = JSON.stringify([RECIPE, FULL_SIZE_ROWS, base.recipe]);
    if (isStored(folder, recipe)) continue;
    const loaded = { train: loadRaw(from, 'train'), test: loadRaw(from, 'test') };
    const keep = (j: number): boolean =>
      base.features[j]!.categories !== undefined || base.features[j]!.name.includes('=');
    const parts = { train: resample(loaded.train, FULL_SIZE_ROWS, 0.02, 1, keep), test: loaded.test };
    writeDataset(folder, { ...base, name, rows: rowsOf(parts), recipe }, parts);
  }
  return true;
}

function loadRaw(folder: string, part: Part): PartData {
  const { x, y } = readPart(folder, part);
  return {
    columns: x.columns.map((column) => Float32Array.from(column)),
    target: Float64Array.from(y.values),
  };
}

const rowsOf = (parts: Record<'train' | 'test', PartData>) => ({
  train: parts.train.target.length,
  test: parts.test.target.length,
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name, cache] = process.argv;
  if (!prepare(name!, cache!)) process.exitCode = 3;
}
