// Rows that the tree did not draw, judged by it. What they get are whole numbers, so that sums over trees are the same
// in whatever order threads and shards add them.
import { ptr } from '../../kernel/assembly/ptr';
import { Job } from './job';
import { ASKS, LEAVES, NODES, WEIGHT } from './scratch';
import { setAt, shareOf } from './write';

/** What a share of 1 counts. */
@inline const WHOLE: f64 = 65536;

/**
 * Adds to this thread's sums: of a class forest `classes` votes a row (32 bits); of numbers two a row (64-bit
 * floats): how many trees judged it, and the sum of their values, each rounded to whole steps of the coarser grid that
 * is for judging (`judgeStep` in targets.ts).
 */
export function judgeOutOfBag(job: Job, slot: i32): void {
  const classes = job.classes, votes = ptr<i32>(job.votes[slot]), sums = ptr<f64>(job.votes[slot]);
  for (let row = 0; row < job.rows; row++) {
    if (WEIGHT[row]) continue;
    const leaf = LEAVES[leafOf(job, row)];
    if (classes) {
      if (leaf < 0) votes[row * classes - 1 - leaf] = votes[row * classes - 1 - leaf] + <i32>WHOLE;
      else for (let c = 0; c < classes; c++) votes[row * classes + c] = votes[row * classes + c] + <i32>floor(<f64>shareOf(leaf, classes, c) * WHOLE + 0.5);
    } else {
      const value = floor((<f64>reinterpret<f32>(leaf) - job.grid[0]) / job.grid[2] + 0.5);
      sums[2 * row] = sums[2 * row] + 1;
      sums[2 * row + 1] = sums[2 * row + 1] + value;
    }
  }
}

function leafOf(job: Job, row: i32): i32 {
  let node = 0;
  for (let left = 0; ; node = left) {
    left = <i32>(NODES[2 * node + 1] >> job.slotBits);
    if (left == node) break;
    const feature = <i32>ASKS[2 * node], what = <i32>ASKS[2 * node + 1];
    if (job.categorical[feature]) {
      const code = <i32>load<u8>(job.codes + <usize>feature * <usize>job.rows + <usize>row);
      left += 1 - <i32>((setAt(what)[code >> 5] >> (code & 31)) & 1);
    } else {
      const value = load<f32>(job.values[feature] + (<usize>row << 2));
      left += i32(value != value ? !what : value > reinterpret<f32>(NODES[2 * node]));
    }
  }
  return node;
}
