// A subtree of at most 256 rows, every feature tried: for each feature the rows sorted by code (make-lists.ts). A node is
// the same stretch of every list; a split parts all lists and keeps their order, so nothing is ever sorted again.
import { bestCode, bestFeature, bestGain, bestKind, bestLeft, BY_SET, clearBest, isChosen, keepBest, keepCode, keepLeft, MISSING_RIGHT, NONE_MISSING } from './best';
import { copyEntries } from './copy';
import { drawFeature, startDraws } from './draw';
import { Frame, mark, pop } from './frame';
import { Job } from './job';
import { wait } from './leaf-numbers';
import { codeAt, listOf, makeLists, pairAt, pairOf, RIGHT, SIDES, targetAt, thresholdBetween } from './make-lists';
import { Ptr } from '../../kernel/assembly/ptr';
import { CELLS, CHOSEN, COUNTS, LOCAL, LOCAL_BINS } from './scratch';
import { partingGain, partingGains, scanCells } from './squared';
import { splitTwo } from './two-rows';
import { takeChildren, writeMean, writeSplit } from './write';

export function growOnLists(job: Job, root: Frame, importance: Ptr<f64>): void {
  const floor = mark(), rows = root.end - root.start;
  makeLists(job, root.start, rows);
  wait(0, rows, root.node, root.depth, v128.load(changetype<usize>(root) + 16), -1);
  for (let frame = pop(floor); frame !== null; frame = pop(floor)) splitSmall(job, frame, importance);
}

function splitSmall(job: Job, frame: Frame, importance: Ptr<f64>): void {
  const start = frame.start, end = frame.end, rows = end - start, node = frame.node, depth = frame.depth;
  const all = v128.load(changetype<usize>(frame) + 16), weight = frame.weight, sum = frame.sum;
  startDraws(job);
  const apart = frame.histogram;
  if (apart >= 0 && job.minLeaf == 1) {
    const list = listOf(apart) + (<usize>start << 1), a = <u32>load<u8>(list), b = <u32>load<u8>(list, 2);
    if (splitTwo(job, node, a, b, all, importance)) return;
  }
  clearBest();
  for (let turn = 0; turn < job.features; turn++) {
    const feature = drawFeature(job, turn), list = listOf(feature) + (<usize>start << 1);
    if (apart >= 0) bringTwo(apart, feature, start);
    const low = <i32>load<u8>(list, 1), high = <i32>load<u8>(list + (<usize>(rows - 1) << 1), 1);
    if (low == high) continue;
    if (job.categorical[feature] || (job.hasMissing[feature] && high == LOCAL_BINS[feature])) tryCells(job, feature, list, rows, all);
    else if (job.minLeaf > 1) tryCounted(feature, list, rows, all, job.minLeaf);
    else tryList(feature, list, rows, all);
    if (rows == 2) break;
  }
  const left = bestFeature < 0 ? -1 : takeChildren(job);
  if (left < 0) {
    writeMean(job, node, sum, weight);
    return;
  }
  importance[bestFeature] = importance[bestFeature] + bestGain / weight;
  const rowsLeft = side(job, start, rows), middle = start + rowsLeft, totalLeft = bestLeft, totalRight = f64x2.sub(all, totalLeft);
  const L = f64x2.extract_lane(totalLeft, 0);
  writeSplit(job, node, left, bestKind == BY_SET ? 0 : thresholdBetween(job, bestFeature, bestCode, nextBin), weight, L >= weight - L);
  // Its own list is parted as it is, unless the left side is not the beginning.
  if (bestKind > MISSING_RIGHT) part(listOf(bestFeature) + (<usize>start << 1), rows);
  const leftDone = settle(job, left, start, rowsLeft, depth + 1, totalLeft);
  const rightDone = settle(job, left + 1, middle, rows - rowsLeft, depth + 1, totalRight);
  const fewLeft = leftDone || rowsLeft == 2, fewRight = rightDone || rows - rowsLeft == 2;
  if (!fewLeft || !fewRight) partOthers(job, start, rows);
  if (!rightDone) wait(middle, end, left + 1, depth + 1, totalRight, fewRight ? bestFeature : -1);
  if (!leftDone) wait(start, middle, left, depth + 1, totalLeft, fewLeft ? bestFeature : -1);
}

