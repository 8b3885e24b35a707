import { Ptr } from '../../kernel/assembly/ptr';

/** What all threads read, and the counter they claim trees by: fields of 4 bytes in the order of ../job.ts. */
@unmanaged export class Job {
  /** Pieces claimed so far: trees, counted on from `from`. */
  next: i32;
  /** Tree that the records begin with. */
  first: i32;
  from: i32;
  to: i32;
  rows: i32;
  features: i32;
  /** 0 for regression. */
  classes: i32;
  codes: usize;
  valueBins: Ptr<u16>;
  hasMissing: Ptr<u8>;
  categorical: Ptr<u8>;
  categoryCounts: Ptr<u16>;
  /** 256 upper edges a feature. */
  edges: Ptr<f32>;
  /** Each numeric feature's values, as float32: addresses. */
  values: Ptr<usize>;
  /** 1 where a code may stand for several values. */
  coarse: Ptr<u8>;
  labels: Ptr<u16>;
  /** Targets on their grid: whole numbers. */
  targets: Ptr<f64>;
  /** Whole weights; 0 where all are 1, or rows are drawn. */
  weights: Ptr<i32>;
  /** Where rows are drawn by their weights: the sum of weights up to each row. */
  ends: Ptr<i32>;
  seed: u32;
  drawn: i32;
  bootstrap: i32;
  tried: i32;
  maxDepth: i32;
  minSplit: i32;
  minLeaf: i32;
  entropy: i32;
  slotBits: i32;
  maxNodes: i32;
  /** What grid value 0 stands for; the grid's step; the step that judgements out of the bag are counted in. */
  grid: Ptr<f64>;
  /** Addresses of each thread's scratch; 0 before its first tree. */
  scratch: Ptr<u32>;
  /** A TreeRecord for each tree from `first` on. */
  records: usize;
  /** f64 a feature for each tree: the decrease of impurity. */
  importance: Ptr<f64>;
  /** Codes row by row, `stride` bytes each; 0 where they are not used. */
  rowMajor: usize;
  /** Nodes of fewer rows read the codes row by row. */
  rowsApart: i32;
  /** Values row by row, float32, `stride` a row; 0 where no feature is coarse. */
  rowValues: usize;
  stride: i32;
  /** 1: every feature is tried at every split of a regression, see whole.ts. */
  whole: i32;
  /** 1: judge rows out of bag. Addresses of each thread's sums follow. */
  outOfBag: i32;
  votes: Ptr<u32>;
}

/** Where a finished tree lies, in the layout of ../../ensemble/ensemble.ts; fields in the order of ../job.ts. */
@unmanaged export class TreeRecord {
  nodes: usize;
  cover: usize;
  /** Rows of the table (classes) or values. */
  leaves: usize;
  table: usize;
  sets: usize;
  nodeCount: i32;
  tableRows: i32;
  setCount: i32;
  /** The thread that grew it, counted from 1. */
  owner: i32;
  /** 1 where the tree reached the most nodes that its layout can number. */
  full: i32;
}

@inline export const RECORD_BYTES: usize = 40;
