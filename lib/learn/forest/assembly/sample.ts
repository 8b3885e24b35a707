import { Job } from './job';
import { below, seedRandom } from '../../kernel/assembly/rng';
import { PAIRS, ROWS, WEIGHT } from './scratch';

/** The greatest weight of a row in the bag. */
export let heaviestRow: i32;
/** Rows in the bag. */
export let bagRows: i32;

/** Draws the tree's rows: WEIGHT of each is how often it was drawn, or without bootstrap its own. Starts the tree's random stream. */
export function drawRows(job: Job, tree: i32): void {
  seedRandom(job.seed, tree);
  const n = job.rows;
  if (job.bootstrap) {
    memory.fill(WEIGHT.address, 0, <usize>n << 2);
    if (job.ends.address) drawByWeight(job);
    else {
      for (let i = 0; i < job.drawn; i++) {
        const row = <i32>below(n);
        WEIGHT[row] = WEIGHT[row] + 1;
      }
    }
  } else for (let i = 0; i < n; i++) WEIGHT[i] = job.weights.address ? job.weights[i] : 1;
  bagRows = 0;
  heaviestRow = 0;
  for (let i = 0; i < n; i++) {
    bagRows += i32(WEIGHT[i] > 0);
    heaviestRow = max(heaviestRow, WEIGHT[i]);
  }
}

/** A row is drawn where a number below the sum of weights falls: the first whose sum is greater, found by halves. */
function drawByWeight(job: Job): void {
  const ends = job.ends, rows = job.rows, total = ends[rows - 1], weight = WEIGHT;
  for (let i = 0; i < job.drawn; i++) {
    const place = <i32>below(total);
    let row = 0;
    for (let left = rows; left > 1; ) {
      const half = left >> 1;
      row += half & -i32(ends[row + half - 1] <= place);
      left -= half;
    }
    weight[row] = weight[row] + 1;
  }
}

/** Entries of classes: the row, and above 32 bits its weight, or both class and weight where lanes take them. */
export function enterClasses(job: Job, lanes: bool): void {
  let at = ROWS;
  for (let i = 0; i < job.rows; i++) {
    const w = <u64>WEIGHT[i];
    if (!w) continue;
    store<u64>(at, <u64>i | ((lanes ? (<u64>job.labels[i] << 1) | (w << 8) : w) << 32));
    at += 8;
  }
}

/** Entries of numbers: the row. Its pair (weight, weighted target) lies in PAIRS. */
export function enterNumbers(job: Job): v128 {
  let at = ROWS, total = i64x2.splat(0);
  for (let i = 0; i < job.rows; i++) {
    if (!WEIGHT[i]) continue;
    const w = <f64>WEIGHT[i], pair = f64x2.replace_lane(f64x2.splat(w), 1, w * job.targets[i]);
    v128.store(PAIRS + (<usize>i << 4), pair);
    total = f64x2.add(total, pair);
    store<u32>(at, i);
    at += 4;
  }
  return total;
}
