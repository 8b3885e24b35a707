import { bestFeature, bestGain, bestLeft, clearBest } from './best';
import { chooseCodes } from './codes';
import { drawFeature, startDraws, startFeatures } from './draw';
import { clearStack, pop } from './frame';
import { growWhole } from './whole';
import { Job } from './job';
import { enterKnown, isKnown, know } from './known';
import { settle, wait } from './leaf-numbers';
import { partingValue, partition } from './partition';
import { Ptr } from '../../kernel/assembly/ptr';
import { bagRows, enterNumbers } from './sample';
import { NEAR, PAIRS, ROWS, STACK } from './scratch';
import { trySquared } from './squared';
import { startTree, takeChildren, writeMean, writeSplit } from './write';

/** Grows a tree on the rows drawn; the decrease of impurity goes to `importance`, a number a feature. */
export function growNumbers(job: Job, importance: Ptr<f64>): void {
  const total = enterNumbers(job);
  startFeatures(job);
  startTree();
  clearStack();
  if (!settle(job, 0, 0, bagRows, 0, total)) wait(0, bagRows, 0, 0, total, -1);
  if (job.whole) {
    growWhole(job, importance);
    return;
  }
  const features = job.features, floor = STACK;
  for (let frame = pop(floor); frame !== null; frame = pop(floor)) {
    const start = frame.start, rows = frame.end - start, node = frame.node, depth = frame.depth, entries = ROWS + (<usize>start << 2);
    const all = v128.load(changetype<usize>(frame) + 16), weight = frame.weight, sum = frame.sum;
    for (let i = 0; i < rows; i++) v128.store(NEAR + (<usize>i << 4), v128.load(PAIRS + (<usize>load<u32>(entries + (<usize>i << 2)) << 4)));
    chooseCodes(job, rows);
    clearBest();
    startDraws(job);
    const known = enterKnown(job, depth);
    let varied = false;
    for (let turn = 0; turn < features && (turn < job.tried || !varied); turn++) {
      const feature = drawFeature(job, turn);
      if (isKnown(known, feature)) continue;
      const varies = trySquared(job, feature, entries, rows, all);
      if (varies) varied = true;
      else know(known, feature);
      // Two rows part in one way only.
      if (varies && rows == 2) break;
    }
    const left = bestFeature < 0 ? -1 : takeChildren(job);
    if (left < 0) {
      writeMean(job, node, sum, weight);
      continue;
    }
    importance[bestFeature] = importance[bestFeature] + bestGain / weight;
    const totalLeft = bestLeft, totalRight = f64x2.sub(all, totalLeft), rowsLeft = partition<u32>(job, entries, rows), middle = start + rowsLeft;
    const L = f64x2.extract_lane(totalLeft, 0);
    writeSplit(job, node, left, partingValue(job), weight, L >= weight - L);
    const leftDone = settle(job, left, start, middle, depth + 1, totalLeft);
    const rightDone = settle(job, left + 1, middle, start + rows, depth + 1, totalRight);
    if (!rightDone) wait(middle, start + rows, left + 1, depth + 1, totalRight, -1);
    if (!leftDone) wait(start, middle, left, depth + 1, totalLeft, -1);
  }
}
