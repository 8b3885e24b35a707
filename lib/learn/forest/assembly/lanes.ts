// Gini of up to 8 classes, in nodes of weight up to 32,767: the class counts of a bin are one vector of 16-bit lanes.
// An entry of a row is 8 bytes: its number (32 bits), then class << 1 | weight << 8 (16 bits).
import { bestGain, keepBest, NONE_MISSING } from './best';
import { codeAt, codesOf, codeStride } from './codes';
import { scanLanes } from './lane-orders';
import { clearBitmap, markAll, markBinOf } from './order';
import { Job } from './job';
import { BITMAP, CELLS, COUNTS, FEW_ROWS, KEYS, NODE, ORDER } from './scratch';

/** (sum of squares left) / L + (sum of squares right) / R. */
@inline export function giniOf(left: v128, right: v128, L: i32, R: i32): f64 {
  const a = i32x4.dot_i16x8_s(left, left), b = i32x4.dot_i16x8_s(right, right);
  const s = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7));
  const squares = i32x4.add(v128.shuffle<i32>(s, s, 0, 2, 0, 2), v128.shuffle<i32>(s, s, 1, 3, 1, 3));
  const weights = f64x2.replace_lane(f64x2.splat(<f64>L), 1, <f64>R);
  const quotients = f64x2.div(f64x2.convert_low_i32x4_s(squares), weights);
  return f64x2.extract_lane(quotients, 0) + f64x2.extract_lane(quotients, 1);
}

@inline export function sumOfLanes(x: v128): i32 {
  const pairs = i32x4.dot_i16x8_s(x, i16x8.splat(1)), fours = i32x4.add(pairs, v128.shuffle<i32>(pairs, pairs, 2, 3, 0, 1));
  return i32x4.extract_lane(fours, 0) + i32x4.extract_lane(fours, 1);
}

/** Tries the splits of a feature; false where the node's rows do not differ in it. `total`: class counts of the node. */
export function tryLanes(job: Job, feature: i32, entries: usize, rows: i32, total: v128, weight: i32, squares: i32): bool {
  const bins = <i32>job.valueBins[feature], missing = job.hasMissing[feature] != 0, ordered = job.categorical[feature] == 0;
  if (bins == 1 && !missing) return false;
  const column = codesOf(job, feature);
  if (ordered && !missing && job.minLeaf == 1) {
    if (bins == 2) return tryBinary(column, feature, entries, rows, total, weight);
    if (rows < FEW_ROWS) return tryFew(column, feature, entries, rows, weight, squares);
  }
  const last = bins - 1 + <i32>missing;
  if (rows > last) {
    markAll(last);
    fillDense(column, entries, rows);
  } else {
    clearBitmap();
    fillSparse(column, entries, rows);
  }
  const counted = job.minLeaf > 1;
  if (counted) count(column, entries, rows);
  if (!ordered || (missing && v128.any_true(v128.load(CELLS + (<usize>bins << 4))))) {
    return scanLanes(job, feature, rows, total, weight);
  }
  return scan(feature, rows, total, weight, counted ? job.minLeaf : 0);
}

/** `cells` is CELLS, which loops read once: a global is read from memory each time. */
@inline function addRow(cells: usize, column: usize, stride: usize, at: usize): u32 {
  const bin = codeAt(column, stride, load<u32>(at)), what = <u32>load<u16>(at, 4), cell = cells + (bin << 4) + (what & 255);
  store<u16>(cell, load<u16>(cell) + <u16>(what >> 8));
  return bin;
}

function fillDense(column: usize, entries: usize, rows: i32): void {
  const cells = CELLS, stride = codeStride;
  for (let at = entries, end = entries + (<usize>rows << 3); at < end; at += 8) addRow(cells, column, stride, at);
}

function fillSparse(column: usize, entries: usize, rows: i32): void {
  const cells = CELLS, bitmap = BITMAP.address, stride = codeStride;
  for (let at = entries, end = entries + (<usize>rows << 3); at < end; at += 8) markBinOf(bitmap, addRow(cells, column, stride, at));
}

/** Rows of each bin, where a child must have more than one. */
function count(column: usize, entries: usize, rows: i32): void {
  for (let at = entries, end = entries + (<usize>rows << 3); at < end; at += 8) {
    const bin = <i32>codeAt(column, codeStride, load<u32>(at));
    COUNTS[bin] = COUNTS[bin] + 1;
  }
}

