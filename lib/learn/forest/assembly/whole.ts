// Numbers, every feature tried at every split. Large nodes have a histogram of all
// features, filled row by row from the row-major codes; of two children only the smaller one is filled, the other is
// what is left of the parent's (sums are exact, so it is the same). Small nodes: see lists.ts.
import { bestFeature, bestGain, bestLeft, clearBest, keepBest, MISSING_LEFT, MISSING_RIGHT, NONE_MISSING } from './best';
import { chooseCodes } from './codes';
import { Frame, pop } from './frame';
import { Job } from './job';
import { settle, wait } from './leaf-numbers';
import { growOnLists } from './lists';
import { partingValue, partition } from './partition';
import { drawFeature, startDraws } from './draw';
import { Ptr } from '../../kernel/assembly/ptr';
import { FREE, HISTOGRAM_COUNTS, HISTOGRAMS, LIST_ROWS, PAIRS, ROWS, STACK, WAITING } from './scratch';
import { partingGain, partingGains, scanCells } from './squared';
import { takeChildren, writeMean, writeSplit } from './write';

@inline const CELL_BYTES: usize = 256 * 16;
let free: i32;

export function growWhole(job: Job, importance: Ptr<f64>): void {
  // Number 0 is for the node at hand where all others wait.
  free = 0;
  chooseCodes(job, job.rows);
  for (let i = 1; i < WAITING; i++) FREE[free++] = i;
  for (let frame = pop(STACK); frame !== null; frame = pop(STACK)) {
    if (frame.end - frame.start <= LIST_ROWS) growOnLists(job, frame, importance);
    else splitLarge(job, frame, importance);
  }
}

function splitLarge(job: Job, frame: Frame, importance: Ptr<f64>): void {
  const start = frame.start, end = frame.end, rows = end - start, node = frame.node, depth = frame.depth;
  const all = v128.load(changetype<usize>(frame) + 16), weight = frame.weight, sum = frame.sum;
  let own = frame.histogram;
  if (own < 0) {
    own = free ? FREE[--free] : 0;
    fill(job, own, start, end);
  }
  clearBest();
  startDraws(job);
  for (let turn = 0; turn < job.features; turn++) {
    const feature = drawFeature(job, turn), cells = cellsOf(job, own, feature), counts = countsOf(job, own, feature);
    const bins = <i32>job.valueBins[feature];
    const missing = job.hasMissing[feature] && load<f64>(cells + (<usize>bins << 4)) != 0;
    if (job.categorical[feature] || (missing && job.minLeaf > 1)) scanCells(job, feature, bins, cells, counts, rows, all);
    else if (job.minLeaf > 1) scanCounted(feature, cells, counts, bins, rows, all, job.minLeaf);
    else if (!missing) scan(feature, cells, bins - 1, all, i64x2.splat(0), NONE_MISSING);
    else {
      scan(feature, cells, bins, all, i64x2.splat(0), MISSING_RIGHT);
      scan(feature, cells, bins - 1, all, v128.load(cells + (<usize>bins << 4)), MISSING_LEFT);
    }
  }
  const left = bestFeature < 0 ? -1 : takeChildren(job);
  if (left < 0) {
    writeMean(job, node, sum, weight);
    giveBack(own);
    return;
  }
  importance[bestFeature] = importance[bestFeature] + bestGain / weight;
  const totalLeft = bestLeft, totalRight = f64x2.sub(all, totalLeft), rowsLeft = partition<u32>(job, ROWS + (<usize>start << 2), rows), middle = start + rowsLeft;
  const L = f64x2.extract_lane(totalLeft, 0);
  writeSplit(job, node, left, partingValue(job), weight, L >= weight - L);
  const leftDone = settle(job, left, start, middle, depth + 1, totalLeft);
  const rightDone = settle(job, left + 1, middle, end, depth + 1, totalRight);
  const leftLarge = !leftDone && rowsLeft > LIST_ROWS, rightLarge = !rightDone && rows - rowsLeft > LIST_ROWS;
  let ofLeft = -1, ofRight = -1;
  const leftLess = rowsLeft < rows - rowsLeft;
  if (own > 0 && leftLarge && rightLarge && free) {
    const less = FREE[--free];
    if (leftLess) fill(job, less, start, middle);
    else fill(job, less, middle, end);
    subtract(job, own, less);
    ofLeft = leftLess ? less : own;
    ofRight = leftLess ? own : less;
  } else if (own > 0 && (leftLarge ? !rightLarge && !leftLess : rightLarge && leftLess)) {
    // The small child is taken out row by row.
    if (leftLarge) remove(job, own, middle, end);
    else remove(job, own, start, middle);
    ofLeft = leftLarge ? own : -1;
    ofRight = rightLarge ? own : -1;
  } else giveBack(own);
  if (!rightDone) wait(middle, end, left + 1, depth + 1, totalRight, ofRight);
  if (!leftDone) wait(start, middle, left, depth + 1, totalLeft, ofLeft);
}

@inline function giveBack(histogram: i32): void {
  if (histogram > 0) FREE[free++] = histogram;
}

@inline function cellsOf(job: Job, histogram: i32, feature: i32): usize {
  return HISTOGRAMS + (<usize>histogram * <usize>job.features + <usize>feature) * CELL_BYTES;
}

/** Rows of each bin, which are kept where a leaf must have more than one. */
@inline function countsOf(job: Job, histogram: i32, feature: i32): Ptr<i32> {
  return HISTOGRAM_COUNTS.at((histogram * job.features + feature) << 8);
}