/** Parts the lists of all features but the best. One that is of one bin throughout is left: no one will read its rows. */
function partOthers(job: Job, start: i32, rows: i32): void {
  for (let f = 0; f < job.features; f++) {
    const list = listOf(f) + (<usize>start << 1);
    if (f != bestFeature && load<u8>(list, 1) != load<u8>(list + (<usize>(rows - 1) << 1), 1)) part(list, rows);
  }
}

/** Two rows that stand together in the list `from` alone are put into that of a feature, the lower bin first. */
function bringTwo(from: i32, feature: i32, start: i32): void {
  if (from == feature) return;
  const both = listOf(from) + (<usize>start << 1), list = listOf(feature) + (<usize>start << 1);
  const a = <u32>load<u8>(both), b = <u32>load<u8>(both, 2);
  const entryA = (codeAt(feature, a) << 8) | a, entryB = (codeAt(feature, b) << 8) | b;
  store<u16>(list, min(entryA, entryB));
  store<u16>(list, max(entryA, entryB), 2);
}

function settle(job: Job, node: i32, start: i32, rows: i32, depth: i32, total: v128): bool {
  if (rows > 1 && rows >= job.minSplit && depth < job.maxDepth && !equalTargets(start, rows)) return false;
  writeMean(job, node, f64x2.extract_lane(total, 1), f64x2.extract_lane(total, 0));
  return true;
}

/** Mostly the second row tells. The rows are those of the best feature's list, which is parted already. */
function equalTargets(start: i32, rows: i32): bool {
  const list = listOf(bestFeature) + (<usize>start << 1), first = targetAt(load<u8>(list));
  for (let at = list + 2, end = list + (<usize>rows << 1); at < end; at += 2) if (targetAt(load<u8>(at)) != first) return false;
  return true;
}
/**
 * Behind each row whose bin the next row does not share, a split: two at once, each lane keeping its own best and where
 * that was, without a branch, since when a split is the best so far no processor can foresee. What goes left of the best
 * is summed once the node's is known (see `side`).
 */
function tryList(feature: i32, list: usize, rows: i32, total: v128): void {
  const all = f64x2.splat(f64x2.extract_lane(total, 0)), sum = f64x2.splat(f64x2.extract_lane(total, 1));
  const pairs = LOCAL, before = bestGain;
  let left = i64x2.splat(0), most = f64x2.splat(before), places = i64x2.splat(0), here = i64x2(list, list + 2);
  for (let at = list, last = list + (<usize>(rows - 1) << 1); at < last; at += 4) {
    const first = f64x2.add(left, pairOf(pairs, load<u8>(at)));
    left = f64x2.add(first, pairOf(pairs, load<u8>(at, 2)));
    // Behind the last row all are left and none right: 0 / 0 is no gain either.
    const gains = v128.or(partingGains(v128.shuffle<f64>(first, left, 0, 2), v128.shuffle<f64>(first, left, 1, 3), all, sum), sameBins(at));
    places = v128.bitselect(here, places, f64x2.gt(gains, most));
    most = f64x2.pmax(most, gains);
    here = i64x2.add(here, i64x2.splat(4));
  }
  const gain = f64x2.extract_lane(most, 0), other = f64x2.extract_lane(most, 1);
  const place = <usize>i64x2.extract_lane(places, 0), otherPlace = <usize>i64x2.extract_lane(places, 1);
  const second = i32(other > gain) | (i32(other == gain) & i32(otherPlace < place));
  const found = second ? other : gain;
  if (found > before) keepCode(found, feature, <i32>load<u8>(second ? otherPlace : place, 1));
}

