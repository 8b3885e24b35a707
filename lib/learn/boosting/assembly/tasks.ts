import { Block, Job, Leaf, Node, record, Split } from "./job";
import { claim, finished, join, publish } from "./phases";
import { countCodes, writeRecords } from "./bundle";
import { gradientsOf, packRows } from "./gradients";
import { fill, subtract } from "./histogram";
import { scan } from "./split";
import { cut, place } from "./partition";
import { addHeldOut, addLeaf, addWalked } from "./scores";

/** Kinds of phases: what a piece of each is, and its arguments, see `work`. */
@inline export const COUNT: i32 = 0;
@inline export const RECORDS: i32 = 1;
@inline export const GRADIENTS: i32 = 2;
@inline export const PACK: i32 = 3;
@inline export const FILL: i32 = 4;
@inline export const SCAN: i32 = 5;
@inline export const FILL_AND_SCAN: i32 = 6;
@inline export const CUT: i32 = 7;
@inline export const PLACE: i32 = 8;
@inline export const ADD_LEAVES: i32 = 9;
@inline export const ADD_WALKED: i32 = 10;
@inline export const ADD_HELD_OUT: i32 = 11;

@inline export function scratchOf(job: Job, slot: i32): usize { return job.scratch + <usize>slot * <usize>job.scratchBytes; }

function fillAndScan(job: Job, b: i32, scratch: usize): void {
  const block = record<Block>(job.blocks, b);
  if (block.active == 0) return;
  const small = changetype<Leaf>(<usize>job.a0), large = changetype<Leaf>(<usize>job.a1);
  fill(job, block, small.histogram, small.start, small.rows);
  if (job.a3) {
    subtract(job, block, large.histogram, small.histogram);
    scan(job, block, large, record<Split>(job.found, 2 * b + 1), scratch);
  }
  if (job.a2) scan(job, block, small, record<Split>(job.found, 2 * b), scratch);
}

/** Does one piece of the phase. */
function work(job: Job, piece: i32, slot: i32): void {
  const scratch = scratchOf(job, slot);
  switch (job.kind) {
    case COUNT: countCodes(job, piece, <usize>job.a0); break;
    case RECORDS: writeRecords(job, piece); break;
    case GRADIENTS: gradientsOf(job, piece, scratch); break;
    case PACK: packRows(job, piece, job.a0); break;
    case FILL: fill(job, record<Block>(job.blocks, piece), 0, 0, job.sampled); break;
    case SCAN: {
      const block = record<Block>(job.blocks, piece);
      if (block.active) scan(job, block, record<Leaf>(job.leaves, 0), record<Split>(job.found, 2 * piece), scratch);
      break;
    }
    case FILL_AND_SCAN: fillAndScan(job, piece, scratch); break;
    case CUT: cut(job, changetype<Node>(<usize>job.a0), job.a1, job.a2, piece, scratch); break;
    case PLACE: place(job, job.a1, job.a2, piece, job.a3); break;
    case ADD_LEAVES: addLeaf(job, record<Leaf>(job.leaves, piece), <usize>job.a0, job.a1); break;
    case ADD_WALKED: addWalked(job, <usize>job.a0, job.a1, piece); break;
    default: addHeldOut(job, <usize>job.a0, job.a1, piece);
  }
}

/** Takes pieces until none is left. */
export function help(job: Job, slot: i32): void {
  for (let piece = claim(job); piece >= 0; piece = claim(job)) {
    work(job, piece, slot);
    const mine = job.pieces + (<usize>slot << 2);
    store<i32>(mine, load<i32>(mine) + 1);
    finished(job);
  }
}

/** The leader's: a phase from its first piece to its last, with the others' help where it is worth telling them. */
export function run(job: Job, kind: i32, pieces: i32, shared: bool): void {
  if (job.threads > 1 && pieces > 1 && shared) {
    publish(job, kind, pieces);
    help(job, 0);
    join(job, pieces);
    return;
  }
  job.kind = kind;
  for (let piece = 0; piece < pieces; piece++) work(job, piece, 0);
}
