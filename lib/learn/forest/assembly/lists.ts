// A subtree of at most 256 rows, every feature tried: for each feature the rows sorted by bin, two bytes an entry (the
// bin above, the row's place among the 256 below). A node is the same stretch of every list; a split parts all lists
// and keeps their order, so nothing is ever sorted again.
import { bestCode, bestFeature, bestGain, bestKind, bestLeft, BY_SET, clearBest, isChosen, keepBest, MISSING_LEFT, MISSING_RIGHT, NONE_MISSING } from './best';
import { drawFeature, startDraws } from './draw';
import { Frame, mark, pop } from './frame';
import { Job } from './job';
import { wait } from './leaf-numbers';
import { clearBitmap, markBin } from './order';
import { middleBin } from './partition';
import { Ptr, ptr } from '../../kernel/assembly/ptr';
import { CELLS, COUNTS, LIST_ROWS, LISTS, LOCAL, PAIRS, ROWS } from './scratch';
import { scanCells, squaredGain } from './squared';
import { takeChildren, writeMean, writeSplit } from './write';

/** Pairs (weight, weighted target), 16 bytes a row of the subtree; then its targets, sides, and room for what goes right. */
@inline function pairAt(place: u32): v128 { return v128.load(LOCAL + (<usize>place << 4)); }
@inline const TARGETS: usize = <usize>LIST_ROWS * 16;
@inline const SIDES: usize = TARGETS + <usize>LIST_ROWS * 8;
@inline const RIGHT: usize = SIDES + <usize>LIST_ROWS;
@inline function listOf(feature: i32): usize { return LISTS + <usize>feature * <usize>LIST_ROWS * 2; }

export function growOnLists(job: Job, root: Frame, importance: Ptr<f64>): void {
  const floor = mark(), first = root.start;
  makeLists(job, first, root.end - first);
  wait(0, root.end - first, root.node, root.depth, v128.load(changetype<usize>(root) + 16), -1);
  for (let frame = pop(floor); frame !== null; frame = pop(floor)) splitSmall(job, frame, importance);
}

function makeLists(job: Job, first: i32, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    const row = <i32>load<u32>(ROWS + (<usize>(first + i) << 2));
    v128.store(LOCAL + (<usize>i << 4), v128.load(PAIRS + (<usize>row << 4)));
    store<f64>(LOCAL + TARGETS + (<usize>i << 3), job.targets[row]);
  }
  for (let f = 0; f < job.features; f++) {
    if (rows < 12) insertRows(job, f, first, rows);
    else countRows(job, f, first, rows);
  }
}

@inline function codeOf(job: Job, f: i32, i: i32): u32 {
  return <u32>load<u8>(job.rowMajor + <usize>load<u32>(ROWS + (<usize>i << 2)) * <usize>job.stride + <usize>f);
}

function insertRows(job: Job, f: i32, first: i32, rows: i32): void {
  const list = ptr<u16>(listOf(f));
  for (let i = 0; i < rows; i++) {
    const entry = <u16>((codeOf(job, f, first + i) << 8) | i);
    let to = i;
    for (; to > 0 && list[to - 1] > entry; to--) list[to] = list[to - 1];
    list[to] = entry;
  }
}

function countRows(job: Job, f: i32, first: i32, rows: i32): void {
  const list = ptr<u16>(listOf(f)), last = <i32>job.valueBins[f];
  memory.fill(COUNTS.address, 0, 257 * 4);
  for (let i = 0; i < rows; i++) {
    const bin = <i32>codeOf(job, f, first + i);
    COUNTS[bin] = COUNTS[bin] + 1;
  }
  let place = 0;
  for (let bin = 0; bin <= last; bin++) {
    const count = COUNTS[bin];
    COUNTS[bin] = place;
    place += count;
  }
  for (let i = 0; i < rows; i++) {
    const bin = <i32>codeOf(job, f, first + i), at = COUNTS[bin];
    list[at] = <u16>((bin << 8) | i);
    COUNTS[bin] = at + 1;
  }
  memory.fill(COUNTS.address, 0, 257 * 4);
}

function splitSmall(job: Job, frame: Frame, importance: Ptr<f64>): void {
  const start = frame.start, end = frame.end, rows = end - start, node = frame.node, depth = frame.depth;
  const all = v128.load(changetype<usize>(frame) + 16), weight = frame.weight, sum = frame.sum;
  clearBest();
  startDraws(job);
  for (let turn = 0; turn < job.features; turn++) {
    const feature = drawFeature(job, turn), list = listOf(feature) + (<usize>start << 1);
    const low = <i32>load<u8>(list, 1), high = <i32>load<u8>(list + (<usize>(rows - 1) << 1), 1);
    if (low == high) continue;
    if (job.categorical[feature] || (job.hasMissing[feature] && high == <i32>job.valueBins[feature])) tryCells(job, feature, list, rows, all);
    else tryList(feature, list, rows, all, job.minLeaf);
    if (rows == 2) break;
  }
  const left = bestFeature < 0 ? -1 : takeChildren(job);
  if (left < 0) {
    writeMean(job, node, sum, weight);
    return;
  }
  importance[bestFeature] = importance[bestFeature] + max<f64>(bestGain - (sum * sum) / weight, 0);
  const totalLeft = bestLeft, totalRight = f64x2.sub(all, totalLeft), rowsLeft = side(job, start, rows), middle = start + rowsLeft;
  const L = f64x2.extract_lane(totalLeft, 0);
  writeSplit(job, node, left, bestKind == BY_SET ? 0 : middleBin(job, bestFeature, bestCode, nextBin), weight, L >= weight - L);
  // Its own list is parted as it is, unless the left side is not the beginning.
  if (bestKind > MISSING_RIGHT) part(listOf(bestFeature) + (<usize>start << 1), rows);
  const leftDone = settle(job, left, start, rowsLeft, depth + 1, totalLeft);
  const rightDone = settle(job, left + 1, middle, rows - rowsLeft, depth + 1, totalRight);
  if (leftDone && rightDone) return;
  for (let f = 0; f < job.features; f++) if (f != bestFeature) part(listOf(f) + (<usize>start << 1), rows);
  if (!rightDone) wait(middle, end, left + 1, depth + 1, totalRight, -1);
  if (!leftDone) wait(start, middle, left, depth + 1, totalLeft, -1);
}