/** For the rows at `at` and behind it: all bits set, which is NaN, where the next row has the same bin. */
@inline function sameBins(at: usize): v128 {
  const same = i8x16.eq(v128.load64_zero(at), v128.load64_zero(at, 2));
  return v128.shuffle<i8>(same, same, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3);
}

/** The same where a leaf must have more rows than one. */
function tryCounted(feature: i32, list: usize, rows: i32, total: v128, minLeaf: i32): void {
  let left = i64x2.splat(0), gain = bestGain, entry = <u32>load<u16>(list);
  const last = rows - minLeaf;
  for (let i = 1; i <= last; i++) {
    left = f64x2.add(left, pairAt(entry & 255));
    const next = <u32>load<u16>(list + (<usize>i << 1));
    if (entry >> 8 != next >> 8 && i >= minLeaf) {
      const found = partingGain(left, total);
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
  const bins = LOCAL_BINS[feature], bytes = <usize>(bins + 1) << 4, end = list + (<usize>rows << 1);
  memory.fill(CELLS, 0, min<usize>(bytes, 4096));
  for (let at = list; at < end; at += 2) {
    const bin = <i32>load<u8>(at, 1), cell = CELLS + (<usize>bin << 4);
    v128.store(cell, f64x2.add(v128.load(cell), pairAt(load<u8>(at))));
    COUNTS[bin] = COUNTS[bin] + 1;
  }
  scanCells(job, feature, bins, CELLS, COUNTS, rows, total);
  memory.fill(COUNTS.address, 0, 257 * 4);
}

/** The lowest bin of a value that goes right. */
let nextBin: i32;

/** Tells each row of the node its side by the best split, and sums what goes left; returns how many do. */
function side(job: Job, start: i32, rows: i32): i32 {
  const list = listOf(bestFeature) + (<usize>start << 1), sides = LOCAL + SIDES;
  if (bestKind > MISSING_RIGHT) return sideByLook(list, rows, sides);
  // The list is sorted: first those that go left.
  const code = bestCode, pairs = LOCAL;
  let at = list, left = i64x2.splat(0);
  for (; <i32>load<u8>(at, 1) <= code; at += 2) {
    const place = <u32>load<u8>(at);
    store<u8>(sides + <usize>place, 0);
    left = f64x2.add(left, pairOf(pairs, place));
  }
  keepLeft(left);
  nextBin = <i32>load<u8>(at, 1);
  for (let end = list + (<usize>rows << 1), right = at; right < end; right += 2) store<u8>(sides + <usize>load<u8>(right), 1);
  return <i32>((at - list) >> 1);
}

function sideByLook(list: usize, rows: i32, sides: usize): i32 {
  const missing = LOCAL_BINS[bestFeature];
  let rowsLeft = 0;
  nextBin = 256;
  for (let i = 0; i < rows; i++) {
    const at = list + (<usize>i << 1), bin = <i32>load<u8>(at, 1);
    const goesLeft = bestKind == BY_SET ? isChosen(CHOSEN, bin) : i32(bin <= bestCode || bin == missing);
    store<u8>(sides + <usize>load<u8>(at), 1 - goesLeft);
    rowsLeft += goesLeft;
    nextBin = min(nextBin, goesLeft ? 256 : bin);
  }
  return rowsLeft;
}

/** Parts a node's stretch of a list by the sides of its rows, both in their old order. */
function part(list: usize, rows: i32): void {
  const sides = LOCAL + SIDES, spare = LOCAL + RIGHT;
  let left = list, right = spare;
  for (let at = list, end = list + (<usize>rows << 1); at < end; at += 2) {
    const entry = load<u16>(at), goesRight = <usize>load<u8>(sides + <usize>(entry & 255));
    store<u16>(left, entry);
    store<u16>(right, entry);
    left += 2 - 2 * goesRight;
    right += 2 * goesRight;
  }
  copyEntries<u16>(left, spare, right - spare);
}