function fill(job: Job, histogram: i32, start: i32, end: i32): void {
  const cells = cellsOf(job, histogram, 0);
  memory.fill(cells, 0, <usize>job.features * CELL_BYTES);
  addRows(job, cells, start, end, i64x2.splat(0));
  if (job.minLeaf == 1) return;
  memory.fill(countsOf(job, histogram, 0).address, 0, <usize>job.features << 10);
  count(job, histogram, start, end, 1);
}

/** Adds minus their pairs: the sign bits are turned. */
function remove(job: Job, histogram: i32, start: i32, end: i32): void {
  addRows(job, cellsOf(job, histogram, 0), start, end, i64x2.splat(i64.MIN_VALUE));
  if (job.minLeaf > 1) count(job, histogram, start, end, -1);
}

@inline function addTo(cells: usize, bin: u64, pair: v128): void {
  const cell = cells + (<usize>(bin & 255) << 4);
  v128.store(cell, f64x2.add(v128.load(cell), pair));
}

function addRows(job: Job, histogram: usize, start: i32, end: i32, sign: v128): void {
  const codes = job.rowMajor, stride = <usize>job.stride, eights = <usize>job.features & ~7, features = <usize>job.features;
  const rows = ROWS, pairs = PAIRS;
  for (let i = start; i < end; i++) {
    const row = <usize>load<u32>(rows + (<usize>i << 2)), pair = v128.xor(v128.load(pairs + (row << 4)), sign), own = codes + row * stride;
    let f: usize = 0, cells = histogram;
    for (; f < eights; f += 8) {
      const bins = load<u64>(own + f);
      addTo(cells, bins, pair);
      addTo(cells + CELL_BYTES, bins >> 8, pair);
      addTo(cells + 2 * CELL_BYTES, bins >> 16, pair);
      addTo(cells + 3 * CELL_BYTES, bins >> 24, pair);
      addTo(cells + 4 * CELL_BYTES, bins >> 32, pair);
      addTo(cells + 5 * CELL_BYTES, bins >> 40, pair);
      addTo(cells + 6 * CELL_BYTES, bins >> 48, pair);
      addTo(cells + 7 * CELL_BYTES, bins >> 56, pair);
      cells += 8 * CELL_BYTES;
    }
    for (; f < features; f++) {
      addTo(cells, <u64>load<u8>(own + f), pair);
      cells += CELL_BYTES;
    }
  }
}

function subtract(job: Job, from: i32, what: i32): void {
  const a = cellsOf(job, from, 0), b = cellsOf(job, what, 0);
  for (let at: usize = 0; at < <usize>job.features * CELL_BYTES; at += 16) v128.store(a + at, f64x2.sub(v128.load(a + at), v128.load(b + at)));
  if (job.minLeaf == 1) return;
  const rowsA = countsOf(job, from, 0), rowsB = countsOf(job, what, 0);
  for (let i = 0; i < job.features << 8; i++) rowsA[i] = rowsA[i] - rowsB[i];
}

function count(job: Job, histogram: i32, start: i32, end: i32, by: i32): void {
  for (let i = start; i < end; i++) {
    const own = job.rowMajor + <usize>load<u32>(ROWS + (<usize>i << 2)) * <usize>job.stride;
    for (let f = 0; f < job.features; f++) {
      const counts = countsOf(job, histogram, f), bin = <i32>load<u8>(own + <usize>f);
      counts[bin] = counts[bin] + by;
    }
  }
}

/**
 * All bins without a look whether rows are in them: an empty one gives the same gain as the one before it, which is no
 * better, or 0 / 0, which is not greater than anything.
 */
function scan(feature: i32, cells: usize, last: i32, total: v128, missing: v128, kind: i32): void {
  const all = f64x2.splat(f64x2.extract_lane(total, 0)), sum = f64x2.splat(f64x2.extract_lane(total, 1));
  let left = missing, gain = bestGain;
  for (let bin = 0; bin < last; bin += 2) {
    const first = f64x2.add(left, v128.load(cells + (<usize>bin << 4)));
    // Behind the last bin lies room for one more, or nothing is on the right: then NaN.
    left = f64x2.add(first, v128.load(cells + (<usize>(bin + 1) << 4)));
    const gains = partingGains(v128.shuffle<f64>(first, left, 0, 2), v128.shuffle<f64>(first, left, 1, 3), all, sum);
    if (!v128.any_true(f64x2.gt(gains, f64x2.splat(gain)))) continue;
    const one = f64x2.extract_lane(gains, 0), two = f64x2.extract_lane(gains, 1);
    if (one > gain) {
      gain = one;
      keepBest(one, feature, bin, kind, first);
    }
    if (two > gain && bin + 1 < last) {
      gain = two;
      keepBest(two, feature, bin + 1, kind, left);
    }
  }
}

function scanCounted(feature: i32, cells: usize, counts: Ptr<i32>, bins: i32, rows: i32, total: v128, minLeaf: i32): void {
  let left = i64x2.splat(0), rowsLeft = 0;
  for (let bin = 0; bin < bins - 1; bin++) {
    left = f64x2.add(left, v128.load(cells + (<usize>bin << 4)));
    rowsLeft += counts[bin];
    if (rowsLeft < minLeaf || rows - rowsLeft < minLeaf) continue;
    const found = partingGain(left, total);
    if (found > bestGain) keepBest(found, feature, bin, NONE_MISSING, left);
  }
}
