import { push } from './frame';
import { Job } from './job';
import { ROWS } from './scratch';
import { writeMean } from './write';

export function wait(start: i32, end: i32, node: i32, depth: i32, total: v128, histogram: i32): void {
  const frame = push(start, end, node, depth);
  frame.histogram = histogram;
  v128.store(changetype<usize>(frame) + 16, total);
}

/** Writes the node of entries `start` to `end - 1` as a leaf if it is sure to be one. */
export function settle(job: Job, node: i32, start: i32, end: i32, depth: i32, total: v128): bool {
  if (end - start >= job.minSplit && depth < job.maxDepth && !equalTargets(job, start, end)) return false;
  writeMean(job, node, f64x2.extract_lane(total, 1), f64x2.extract_lane(total, 0));
  return true;
}

/** Mostly the second row tells. */
function equalTargets(job: Job, start: i32, end: i32): bool {
  const first = job.targets[<i32>load<u32>(ROWS + (<usize>start << 2))];
  for (let i = start + 1; i < end; i++) {
    if (job.targets[<i32>load<u32>(ROWS + (<usize>i << 2))] != first) return false;
  }
  return true;
}
