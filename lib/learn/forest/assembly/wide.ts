// Any number of classes, any weight, gini or entropy, missing values and categories: counts of 32 bits in WIDE.
import { bestGain, BY_SET, keepOrdered, MISSING_LEFT, MISSING_RIGHT, NONE_MISSING } from './best';
import { codeAt, codesOf, codeStride } from './codes';
import { Ptr } from '../../kernel/assembly/ptr';
import { heaviest, orders } from './heaviest';
import { Job } from './job';
import { lastToFront, marked, sortByRatio } from './order';
import { xlogx } from './entropy';
import { BITMAP, COUNTS, LABEL, LEFT, LOAD, NODE, ORDER, RATIOS, SUMS, WIDE } from './scratch';

/** Below this weight the squares of counts add up exactly in whole numbers; above, both sides are summed anew. */
@inline export const EXACT_WEIGHT: i32 = 1 << 26;

/** Sum of a function of the class counts: the purity of the node before a split. */
export function purity(counts: Ptr<i32>, classes: i32, weight: i32, entropy: bool): f64 {
  let sum: f64 = 0;
  for (let c = 0; c < classes; c++) sum += entropy ? xlogx(counts[c]) : <f64>counts[c] * <f64>counts[c];
  return entropy ? sum - xlogx(weight) : sum / <f64>weight;
}

function childPurities(classes: i32, L: i32, R: i32, entropy: bool): f64 {
  let a: f64 = 0, b: f64 = 0;
  for (let c = 0; c < classes; c++) {
    const left = LEFT[c], right = NODE[c] - left;
    if (entropy) {
      a += xlogx(left);
      b += xlogx(right);
    } else {
      a += <f64>left * <f64>left;
      b += <f64>right * <f64>right;
    }
  }
  return entropy ? a - xlogx(L) + (b - xlogx(R)) : a / <f64>L + b / <f64>R;
}

/** As `tryLanes`, from the labels and weights of the node's rows in LABEL and LOAD. */
export function tryWide(job: Job, feature: i32, entries: usize, rows: i32, weight: i32): bool {
  const bins = <i32>job.valueBins[feature], classes = job.classes, column = codesOf(job, feature), stride = codeStride;
  if (bins == 1 && !job.hasMissing[feature]) return false;
  const counted = job.minLeaf > 1;
  for (let word = 0; word < 4; word++) BITMAP[word] = 0;
  for (let i = 0; i < rows; i++) {
    const bin = <i32>codeAt(column, stride, load<u32>(entries + (<usize>i << 3))), at = bin * classes + <i32>LABEL[i], word = bin >> 6;
    const bit = <u64>1 << (bin & 63);
    // A bin's counts are cleared when it is first met: with many classes there are too many to clear them all.
    if (!(BITMAP[word] & bit)) {
      memory.fill(WIDE.at(bin * classes).address, 0, <usize>classes << 2);
      BITMAP[word] = BITMAP[word] | bit;
    }
    WIDE[at] = WIDE[at] + LOAD[i];
    if (counted) COUNTS[bin] = COUNTS[bin] + 1;
  }
  return scanWide(job, feature, rows, weight);
}

/** Tries the splits of the feature whose counts lie in WIDE (and COUNTS) at the marked bins. */
function scanWide(job: Job, feature: i32, rows: i32, weight: i32): bool {
  const all = marked(), bins = <i32>job.valueBins[feature];
  const present = dropEmpty(all, job.classes);
  if (present > 1) {
    if (job.categorical[feature]) scanCategories(job, feature, present, rows, weight);
    else {
      const missing = job.hasMissing[feature] != 0 && <i32>ORDER[present - 1] == bins;
      scanOrder(job, feature, present, rows, weight, missing ? MISSING_RIGHT : NONE_MISSING);
      if (missing) {
        lastToFront(present);
        scanOrder(job, feature, present, rows, weight, MISSING_LEFT);
      }
    }
  }
  if (job.minLeaf > 1) memory.fill(COUNTS.address, 0, 257 * 4);
  return present > 1;
}

/** Leaves the bins in ORDER that hold any weight, and writes it to SUMS. */
function dropEmpty(count: i32, classes: i32): i32 {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const bin = ORDER[i], counts = WIDE.at(<i32>bin * classes);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += counts[c];
    if (!sum) continue;
    SUMS[bin] = sum;
    ORDER[kept++] = bin;
  }
  return kept;
}

/** Orders the categories by their share of each of the node's heaviest classes in turn, and scans each order. */
function scanCategories(job: Job, feature: i32, count: i32, rows: i32, weight: i32): void {
  // Two categories have one split, in whatever order.
  const all = orders(job), turns = count == 2 ? 1 : all;
  for (let turn = 0; turn < turns; turn++) {
    for (let i = 0; i < count; i++) {
      const bin = <i32>ORDER[i];
      RATIOS[bin] = <f64>WIDE[bin * job.classes + heaviest(turn)] / <f64>SUMS[bin];
    }
    sortByRatio(count);
    scanOrder(job, feature, count, rows, weight, BY_SET);
  }
}

function scanOrder(job: Job, feature: i32, count: i32, rows: i32, weight: i32, kind: i32): void {
  const classes = job.classes, entropy = job.entropy != 0, minLeaf = job.minLeaf, anew = entropy || weight >= EXACT_WEIGHT;
  let L = 0, a: i64 = 0, b: i64 = 0, rowsLeft = 0, best = bestGain, at = -1, leftOfAt = i64x2.splat(0);
  for (let c = 0; c < classes; c++) {
    LEFT[c] = 0;
    b += <i64>NODE[c] * <i64>NODE[c];
  }
  for (let i = 0; i < count - 1; i++) {
    const bin = <i32>ORDER[i], counts = WIDE.at(bin * classes);
    for (let c = 0; c < classes; c++) {
      const w = counts[c];
      if (!w) continue;
      const before = LEFT[c], after = NODE[c] - before;
      a += <i64>w * (2 * <i64>before + w);
      b -= <i64>w * (2 * <i64>after - w);
      LEFT[c] = before + w;
      L += w;
    }
    if (minLeaf > 1) {
      rowsLeft += COUNTS[bin];
      if (rowsLeft < minLeaf || rows - rowsLeft < minLeaf) continue;
    }
    const R = weight - L;
    const gain = anew ? childPurities(classes, L, R, entropy) : <f64>a / <f64>L + <f64>b / <f64>R;
    if (gain > best) {
      best = gain;
      at = i;
      leftOfAt = leftLanes();
    }
  }
  if (at >= 0) keepOrdered(best, feature, at, count, <i32>job.valueBins[feature], kind, leftOfAt);
}

/** The counts in LEFT as lanes, for nodes that are small enough to go on in lanes. */
@inline function leftLanes(): v128 { return i16x8.narrow_i32x4_s(v128.load(LEFT.address), v128.load(LEFT.address, 16)); }