function settle(job: Job, node: i32, start: i32, rows: i32, depth: i32, total: v128): bool {
  if (rows > 1 && rows >= job.minSplit && depth < job.maxDepth && !equalTargets(start, rows)) return false;
  writeMean(job, node, f64x2.extract_lane(total, 1), f64x2.extract_lane(total, 0));
  return true;
}

/** Mostly the second row tells. The rows are those of the best feature's list, which is parted already. */
function equalTargets(start: i32, rows: i32): bool {
  const list = listOf(bestFeature) + (<usize>start << 1), first = targetAt(list);
  for (let at = list + 2, end = list + (<usize>rows << 1); at < end; at += 2) if (targetAt(at) != first) return false;
  return true;
}
@inline function targetAt(entry: usize): f64 { return load<f64>(LOCAL + TARGETS + (<usize>load<u8>(entry) << 3)); }

/** Behind each row whose bin the next row does not share, a split. */
function tryList(feature: i32, list: usize, rows: i32, total: v128, minLeaf: i32): void {
  let left = i64x2.splat(0), gain = bestGain, entry = <u32>load<u16>(list);
  const last = rows - minLeaf;
  for (let i = 1; i <= last; i++) {
    left = f64x2.add(left, pairAt(entry & 255));
    const next = <u32>load<u16>(list + (<usize>i << 1));
    if (entry >> 8 != next >> 8 && i >= minLeaf) {
      const found = squaredGain(left, f64x2.sub(total, left));
      if (found > gain) {
        gain = found;
        keepBest(found, feature, <i32>(entry >> 8), NONE_MISSING, left);
      }
    }
    entry = next;
  }
}

/** Categories and missing values: by way of the bins. */
function tryCells(job: Job, feature: i32, list: usize, rows: i32, total: v128): void {
  const bytes = <usize>(<i32>job.valueBins[feature] + 1) << 4, end = list + (<usize>rows << 1);
  memory.fill(CELLS, 0, min<usize>(bytes, 4096));
  for (let at = list; at < end; at += 2) {
    const bin = <i32>load<u8>(at, 1), cell = CELLS + (<usize>bin << 4);
    v128.store(cell, f64x2.add(v128.load(cell), pairAt(load<u8>(at))));
    COUNTS[bin] = COUNTS[bin] + 1;
  }
  scanCells(job, feature, CELLS, COUNTS, rows, total);
  memory.fill(COUNTS.address, 0, 257 * 4);
}

/** The lowest bin of a value that goes right. */
let nextBin: i32;

/** Tells each row of the node its side by the best split; returns how many go left. */
function side(job: Job, start: i32, rows: i32): i32 {
  const list = listOf(bestFeature) + (<usize>start << 1), missing = <i32>job.valueBins[bestFeature];
  let rowsLeft = 0;
  nextBin = 256;
  if (bestKind == BY_SET) clearBitmap();
  for (let i = 0; i < rows; i++) {
    const at = list + (<usize>i << 1), bin = <i32>load<u8>(at, 1);
    if (bestKind == BY_SET) markBin(bin);
    const goesLeft = bestKind == BY_SET ? <i32>isChosen(bin) : i32(bin <= bestCode || (bestKind == MISSING_LEFT && bin == missing));
    store<u8>(LOCAL + SIDES + <usize>load<u8>(at), 1 - goesLeft);
    rowsLeft += goesLeft;
    nextBin = min(nextBin, goesLeft ? 256 : bin);
  }
  return rowsLeft;
}

/** Parts a node's stretch of a list by the sides of its rows, both in their old order. */
function part(list: usize, rows: i32): void {
  let left = list, right = LOCAL + RIGHT;
  for (let at = list, end = list + (<usize>rows << 1); at < end; at += 2) {
    const entry = load<u16>(at), goesRight = <usize>load<u8>(LOCAL + SIDES + <usize>(entry & 255));
    store<u16>(left, entry);
    store<u16>(right, entry);
    left += 2 - 2 * goesRight;
    right += 2 * goesRight;
  }
  memory.copy(left, LOCAL + RIGHT, right - LOCAL - RIGHT);
}
