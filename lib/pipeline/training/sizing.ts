import { type FitCost, TrainingTooLargeError } from '../../learn/index.ts';
import { counted } from '../../table/counted.ts';
import { MAX_TRAIN_ITEMS, MOST_MEMORY, type TrainingLimits } from './limits.ts';
import { threadsOf, vcpusOf } from './threads.ts';

/** What one candidate has to do. */
export interface Work {
  algorithm: string;
  rows: number;
  columns: number;
  /** The whole fit on one thread; absent where the trainer does not tell. */
  cost?: FitCost | undefined;
  /** Pieces (trees) over which the work may be split; absent where it may not. */
  pieces?: number | undefined;
  /** Shards that the definition asks for, at least. */
  shards?: number | undefined;
}

/** How one candidate is trained. */
export interface Size {
  function: 'train' | 'train-large';
  /** MB of that function. */
  memory: number;
  threads: number;
  /** 1: not split. */
  shards: number;
  /** Estimate of one item of the Map, reading the data and fitting: seconds on those threads. */
  seconds: number;
  /** Estimate of its memory at the peak. */
  bytes: number;
}

const MB = 1024 * 1024;
/** Node.js with a stage's code, before any data. */
const BASE_BYTES = 300 * MB;
/**
 * A cell while a table is read: in the Parquet bytes (twice), and decoded, besides its column. Counted, not measured: a
 * process of its own that only reads is still to be weighed.
 */
const BYTES_PER_CELL = 24;
/** Seconds to read a cell from Parquet (0.11 to 0.17 microseconds in two runs on a shared machine) and to bin it; rounded up. */
const SECONDS_PER_CELL = 4e-7;
const BASE_SECONDS = 5;
/** What a second vCPU and each further one is taken to add to the speed: an assumption, not measured on Lambda. */
const GAIN_PER_VCPU = 0.85;

/**
 * Chooses function, threads and shards for a candidate: the smallest function that holds the data and the fit, and the
 * fewest shards of which each ends within `limits.seconds`.
 *
 * @throws TrainingTooLargeError (a BadDefinitionError) with the estimate, the limit, and what to lower
 */
export function sizeOf(work: Work, limits: TrainingLimits): Size {
  const bytes = BASE_BYTES + work.rows * work.columns * BYTES_PER_CELL + (work.cost?.bytes ?? 0);
  const sizes = functionsOf(limits)
    .filter(({ memory }) => bytes <= memory * MB)
    .map((chosen) => ({ ...chosen, ...split(work, chosen.memory, limits), bytes: Math.round(bytes) }));
  if (sizes.length === 0) throw tooMuchMemory(work, bytes, limits);
  const fitting = sizes.find(({ seconds }) => seconds <= limits.seconds);
  if (fitting !== undefined) return fitting;
  throw tooLong(work, sizes.at(-1)!, limits);
}

function functionsOf(limits: TrainingLimits): Pick<Size, 'function' | 'memory'>[] {
  const { memory, largeMemory } = limits;
  const large = largeMemory === undefined ? [] : [{ function: 'train-large' as const, memory: largeMemory }];
  return [{ function: 'train' as const, memory }, ...large];
}

function split(
  { rows, columns, cost, pieces = 1, shards: asked = 1 }: Work,
  memory: number,
  { seconds: limit }: TrainingLimits,
) {
  const reading = BASE_SECONDS + rows * columns * SECONDS_PER_CELL;
  const fitting = (cost?.seconds ?? 0) / speedOf(memory);
  // How many pieces one function may take; where not even one, the estimate below says so.
  const each = Math.max(1, Math.floor((pieces * (limit - reading)) / Math.max(fitting, 1e-9)));
  const needed = Math.min(Math.ceil(pieces / each), MAX_TRAIN_ITEMS);
  const shards = Math.max(needed, Math.min(asked, pieces));
  // A shard of one piece more than another is the longest.
  const largest = Math.ceil(pieces / shards) / pieces;
  return { threads: threadsOf(memory), shards, seconds: rounded(reading + fitting * largest) };
}

