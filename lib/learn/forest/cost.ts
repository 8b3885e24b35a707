import { TrainingTooLargeError } from '../errors.ts';
import type { FitCost, Task } from '../types.ts';
import { algorithm, type ForestParams, growSettings } from './params.ts';

/** Nanoseconds, measured on one core of an AMD EPYC (see bench/forest-probe): of a row asked for a feature in a node... */
const ROW_FEATURE = 4.5;
/** ... of a row that is in a node, whatever it is asked... */
const ROW = 12;
/** ... and of reading, sorting into bins and keeping one cell, once for the forest. */
const CELL = 25;
/** Bytes of a cell: as it came, as float32 for the bins, and its code, by columns and by rows. */
const CELL_BYTES = 8 + 4 + 2;
/** Classes above 8 leave the vector path: so much longer is a row for each. */
const MORE_CLASSES = 0.02;

/**
 * Time and memory of training a forest on one thread: an estimate from above for data that no split explains early.
 * Rows are asked in every level of a tree, and full trees of noisy data are about log2(rows) deep, a half more than
 * balanced ones.
 *
 * @param classes number of classes, where known
 */
export function forestCost(
  rows: number,
  columns: number,
  params: ForestParams,
  task: Task,
  classes = 2,
): FitCost {
  const { drawn, tried, trees, maxDepth, minLeaf, bootstrap } = growSettings(rows, columns, params, task);
  const seen = bootstrap ? rows * -Math.expm1(-drawn / rows) : rows;
  const levels = Math.min(maxDepth, 1 + 1.3 * Math.log2(Math.max(2, seen / minLeaf)));
  const wide = task === 'classification' ? 1 + MORE_CLASSES * Math.max(0, classes - 8) : 1;
  const nanoseconds = trees * seen * levels * (tried * ROW_FEATURE * wide + ROW) + rows * columns * CELL;
  const nodes = Math.min((2 * seen) / minLeaf, 2 ** Math.min(maxDepth + 1, 52));
  // A node is 16 bytes, kept twice while the trees are put together; a doubtful leaf has a number a class.
  const treeBytes = 2 * nodes * (16 + (task === 'classification' ? Math.min(classes, 64) / 4 : 0));
  const tableBytes = rows * columns * CELL_BYTES;
  const scratch = rows * (64 + (params.oobScore ? 12 * (task === 'classification' ? classes : 2) : 0));
  return { seconds: nanoseconds * 1e-9, bytes: 100e6 + tableBytes + scratch + trees * treeBytes };
}

/** A function's life and memory, its cores at work together, and what a kernel can address of that memory. */
const MOST_SECONDS = 900;
const MOST_BYTES = 10e9;
const CORES = 6 * 0.85;
const MOST_TREE_BYTES = 7e9;

/**
 * Refuses, before any work, what no function can do.
 *
 * @throws TrainingTooLargeError (TRAINING_TOO_LARGE) with the estimate and what would fit
 */
export function checkForestSize(
  rows: number,
  columns: number,
  params: ForestParams,
  task: Task = 'regression',
  classes = 2,
): void {
  const costOf = (changed: Partial<ForestParams>) =>
    forestCost(rows, columns, { ...params, ...changed }, task, classes);
  const tooSlow = ({ seconds }: FitCost) => seconds / CORES > MOST_SECONDS;
  // Trees count twice in `bytes`: in the kernel's memory of 4 GB, and put together.
  const fits = (cost: FitCost) =>
    !tooSlow(cost) && cost.bytes <= MOST_BYTES && cost.bytes - rows * columns * CELL_BYTES <= MOST_TREE_BYTES;
  const asked = costOf({});
  if (fits(asked)) return;
  const { drawn, bootstrap } = growSettings(rows, columns, params, task);
  const trees = largest(params.trees, (count) => fits(costOf({ trees: count })));
  const samples = bootstrap ? largest(drawn, (count) => fits(costOf({ maxSamples: count }))) : 0;
  const minutes = Math.ceil(asked.seconds / CORES / 60);
  throw new TrainingTooLargeError(
    `${algorithm}: ${rows} rows x ${columns} columns x ${params.trees} trees would take about ${
      tooSlow(asked)
        ? `${minutes} minutes on 6 cores, and a function ends after 15`
        : `${(asked.bytes / 1e9).toFixed(1)} GB, more than one function can hold`
    }`,
    {
      details: { rows, columns, trees: params.trees, seconds: Math.round(asked.seconds), bytes: asked.bytes },
      remedy: advice(trees, samples),
    },
  );
}

/** The greatest whole number up to `most` that fits, where what is less fits too; 0 where none does. */
function largest(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const half = Math.ceil((low + high) / 2);
    if (fits(half)) low = half;
    else high = half - 1;
  }
  return low;
}

function advice(trees: number, samples: number): string {
  const ways = [
    trees > 0 ? `\`trees: ${trees}\`` : '',
    samples > 0 ? `\`maxSamples: ${samples}\`` : '',
  ].filter(Boolean);
  if (ways.length === 0)
    return 'The table itself is too large: train on a sample of the rows, or on fewer columns.';
  return `Set ${ways.join(' or ')}, limit \`maxDepth\`, or train in shards.`;
}
