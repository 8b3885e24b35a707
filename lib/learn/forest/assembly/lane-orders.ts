// Up to 8 classes in lanes (see lanes.ts): bins that are tried in an order of their own, as categories are and numbers of
// which some are missing.
import { bestGain, BY_SET, keepOrdered, MISSING_LEFT, MISSING_RIGHT } from './best';
import { heaviest, orders } from './heaviest';
import { Job } from './job';
import { giniOf, sumOfLanes } from './lanes';
import { lastToFront, marked, sortByRatio } from './order';
import { CELLS, COUNTS, ORDER, RATIOS, SUMS } from './scratch';

/** Tries the splits of the feature whose counts lie in CELLS (and COUNTS) at the marked bins, and clears them. */
export function scanLanes(job: Job, feature: i32, rows: i32, total: v128, weight: i32): bool {
  const met = marked(), present = dropEmpty(met);
  if (present > 1) {
    if (job.categorical[feature]) {
      // Two categories have one split, in whatever order.
      const all = orders(job), turns = present == 2 ? 1 : all;
      for (let turn = 0; turn < turns; turn++) {
        orderBy(heaviest(turn), present);
        scanOrder(job, feature, present, rows, total, weight, BY_SET);
      }
    } else {
      scanOrder(job, feature, present, rows, total, weight, MISSING_RIGHT);
      lastToFront(present);
      scanOrder(job, feature, present, rows, total, weight, MISSING_LEFT);
    }
  }
  for (let i = 0; i < present; i++) v128.store(CELLS + (<usize>ORDER[i] << 4), i64x2.splat(0));
  if (job.minLeaf > 1) memory.fill(COUNTS.address, 0, 257 * 4);
  return present > 1;
}

/** Leaves the bins in ORDER that hold any weight, and writes it to SUMS. */
function dropEmpty(count: i32): i32 {
  const cells = CELLS, order = ORDER, sums = SUMS;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const bin = order[i], sum = sumOfLanes(v128.load(cells + (<usize>bin << 4)));
    sums[bin] = sum;
    order[kept] = bin;
    kept += i32(sum > 0);
  }
  return kept;
}

/** By the share of a class, ascending. */
function orderBy(c: i32, count: i32): void {
  const cells = CELLS + (<usize>c << 1), order = ORDER, sums = SUMS, ratios = RATIOS;
  for (let i = 0; i < count; i++) {
    const bin = <i32>order[i];
    ratios[bin] = <f64>load<u16>(cells + (<usize>bin << 4)) / <f64>sums[bin];
  }
  sortByRatio(count);
}

function scanOrder(job: Job, feature: i32, count: i32, rows: i32, total: v128, weight: i32, kind: i32): void {
  const cells = CELLS, order = ORDER, sums = SUMS, minLeaf = job.minLeaf;
  let left = i64x2.splat(0), L = 0, rowsLeft = 0, gain = bestGain, at = -1, leftOfAt = left;
  for (let i = 0; i < count - 1; i++) {
    const bin = <i32>order[i];
    left = i16x8.add(left, v128.load(cells + (<usize>bin << 4)));
    L += sums[bin];
    if (minLeaf > 1) {
      rowsLeft += COUNTS[bin];
      if (rowsLeft < minLeaf || rows - rowsLeft < minLeaf) continue;
    }
    const found = giniOf(left, i16x8.sub(total, left), L, weight - L);
    if (found > gain) {
      gain = found;
      at = i;
      leftOfAt = left;
    }
  }
  if (at >= 0) keepOrdered(gain, feature, at, count, <i32>job.valueBins[feature], kind, leftOfAt);
}
