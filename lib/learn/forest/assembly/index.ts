import { fillLogs } from './entropy';
import { growClasses } from './grow-classes';
import { growNumbers } from './grow-numbers';
import { Job } from './job';
import { judgeOutOfBag } from './out-of-bag';
import { drawRows } from './sample';
import { takeScratch } from './scratch';
import { finishTree, startTables } from './write';

/** Grows trees until none is left to claim. Runs on every thread at once; `slot` is the thread's number. */
export function grow(address: usize, slot: i32): void {
  const job = changetype<Job>(address);
  takeScratch(job, slot);
  startTables();
  if (job.entropy) fillLogs();
  for (;;) {
    const tree = job.from + atomic.add<i32>(address, 1);
    if (tree >= job.to) break;
    const importance = job.importance.at((tree - job.first) * job.features);
    drawRows(job, tree);
    if (job.classes) growClasses(job, importance);
    else growNumbers(job, importance);
    if (job.outOfBag) judgeOutOfBag(job, slot);
    finishTree(job, tree, slot);
  }
}

/** Writes the codes row by row, and the values of coarse features; threads claim blocks of rows. */
export function transpose(address: usize, _slot: i32): void {
  const job = changetype<Job>(address), rows = job.rows, stride = <usize>job.stride;
  for (;;) {
    const first = atomic.add<i32>(address, 1) << 10;
    if (first >= rows) break;
    const end = min(rows, first + 1024);
    for (let f = 0; f < job.features; f++) {
      const column = job.codes + <usize>f * <usize>rows;
      for (let i = first; i < end; i++) store<u8>(job.rowMajor + <usize>i * stride + <usize>f, load<u8>(column + <usize>i));
      if (!job.rowValues || !job.coarse[f]) continue;
      for (let i = first; i < end; i++) store<f32>(job.rowValues + ((<usize>i * stride + <usize>f) << 2), load<f32>(job.values[f] + (<usize>i << 2)));
    }
  }
}
