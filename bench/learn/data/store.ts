/**
 * Data sets as every contender reads them: a folder with `header.json` and four binary files. Features are float32,
 * column after column (NaN is missing, a category its code), targets float64 (a class its index). So all sides see
 * identical numbers, and reading them is the same plain work everywhere.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import type { FeatureMatrix, Target, Task } from '../../../lib/learn/index.ts';

/** Names of the two parts of a data set. */
export type Part = 'train' | 'test';

/** One part in memory. */
export interface PartData {
  columns: readonly Float32Array[];
  target: Float64Array;
}

export interface DatasetHeader {
  name: string;
  task: Task;
  /** Empty for a regression. */
  classes: readonly string[];
  /** `categories` only where the column holds codes. */
  features: readonly { name: string; categories?: readonly string[] }[];
  rows: Record<Part, number>;
  /** What the file was made of: another one makes it anew. */
  recipe: string;
}

/** True where that very data set is there already. */
export function isStored(folder: string, recipe: string): boolean {
  const path = join(folder, 'header.json');
  return existsSync(path) && readHeader(folder).recipe === recipe;
}

export const readHeader = (folder: string): DatasetHeader =>
  JSON.parse(readFileSync(join(folder, 'header.json'), 'utf8')) as DatasetHeader;

/** The header comes last, so that a folder left half written is not taken for whole. */
export function writeDataset(folder: string, header: DatasetHeader, parts: Record<Part, PartData>): void {
  if (endianness() !== 'LE') throw new Error('the bench writes little-endian files and needs such a machine');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const part of ['train', 'test'] as const) {
    const { columns, target } = parts[part];
    const features = join(folder, `${part}.x.f32`);
    writeFileSync(features, '');
    for (const column of columns) writeFileSync(features, bytesOf(column), { flag: 'a' });
    writeFileSync(join(folder, `${part}.y.f64`), bytesOf(target));
  }
  writeFileSync(join(folder, 'header.json'), JSON.stringify(header));
}

/** Which rows of a part. */
export interface Chosen {
  /** Only the first so many. */
  rows?: number | undefined;
  /** Of those, all but the rows `[from, to)`. */
  omit?: readonly [from: number, to: number] | undefined;
}

/** A part, or the chosen rows of it, as the trainers take it. */
export function readPart(folder: string, part: Part, chosen: Chosen = {}): { x: FeatureMatrix; y: Target } {
  const { features, rows: all, task, classes } = readHeader(folder);
  const read = Math.min(chosen.rows ?? all[part], all[part]);
  const [from, to] = chosen.omit ?? [read, read];
  const rowCount = read - (to - from);
  const kept = (array: Float32Array | Float64Array): Float64Array => {
    const out = new Float64Array(rowCount);
    out.set(array.subarray(0, from));
    out.set(array.subarray(to), from);
    return out;
  };
  const buffer = new Float32Array(read);
  const file = openSync(join(folder, `${part}.x.f32`), 'r');
  const columns = features.map((_, j) => {
    readInto(file, buffer, j * all[part] * 4);
    return kept(buffer);
  });
  closeSync(file);
  const whole = new Float64Array(read);
  const targetFile = openSync(join(folder, `${part}.y.f64`), 'r');
  readInto(targetFile, whole, 0);
  closeSync(targetFile);
  const target = kept(whole);
  const categories = features.map((feature) => feature.categories);
  const x: FeatureMatrix = {
    rowCount,
    names: features.map(({ name }) => name),
    columns,
    ...(categories.some((names) => names !== undefined) ? { categories } : {}),
  };
  const y: Target =
    task === 'classification' ? { task, classes, values: Int32Array.from(target) } : { task, values: target };
  return { x, y };
}

function readInto(file: number, array: Float32Array | Float64Array, position: number): void {
  const bytes = bytesOf(array);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, Math.min(bytes.length - at, 1 << 26), position + at);
    if (read === 0) throw new Error('a file of the bench is shorter than its header says; delete the cache');
    at += read;
  }
}

const bytesOf = (array: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
