import { TrainingTooLargeError } from '../errors.ts';
import type { FitCost, Task } from '../types.ts';
import { algorithm, type BoostingParams } from './params.ts';

/**
 * Nanoseconds, chosen so that the sums fit bench/boosting-probe on an AMD EPYC: 0.8 s for 100,000 x 10 numbers (took 0.8),
 * 5.3 for 83,000 x 12 and 7 classes (took 3.8). One-hot columns, which are bundled, take a quarter of the estimate. Of a
 * row added to one feature's cells...
 */
const ROW_FEATURE = 1.6;
/** ... of a row in a tree beside that: gradients, partition, scores... */
const ROW = 30;
/** ... of one cell of a leaf's histogram cleared, subtracted and scanned... */
const CELL = 6;
/** ... and of reading, sorting into bins and laying out one value, once. */
const VALUE = 30;
/** Times that a tree counts each row: once in the root, then in the smaller of two children at every level. */
const passes = (leaves: number): number => 1 + 0.3 * Math.log2(leaves);

/**
 * Time and memory of boosting on one thread: about so much for dense columns, less for one-hot ones.
 *
 * @param classes number of classes, where known
 */
export function boostingCost(
  rows: number,
  columns: number,
  params: BoostingParams,
  task: Task,
  classes = 2,
): FitCost {
  const outputs = outputsOf(task, classes);
  const trees = params.rounds * outputs;
  const cells = columns * Math.min(256, rows);
  const sampled = rows * params.subsample;
  const perTree =
    sampled * passes(params.maxLeaves) * columns * ROW_FEATURE +
    rows * ROW +
    2 * params.maxLeaves * cells * CELL;
  // Codes, their records of two bytes, bins' float32 copy; scores, gradients, hessians, packed cells, row lists.
  const table = rows * columns * (1 + 2 + 4);
  const state = rows * (16 * outputs + 60);
  const histograms = 16 * cells * params.maxLeaves;
  const model = trees * params.maxLeaves * 2 * 200;
  return {
    seconds: (trees * perTree + rows * columns * VALUE) * 1e-9,
    bytes: 100e6 + table + state + histograms + model,
  };
}

/** Trees a round. */
const outputsOf = (task: Task, classes: number): number =>
  task === 'classification' && classes > 2 ? classes : 1;

/** Splits in each of which a quarter of a second of work would be worth a thread more. */
const SPLITS = 500;

/**
 * Work that threads can share, in seconds as `threadsToStart` counts them. Threads meet several times at every split,
 * which takes some 50 us each time: on splits of less than half a millisecond two are slower than one.
 */
export function sharedSeconds(
  rows: number,
  columns: number,
  params: BoostingParams,
  task: Task,
  classes: number,
): number {
  const { seconds } = boostingCost(rows, columns, params, task, classes);
  const splits = params.rounds * outputsOf(task, classes) * (params.maxLeaves - 1);
  return Math.min(seconds, (SPLITS * seconds) / splits);
}

/** A function's life, its cores at work together, and what 32 bits of a kernel address. */
const MOST_SECONDS = 900;
const CORES = 3;
const MOST_BYTES = 3.9e9;
/** A cell counts its rows in 24 bits. */
const MOST_ROWS = 2 ** 24 - 1;

/**
 * Refuses, before any work, what no function can do.
 *
 * @throws TrainingTooLargeError (TRAINING_TOO_LARGE) with the estimate and what would fit
 */
export function checkBoostingSize(
  rows: number,
  columns: number,
  params: BoostingParams,
  task: Task = 'regression',
  classes = 2,
): void {
  const { seconds, bytes } = boostingCost(rows, columns, params, task, classes);
  const slow = seconds / CORES > MOST_SECONDS;
  if (!slow && bytes <= MOST_BYTES && rows <= MOST_ROWS) return;
  const details = {
    rows,
    columns,
    rounds: params.rounds,
    estimatedSeconds: Math.round(seconds),
    estimatedBytes: Math.round(bytes),
  };
  if (bytes > MOST_BYTES || rows > MOST_ROWS) {
    const fitting = Math.floor(Math.min(MOST_ROWS, (rows * MOST_BYTES) / bytes / 1.05));
    throw new TrainingTooLargeError(
      `${algorithm}: ${rows} rows x ${columns} columns would take about ${(bytes / 1e9).toFixed(1)} GB, and a kernel addresses 4`,
      {
        details,
        remedy: `Train on a sample of about ${fitting} rows, on fewer columns, or lower \`maxLeaves\`.`,
      },
    );
  }
  const rounds = Math.floor((params.rounds * MOST_SECONDS * CORES) / seconds / 1.05);
  throw new TrainingTooLargeError(
    `${algorithm}: ${rows} rows x ${columns} columns x ${params.rounds} rounds would take about ${Math.ceil(seconds / CORES / 60)} minutes on 6 cores, and a function ends after 15`,
    {
      details,
      remedy: `${rounds >= 1 ? `Set \`rounds: ${rounds}\`, or lower` : 'Lower'} \`maxLeaves\`, or train on a sample of the rows.`,
    },
  );
}
