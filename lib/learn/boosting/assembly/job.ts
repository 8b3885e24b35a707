/**
 * What the threads share: plain records in the one memory. The host writes `Job` word by word; layout.ts of the room
 * names the same words.
 */
@unmanaged
export class Job {
  // The phase that is being worked on: see phases.ts.
  ticket: i64; // total pieces << 32 | next piece
  done: i32; // pieces finished
  sequence: i32; // phases so far; idle threads sleep on it
  sleepers: i32;
  over: i32; // 1 once the round is done: helpers leave
  kind: i32;
  threads: i32;
  // The task.
  rows: i32;
  features: i32;
  outputs: i32; // trees a round
  loss: i32; // 0 squared, 1 logistic, 2 softmax
  maxLeaves: i32;
  maxDepth: i32;
  minLeaf: i32;
  narrow: i32; // 1: cells of 8 bytes (no hessians, no weights)
  // The data.
  codes: usize; // u8, column-major
  target: usize; // f64 values, or i32 classes
  weights: usize; // i32 a row; 0 where all are 1
  scores: usize; // f64, outputs x rows
  gradients: usize; // f32, outputs x rows
  hessians: usize; // f32, outputs x rows
  packed: usize; // one cell a row: what its histogram cells gain
  sample: usize; // i32: the round's rows ascending, then the rows left out
  order: usize; // i32: the sample, moved so that a leaf's rows stand together
  spare: usize; // i32: room for moving `order`
  table: usize; // Feature, one a feature
  blocks: usize; // Block, `blockCount` of them
  blockCount: i32;
  featureList: usize; // i32: features of each block, ascending
  cells: i32; // cells of a whole histogram
  firstCells: i32; // of them the first lane's: their sum is the leaf's
  pool: usize; // histograms, one a leaf
  used: usize; // u8 a feature: 1 where this round may ask it
  leaves: usize; // Leaf, maxLeaves of them
  bests: usize; // Split, one a leaf
  found: usize; // Split, two a block
  trees: usize; // Node, outputs x (2 maxLeaves - 1)
  treeSizes: usize; // i32, one a tree
  chunkMax: usize; // f64, chunks x outputs x 2
  chunkCuts: usize; // i32, two a chunk of a partition
  sampled: i32; // rows of the round
  validRows: i32;
  validCodes: usize; // u16, column-major
  validScores: usize; // f64, outputs x validRows
  scratch: usize; // scratchBytes a thread
  scratchBytes: i32;
  pieces: usize; // i32 a thread: pieces it did
  // Arguments of the phase.
  a0: i32; a1: i32; a2: i32; a3: i32;
  learningRate: f64;
  l2: f64;
  weightScale: f64; // integer weights over true ones: a power of two
  weightTotal: f64; // sum of the integer weights
  gradientUnit: f64; // what 1 on the grid is worth, times 1 / weightScale
  hessianUnit: f64;
}

/** A feature's place in the histogram. */
@unmanaged
export class Feature {
  cell: i32; // first cell
  codes: i32; // T: codes that rows can have, "missing" (the last) among them
  values: i32; // V: of them values or categories
  categorical: i32;
  defaultCode: i32; // bundled: the code without a cell; -1 where every code has one
  block: i32;
}

/** Up to eight columns of codes (a bundle of features each), whose histogram fits the first-level cache. */
@unmanaged
export class Block {
  lanes: i32;
  cell: i32;
  cells: i32;
  active: i32; // 1 where this round may ask one of its features
  firstLane: i32;
  records: usize; // u16 x lanes a row: the byte offset of the row's cell in the block's histogram
  firstFeature: i32; // in featureList
  features: i32;
}

/** The best split of a leaf so far. `set`: bit c is 1 where code c goes left. */
@unmanaged
export class Split {
  gain: f64;
  leftGradient: i64;
  leftHessian: i64; // hessian << 24 | rows
  feature: i32; // -1: none
  code: i32; // numeric: the last code that goes left
  missing: i32; // 1: rows of the leaf are missing it, so the direction is learned
  categorical: i32;
  set0: u64; set1: u64; set2: u64; set3: u64;
  present0: u64; present1: u64; present2: u64; present3: u64; // categorical: codes that the leaf has
}

@unmanaged
export class Leaf {
  gradient: i64;
  hessian: i64; // hessian << 24 | rows
  weight: f64; // sum of integer weights
  start: i32; // in order
  rows: i32;
  node: i32;
  depth: i32;
  histogram: i32; // slot of the pool
  best: Split; // a pointer
}

/** A node as the host reads it. */
@unmanaged
export class Node {
  feature: i32; // -1: a leaf
  code: i32;
  left: i32; // the right child is the one behind it
  categorical: i32;
  gain: f64;
  cover: f64; // sum of integer weights
  value: f64;
  missing: i32; // 1: learned; after `finish` 1: missing goes left
  unused: i32;
  set0: u64; set1: u64; set2: u64; set3: u64;
  set4: u64; // bit 0: code 256, a missing value where training had none
  present0: u64; present1: u64; present2: u64; present3: u64;
}

/** Rows that one piece of a phase over rows takes. */
@inline export const CHUNK: i32 = 8192;
@inline export const COUNT_BITS: i64 = 24;
@inline export const COUNT_MASK: i64 = 0xffffff;

@inline export function record<T>(base: usize, index: i32): T { return changetype<T>(base + <usize>index * offsetof<T>()); }
@inline export function chunksOf(rows: i32): i32 { return (rows + CHUNK - 1) / CHUNK; }
@inline export function bitOf(set: usize, code: i32): i32 { return <i32>(load<u32>(set + (<usize>(code >> 5) << 2)) >> (code & 31)) & 1; }
@inline export function setBit(set: usize, code: i32): void {
  const word = set + (<usize>(code >> 5) << 2);
  store<u32>(word, load<u32>(word) | (1 << (code & 31)));
}
