import { alloc } from '../../kernel/assembly/heap';
import { Ptr, ptr } from '../../kernel/assembly/ptr';
import { Job } from './job';
import { KNOWN_LEVELS, knownWords } from './known';

/** Rows that are still sorted by insertion. */
@inline export const FEW_ROWS: i32 = 8;
/** From so many rows on, all bins are looked at instead of those that were met. */
@inline export const DENSE: i32 = 256;
/** Bytes of a stack frame: see grow.ts. */
@inline export const FRAME: i32 = 64;
/** Most rows of a subtree that is grown on sorted lists: their numbers fit a byte. */
@inline export const LIST_ROWS: i32 = 256;
/** Histograms of all features that may wait for their sibling's subtree. */
@inline export const WAITING: i32 = 24;

// Scratch of this thread: addresses into one block, set by `takeScratch`. Module globals belong to one thread.
export let CELLS: usize; //      256 bins of 16 bytes: eight 16-bit class counts, or (weight, weighted sum)
export let COUNTS: Ptr<i32> = ptr<i32>(0); //  256 bins: rows
export let WIDE: Ptr<i32> = ptr<i32>(0); //    256 bins x classes
export let SUMS: Ptr<i32> = ptr<i32>(0); //    256 bins: weight
export let BITMAP: Ptr<u64> = ptr<u64>(0); //  256 bits: the bins that were met
export let KEYS: Ptr<u32> = ptr<u32>(0); //    keys of few rows
export let ORDER: Ptr<u8> = ptr<u8>(0); //    bins in the order of a scan
export let RATIOS: Ptr<f64> = ptr<f64>(0); //  what categories are ordered by
export let CHOSEN: Ptr<u64> = ptr<u64>(0); //  256 bits: the bins that go left by the best split
export let PRESENT: Ptr<u64> = ptr<u64>(0); // 256 bits: the bins that the node's rows have of the feature that CHOSEN is of
export let NODE: Ptr<i32> = ptr<i32>(0); //    class counts of the node
export let LEFT: Ptr<i32> = ptr<i32>(0); //    class counts left of a split
export let LOGS: Ptr<f64> = ptr<f64>(0); //    x log2 x of small x

export let FEATURES: Ptr<i32> = ptr<i32>(0); // a permutation that draws are taken from
export let KNOWN: Ptr<u64> = ptr<u64>(0); //   bitmaps of features that do not vary: see known.ts
export let STACK: usize;
export let ROWS: usize; //       entries of the rows in the bag: 8 bytes (classes) or 4 (numbers)
export let SPARE: usize; //      as many, for what goes right
export let WEIGHT: Ptr<i32> = ptr<i32>(0); //  weight in the bag of each row
export let PAIRS: usize; //      regression: (weight, weighted target) of each row
export let NEAR: usize; //       the same of the node's rows, in their order; classes: class and weight
export let LABEL: Ptr<u16> = ptr<u16>(0);
export let LOAD: Ptr<i32> = ptr<i32>(0);
export let SORTED: Ptr<u32> = ptr<u32>(0);

export let NODES: Ptr<u32> = ptr<u32>(0);
export let COVER: Ptr<f32> = ptr<f32>(0);
export let LEAVES: Ptr<i32> = ptr<i32>(0);
/** What a node asks, for rows out of the bag: the feature, then the set, or 1 where missing goes left. */
export let ASKS: Ptr<u32> = ptr<u32>(0);
export let HISTOGRAMS: usize; // cells of all features, WAITING times
export let HISTOGRAM_COUNTS: Ptr<i32> = ptr<i32>(0);
export let FREE: Ptr<i32> = ptr<i32>(0);
export let LISTS: usize;
export let LOCAL: usize;
/** Codes of a subtree's rows: 256 places a feature. */
export let CODES: usize;
/** How many codes for values a feature has in the subtree, and of a coarse one what they stand for. */
export let LOCAL_BINS: Ptr<i32> = ptr<i32>(0);
export let MEANINGS: Ptr<f32> = ptr<f32>(0);
/** Values of a subtree's rows, float32: 256 places a feature. */
export let VALUES: usize;

let top: usize;
@inline function take(bytes: usize): usize {
  const at = top;
  top += (bytes + 63) & ~63;
  return at;
}

/** Lays the thread's scratch out; takes it from the heap at the thread's first call. */
export function takeScratch(job: Job, slot: i32): void {
  top = 0;
  lay(job);
  let base: usize = job.scratch[slot];
  if (!base) {
    base = alloc(top);
    job.scratch[slot] = <u32>base;
  }
  top = base;
  lay(job);
}

function lay(job: Job): void {
  const n = <usize>job.rows, k = <usize>job.classes, p = <usize>job.features, bag = <usize>min(job.rows, job.drawn);
  CELLS = take(256 * 16);
  COUNTS = ptr<i32>(take(257 * 4));
  WIDE = ptr<i32>(take(256 * k * 4));
  SUMS = ptr<i32>(take(256 * 4));
  BITMAP = ptr<u64>(take(32));
  KEYS = ptr<u32>(take(<usize>FEW_ROWS * 4));
  ORDER = ptr<u8>(take(256));
  RATIOS = ptr<f64>(take(256 * 8));
  CHOSEN = ptr<u64>(take(32));
  PRESENT = ptr<u64>(take(32));
  NODE = ptr<i32>(take(max<usize>(k, 8) * 4));
  LEFT = ptr<i32>(take(max<usize>(k, 8) * 4));
  LOGS = ptr<f64>(take(job.entropy ? 4096 * 8 : 0));
  FEATURES = ptr<i32>(take(p * 4));
  KNOWN = ptr<u64>(take(<usize>(KNOWN_LEVELS * knownWords(job.features)) * 8));
  STACK = take((bag / 2 + 4) * FRAME);
  ROWS = take(bag * (k ? 8 : 4));
  SPARE = take((bag + 1) * (k ? 8 : 4));
  WEIGHT = ptr<i32>(take(n * 4));
  PAIRS = take(k ? 0 : n * 16);
  NEAR = take(k || job.whole ? 0 : bag * 16);
  LABEL = ptr<u16>(take(k ? bag * 2 : 0));
  LOAD = ptr<i32>(take(k ? bag * 4 : 0));
  SORTED = ptr<u32>(take(k ? bag * 4 : 0));
  const nodes: usize = 2 * bag;
  NODES = ptr<u32>(take(nodes * 8));
  COVER = ptr<f32>(take(nodes * 4));
  LEAVES = ptr<i32>(take(nodes * 4));
  ASKS = ptr<u32>(take(job.outOfBag ? nodes * 8 : <usize>0));
  HISTOGRAMS = take(job.whole ? <usize>WAITING * p * 4096 : 0);
  HISTOGRAM_COUNTS = ptr<i32>(take(job.whole && job.minLeaf > 1 ? <usize>WAITING * p * 1024 : 0));
  FREE = ptr<i32>(take(job.whole ? <usize>WAITING * 4 : 0));
  LISTS = take(job.whole ? p * LIST_ROWS * 2 : 0);
  CODES = take(job.whole ? p * LIST_ROWS : 0);
  LOCAL_BINS = ptr<i32>(take(job.whole ? p * 4 : 0));
  MEANINGS = ptr<f32>(take(job.whole ? p * LIST_ROWS * 4 : 0));
  VALUES = take(job.rowValues ? p * LIST_ROWS * 4 : 0);
  LOCAL = take(job.whole ? <usize>LIST_ROWS * 64 : <usize>0);
}
