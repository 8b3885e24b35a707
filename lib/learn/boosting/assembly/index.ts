import { alloc } from "../../kernel/assembly/heap";
import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { Block, chunksOf, Job, record } from "./job";
import { hasWork, wake } from "./phases";
import { COUNT, GRADIENTS, help, PACK, RECORDS, run } from "./tasks";
import { bundle } from "./bundle";
import { chooseGrid } from "./gradients";
import { growTree } from "./grow";


/** Lets the helpers go home. */
function leave(job: Job): void {
  atomic.store<i32>(changetype<usize>(job), 1, offsetof<Job>("over"));
  wake(job);
}

/** A helper's whole life in a run. */
function assist(job: Job, slot: i32): void {
  while (hasWork(job)) help(job, slot);
}

/** Lays the codes out for histograms. The host sets `over` to 0 before every run. */
export function prepare(job: Job, slot: i32): void {
  if (slot > 0) { assist(job, slot); return; }
  const counts = alloc(<usize>job.features << 10);
  job.a0 = <i32>counts;
  run(job, COUNT, job.features, true);
  bundle(job, counts);
  run(job, RECORDS, job.blockCount * chunksOf(job.rows), true);
  job.pool = alloc(<usize>job.cells * <usize>job.maxLeaves << (job.narrow ? 3 : 4));
  leave(job);
}

/** One round of boosting: a tree for every output, and all scores with them. */
export function round(job: Job, slot: i32): void {
  if (slot > 0) { assist(job, slot); return; }
  const list = ptr<i32>(job.featureList), chunks = chunksOf(job.rows);
  for (let b = 0; b < job.blockCount; b++) {
    const block = record<Block>(job.blocks, b);
    block.active = 0;
    for (let i = 0; i < block.features; i++) block.active |= <i32>load<u8>(job.used + list[block.firstFeature + i]);
  }
  run(job, GRADIENTS, chunks, true);
  for (let k = 0; k < job.outputs; k++) {
    chooseGrid(job, k);
    job.a0 = k;
    run(job, PACK, chunks, true);
    ptr<i32>(job.treeSizes)[k] = growTree(job, k);
  }
  leave(job);
}

/** Bytes of the records, for the host to check that it lays them out alike. */
export function jobBytes(): i32 { return offsetof<Job>(); }