/** How many times faster than on one vCPU. */
function speedOf(memory: number): number {
  const vcpus = vcpusOf(memory);
  return vcpus <= 1 ? vcpus : 1 + (vcpus - 1) * GAIN_PER_VCPU;
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;

function tooMuchMemory(work: Work, bytes: number, limits: TrainingLimits): TrainingTooLargeError {
  const most = limits.largeMemory ?? limits.memory;
  const fits = bytes <= MOST_MEMORY * MB;
  const share = (most * MB - BASE_BYTES) / (bytes - BASE_BYTES);
  const raise = `Deploy with -c memory.trainLarge=${MOST_MEMORY}`;
  const lower = `train on at most ${counted(countOf(work.rows * share), 'row')} (in \`batches\`) or fewer columns${work.pieces === undefined ? '' : ', or on fewer trees'}`;
  return refusal(
    work,
    `needs about ${gigabytes(bytes)} of memory, and the largest training function has ${gigabytes(most * MB)}`,
    fits ? `${raise}, or ${lower}.` : `Lambda gives 10 GB at most: ${lower}.`,
    { estimatedBytes: Math.round(bytes), limitBytes: most * MB },
  );
}

function tooLong(work: Work, size: Size, limits: TrainingLimits): TrainingTooLargeError {
  const { shards, seconds, memory } = size;
  const share = limits.seconds / seconds;
  const pieces = work.pieces ?? 1;
  const over = shards === 1 ? 'one function' : `each of ${shards} functions`;
  const trees =
    pieces > 1 && shards >= MAX_TRAIN_ITEMS
      ? `at most ${counted(countOf(pieces * share), 'tree')}, or on `
      : '';
  const larger =
    limits.largeMemory === undefined && memory < MOST_MEMORY
      ? ` Or deploy with -c memory.trainLarge=${MOST_MEMORY}, which has ${threadsOf(MOST_MEMORY)} threads.`
      : '';
  return refusal(
    work,
    `would take about ${minutes(seconds)} in ${over} of ${memory} MB, and ${minutes(limits.seconds)} is the limit (Lambda ends a function after 15)`,
    `Train on ${trees}at most ${counted(countOf(work.rows * share), 'row')} (in \`batches\`), or lower the rounds, depth or columns.${larger}`,
    { estimatedSeconds: seconds, limitSeconds: limits.seconds, shards },
  );
}

function refusal(work: Work, what: string, remedy: string, details: Record<string, unknown>) {
  const { algorithm, rows, columns, pieces } = work;
  const trees = pieces === undefined ? '' : ` x ${counted(pieces, 'tree')}`;
  return new TrainingTooLargeError(
    `${algorithm} on ${counted(rows, 'row')} x ${counted(columns, 'column')}${trees} ${what}`,
    {
      field: 'candidates',
      remedy,
      details: { rows, columns, ...(pieces === undefined ? {} : { pieces }), ...details },
    },
  );
}

const gigabytes = (bytes: number): string => `${(bytes / MB / 1024).toFixed(1)} GB`;
const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} minutes`;
/** Two digits are as much as an estimate is worth. */
function countOf(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.max(1, Math.floor(count / unit) * unit);
}

/** A size in one line, for a log, a tag or a record: `8 shards, 2 threads, 3008 MB, about 310 s and 1.4 GB each`. */
export function sizeText({ function: name, shards, threads, memory, seconds, bytes }: Size): string {
  const parts = [
    shards === 1 ? 'one function' : `${shards} shards`,
    `${threads} thread${threads === 1 ? '' : 's'}`,
    `${memory} MB (${name})`,
    `about ${Math.ceil(seconds)} s and ${gigabytes(bytes)}${shards === 1 ? '' : ' each'}`,
  ];
  return parts.join(', ');
}