function scan(feature: i32, rows: i32, total: v128, weight: i32, minLeaf: i32): bool {
  const cells = CELLS, bitmap = BITMAP;
  let left = i64x2.splat(0), rowsLeft = 0, varies = false, gain = bestGain;
  for (let word = 0; word < 4; word++) {
    for (let rest = bitmap[word]; rest; rest &= rest - 1) {
      const bin = word * 64 + <i32>ctz(rest), cell = cells + (<usize>bin << 4), counts = v128.load(cell);
      if (!v128.any_true(counts)) continue;
      v128.store(cell, i64x2.splat(0));
      if (minLeaf) {
        rowsLeft += COUNTS[bin];
        COUNTS[bin] = 0;
      }
      left = i16x8.add(left, counts);
      const L = sumOfLanes(left), R = weight - L;
      if (!R) return varies;
      varies = true;
      if (minLeaf && (rowsLeft < minLeaf || rows - rowsLeft < minLeaf)) continue;
      const found = giniOf(left, i16x8.sub(total, left), L, R);
      if (found > gain) {
        gain = found;
        keepBest(found, feature, bin, NONE_MISSING, left);
      }
    }
  }
  return varies;
}

/** A feature of two values: the class counts of the first are summed in one register. */
function tryBinary(column: usize, feature: i32, entries: usize, rows: i32, total: v128, weight: i32): bool {
  const stride = codeStride;
  let left = i64x2.splat(0);
  for (let at = entries, end = entries + (<usize>rows << 3); at < end; at += 8) {
    const what = <u32>load<u16>(at, 4), lane = <u64>(what >> 8) << ((what & 255) << 2);
    const first = i16x8.splat(<i16>codeAt(column, stride, load<u32>(at)) - 1);
    left = i16x8.add(left, v128.and(i16x8.extend_low_i8x16_u(i64x2.splat(lane)), first));
  }
  const L = sumOfLanes(left), R = weight - L;
  if (!L || !R) return false;
  const found = giniOf(left, i16x8.sub(total, left), L, R);
  if (found > bestGain) keepBest(found, feature, 0, NONE_MISSING, left);
  return true;
}

/** A handful of rows: sorted by insertion, the sums of squares updated from row to row. */
function tryFew(column: usize, feature: i32, entries: usize, rows: i32, weight: i32, squares: i32): bool {
  const keys = KEYS, lanes = ORDER.address, node = NODE, stride = codeStride;
  for (let i = 0; i < rows; i++) {
    const at = entries + (<usize>i << 3), key = (codeAt(column, stride, load<u32>(at)) << 16) | <u32>load<u16>(at, 4);
    let to = i;
    for (; to > 0 && keys[to - 1] > key; to--) keys[to] = keys[to - 1];
    keys[to] = key;
  }
  let key = keys[0];
  if (key >> 16 == keys[rows - 1] >> 16) return false;
  let left = i64x2.splat(0), L = 0, a = 0, b = squares, gain = bestGain;
  // The counts lie in memory while they grow: a lane cannot be chosen by a variable.
  v128.store(lanes, left);
  for (let i = 1; i < rows; i++) {
    const w = <i32>((key >> 8) & 255), lane = lanes + (key & 255), before = <i32>load<u16>(lane);
    const after = node[<i32>((key & 255) >> 1)] - before;
    a += w * (2 * before + w);
    b -= w * (2 * after - w);
    L += w;
    store<u16>(lane, <u16>(before + w));
    const next = keys[i];
    if (key >> 16 != next >> 16) {
      const sums = f64x2.replace_lane(f64x2.splat(<f64>a), 1, <f64>b);
      const quotients = f64x2.div(sums, f64x2.replace_lane(f64x2.splat(<f64>L), 1, <f64>(weight - L)));
      const found = f64x2.extract_lane(quotients, 0) + f64x2.extract_lane(quotients, 1);
      if (found > gain) {
        gain = found;
        keepBest(found, feature, <i32>(key >> 16), NONE_MISSING, v128.load(lanes));
      }
    }
    key = next;
  }
  return true;
}
