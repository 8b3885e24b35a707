import { bestFeature, bestGain, bestLeft, clearBest } from './best';
import { chooseCodes } from './codes';
import { copy32 } from './copy';
import { drawFeature, startDraws, startFeatures } from './draw';
import { clearStack, mark, pop, push } from './frame';
import { forgetHeaviest } from './heaviest';
import { Job } from './job';
import { enterKnown, isKnown, know } from './known';
import { tryLanes } from './lanes';
import { findNext, partingValue, partition } from './partition';
import { Ptr } from '../../kernel/assembly/ptr';
import { bagRows, enterClasses, heaviestRow } from './sample';
import { LABEL, LEFT, LOAD, NODE, ROWS } from './scratch';
import { purity, tryWide } from './wide';
import { startTree, takeChildren, writePureLeaf, writeShares, writeSplit } from './write';

@inline const MOST_LANES: i32 = 8;
@inline const MOST_LANE_WEIGHT: i32 = 32767;

/** Grows a tree on the rows drawn; the decrease of impurity goes to `importance`, a number a feature. */
export function growClasses(job: Job, importance: Ptr<f64>): void {
  const classes = job.classes, features = job.features, light = classes <= MOST_LANES && !job.entropy && heaviestRow <= 255;
  enterClasses(job, light);
  startFeatures(job);
  startTree();
  clearStack();
  const floor = mark();
  countClasses(job, ROWS, bagRows, light, NODE);
  if (!settle(job, 0, bagRows, 0, NODE)) wait(job, 0, bagRows, 0, 0, NODE);
  for (let frame = pop(floor); frame !== null; frame = pop(floor)) {
    const start = frame.start, rows = frame.end - start, node = frame.node, depth = frame.depth, entries = ROWS + (<usize>start << 3);
    if (classes <= MOST_LANES) copy32(NODE.address, changetype<usize>(frame) + 16);
    else countClasses(job, entries, rows, light, NODE);
    let weight = 0, squares: i64 = 0;
    for (let c = 0; c < classes; c++) {
      weight += NODE[c];
      squares += <i64>NODE[c] * <i64>NODE[c];
    }
    const lanes = light && weight <= MOST_LANE_WEIGHT;
    const total = lanes ? i16x8.narrow_i32x4_s(v128.load(NODE.address), v128.load(NODE.address, 16)) : i64x2.splat(0);
    if (!lanes) bringNear(job, entries, rows, light);
    chooseCodes(job, rows);
    forgetHeaviest();
    clearBest();
    startDraws(job);
    const perfect: f64 = job.entropy ? 0 : <f64>weight;
    const known = enterKnown(job, depth);
    let varied = false;
    for (let turn = 0; turn < features && (turn < job.tried || !varied); turn++) {
      const feature = drawFeature(job, turn);
      if (isKnown(known, feature)) continue;
      const varies = lanes ? tryLanes(job, feature, entries, rows, total, weight, <i32>squares) : tryWide(job, feature, entries, rows, weight);
      if (varies) varied = true;
      else know(known, feature);
      // Nothing beats a split whose children are both pure.
      if (varies && bestGain == perfect) break;
    }
    const left = bestFeature < 0 ? -1 : takeChildren(job);
    if (left < 0) {
      writeShares(job, node, NODE, <f64>weight);
      continue;
    }
    const before = purity(NODE, classes, weight, job.entropy != 0);
    importance[bestFeature] = importance[bestFeature] + max<f64>(bestGain - before, 0);
    let rowsLeft = 0;
    if (lanes) {
      v128.store(LEFT.address, i32x4.extend_low_i16x8_s(bestLeft));
      v128.store(LEFT.address, i32x4.extend_high_i16x8_s(bestLeft), 16);
      if (bestGain == perfect) findNext<u64>(job, entries, rows);
      else rowsLeft = partition<u64>(job, entries, rows);
    } else {
      rowsLeft = partition<u64>(job, entries, rows);
      countClasses(job, entries, rowsLeft, light, LEFT);
    }
    let L = 0;
    for (let c = 0; c < classes; c++) {
      L += LEFT[c];
      NODE[c] = NODE[c] - LEFT[c];
    }
    writeSplit(job, node, left, partingValue(job), <f64>weight, L >= weight - L);
    const middle = start + rowsLeft, leftDone = settle(job, left, rowsLeft, depth + 1, LEFT);
    const rightDone = settle(job, left + 1, rows - rowsLeft, depth + 1, NODE);
    if (!rightDone) wait(job, middle, start + rows, left + 1, depth + 1, NODE);
    if (!leftDone) wait(job, start, middle, left, depth + 1, LEFT);
  }
}

function wait(job: Job, start: i32, end: i32, node: i32, depth: i32, counts: Ptr<i32>): void {
  const frame = push(start, end, node, depth);
  if (job.classes <= MOST_LANES) copy32(changetype<usize>(frame) + 16, counts.address);
}

/** Writes the node as a leaf if it is sure to be one. */
function settle(job: Job, node: i32, rows: i32, depth: i32, counts: Ptr<i32>): bool {
  const classes = job.classes;
  let met = 0, only = 0, weight = 0;
  for (let c = 0; c < classes; c++) {
    if (!counts[c]) continue;
    met++;
    only = c;
    weight += counts[c];
  }
  if (met == 1) writePureLeaf(job, node, only, <f64>weight);
  else if (rows < job.minSplit || depth >= job.maxDepth) writeShares(job, node, counts, <f64>weight);
  else return false;
  return true;
}

function countClasses(job: Job, entries: usize, rows: i32, light: bool, counts: Ptr<i32>): void {
  memory.fill(counts.address, 0, <usize>max(job.classes, 8) << 2);
  for (let at = entries, end = entries + (<usize>rows << 3); at < end; at += 8) {
    const what = load<u32>(at, 4), c = light ? <i32>((what & 255) >> 1) : <i32>job.labels[load<u32>(at)];
    counts[c] = counts[c] + <i32>(light ? what >> 8 : what);
  }
}

function bringNear(job: Job, entries: usize, rows: i32, light: bool): void {
  for (let i = 0; i < rows; i++) {
    const at = entries + (<usize>i << 3), what = load<u32>(at, 4);
    LABEL[i] = light ? <u16>((what & 255) >> 1) : job.labels[load<u32>(at)];
    LOAD[i] = <i32>(light ? what >> 8 : what);
  }
}
