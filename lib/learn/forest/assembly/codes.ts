// Codes lie column by column, and row by row too (see `transpose`). A large node reads columns from front to back; the
// rows of a small one are far apart, and each that is read in the one form brings its other features along.
import { Job } from './job';

let byRow: bool;
/** Bytes from a row's code to the next row's, for the node at hand. */
export let codeStride: usize;

/** Says which form a node of `rows` rows reads. */
export function chooseCodes(job: Job, rows: i32): void {
  byRow = job.rowMajor != 0 && rows < job.rowsApart;
  codeStride = byRow ? <usize>job.stride : 1;
}

/** Where the node at hand finds row 0's code of a feature: row i's is `i * codeStride` further. */
@inline export function codesOf(job: Job, feature: i32): usize {
  return byRow ? job.rowMajor + <usize>feature : job.codes + <usize>feature * <usize>job.rows;
}

/** The code of a row, `column` and `stride` being read once a loop. */
@inline export function codeAt(column: usize, stride: usize, row: u32): u32 { return <u32>load<u8>(column + <usize>row * stride); }
