/** Generated data of any size: continuous columns, of which the first few tell something, with noise. */

import type { Task } from '../../../lib/learn/index.ts';
import { seededRandom } from '../../../lib/table/index.ts';
import type { PartData } from './store.ts';

export interface GeneratedSpec {
  task: Task;
  rows: number;
  testRows: number;
  columns: number;
  /** For a classification. */
  classes?: number;
  seed: number;
}

/**
 * Columns uniform on [-1, 1); y = 2 sin(3 x0) + 3 x1 x2 + 2 |x3| + x4 + noise, the noise as large as a third of the
 * signal's spread. A classification cuts y at fixed places into classes of about equal size. At least 5 columns.
 */
export function generate(spec: GeneratedSpec): { train: PartData; test: PartData } {
  const random = seededRandom(spec.seed);
  return { train: part(spec, spec.rows, random), test: part(spec, spec.testRows, random) };
}

/** Mean and deviation of y, for the cuts: E = 1 (of 2 |x3|); Var = 2.19 + 1 + 1/3 + 1/3 + noise 0.4. */
const [CENTRE, DEVIATION, NOISE] = [1, 2.06, 0.63];

function part(spec: GeneratedSpec, rows: number, random: () => number): PartData {
  if (spec.columns < 5) throw new RangeError('generated data has 5 columns at least');
  const columns = Array.from({ length: spec.columns }, () => new Float32Array(rows));
  const target = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (const column of columns) column[i] = 2 * random() - 1;
    const x = (j: number): number => columns[j]![i]!;
    const signal = 2 * Math.sin(3 * x(0)) + 3 * x(1) * x(2) + 2 * Math.abs(x(3)) + x(4);
    const y = signal + NOISE * normal(random);
    target[i] = spec.task === 'regression' ? y : classOf(y, spec.classes ?? 2);
  }
  return { columns, target };
}

/** The logistic curve is near enough to y's distribution function to cut classes of about equal size. */
function classOf(y: number, classes: number): number {
  const share = 1 / (1 + Math.exp((-1.702 * (y - CENTRE)) / DEVIATION));
  return Math.min(classes - 1, Math.floor(share * classes));
}

/** Box and Muller's first. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * A larger data set made of a smaller one: rows drawn with replacement, every column of more than two values moved by
 * noise of `jitter` of its standard deviation and rounded (its values are whole), so that no row is a plain copy.
 * Codes and 0/1 columns stay.
 */
export function resample(
  base: PartData,
  rows: number,
  jitter: number,
  seed: number,
  keep: (j: number) => boolean,
): PartData {
  const random = seededRandom(seed);
  const all = base.target.length;
  const drawn = Uint32Array.from({ length: rows }, () => Math.floor(random() * all));
  const columns = base.columns.map((column, j) => {
    const scale = keep(j) ? 0 : jitter * deviation(column);
    return Float32Array.from(drawn, (row) =>
      scale === 0 ? column[row]! : Math.round(column[row]! + scale * normal(random)),
    );
  });
  return { columns, target: Float64Array.from(drawn, (row) => base.target[row]!) };
}

function deviation(column: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of column) {
    sum += value;
    squares += value * value;
  }
  const centre = sum / column.length;
  return Math.sqrt(Math.max(0, squares / column.length - centre * centre));
}
