// Squared error. A cell is 16 bytes: (weight, weighted target) of a bin's rows. Targets lie on a grid (see ../targets.ts),
// so that every sum is exact, in whatever order, and by subtraction too.
import { bestGain, BY_SET, keepBest, keepOrdered, MISSING_LEFT, MISSING_RIGHT, NONE_MISSING } from './best';
import { codeAt, codesOf, codeStride } from './codes';
import { Job } from './job';
import { Ptr } from '../../kernel/assembly/ptr';
import { clearBitmap, lastToFront, markAll, markBin, sortByRatio } from './order';
import { BITMAP, CELLS, COUNTS, DENSE, FEW_ROWS, KEYS, NEAR, ORDER, RATIOS } from './scratch';

/**
 * How much a split parts: with the weights L and R of the sides and their sums l and r, (R l - L r)^2 / (L R), which is
 * the decrease of the sum of squared errors times the node's weight. One division where the textbook's form has two,
 * and the same bits if the sides change places. NaN, which is greater than nothing, where a side is empty.
 */
@inline export function partingGain(left: v128, total: v128): f64 {
  const right = f64x2.sub(total, left), L = f64x2.extract_lane(left, 0), R = f64x2.extract_lane(right, 0);
  const apart = R * f64x2.extract_lane(left, 1) - L * f64x2.extract_lane(right, 1);
  return apart * apart / (L * R);
}

/** The same of two splits at once: `weights` and `sums` left of each, `all` and `sum` of the node twice. */
@inline export function partingGains(weights: v128, sums: v128, all: v128, sum: v128): v128 {
  const rest = f64x2.sub(all, weights);
  const apart = f64x2.sub(f64x2.mul(rest, sums), f64x2.mul(weights, f64x2.sub(sum, sums)));
  return f64x2.div(f64x2.mul(apart, apart), f64x2.mul(weights, rest));
}

/** Tries the splits of a feature for rows whose pairs lie in NEAR; false where the rows do not differ in it. */
export function trySquared(job: Job, feature: i32, rowsAt: usize, rows: i32, total: v128): bool {
  const bins = <i32>job.valueBins[feature], missing = job.hasMissing[feature] != 0, ordered = job.categorical[feature] == 0;
  if (bins == 1 && !missing) return false;
  const column = codesOf(job, feature), stride = codeStride, counted = job.minLeaf > 1;
  if (ordered && !missing && !counted && rows < FEW_ROWS) return tryFew(column, feature, rowsAt, rows, total);
  const last = bins - 1 + <i32>missing, cells = CELLS, near = NEAR;
  if (rows >= DENSE) {
    markAll(last);
    for (let i = 0; i < rows; i++) addRow(cells, near, column, stride, rowsAt, i);
  } else {
    clearBitmap();
    for (let i = 0; i < rows; i++) markBin(addRow(cells, near, column, stride, rowsAt, i));
  }
  if (counted) countRows(column, rowsAt, rows);
  let varies: bool;
  if (!ordered || (missing && load<f64>(CELLS + (<usize>bins << 4)) != 0)) varies = scanCells(job, feature, bins, CELLS, COUNTS, rows, total);
  else varies = scanMarked(job, feature, rows, total);
  for (let word = 0; word < 4; word++) {
    for (let rest = BITMAP[word]; rest; rest &= rest - 1) v128.store(CELLS + (<usize>(word * 64 + <i32>ctz(rest)) << 4), i64x2.splat(0));
  }
  if (counted) memory.fill(COUNTS.address, 0, 257 * 4);
  return varies;
}

/** `cells` and `near` are CELLS and NEAR, which loops read once: a global is read from memory each time. */
@inline function addRow(cells: usize, near: usize, column: usize, stride: usize, rowsAt: usize, i: i32): u32 {
  const bin = codeAt(column, stride, load<u32>(rowsAt + (<usize>i << 2))), cell = cells + (bin << 4);
  v128.store(cell, f64x2.add(v128.load(cell), v128.load(near + (<usize>i << 4))));
  return bin;
}

function countRows(column: usize, rowsAt: usize, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    const bin = <i32>codeAt(column, codeStride, load<u32>(rowsAt + (<usize>i << 2)));
    COUNTS[bin] = COUNTS[bin] + 1;
  }
}

/** The marked bins in ascending order. */
function scanMarked(job: Job, feature: i32, rows: i32, total: v128): bool {
  const minLeaf = job.minLeaf;
  let left = i64x2.splat(0), rowsLeft = 0, varies = false, gain = bestGain;
  for (let word = 0; word < 4; word++) {
    for (let rest = BITMAP[word]; rest; rest &= rest - 1) {
      const bin = word * 64 + <i32>ctz(rest), cell = v128.load(CELLS + (<usize>bin << 4));
      if (f64x2.extract_lane(cell, 0) == 0) continue;
      left = f64x2.add(left, cell);
      const right = f64x2.sub(total, left);
      if (f64x2.extract_lane(right, 0) == 0) return varies;
      varies = true;
      if (minLeaf > 1) {
        rowsLeft += COUNTS[bin];
        if (rowsLeft < minLeaf || rows - rowsLeft < minLeaf) continue;
      }
      const found = partingGain(left, total);
      if (found > gain) {
        gain = found;
        keepBest(found, feature, bin, NONE_MISSING, left);
      }
    }
  }
  return varies;
}

/** All cells of a feature with categories or missing values (`bins` codes for values); true where rows differ. */
export function scanCells(job: Job, feature: i32, bins: i32, cells: usize, counts: Ptr<i32>, rows: i32, total: v128): bool {
  let present = 0;
  for (let bin = 0; bin < bins + i32(job.hasMissing[feature] != 0); bin++) {
    if (load<f64>(cells + (<usize>bin << 4)) != 0) ORDER[present++] = <u8>bin;
  }
  if (present < 2) return false;
  if (job.categorical[feature]) {
    for (let i = 0; i < present; i++) {
      const cell = cells + (<usize>ORDER[i] << 4);
      RATIOS[<i32>ORDER[i]] = load<f64>(cell, 8) / load<f64>(cell);
    }
    sortByRatio(present);
    scanOrder(job, feature, bins, cells, counts, present, rows, total, BY_SET);
    return true;
  }
  const missing = <i32>ORDER[present - 1] == bins;
  scanOrder(job, feature, bins, cells, counts, present, rows, total, missing ? MISSING_RIGHT : NONE_MISSING);
  if (missing) {
    lastToFront(present);
    scanOrder(job, feature, bins, cells, counts, present, rows, total, MISSING_LEFT);
  }
  return true;
}

function scanOrder(job: Job, feature: i32, bins: i32, cells: usize, counts: Ptr<i32>, count: i32, rows: i32, total: v128, kind: i32): void {
  const minLeaf = job.minLeaf;
  let left = i64x2.splat(0), rowsLeft = 0, gain = bestGain, at = -1, leftOfAt = left;
  for (let i = 0; i < count - 1; i++) {
    const bin = <i32>ORDER[i];
    left = f64x2.add(left, v128.load(cells + (<usize>bin << 4)));
    if (minLeaf > 1) {
      rowsLeft += counts[bin];
      if (rowsLeft < minLeaf || rows - rowsLeft < minLeaf) continue;
    }
    const found = partingGain(left, total);
    if (found > gain) {
      gain = found;
      at = i;
      leftOfAt = left;
    }
  }
  if (at >= 0) keepOrdered(gain, feature, at, count, bins, kind, leftOfAt);
}

function tryFew(column: usize, feature: i32, rowsAt: usize, rows: i32, total: v128): bool {
  const stride = codeStride;
  for (let i = 0; i < rows; i++) {
    const key = (codeAt(column, stride, load<u32>(rowsAt + (<usize>i << 2))) << 16) | i;
    let to = i;
    for (; to > 0 && KEYS[to - 1] > key; to--) KEYS[to] = KEYS[to - 1];
    KEYS[to] = key;
  }
  let key = KEYS[0];
  if (key >> 16 == KEYS[rows - 1] >> 16) return false;
  let left = i64x2.splat(0), gain = bestGain;
  for (let i = 1; i < rows; i++) {
    left = f64x2.add(left, v128.load(NEAR + (<usize>(key & 65535) << 4)));
    const next = KEYS[i];
    if (key >> 16 != next >> 16) {
      const found = partingGain(left, total);
      if (found > gain) {
        gain = found;
        keepBest(found, feature, <i32>(key >> 16), NONE_MISSING, left);
      }
    }
    key = next;
  }
  return true;
}
